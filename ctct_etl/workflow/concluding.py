"""Keep what became of an apply: totals, who was not done, outcome, page, and last the memory."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import EMAIL
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import Planned, PlanTables
from ctct_etl.report.page import render_html
from ctct_etl.run.applying import Applied
from ctct_etl.run.journal import Journal
from ctct_etl.run.plan_directory import write_page
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.allocating import give_back
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.endings import Ended
from ctct_etl.workflow.looking_back import look_back
from ctct_etl.workflow.outcomes import describe_applied, keep_outcome
from ctct_etl.workflow.remembering import AppliedMemory
from ctct_etl.workflow.reporting import report_on
from ctct_etl.workflow.totals import total_up
from ctct_etl.workflow.verifying import Verification


def conclude(
    context: Context,
    account: OpenAccount,
    plan: Planned,
    directory: Path,
    journal: Journal,
    applied: Applied,
    started: str,
    before: Snapshot,
    after: Snapshot | None = None,
    *,
    settles: bool = False,
) -> Ended:
    """Write down how an apply ended, in one pass over the plan.

    before: the account as the apply saw it when it began. after: as it was read back, and used up here; None where it
    was not. settles: the run was killed, and is only closed. Raises StateError.
    """
    verification = Verification(after) if after is not None else None
    memory = AppliedMemory(StateDirectory(context.state), account.name, before, plan.manifest, settles=settles)

    def remember(tables: PlanTables, results: pd.DataFrame) -> None:
        memory.add(tables, results, _listed(journal, tables))
        memory.see(_lists_read(journal, account, tables))

    totals = total_up(plan, journal, directory, [remember, *([verification] if verification else [])])
    found = verification.describe() if verification else None
    if after is not None:
        after.use_up(EMAIL)
        give_back()
    outcome = describe_applied(plan, applied, totals, found, started, moment(context.now()))
    keep_outcome(directory, outcome)
    report = report_on(plan, outcome, context.mask, look_back(context.state, plan.manifest))
    write_page(directory, render_html(report).encode("utf-8"))
    # After the outcome: a memory that can't be written must not hide what was done.
    memory.save(outcome["ended_at"], after)
    return Ended(plan, directory, report, outcome)


def _listed(journal: Journal, tables: PlanTables) -> pd.Series:
    addresses = tables.actions[EMAIL]
    return addresses if addresses.empty else journal.listed(addresses.iloc[0], addresses.iloc[-1])


def _lists_read(journal: Journal, account: OpenAccount, tables: PlanTables) -> dict[str, Collection[str]]:
    """Address → the ids of the lists that it was on when it was read for its update."""
    addresses = tables.actions[EMAIL]
    if addresses.empty:
        return {}
    images = journal.images(addresses.iloc[0], addresses.iloc[-1])
    return {address: account.dialect.lists_in(image) for address, image in images.items()}
