"""Keep what became of an apply: totals, who was not done, outcome, page, and last the memory."""

from __future__ import annotations

from pathlib import Path

from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import Planned
from ctct_etl.report.page import render_html
from ctct_etl.run.applying import Applied
from ctct_etl.run.journal import Journal
from ctct_etl.run.plan_directory import write_page
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.endings import Ended
from ctct_etl.workflow.outcomes import describe_applied, keep_outcome
from ctct_etl.workflow.remembering import AppliedMemory
from ctct_etl.workflow.reporting import report_on
from ctct_etl.workflow.totals import total_up
from ctct_etl.workflow.verifying import Verification


def conclude(
    context: Context,
    name: str,
    plan: Planned,
    directory: Path,
    journal: Journal,
    applied: Applied,
    started: str,
    before: Snapshot,
    after: Snapshot | None = None,
) -> Ended:
    """Write down how an apply ended, in one pass over the plan.

    name: of the account. before: the account as the apply saw it when it began. after: as it was read back; None where
    it was not. Raises StateError.
    """
    verification = Verification(after) if after is not None else None
    memory = AppliedMemory(StateDirectory(context.state), name, before, plan.manifest)
    totals = total_up(plan, journal, directory, [memory.add, *([verification] if verification else [])])
    found = verification.describe() if verification else None
    outcome = describe_applied(plan, applied, totals, found, started, moment(context.now()))
    keep_outcome(directory, outcome)
    report = report_on(plan, outcome, context.mask)
    write_page(directory, render_html(report).encode("utf-8"))
    # After the outcome: a memory that can't be written must not hide what was done.
    memory.save(outcome["ended_at"], after)
    return Ended(plan, directory, report, outcome)
