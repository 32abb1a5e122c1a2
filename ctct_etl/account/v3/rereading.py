"""What it costs to read the account again: before a kept plan is applied, and after any apply. Pure.

At most so many, as long as nobody else changes the account meanwhile. What was written shows by its date, by the
numbers of its lists and tags, or by both: which, is documented nowhere, so that both are counted.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from ctct_etl.account.dialect import Readings
from ctct_etl.account.moments import shortly_before
from ctct_etl.account.v3.costing import pages_of
from ctct_etl.account.v3.refreshing import LEARNING_SHARE, QUIET_REQUESTS, full_cost
from ctct_etl.columns import ADD, CHANGE, CREATE, DELETED, NAME, OPT_OUT_DATE, STATUS, UPDATED_AT, WRITING_ACTIONS
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, DELETE_CONTACT, REVIVE_CONTACT, ROUTE, PlanTables

_SINGLE_PAGES = 2  # among the quiet ones: who was updated, and who opted out


def foresee_readings(tables: PlanTables, snapshot: Snapshot) -> Readings:
    actions, contacts = tables.actions, len(snapshot.contacts)
    written = int(actions[ACTION].isin(WRITING_ACTIONS).sum())
    whole = full_cost(contacts + int((actions[ACTION] == CREATE).sum()))
    refreshed = _refresh(snapshot, written) + _deleted_pages(tables, snapshot, written)
    learning = refreshed + ceil(whole / LEARNING_SHARE)
    lists = _list_pages(tables, snapshot)
    after = refreshed + lists if lists < whole else refreshed + whole + learning
    return Readings(
        before=full_cost(contacts) if full_cost(contacts) <= QUIET_REQUESTS else _refresh(snapshot, 0),
        after=whole if whole <= QUIET_REQUESTS else after,
        whole=whole if whole <= QUIET_REQUESTS else whole + learning,
    )


def _refresh(snapshot: Snapshot, written: int) -> int:
    """Besides the lists that differ. It reaches back a while before the snapshot, and shows of that what that shows."""
    moment, contacts = shortly_before(snapshot.fetched_at), snapshot.contacts
    updated = int(np.count_nonzero(contacts[UPDATED_AT] > moment))
    opted_out = int(np.count_nonzero(contacts[OPT_OUT_DATE] > moment))
    return QUIET_REQUESTS - _SINGLE_PAGES + pages_of(updated + written) + pages_of(opted_out)


def _deleted_pages(tables: PlanTables, snapshot: Snapshot, written: int) -> int:
    """Of all who are deleted, where the plan changes how many they are."""
    if not tables.actions[ROUTE].isin((DELETE_CONTACT, REVIVE_CONTACT)).any():
        return 0
    return pages_of(int((snapshot.contacts[STATUS] == DELETED).sum()) + written)


def _list_pages(tables: PlanTables, snapshot: Snapshot) -> int:
    """Of the members of all lists and tags that the plan changes, as many as there may be afterwards."""
    changed = tables.memberships
    adds = changed[NAME][(changed[CHANGE] == ADD).to_numpy()].astype("str").value_counts()
    held = snapshot.memberships[NAME].astype("str").value_counts()
    names = changed[NAME].astype("str").unique()
    return sum(pages_of(int(held.get(name, 0)) + int(adds.get(name, 0))) for name in names)
