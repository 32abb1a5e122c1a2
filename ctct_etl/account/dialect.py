"""The narrow protocol between the program and an account. Nothing outside an adapter knows its dialect.

Glossary
    request       one HTTP request, as plain data; its path is relative to the account's base address
    conversation  a generator: it yields requests, is sent their responses, and returns a value. Paging and polling
                  read as plain loops, and tests need no network
    checkpoint    yielded by a conversation when it has learnt something that must survive a crash (an activity's id)
    operation     one API call or bulk activity, with the actions that it carries; plain data, kept in the journal
    answer        what became of each address that an operation carries
    settle        find out by reading alone what became of an operation whose answer was lost
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

import pandas as pd

from ctct_etl.plan.changed import Changed, Stale
from ctct_etl.plan.snapshot import Capabilities, Snapshot
from ctct_etl.plan.tables import PlanTables, RestsOn

# Names and values; pairs where a name comes more than once.
Query: TypeAlias = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    method: str
    path: str  # relative to the base address, with a leading "/"; or a link that the service gave, from the host's root
    query: Query = field(default_factory=dict)
    body: Any = None  # what the dialect's wire (account/wire.py) encodes; None for no body
    wait_s: float = 0.0  # wait so long before it is sent: a poll
    from_root: bool = False  # `path` is a link that already contains the base address's path
    is_file: bool = False  # what comes is a file, whose text reaches the conversation, and no document
    may_mean: frozenset[int] = frozenset()  # statuses of 5xx that are an answer here: they reach the conversation
    may_be_garbled: bool = False  # an answer that stays not understood concerns this one contact: it comes as Garbled
    rests_on_read: bool = False  # a write that is right only as long as what was read before it: see TurnedAway


@dataclass(frozen=True)
class Response:
    """Any answer that concerns the request itself: 2xx, and the 4xx that concern one contact.

    401, 429 and 5xx never reach a conversation, unless the request says that one may mean something, and 403 only where
    the wire says that it concerns this request: the session repeats, or raises Denied, Busy or QuotaUsedUp. A write
    whose answer was lost is raised inside the conversation as Unsettled; one that rests on what was read, and would
    have to be repeated, as TurnedAway.
    """

    status: int
    body: Any  # as the dialect's wire decodes it; None for an empty body
    date: str = field(default="", compare=False)  # the service's clock, as the header Date says it
    place: str = field(default="", compare=False)  # where it comes from, from the host's root: what links are against

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Garbled:
    """The body of an answer that was not understood, however often it was asked for. words: why, no value of it."""

    words: str


@dataclass(frozen=True)
class Wish:
    """What the source wants of a contact. fields: those that it has an opinion on. lists: by name, to be on."""

    fields: Mapping[str, str]
    lists: Collection[str] = ()


@dataclass(frozen=True)
class Wanted:
    """Whom a reading has to show. A dialect whose account can't be had whole reads no others; any other may pass it by.

    addresses: canonical; None for everybody. lists: by name, of which every member is wanted.
    wishes: by address; who is as wished in all respects may be shown with no more than that. None: each is shown whole.
    may_export: jobs that write a file of contacts may be started, which change none but are no GET.
    """

    addresses: Collection[str] | None = None
    lists: tuple[str, ...] = ()
    wishes: Mapping[str, Wish] | None = None
    may_export: bool = False


EVERYBODY = Wanted()


@dataclass(frozen=True)
class Checkpoint:
    detail: Mapping[str, Any]  # JSON data, kept in the journal beside the operation


@dataclass(frozen=True)
class Together:
    """Reads that don't wait for each other, so that a slow answer costs no rate; at most as many as `MOST_TOGETHER`."""

    requests: tuple[Request, ...]


MOST_TOGETHER = 64  # answers are held until all are there

T = TypeVar("T")
# It is sent a Response for every Request, a tuple of them for reads Together, None for every Checkpoint.
Conversation = Generator[Request | Together | Checkpoint, Any, T]


@dataclass(frozen=True)
class Operation:
    """Plain JSON data. `id` depends only on the plan (same plan, same ids), so that a resumed run finds its own."""

    id: str
    route: str  # of plan/tables.py
    phase: int  # phases run one after the other; operations within one may overlap
    addresses: tuple[str, ...]
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """What became of one address in one operation."""

    address: str
    result: str  # DONE | CONFLICT | FAILED
    words: str = ""  # the service's own words, or what moved


@dataclass(frozen=True)
class Answer:
    """The results of an operation.

    before: for each address for which a PUT was sent, the contact as it was read just before: its lists are remembered.
    fallback: operations that must follow because this one could not carry some of its addresses.
    proved: a PUT of it was read back whole, or left nothing to the service that another had not proved.
    """

    results: tuple[Result, ...]
    before: Mapping[str, Any] = field(default_factory=dict)
    fallback: Sequence[Operation] = ()
    proved: bool = False


@dataclass(frozen=True)
class Prerequisites:
    """What the plan has to make in the account first, by name."""

    lists: tuple[str, ...] = ()
    custom_fields: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


NOTHING_WANTED = Prerequisites()


READ_AT_ONCE = 2_500  # addresses, where each that the account has is a request: what is read of so many is kept


