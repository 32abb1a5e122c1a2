"""What an interrupted run has left behind, settled and closed before the next one plans."""

from __future__ import annotations

from pathlib import Path

from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import REVERTS
from ctct_etl.errors import CtctError, Interrupted, PlanRefused
from ctct_etl.run.applying import ENDED_INTERRUPTED, Applied
from ctct_etl.run.closing import close_run
from ctct_etl.run.journal import open_journal
from ctct_etl.run.plan_directory import open_plan
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.underway import find_underway, unmark
from ctct_etl.workflow.concluding import conclude
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.outcomes import read_outcome
from ctct_etl.workflow.snapshots import take_snapshot, want_of

_PLANNED_AFRESH = "the rest is planned afresh"


def settle_unfinished(context: Context, state: StateDirectory, account: OpenAccount, by: str) -> list[str]:
    """Settle every run of the account that did not come to its end, and close it; say so in words, one a run.

    What such a run had sent is then known, and remembered; what it had not is planned afresh by the run `by`. A plan
    that was edited or moved away is told, and left. Raises what the session raises: nothing is planned while it is not
    known what still happens in the account. Raises Interrupted if it was asked to end meanwhile.
    """
    told, snapshot = [], None
    context.sending.set()  # a journal is written to
    for run, directory in find_underway(state, account.name).items():
        context.progress(f"settling the interrupted run {run}", 0, None)
        try:
            plan = open_plan(directory)
        except PlanRefused as fault:
            told.append(f"run {run} was interrupted, and can't be settled: {fault}")
            unmark(state, account.name, run)
            continue
        with open_journal(directory, plan.manifest["digest"], account.name, context.now) as journal:
            if journal.is_begun():
                close_run(journal, account.dialect, account.session, context.stop)
                if snapshot is None or account.dialect.describe().reads_wanted:
                    snapshot = take_snapshot(context, state, account, want_of(plan, account), again=True)
                closed = CtctError(f"it was interrupted, and settled and closed by the run {by}")
                applied = Applied(journal.requests(), ENDED_INTERRUPTED, closed)
                conclude(context, account, plan, directory, journal, applied, _began(directory), snapshot, settles=True)
                rest = "the rest of this revert is not: revert again" if plan.manifest.get(REVERTS) else _PLANNED_AFRESH
                told.append(f"run {run} was interrupted: what it had sent is settled, {rest}")
        unmark(state, account.name, run)
    if context.stop.is_set():
        raise Interrupted("stopped while an interrupted run was settled — nothing was planned: run again")
    context.sending.clear()
    return told


def _began(directory: Path) -> str:
    outcome = read_outcome(directory)
    return str(outcome["started_at"]) if outcome else ""
