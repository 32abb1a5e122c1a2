"""What a run does with an adapter, at its simplest: send; settle what was lost; then what must follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ctct_etl.account.dialect import Operation, Wanted
from ctct_etl.columns import CONTACT, EMAIL, KIND, NAME
from ctct_etl.errors import Unsettled
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PlanTables
from tests.account.conftest import Served
from tests.account.plans import Act, plan_tables, routed


@dataclass
class Applied:
    """results: address → what became of it, each time it was said · sent: operations, in their order."""

    results: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    sent: list[Operation] = field(default_factory=list)


def apply(served: Served, operations: Sequence[Operation]) -> Applied:
    dialect, session = served.account.dialect, served.account.session
    applied, left = Applied(), list(operations)
    while left:
        operation = left.pop(0)
        applied.sent.append(operation)
        detail: dict[str, Any] = {}

        def keep(point: Any, kept: dict[str, Any] = detail) -> None:
            kept.clear()
            kept.update(point.detail)

        try:
            answer = session.converse(dialect.send(operation), keep)
        except Unsettled:
            answer = session.converse(dialect.settle(operation, detail))
        for one in answer.results:
            applied.results.setdefault(one.address, []).append(one.result)
            applied.words[one.address] = one.words
        applied.before.update(answer.before)
        left = [*answer.fallback, *left]
    return applied


def read(served: Served, *addresses: str) -> Snapshot:
    """The account as a run for `addresses` reads it; everybody where none is named."""
    wanted = Wanted(frozenset(addresses)) if addresses else Wanted()
    return served.account.session.converse(served.account.dialect.fetch(wanted))


def plan(served: Served, acts: Sequence[Act], before: Snapshot) -> PlanTables:
    return routed(plan_tables(acts, before), served.account.dialect, before)


def carry_out(served: Served, acts: Sequence[Act]) -> tuple[Applied, Snapshot, Snapshot]:
    """Apply `acts`; return what became of them, and the account before and after, whole."""
    before = read(served)
    tables = plan(served, acts, before)
    applied = apply(served, served.account.dialect.build(tables, before))
    return applied, before, read(served)


def values(snapshot: Snapshot, address: str) -> dict[str, str]:
    """The fields of one contact that are not empty."""
    (row,) = snapshot.contacts[(snapshot.contacts[EMAIL] == address).to_numpy()].to_dict("records")
    return {str(name): value for name, value in row.items() if value}


def lists_of(snapshot: Snapshot, address: str) -> set[str]:
    (at,) = snapshot.contacts.index[(snapshot.contacts[EMAIL] == address).to_numpy()]
    rows = snapshot.memberships
    mine = (rows[CONTACT] == at).to_numpy() & (rows[KIND] == "list").to_numpy()
    return {str(name) for name in rows[NAME][mine]}