@dataclass(frozen=True)
class Readings:
    """How many requests it takes at most to read the account again, if nobody else changes it meanwhile.

    before: a plan that was kept is applied. after: what was written is read back. whole: in place of either, where the
    account has to be read whole.
    """

    before: int
    after: int
    whole: int


@dataclass(frozen=True)
class Forecast:
    """What a plan will cost and cause, if nothing goes wrong and nobody else changes the account meanwhile.

    What is sent is then exactly `writes` and `reads`, and no more than `at_most` besides. Reading the account before
    and after, which the program does itself, is not in these: `readings` bounds it.
    """

    requests: Mapping[str, int]  # by route, and "total": all three of the next together
    writes: Mapping[str, int]  # by method and path, "POST /contacts"; an id in a path is "{id}"
    reads: Mapping[str, int]  # by what for: "movers", "contacts", "proofs", "read_back"
    at_most: Mapping[str, int]  # "polls" of jobs that end within two minutes; "pages" met twice by quick jobs
    minutes: float
    # What is switched on can't be read. "confirmation": where people must confirm, and then none is welcomed yet; else
    # "welcome": where every list has a welcome mail; and where one list alone has: by its name.
    mails: Mapping[str, int]
    welcome_by_list: Mapping[str, int]
    readings: Readings


class Dialect(Protocol):
    """One adapter. Everything but the conversations is pure; a conversation talks only through its yields."""

    def describe(self) -> Capabilities: ...

    def fetch(self, wanted: Wanted = EVERYBODY) -> Conversation[Snapshot]:
        """Read the whole account, or who is wanted of it."""
        ...

    def fetch_names(self) -> Conversation[Snapshot]:
        """Read what the account is and which lists, custom fields and tags it has; a snapshot without any contact."""
        ...

    def refresh(
        self, known: Snapshot, wanted: Wanted = EVERYBODY, *, sparing: bool = True
    ) -> Conversation[Changed | Stale]:
        """Read what changed since `known` and who is wanted and not known, and check by the service's own counts,
        where it has any, that nothing was missed.

        Needs: of known.contacts CONTACT_ID, STATUS and UPDATED_AT, whatever other columns there are.
        Stale says why `known` can't be refreshed: the account has to be read whole. `sparing`: it also is where that
        costs no more requests. `known.excess` None: what differs at the end is taken for the service's way of counting.
        """
        ...

    def route(self, tables: PlanTables, snapshot: Snapshot, *, single: bool = False) -> pd.DataFrame:
        """Choose the cheapest way of each action; with `single` none that carries the fields of several contacts.

        Return ROUTE and ROUTE_REASON for every action, by position in tables.actions."""
        ...

    def prepare(self, wanted: Prerequisites, snapshot: Snapshot) -> Conversation[Snapshot]:
        """Make the missing lists, custom fields (type text) and tags, as far as the dialect makes any; return the
        snapshot with their ids."""
        ...

    def build(
        self, tables: PlanTables, snapshot: Snapshot, rests_on: RestsOn | None = None, *, window: int = 0
    ) -> list[Operation]:
        """Turn the routed actions of a window (plan/tables.py) into operations, ordered by phase.

        Needs ids of all lists, tags and fields named. rests_on: the plan's, judged again right before each update.
        window: the how manieth of its plan, from 0: what must not overlap has phases of its own in each."""
        ...

    def without(self, operation: Operation, addresses: Collection[str]) -> Operation | None:
        """Return `operation` with the same id, route and phase but carrying none of `addresses`; None when that
        leaves nobody. Pure. It takes out contacts that failed in an earlier phase or moved since the plan."""
        ...

    def outline(self, operation: Operation) -> Request | None:
        """Return the write of `operation` as it would be sent if nobody it carries has moved since the plan. Pure.

        None where it takes reading to tell: then whoever holds the conversation of `send` up to its write knows it."""
        ...

    def send(self, operation: Operation) -> Conversation[Answer]:
        """Send it and say what became of each of its addresses.

        Raises Rejected for a read that the service refuses: it concerns whom the operation carries, and whether
        anything was written by then the checkpoints tell.
        Until one PUT was read back whole, each PUT is: raises Denied if the service did not keep what it left out.
        Whoever sends lets the first PUT go alone, until an answer is `proved`.
        """
        ...

    def settle(self, operation: Operation, detail: Mapping[str, Any]) -> Conversation[Answer]:
        """Say by reading what became of `operation`; `detail` is its last checkpoint ({} for none).

        What shows its effect is DONE in the results; what does not comes back as `fallback`: operations that send it
        again (`operation` itself, with its id, is allowed). Read right after a send, it is the proof of that send.
        """
        ...

    def lists_in(self, image: Any) -> Collection[str]:
        """Return the ids of the lists that a contact was on, by its image as `Answer.before` holds it. Pure."""
        ...

    def forecast(
        self, windows: Iterable[PlanTables], snapshot: Snapshot, wanted: Prerequisites = NOTHING_WANTED
    ) -> Forecast:
        """Foresee a routed plan, window by window (plan/tables.py), each of which is looked at once."""
        ...

    def seed(self, snapshot: Snapshot) -> Iterator[str]:
        """Write the account as a seed of the bundled sandbox, line by line: what reading decodes, written back. Pure.

        Contacts are told apart by their addresses: the sandbox may give them other ids."""
        ...
