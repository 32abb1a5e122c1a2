"""Record a plan's operations before any is sent, a window at a time; leave out who moved since the plan.

What an apply is asked for may be a part of the plan (`--only create`, a canary of twenty): the rest is recorded when it
is asked for. So a window is laid against the journal first: whom it knows is under way, whom it does not is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.account.dialect import Conversation, Dialect, Prerequisites, Result
from ctct_etl.columns import CONFLICT, EMAIL, WORDS, WRITING_ACTIONS
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, Planned, PlanTables, RestsOn
from ctct_etl.run.journal import Intent, Journal
from ctct_etl.run.journal_reading import TOUCHED, WAITING
from ctct_etl.run.refreshing import find_conflicts, find_leavers, keep_actions, leave_out, leave_out_details

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Scope:
    """The part of a plan that an apply carries out; the rest stays pending.

    actions: of WRITING_ACTIONS. first: only so many writing actions, in the plan's order; None for all.
    """

    actions: frozenset[str] = frozenset(WRITING_ACTIONS)
    first: int | None = None

    @property
    def whole(self) -> frozenset[str]:
        """The parts of the plan that are recorded whole when this scope is."""
        return self.actions if self.first is None else frozenset()


EVERYTHING = Scope()


def intend_plan(
    plan: Planned,
    snapshot: Snapshot,
    dialect: Dialect,
    converse: Callable[[Conversation[Snapshot]], Snapshot],
    journal: Journal,
    remembered: pd.DataFrame | None,
    scope: Scope,
) -> None:
    """Record what of `scope` is not in the journal yet, and who of all that waits has moved since the plan.

    converse: drives a conversation, for what has to be made in the account first.
    """
    if not scope.actions <= journal.parts():
        wanted = Prerequisites(**{kind: tuple(names) for kind, names in plan.manifest["prerequisites"].items()})
        if wanted != Prerequisites():
            snapshot = converse(dialect.prepare(wanted, snapshot))
    journal.intend(_intents(plan, snapshot, dialect, journal, remembered, scope), scope.whole)


def _intents(
    plan: Planned,
    snapshot: Snapshot,
    dialect: Dialect,
    journal: Journal,
    remembered: pd.DataFrame | None,
    scope: Scope,
) -> Iterator[Intent]:
    window, passed, rests_on = 0, 0, plan.manifest.get("rests_on", {})

    def intend(tables: PlanTables, asked: Mask) -> Intent:
        standing = journal.standing(*_ends(tables)).reindex(tables.actions[EMAIL])
        known = standing[WAITING].notna().to_numpy()
        fresh = keep_actions(tables, asked & ~known)
        conflicts = _results(find_moved(fresh, snapshot, remembered, rests_on))
        staying = leave_out(fresh, {each.address for each in conflicts})
        operations = dialect.build(staying, snapshot, rests_on, window=window)
        underway = _find_moved_underway(tables, standing, snapshot, remembered, rests_on)
        return Intent(operations, conflicts + _results(underway))

    for tables in plan.windows():
        if len(tables.actions):
            yield intend(tables, _asked(tables, scope, passed))
            passed += int(tables.actions[ACTION].isin(WRITING_ACTIONS).sum())
        window += 1
        del tables  # before the next is read: enumerate would hold it


def _asked(tables: PlanTables, scope: Scope, passed: int) -> Mask:
    """Which actions of a window the scope asks for; `passed`: writing actions of the windows before."""
    asked = tables.actions[ACTION].isin(scope.actions).to_numpy(dtype=bool)
    if scope.first is None:
        return asked
    writing = tables.actions[ACTION].isin(WRITING_ACTIONS).to_numpy(dtype=bool)
    return asked & (passed + np.cumsum(writing) <= scope.first)


def find_moved(
    tables: PlanTables, snapshot: Snapshot, remembered: pd.DataFrame | None, rests_on: RestsOn | None = None
) -> Iterator[pd.DataFrame]:
    """EMAIL and WORDS of who is not as the plan saw it, then of who left a list since (see `find_leavers`)."""
    yield find_conflicts(tables, snapshot, rests_on)
    if remembered is not None:
        yield find_leavers(tables, snapshot, remembered)


def _find_moved_underway(
    tables: PlanTables,
    standing: pd.DataFrame,
    snapshot: Snapshot,
    remembered: pd.DataFrame | None,
    rests_on: RestsOn,
) -> Iterator[pd.DataFrame]:
    """What we have sent has changed the contacts ourselves: of those it only counts that they are still there."""
    waiting = standing[WAITING].fillna(False).to_numpy(dtype=bool)
    touched = standing[TOUCHED].fillna(False).to_numpy(dtype=bool)
    if not waiting.any():
        return
    yield find_conflicts(keep_actions(tables, waiting & ~touched), snapshot, rests_on)
    yield find_conflicts(leave_out_details(keep_actions(tables, waiting & touched)), snapshot)
    if remembered is not None:
        yield find_leavers(keep_actions(tables, waiting), snapshot, remembered)


def _ends(tables: PlanTables) -> tuple[str, str]:
    addresses = tables.actions[EMAIL]
    return str(addresses.iloc[0]), str(addresses.iloc[-1])


def _results(found: Iterable[pd.DataFrame]) -> list[Result]:
    """One conflict a contact, by the first words about it."""
    tables = [table for table in found if len(table)]
    if not tables:
        return []
    conflicts = pd.concat(tables).drop_duplicates(EMAIL)
    pairs = zip(conflicts[EMAIL], conflicts[WORDS], strict=True)
    return [Result(address, CONFLICT, words) for address, words in pairs]
