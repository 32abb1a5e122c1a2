"""What it costs to read the account again: before a kept plan is applied, and after any apply. Pure.

At most so many, as long as nobody else changes the account meanwhile. Everybody whom the plan changes is a request
after it: that is how v1 tells what became of them, and what the next night knows of them.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from ctct_etl.account.dialect import READ_AT_ONCE, Readings
from ctct_etl.account.moments import shortly_before
from ctct_etl.account.v1.refreshing import GROUPS
from ctct_etl.account.v1.wire import PAGE_SIZE
from ctct_etl.columns import CONTACT_ID, EMAIL, PENDING, STATUS, UNREADABLE, UPDATED_AT, WRITING_ACTIONS
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, PlanTables

_SYSTEM_LISTS = 3  # in the feed of lists
_GLIMPSE = 1  # the first page of all contacts
_DOUBT = 2  # where a search for nobody is answered with a 500: an address that is there, and the search again


class Rereading:
    """Adds up, window by window of a plan, what it takes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._actions = self._written = self._missing = self._sketched = 0

    def add(self, window: PlanTables) -> None:
        actions, known = window.actions, self._snapshot.contacts
        self._actions += len(actions)
        self._written += int(actions[ACTION].isin(WRITING_ACTIONS).sum())
        self._missing += int((actions[CONTACT_ID] == "").sum())
        self._sketched += int(((known[UPDATED_AT] == "") & known[EMAIL].isin(actions[EMAIL])).sum())

    def foresee(self) -> Readings:
        known = self._snapshot.contacts
        names = ceil((len(self._snapshot.lists) + _SYSTEM_LISTS) / PAGE_SIZE) + _GLIMPSE
        searches = ceil(self._missing / (PAGE_SIZE - 1)) + (_DOUBT if self._missing else 0)
        parts = max(1, ceil(self._missing / READ_AT_ONCE))
        recent = int(np.count_nonzero(known[UPDATED_AT] > shortly_before(self._snapshot.fetched_at)))
        unsettled = int(known[STATUS].isin((PENDING, UNREADABLE)).sum())

        def refresh(changed: int) -> int:
            """One part of it reads who changed anew, and all of them who was written before."""
            return parts * (names + len(GROUPS) + ceil(changed / PAGE_SIZE) + recent + unsettled)

        sought = ceil(self._actions / (PAGE_SIZE - 1)) + _DOUBT
        return Readings(
            before=refresh(recent) + searches + self._sketched,
            after=refresh(recent + self._written) + searches + self._written,
            whole=parts * names + sought + self._actions,
        )
