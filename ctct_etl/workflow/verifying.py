"""Read the account back after an apply, and hold it against what the plan promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import CONFLICT, EMAIL, FAILED, FIELD, RESULT
from ctct_etl.errors import AccountError, QuotaUsedUp
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import Planned, PlanTables
from ctct_etl.run.applying import ENDED_DONE, Applied
from ctct_etl.run.intending import Scope
from ctct_etl.run.journal import Journal
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.totalling import total_results
from ctct_etl.run.verifying import FOUND, PROMISED, verify_window
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.snapshots import take_snapshot, want_of

MOST_TOLD = 1_000  # differences that are listed; all of them are counted


class Verification:
    """What was found, a window at a time. Listens to `total_up`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._checked = self._broken = 0
        self._told: list[dict[str, str]] = []

    def __call__(self, tables: PlanTables, results: pd.DataFrame) -> None:
        verified = verify_window(tables, results, self._snapshot)
        self._checked += verified.checked
        self._broken += verified.broken[EMAIL].nunique()
        told = verified.broken.head(MOST_TOLD - len(self._told))
        self._told += [
            {"address": address, "field": field, "promised": promised, "found": found}
            for address, field, promised, found in told[[EMAIL, FIELD, PROMISED, FOUND]].itertuples(index=False)
        ]

    def describe(self) -> dict[str, Any]:
        """checked: contacts · as_promised: of those · differences: {address, field, promised, found}, the first."""
        return {
            "checked": self._checked, "as_promised": self._checked - self._broken, "differences": self._told,
        }  # fmt: skip


@dataclass(frozen=True)
class ReadBack:
    """The account as it is after an apply; None where it was not read, and what stood in the way of that, if anything.

    A run that did its work does not fail because the look at it does.
    """

    snapshot: Snapshot | None = None
    fault: AccountError | QuotaUsedUp | None = None

    @property
    def words(self) -> str:
        return f"what was written was not read back: {self.fault}" if self.fault else ""


def read_back(
    context: Context, state: StateDirectory, account: OpenAccount, plan: Planned, applied: Applied
) -> ReadBack:
    """Read the account after an apply that went through."""
    if applied.ended != ENDED_DONE or context.stop.is_set():
        return ReadBack()
    try:
        return ReadBack(take_snapshot(context, state, account, want_of(plan, account), again=True))
    except (AccountError, QuotaUsedUp) as fault:
        return ReadBack(fault=fault)


def find_fault_of_canary(plan: Planned, journal: Journal, scope: Scope, snapshot: Snapshot) -> str:
    """Say what is wrong with the actions that went ahead; "" when all are done and as promised."""
    left = scope.first or 0
    for tables in plan.windows():
        if left <= 0:
            break
        results = total_results(tables.actions, journal, ())
        results = results[results["action"].isin(scope.actions).to_numpy()].head(left)
        left -= len(results)
        for result in (FAILED, CONFLICT):
            undone = results[(results[RESULT] == result).to_numpy()]
            if len(undone):
                return f'{len(undone)} of them {result}, the first with "{undone["words"].iloc[0]}"'
        broken = verify_window(tables, results, snapshot).broken
        if len(broken):
            return f"the field {broken[FIELD].iloc[0]} of one of them is not as the plan promised"
    return ""
