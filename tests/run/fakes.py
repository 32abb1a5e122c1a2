"""A small account in memory, a dialect that talks to it, and a session that can die at any request.

Routes: creates go by bulk import, three at a time; updates by PUT, one at a time; list changes by one bulk job a list.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ctct_etl import columns as c
from ctct_etl.account.dialect import (
    Answer,
    Checkpoint,
    Conversation,
    Forecast,
    Operation,
    Prerequisites,
    Request,
    Response,
    Result,
)  # fmt: skip
from ctct_etl.errors import Unsettled
from ctct_etl.plan.snapshot import Capabilities, Snapshot
from ctct_etl.plan.tables import (
    ACTION,
    ADD_LISTS,
    JSON_IMPORT,
    PERMISSION,
    PUT_CONTACT,
    ROUTE,
    ROUTE_REASON,
    Plan,
    PlanTables,
    RestsOn,
)  # fmt: skip
from tests.tables import snapshot as make_snapshot

AT_ONCE = 3


class Killed(BaseException):
    """The process was killed: nothing runs after it."""


@dataclass
class FakeAccount:
    """contacts: address → first name. members: list → addresses. writes: every effect, in order."""

    contacts: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    forgets: bool = False  # a PUT is answered with 200 and does nothing
    writes: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Response:
        with self.lock:
            return getattr(self, f"_{request.method.lower()}")(request)

    def _get(self, request: Request) -> Response:
        return Response(200, {"contacts": dict(self.contacts), "members": {k: set(v) for k, v in self.members.items()}})

    def _put(self, request: Request) -> Response:
        address = request.path.removeprefix("/contacts/")
        if address in self.refused:
            return Response(400, "no such state")
        if not self.forgets:
            self.contacts[address] = request.body
            self.writes.append(("put", address))
        return Response(200, None)

    def _post(self, request: Request) -> Response:
        if request.path == "/lists":
            self.members.setdefault(request.body, set())
            self.writes.append(("make", request.body))
        elif request.path == "/import":
            for address, name in request.body.items():
                if address not in self.refused:
                    self.contacts[address] = name
                    self.writes.append(("create", address))
        else:
            for address in request.body:
                self.members[request.path.removeprefix("/members/")].add(address)
                self.writes.append(("add", address))
        return Response(202, {"activity_id": "a"})


@dataclass
class FakeSession:
    """die_at: the number of the request at which the process dies, before or after its effect. lose: answers to lose.

    script: what to do at a request, by its number: raise something.
    """

    account: FakeAccount
    die_at: int | None = None
    die_after_effect: bool = False
    lose: Callable[[Request], bool] = lambda request: False
    script: Mapping[int, Callable[[], None]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    dead: bool = False

    def converse(
        self, conversation: Conversation[Any], on_checkpoint: Callable[[Checkpoint], None] | None = None
    ) -> Any:
        reply: Any = None
        lost: Unsettled | None = None
        try:
            while True:
                step = conversation.send(reply) if lost is None else conversation.throw(lost)
                reply, lost = None, None
                if isinstance(step, Checkpoint):
                    if on_checkpoint:
                        on_checkpoint(step)
                    continue
                try:
                    reply = self._ask(step)
                except Unsettled as unsettled:
                    lost = unsettled
        except StopIteration as end:
            return end.value
        finally:
            conversation.close()

    def _ask(self, request: Request) -> Response:
        if self.dead:
            raise Killed
        self.requests.append(request)
        number = len(self.requests)
        if number in self.script:
            self.script[number]()
        if number == self.die_at and not self.die_after_effect:
            self.dead = True
            raise Killed
        response = self.account.answer(request)
        if number == self.die_at:
            self.dead = True
            raise Killed
        if request.method != "GET" and self.lose(request):
            raise Unsettled("the answer was lost")
        return response


class FakeDialect:
    """carries: operations whose import cannot carry some address (they go by PUT instead)."""

    def __init__(self, never_imported: Collection[str] = (), hopeless: bool = False) -> None:
        self.never_imported = set(never_imported)
        self.hopeless = hopeless

    def describe(self) -> Capabilities:
        return Capabilities("fake", {}, {})

    def fetch(self, since: str | None) -> Conversation[Snapshot]:
        raise NotImplementedError

    def route(self, tables: PlanTables, snapshot: Snapshot) -> pd.DataFrame:
        raise NotImplementedError

    def forecast(self, tables: PlanTables, snapshot: Snapshot) -> Forecast:
        raise NotImplementedError

    def prepare(self, wanted: Prerequisites, snapshot: Snapshot) -> Conversation[Snapshot]:
        for name in wanted.lists:
            if name not in snapshot.lists:
                yield Request("POST", "/lists", body=name)
        return replace(snapshot, lists={**snapshot.lists, **{name: name for name in wanted.lists}})

    def build(
        self, tables: PlanTables, snapshot: Snapshot, rests_on: RestsOn | None = None, *, window: int = 0
    ) -> list[Operation]:
        address = dict(enumerate(tables.actions[c.EMAIL]))
        action = dict(enumerate(tables.actions[ACTION].astype("str")))
        names = {int(n): after for n, after in zip(tables.changes[c.CONTACT], tables.changes[c.AFTER], strict=True)}
        creates = [n for n in address if action[n] == c.CREATE]
        operations = [
            _operation(JSON_IMPORT, 1, {address[n]: names[n] for n in creates[i : i + AT_ONCE]})
            for i in range(0, len(creates), AT_ONCE)
        ]
        operations += [_put(address[n], names[n]) for n in address if action[n] == c.UPDATE and n in names]
        added: dict[str, list[str]] = {}
        for n, name in zip(tables.memberships[c.CONTACT], tables.memberships[c.NAME], strict=True):
            added.setdefault(str(name), []).append(address[int(n)])
        return operations + [
            _operation(ADD_LISTS, 3, dict.fromkeys(them, ""), name) for name, them in sorted(added.items())
        ]

    def without(self, operation: Operation, addresses: Collection[str]) -> Operation | None:
        left = {a: name for a, name in operation.payload["names"].items() if a not in addresses}
        payload = {**operation.payload, "names": left}
        return replace(operation, addresses=tuple(left), payload=payload) if left else None

    def send(self, operation: Operation) -> Conversation[Answer]:
        names: dict[str, str] = operation.payload["names"]
        if operation.route == PUT_CONTACT:
            return (yield from self._send_put(operation))
        if operation.route == JSON_IMPORT:
            carried = {a: n for a, n in names.items() if a not in self.never_imported}
            yield Request("POST", "/import", body=carried)
            yield Checkpoint({"activity_id": "a"})
            now = (yield Request("GET", "/", wait_s=1)).body["contacts"]
            again = tuple(_put(a, n, phase=1, mark="again") for a, n in names.items() if now.get(a) != n)
            return Answer(tuple(Result(a, c.DONE) for a, n in names.items() if now.get(a) == n), fallback=again)
        yield Request("POST", f"/members/{operation.payload['list']}", body=list(names))
        return Answer(tuple(Result(a, c.DONE) for a in names))

    def _send_put(self, operation: Operation) -> Conversation[Answer]:
        ((address, name),) = operation.payload["names"].items()
        before = (yield Request("GET", "/")).body["contacts"].get(address)
        yield Checkpoint({"before": before})
        response = yield Request("PUT", f"/contacts/{address}", body=name)
        if not response.ok and self.hopeless:
            deeper = replace(operation, id=operation.id + "+")
            return Answer((), fallback=(deeper,))
        if not response.ok:
            return Answer((Result(address, c.FAILED, response.body),))
        return Answer((Result(address, c.DONE),), before={address: before}, proved=True)

    def settle(self, operation: Operation, detail: Mapping[str, Any]) -> Conversation[Answer]:
        names: dict[str, str] = operation.payload["names"]
        now = (yield Request("GET", "/")).body
        if operation.route == ADD_LISTS:
            there = now["members"].get(operation.payload["list"], set())
        else:
            there = {a for a, n in names.items() if now["contacts"].get(a) == n}
        absent = set(names) - there
        again = self.without(operation, there) if absent else None
        if again is not None and there:
            again = replace(again, id=f"{operation.id}|{','.join(sorted(absent))}")
        return Answer(tuple(Result(a, c.DONE) for a in names if a in there), fallback=(again,) if again else ())


def _operation(route: str, phase: int, names: Mapping[str, str], list_: str = "") -> Operation:
    identity = f"{route}:{list_}:{','.join(names)}"
    return Operation(identity, route, phase, tuple(names), {"names": dict(names), "list": list_})


def _put(address: str, name: str, phase: int = 2, mark: str = "") -> Operation:
    operation = _operation(PUT_CONTACT, phase, {address: name})
    return replace(operation, id=operation.id + mark)


def make_plan(
    creates: Mapping[str, str] = {},
    updates: Mapping[str, tuple[str, str]] = {},
    added: Mapping[str, Sequence[str]] = {},
    skipped: Sequence[str] = (),
    new_lists: Sequence[str] = (),
) -> Plan:
    """A plan: address → first name, address → (before, after), address → lists to be put on."""
    decided = {
        **dict.fromkeys(added, c.UPDATE),
        **dict.fromkeys(updates, c.UPDATE),
        **dict.fromkeys(creates, c.CREATE),
        **dict.fromkeys(skipped, c.SKIP),
    }
    order = sorted(decided)
    existing = [decided[address] != c.CREATE for address in order]
    actions = pd.DataFrame(
        {
            c.EMAIL: order,
            ACTION: [decided[address] for address in order],
            c.REASON: "a rule",
            c.CONTACT_ID: [f"id-{a}" if known else "" for a, known in zip(order, existing, strict=True)],
            c.UPDATED_AT: ["2026-01-01T00:00:00Z" if known else "" for known in existing],
            c.STATUS: [c.IMPLICIT if known else "" for known in existing],
            **dict.fromkeys((ROUTE, ROUTE_REASON, c.OPT_IN_SOURCE, PERMISSION, c.EVIDENCE_DATE, c.EVIDENCE_SOURCE), ""),
        },
        dtype="str",
    ).astype({ACTION: pd.CategoricalDtype(list(c.ACTIONS))})
    values = {**{a: ("", name) for a, name in creates.items()}, **updates}
    changes = [(order.index(a), c.FIRST_NAME, *values[a]) for a in order if a in values]
    names = [(order.index(a), c.LIST, name) for a in order for name in sorted(added.get(a, ()))]
    members = pd.DataFrame(names, columns=[c.CONTACT, c.KIND, c.NAME]).astype(
        {c.CONTACT: "int64", c.KIND: "category", c.NAME: "category"}
    )
    tables = PlanTables(
        actions,
        pd.DataFrame(changes, columns=[c.CONTACT, c.FIELD, c.BEFORE, c.AFTER]).astype(
            {c.CONTACT: "int64", c.FIELD: "category", c.BEFORE: "str", c.AFTER: "str"}
        ),
        members.assign(**{c.CHANGE: pd.Categorical([c.ADD] * len(names), [c.ADD, c.REMOVE_FROM])}),
        pd.DataFrame({c.CONTACT: range(len(order)), c.ORIGIN_FILE: "m.xlsx", c.ORIGIN_SHEET: "Members",
                      c.ORIGIN_ROW: range(2, len(order) + 2)})
        .astype({c.CONTACT: "int64", c.ORIGIN_FILE: "category", c.ORIGIN_SHEET: "category", c.ORIGIN_ROW: "int64"}),
        members,
    )  # fmt: skip
    manifest = {
        "pipeline": "nightly", "prerequisites": {"lists": list(new_lists), "custom_fields": [], "tags": []},
    }  # fmt: skip
    rows = pd.DataFrame(
        {c.ORIGIN_FILE: "m.xlsx", c.ORIGIN_ROW: range(2, len(order) + 2), c.EMAIL: order, c.OUTCOME: actions[ACTION]}
    )
    problems = pd.DataFrame({c.ROW: pd.Series([0], dtype="int64"), c.PROBLEM: pd.Series(["too long"], dtype="str")})
    return Plan(manifest, tables, rows, problems)


@dataclass(frozen=True)
class InWindows:
    """A plan that is read a few actions at a time."""

    plan: Plan
    size: int

    @property
    def manifest(self) -> Mapping[str, Any]:
        return self.plan.manifest

    @property
    def rows(self) -> pd.DataFrame:
        return self.plan.rows

    @property
    def problems(self) -> pd.DataFrame:
        return self.plan.problems

    def row_parts(self) -> Iterator[pd.DataFrame]:
        return self.plan.row_parts()

    def windows(self) -> Iterator[PlanTables]:
        return self.plan.windows(self.size)


def see(account: FakeAccount) -> Snapshot:
    """The account as a snapshot."""
    return make_snapshot(
        [{c.EMAIL: a, c.CONTACT_ID: f"id-{a}", c.FIRST_NAME: name,
          "lists": [known for known, them in sorted(account.members.items()) if a in them]}
         for a, name in sorted(account.contacts.items())],
        lists=sorted(account.members),
    )  # fmt: skip
