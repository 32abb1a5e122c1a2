"""Turn a whole run round, a window at a time, and add up what its plan, its guards and its reader need to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, Planned, PlanTables, join_windows
from ctct_etl.report.wording import say_count
from ctct_etl.run.journal_reading import JournalReader
from ctct_etl.stages.guarding import Figures
from ctct_etl.stages.respecting import Respected, none_kept
from ctct_etl.stages.reverting import Turned, turn_round
from ctct_etl.workflow.deriving import Derived


def turn_plan(
    plan: Planned,
    journal: JournalReader,
    snapshot: Snapshot,
    remembered: pd.DataFrame | None,
    delete_made_since: str | None,
    deletes: bool,
) -> tuple[Derived, list[str]]:
    """Return what takes back what `journal` says was done of `plan`, and what its reader has to know, in words.

    remembered, delete_made_since: see `turn_round`. deletes: whether the dialect can delete anybody.
    """
    turned = [
        turn_round(tables, _done(tables, journal), snapshot, remembered, plan.manifest["run"], delete_made_since)
        for tables in plan.windows()
    ]
    tables = join_windows([each.tables for each in turned])
    derived = Derived(
        tables=tables,
        rows=plan.rows.iloc[:0],  # a revert has no source: its origins are rows of the reverted run
        problems=plan.problems.iloc[:0],
        unchanged=sum(each.unchanged for each in turned),
        without_address=0,
        absorbed={},
        departed={},
        readded={},
        respected=Respected(plan.rows.iloc[:0], none_kept(), {}),
        refused=0,
        figures=_figures(tables, snapshot),
    )
    return derived, _warn(turned, tables, deletes)


def _done(tables: PlanTables, journal: JournalReader) -> pd.DataFrame:
    addresses = tables.actions[c.EMAIL]
    return journal.done_routes(*(addresses.iloc[[0, -1]] if len(addresses) else ("", "")))


def _figures(tables: PlanTables, snapshot: Snapshot) -> Figures:
    """Shares are of the account: a revert has no source that they could be shares of."""
    there = snapshot.contacts[(snapshot.contacts[c.STATUS] != c.DELETED).to_numpy()]
    updates = (tables.actions[ACTION] == c.UPDATE).to_numpy()
    changes = tables.changes[updates[tables.changes[c.CONTACT].to_numpy()]]
    by_field = {str(field): int(count) for field, count in changes[c.FIELD].value_counts().items() if count}
    off = tables.memberships[(tables.memberships[c.CHANGE] == c.REMOVE_FROM).to_numpy()]
    removed = np.union1d(off[c.CONTACT], np.flatnonzero((tables.actions[ACTION] == c.REMOVE).to_numpy()))
    held = snapshot.memberships
    members = held[((held[c.KIND] == c.LIST) & held[c.NAME].isin(off[c.NAME].astype("str"))).to_numpy()]
    return Figures(
        rows=0,
        rejected_rows=0,
        contacts=max(len(there), snapshot.population or 0),
        at_least=snapshot.population is not None,
        matched=len(there),
        creates=0,
        updates=int(updates.sum()),
        clears=int((changes[c.AFTER] == "").sum()),
        mapped_values=sum(int((there[field] != "").sum()) for field in by_field),
        changed_by_field=by_field,
        requests=0,
        left_today=None,
        removals=len(removed),
        managed_members=len(np.union1d(members[c.CONTACT], _places(tables, removed, snapshot))),
        removed_from="the same lists",
    )


def _places(tables: PlanTables, contacts: npt.NDArray[np.int64], snapshot: Snapshot) -> npt.NDArray[np.int64]:
    """Where these contacts of the plan stand in the snapshot."""
    ids = tables.actions[c.CONTACT_ID].take(contacts)
    return np.flatnonzero(snapshot.contacts[c.CONTACT_ID].isin(ids).to_numpy())


def _warn(turned: Sequence[Turned], tables: PlanTables, deletes: bool) -> list[str]:
    def count(what: str) -> int:
        return sum(getattr(each, what) for each in turned)

    warnings = ["a revert has no rows of its own: the rows that it names are those of the run that it reverts"]
    if kept := count("kept"):
        warnings.append(f"{say_count(kept, 'value')} edited since the run and kept: the contact's reason names them")
    if skips := int((tables.actions[ACTION] == c.SKIP).sum()):
        warnings.append(f"{say_count(skips, 'contact')} left alone: the contact's reason says why")
    if staying := count("staying"):
        cure = "--delete-created deletes whom nobody touched since" if deletes else "this dialect deletes nobody"
        cure = "not as the run left it" if count("edited") else cure
        warnings.append(f"{say_count(staying, 'contact')} created by the run, not deleted: {cure}")
    if deleted := count("deleted"):
        warnings.append(
            f"{say_count(deleted, 'contact')} created by the run, to be deleted: no later load brings back who was "
            "deleted, without evidence of consent given after that"
        )
    tags: Counter[str] = sum((Counter(each.tags) for each in turned), Counter())
    warnings += [
        f"{say_count(count, 'contact')} with the tag {tag}, which stays: no tag is ever taken off"
        for tag, count in sorted(tags.items())
    ]
    gone = sorted(frozenset[str]().union(*(each.gone_lists for each in turned)))
    warnings += [f"the account has no list {name} any more: who the run put on it, or off, stays so" for name in gone]
    return warnings
