"""Make the plan that takes a run back. It is written, guarded and applied like any plan; here nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ctct_etl.account.opening import OpenAccount, describe_dialect
from ctct_etl.columns import COMMAND, REVERT_COMMAND, REVERTS
from ctct_etl.config.loading import load_account
from ctct_etl.config.pipeline import Guards
from ctct_etl.config.values import Limit
from ctct_etl.errors import PlanRefused, UsageError
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import SCHEMA_VERSION, WINDOW, Plan, cut_windows
from ctct_etl.report.page import render_html
from ctct_etl.run.journal import CLOSED, Journal, open_journal
from ctct_etl.run.plan_directory import StoredPlan, open_plan, write_plan
from ctct_etl.run.run_files import JOURNAL, MANIFEST, REPORT
from ctct_etl.run.state import StateDirectory
from ctct_etl.stages.guarding import judge_plan
from ctct_etl.workflow.applying import refuse_another_account
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.deriving import Derived
from ctct_etl.workflow.endings import Ended
from ctct_etl.workflow.looking_back import look_back
from ctct_etl.workflow.manifest import count_changes, count_outcomes, describe_forecast, describe_snapshot
from ctct_etl.workflow.opening import opened_account
from ctct_etl.workflow.outcomes import read_outcome
from ctct_etl.workflow.remembering import recall
from ctct_etl.workflow.reporting import report_on
from ctct_etl.workflow.snapshots import take_snapshot, want_of
from ctct_etl.workflow.turning import turn_plan
from ctct_etl.workflow.working_out import route_actions

_OVERLAP = timedelta(minutes=10)  # the service's clock may go otherwise than ours
# Guards that have a meaning without a source; the others are quiet in a revert.
_MEANT = ("max_updates", "max_removals", "max_clears", "max_field_change", "budget")
_SHOWN = 3  # of the runs there are, where one is named that is not


def revert_run(
    context: Context,
    which: str,
    *,
    out: Path | None,
    accepted: Mapping[str, Limit],
    delete_created: bool = False,
    single: bool = False,
) -> Ended:
    """Write the plan that takes back what the run `which` (an id, or a plan's directory) did; nothing is sent but GETs.

    Raises UsageError for a run that is not there; PlanRefused for one that was edited, never applied, is still under
    way, or belongs to another account.
    """
    state = StateDirectory(context.state)
    reverted = open_plan(_find_run(state, which))
    name = reverted.manifest["account"]["name"]
    accounts = context.accounts or Path(reverted.manifest["accounts"]["path"])
    run = state.new_run(context.now(), context.token())
    reached = load_account(name, accounts, context.environment)
    if delete_created and not describe_dialect(reached).deletes:
        raise UsageError(
            f"{reached.dialect} deletes nobody: its DELETE opts a person out, and no owner can undo that — leave out "
            "--delete-created, and whom the run created is taken off the lists that it put them on"
        )
    with (
        _closed_journal(context, reverted) as journal,
        opened_account(context, name, reached, state, accounts) as account,
    ):
        snapshot = take_snapshot(context, state, account, want_of(reverted, account))
        refuse_another_account(reverted, snapshot)
        context.progress("planning", 0, None)
        plan = _make_plan(context, account, reverted, journal, snapshot, run, accepted, delete_created, single)
    report = report_on(plan, None, context.mask, look_back(context.state, plan.manifest))
    directory = out or state.run(run)
    write_plan(directory, plan, {REPORT: render_html(report).encode("utf-8")})
    return Ended(open_plan(directory), directory, report, None, [f"to carry it out: ctct-etl apply {directory}"])


def _find_run(state: StateDirectory, which: str) -> Path:
    for directory in (state.run(which), Path(which)):
        if (directory / MANIFEST).is_file():
            return directory
    newest = sorted((path.name for path in state.runs().iterdir() if path.is_dir()), reverse=True)[:_SHOWN]
    known = f"the last runs are {', '.join(newest)}" if newest else f"there is none in {state.path}"
    raise UsageError(f'there is no run "{which}" — {known}; or name the directory of a plan')


@contextmanager
def _closed_journal(context: Context, plan: StoredPlan) -> Iterator[Journal]:
    """Open the journal of a plan that was applied, and of which nothing is under way."""
    directory = plan.directory
    if not (directory / JOURNAL).is_file():
        raise PlanRefused(f"{directory}: this plan was never applied — there is nothing to revert")
    with open_journal(directory, plan.manifest["digest"], plan.manifest["account"]["name"], context.now) as journal:
        if not journal.is_begun():
            raise PlanRefused(f"{directory}: nothing of this plan was sent — there is nothing to revert")
        if journal.lowest_phase() is not None and journal.how_it_ended() != CLOSED:
            raise PlanRefused(
                f"{directory}: this run is not finished, and what it still may do can't be taken back — go on with "
                f"ctct-etl apply {directory} --resume, or let the next ctct-etl run settle and close it; then revert it"
            )
        yield journal


def _make_plan(
    context: Context,
    account: OpenAccount,
    reverted: StoredPlan,
    journal: Journal,
    snapshot: Snapshot,
    run: str,
    accepted: Mapping[str, Limit],
    delete_created: bool,
    single: bool,
) -> Plan:
    state, pipeline = StateDirectory(context.state), reverted.manifest["pipeline"]["name"]
    remembered = recall(state, account.name, snapshot, pipeline, moment(context.now()))
    since = _began(reverted) if delete_created else None
    derived, warnings = turn_plan(
        reverted, journal, snapshot, remembered.memberships, since, account.dialect.describe().deletes
    )
    tables = route_actions(derived.tables, account.dialect, snapshot, single)
    forecast = account.dialect.forecast(cut_windows(tables, WINDOW), snapshot)
    left = account.budget.left()
    figures = replace(derived.figures, requests=forecast.requests["total"], left_today=left, lost=remembered.lost)
    verdicts = judge_plan(figures, _limits(reverted.manifest), accepted)
    manifest = _describe(context, reverted, snapshot, derived, run) | {
        "guards": [asdict(verdict) for verdict in verdicts],
        "accepted": {guard: str(limit) for guard, limit in sorted(accepted.items())},
        **describe_forecast(forecast, left),
        # What goes back counts as written by us, else it would pass for an edit of a person, and stay.
        "memory": {**reverted.manifest["memory"], "version": remembered.version},
        "warnings": warnings,
    }
    return Plan(manifest, tables, derived.rows, derived.problems)


def _describe(context: Context, reverted: StoredPlan, snapshot: Snapshot, derived: Derived, run: str) -> dict[str, Any]:
    """What it shares with the reverted run is told as that run told it: its origins are rows of those very files.

    They are what counts as taken back, once it is applied; taking a revert back takes back no source.
    """
    before = reverted.manifest
    files = [] if before.get(REVERTS) else before["source"]["files"]
    return {
        **{key: before[key] for key in ("pipeline", "mapping", "accounts", "account")},
        COMMAND: REVERT_COMMAND,
        REVERTS: before["run"],
        "schema_version": SCHEMA_VERSION,
        "version": version("ctct-etl"),
        "run": run,
        "made_at": moment(context.now()),
        "source": {"files": files, "blank_rows": 0, "notes": [f"reverts run {before['run']}"]},
        "snapshot": describe_snapshot(snapshot) | {"without_address": 0},
        "counts": count_outcomes(derived),
        "changes": count_changes(derived),
        "rests_on": {},  # whoever the rule of updates lets no row change may still be taken back
        "prerequisites": {"lists": [], "custom_fields": [], "tags": []},
    }


def _limits(manifest: Mapping[str, Any]) -> Guards:
    """The pipeline's own limits, by which the reverted plan was judged. A person's yes to that one is none to this."""
    own = {
        guard["guard"]: guard["limit"].replace(",", "")
        for guard in manifest["guards"]
        if guard["guard"] in _MEANT and not guard["accepted"] and guard["limit"] != "-"
    }
    return Guards.model_validate({**own, "min_rows": 0})


def _began(reverted: StoredPlan) -> str:
    """A little before the run can have created anybody. The plan is older than that, should its outcome be missing."""
    outcome = read_outcome(reverted.directory) or {}
    began = datetime.fromisoformat(outcome.get("started_at") or reverted.manifest["made_at"])
    return moment(began - _OVERLAP)
