"""What it costs to read the account again: before a kept plan is applied, and after any apply. Pure.

At most so many, as long as nobody else changes the account meanwhile. What was written shows by its date, by the
numbers of its lists and tags, or by both: which, is documented nowhere, so that both are counted.
"""

from __future__ import annotations

from collections import Counter
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


class Rereading:
    """Adds up, window by window of a plan, what it takes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._written = self._created = 0
        self._moves_deleted = False  # the plan changes how many are deleted
        self._joined: Counter[str] = Counter()  # by each list and tag that the plan changes: who is put on it

    def add(self, window: PlanTables) -> None:
        actions, changed = window.actions, window.memberships
        self._written += int(actions[ACTION].isin(WRITING_ACTIONS).sum())
        self._created += int((actions[ACTION] == CREATE).sum())
        self._moves_deleted |= bool(actions[ROUTE].isin((DELETE_CONTACT, REVIVE_CONTACT)).any())
        adds = (changed[CHANGE] == ADD).to_numpy()
        names = changed[NAME].astype("str")
        self._joined.update(dict.fromkeys(names.unique(), 0))  # who is taken off changes a list too
        self._joined.update({str(name): int(count) for name, count in names[adds].value_counts().items()})

    def foresee(self) -> Readings:
        contacts = len(self._snapshot.contacts)
        whole = full_cost(contacts + self._created)
        refreshed = self._refresh(self._written) + self._deleted_pages()
        learning = refreshed + ceil(whole / LEARNING_SHARE)
        lists = self._list_pages()
        after = refreshed + lists if lists < whole else refreshed + whole + learning
        return Readings(
            before=full_cost(contacts) if full_cost(contacts) <= QUIET_REQUESTS else self._refresh(0),
            after=whole if whole <= QUIET_REQUESTS else after,
            whole=whole if whole <= QUIET_REQUESTS else whole + learning,
        )

    def _refresh(self, written: int) -> int:
        """Besides the lists that differ. It reaches back before the snapshot, and shows of that what that shows."""
        moment, contacts = shortly_before(self._snapshot.fetched_at), self._snapshot.contacts
        updated = int(np.count_nonzero(contacts[UPDATED_AT] > moment))
        opted_out = int(np.count_nonzero(contacts[OPT_OUT_DATE] > moment))
        return QUIET_REQUESTS - _SINGLE_PAGES + pages_of(updated + written) + pages_of(opted_out)

    def _deleted_pages(self) -> int:
        """Of all who are deleted, where the plan changes how many they are."""
        if not self._moves_deleted:
            return 0
        return pages_of(int((self._snapshot.contacts[STATUS] == DELETED).sum()) + self._written)

    def _list_pages(self) -> int:
        """Of the members of all lists and tags that the plan changes, as many as there may be afterwards."""
        held = self._snapshot.memberships[NAME].astype("str").value_counts()
        return sum(pages_of(int(held.get(name, 0)) + count) for name, count in self._joined.items())
