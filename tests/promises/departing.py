"""Who departs while a run goes on, and who is back: the judge of promise 5.

    departure   someone unsubscribes, is deleted, or leaves a list that the program knew them to be on: a snapshot
                showed them there, or the program put them there itself and was told that its request arrived. It
                stands until the person joins again. Who was on a list only between two looks at the account, or by a
                request whose answer was lost, was there without the program's knowledge: put there again, they are
                counted apart
    return      a departure that a write of the program undid: subscribed again, not deleted any more, on the list
                again
    visible     a departure that came before the last read that could have shown it, of those before the write that
                undid it. A visible departure that is undone breaks the promise; one that came after the last read
                no client can see

Which read could have shown it, and what a request does at all, depends on the dialect: `hearing_v3.py` and
`hearing_v1.py` tell, by the requests that the service got. A list again may be shown by the last read of all that
showed the contact with its lists, be it for the plan, for the refresh before an apply, or to read a job back; all else
by a read of the same conversation. A write without one counts as one whose last read was a moment before: had the
program read, it would have known. So a route that forgets to read breaks the promise here, and gains nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ctct_etl.sandbox import Sandbox
from tests.promises.conversing import Told
from tests.promises.ledger import Asked, Ledger

UNSUBSCRIBED, DELETED, LEFT = "unsubscribed", "deleted", "left "  # LEFT is followed by the name of the list


class Hearing(Protocol):
    """What the requests of a dialect are about."""

    def learn(self, people: Iterable[dict[str, Any]]) -> None:
        """Take in who is there. `people`: contacts as the sandbox shows them."""
        ...

    def note(self, asked: Asked) -> Iterable[tuple[str, str]]:
        """Take in an answer; return address and list of each membership that a reading of the account showed."""
        ...

    def is_write(self, asked: Asked) -> bool: ...

    def is_job(self, asked: Asked) -> bool:
        """Is it about a job, which may have had an effect meanwhile?"""
        ...

    def touched_by(self, asked: Asked) -> set[str]:
        """Addresses that a request is about: who is written, or read alone."""
        ...

    def lists_of(self, write: Asked) -> set[str]:
        """The lists that a write puts its contacts on."""
        ...

    def could_undo(self, write: Asked, what: str) -> bool:
        """Each write's effects as the sandbox has them: see docs/sandbox.md and its switches."""
        ...

    def could_show(self, asked: Asked, what: str, address: str, write: Asked) -> bool:
        """Could this read, of the same conversation as the write and before it, have shown who departed?"""
        ...

    def shows_lists_of(self, asked: Asked, address: str) -> bool:
        """Did this read, of whatever conversation, show a contact's lists to a write that may rest on it?"""
        ...


@dataclass(frozen=True)
class Return:
    """A departure that was undone. `since`, `write`, `read`: places in the order of requests, a deed between two."""

    address: str
    what: str
    since: float
    write: Asked
    read: float

    @property
    def is_visible(self) -> bool:
        return self.since < self.read


@dataclass
class Departures:
    """Follows an account through its nights. Is told of deeds before and after, and of every request."""

    sandbox: Sandbox
    ledger: Ledger
    told: Told
    hearing: Hearing
    standing: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    returns: list[Return] = field(default_factory=list)
    unseen: int = 0  # put again on a list that the program never knew them to be on
    _seen: dict[str, list[tuple[Asked, str]]] = field(default_factory=lambda: defaultdict(list))
    _writes: dict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))

    def learn(self) -> None:
        """Take in who is there; to be called before a run, since a run makes contacts."""
        self.hearing.learn(self.sandbox.read_people())

    # -- what happens --------------------------------------------------------------------------------------------

    def note_deed(self, deed: dict[str, str], person: dict[str, Any], at: float) -> None:
        """Someone did something. `person`: the contact as it was just before."""
        standing = self.standing[deed["address"]]
        self.hearing.learn([person])
        if deed["do"] == "unsubscribe" and not is_undone(UNSUBSCRIBED, person):
            return  # had left before; the first departure stands
        if deed["do"] == "unsubscribe":
            standing[UNSUBSCRIBED] = at
        elif deed["do"] == "delete":
            standing.setdefault(DELETED, at)
        elif deed["do"] == "join_list":
            standing.pop(LEFT + deed["list"], None)
        elif deed["do"] == "leave_list" and deed["list"] in person["by_name"]["lists"]:
            standing[LEFT + deed["list"]] = at

    def note_asked(self, asked: Asked) -> None:
        """A request was answered: take in what it showed, and what it wrote."""
        for address, name in self.hearing.note(asked):
            self._seen[address].append((asked, name))
        if self.hearing.is_write(asked):
            touched = self.hearing.touched_by(asked)
            for address in touched:
                self._writes[address].append(asked)
            self.look_at(touched)
        elif self.hearing.is_job(asked):
            self.look_at(self.standing)

    def look_at(self, addresses: Iterable[str]) -> None:
        """Whose departure was undone since it was looked at last?"""
        for address in set(addresses) & self.standing.keys():
            if not (standing := self.standing[address]):
                continue
            person = self.sandbox.read_person(address)
            for what in [each for each in standing if is_undone(each, person or {})]:
                since = standing.pop(what)
                write = [asked for asked in self._writes[address] if self.hearing.could_undo(asked, what)][-1]
                if what.startswith(LEFT) and not self._knew(address, what.removeprefix(LEFT), since):
                    self.unseen += 1
                    continue
                self.returns.append(Return(address, what, since, write, self._last_read(write, what, address)))

    def _knew(self, address: str, name: str, since: float) -> bool:
        """Did the program know, before that moment, that the contact was on the list?"""
        shown = (asked for asked, list_ in self._seen[address] if list_ == name)
        put = (asked for asked in self._writes[address] if name in self.hearing.lists_of(asked))
        return any(asked.number < since and asked.attempt in self.told for asked in (*shown, *put))

    # -- what could be seen ----------------------------------------------------------------------------------------

    def _last_read(self, write: Asked, what: str, address: str) -> float:
        """The place of the last read before `write` that could have shown the departure."""
        before = self.ledger.entries[: write.number - 1]
        ours = [asked for asked in before if asked.conversation == write.conversation]
        since_write = ours[max((i + 1 for i, asked in enumerate(ours) if self.hearing.is_write(asked)), default=0) :]
        found = [asked.number for asked in since_write if self.hearing.could_show(asked, what, address, write)]
        if not found and what.startswith(LEFT):
            found = [asked.number for asked in before if self.hearing.shows_lists_of(asked, address)]
        return found[-1] if found else write.number


def is_undone(what: str, person: dict[str, Any]) -> bool:
    """Is a person who departed so not gone (any more)?"""
    if what == DELETED:
        return not person.get("deleted_at")
    if what == UNSUBSCRIBED:
        return (person.get("email_address") or {}).get("permission_to_send") != UNSUBSCRIBED
    return what.removeprefix(LEFT) in person["by_name"]["lists"]
