"""Plan, run and show: each ends with a report in the plan's directory."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import ACTIONS, DRY_RUN_COMMAND, PLAN_COMMAND, RUN_COMMAND, WRITING_ACTIONS
from ctct_etl.config.loading import LoadedConfig, load_pipeline
from ctct_etl.config.values import Limit
from ctct_etl.errors import RunLocked
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import Planned
from ctct_etl.report.masking import Mask
from ctct_etl.report.page import render_html
from ctct_etl.run.durable_files import explain_disk_faults, write_durably
from ctct_etl.run.locking import lock_account
from ctct_etl.run.plan_directory import open_plan, refuse_filled, write_plan
from ctct_etl.run.run_files import REJECTS, REPORT
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.applying import Wish, apply_to_account
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.endings import Ended
from ctct_etl.workflow.looking_back import look_back, look_back_from
from ctct_etl.workflow.opening import opened_account
from ctct_etl.workflow.outcomes import read_outcome
from ctct_etl.workflow.parts.planning import make_plan_in_parts
from ctct_etl.workflow.planning import PlanMade, make_plan
from ctct_etl.workflow.pruning import Wanted, prune_own
from ctct_etl.workflow.remembering import remember_agreed, remember_good, remember_seen
from ctct_etl.workflow.reporting import report_on
from ctct_etl.workflow.settling import settle_unfinished

_NO_REJECTS = f"no {REJECTS} with --redact: masked it could not be mended; plan without --redact to have it"


def plan_pipeline(
    context: Context,
    path: Path,
    *,
    out: Path | None,
    accepted: Mapping[str, Limit],
    single: bool = False,
    retry_refused: bool = False,
    command: str = PLAN_COMMAND,
) -> Ended:
    """Make a plan and write it; the account gets nothing but reads. Who was seen on which list is remembered."""
    config = load_pipeline(path, context.accounts, context.environment)
    state = StateDirectory(context.state)
    run = state.new_run(context.now(), context.token())
    with opened_account(context, config.account_name, config.account, state, config.accounts_path) as account:
        place = out or state.run(run)
        ended, made = _plan(context, config, account, run, place, accepted, single, retry_refused, command)
        # Who leaves before it is applied was seen by nobody else. A run that holds the account looks for itself.
        with suppress(RunLocked), lock_account(state, config.account_name, run):
            remember_seen(state, account.name, made.snapshot, ended.plan.manifest)
        return ended


def run_pipeline(
    context: Context,
    path: Path,
    *,
    dry_run: bool,
    accepted: Mapping[str, Limit],
    single: bool = False,
    retry_refused: bool = False,
) -> Ended:
    """The nightly job: plan, guard, apply, report. A tripped guard stops it before the first write.

    A run of the account that was interrupted is settled and closed first.
    """
    if dry_run:
        return plan_pipeline(
            context, path, out=None, accepted=accepted, single=single, retry_refused=retry_refused,
            command=DRY_RUN_COMMAND,
        )  # fmt: skip
    config = load_pipeline(path, context.accounts, context.environment)
    state = StateDirectory(context.state)
    run = state.new_run(context.now(), context.token())
    with (
        lock_account(state, config.account_name, run, context.wait, context.stop),
        opened_account(context, config.account_name, config.account, state, config.accounts_path) as account,
    ):
        settled = settle_unfinished(context, state, account, run)
        ended, made = _plan(context, config, account, run, state.run(run), accepted, single, retry_refused, RUN_COMMAND)
        remember_seen(state, account.name, made.snapshot, ended.plan.manifest)
        remember_agreed(state, account.name, made.snapshot, made.agreed)
        if not ended.exit_code() and not context.stop.is_set():
            ended = _apply(context, account, ended, made.snapshot)
        return replace(ended, advice=[*settled, *ended.advice, *_part_with_old(context, config, state, run)])


def _part_with_old(context: Context, config: LoadedConfig, state: StateDirectory, run: str) -> list[str]:
    keep, pipeline, account = config.pipeline.keep, config.pipeline.name, config.account_name
    if keep is None:
        return []
    return prune_own(state, Wanted(context.now(), keep, pipeline, account, spare=run), holding=account)


def _apply(context: Context, account: OpenAccount, ended: Ended, snapshot: Snapshot) -> Ended:
    if not _writes(ended.plan):
        remember_good(StateDirectory(context.state), account.name, snapshot, ended.plan.manifest)
        return ended
    # The snapshot was fetched a moment ago for this very plan: it is not fetched again.
    return apply_to_account(context, account, ended.plan, ended.directory, snapshot, None, Wish())


def show_plan(directory: Path, mask: Mask | None = None, page: Path | None = None) -> Ended:
    """Read a plan again, with what became of it so far; write its page to `page` too.

    Raises PlanRefused, StateError. Through a mask neither the plan's own page nor its rejected rows are pointed to.
    """
    plan = open_plan(directory)
    outcome = read_outcome(directory)
    report = report_on(plan, outcome, mask, look_back_from(directory, plan.manifest))
    if page is not None:
        with explain_disk_faults(page):
            write_durably(page.absolute(), render_html(report).encode("utf-8"))
    return Ended(plan, directory, report, outcome, shown_at=page, hides=mask is not None)


def _plan(
    context: Context,
    config: LoadedConfig,
    account: OpenAccount,
    run: str,
    directory: Path,
    accepted: Mapping[str, Limit],
    single: bool,
    retry_refused: bool,
    command: str,
) -> tuple[Ended, PlanMade]:
    making = _make(
        context, config, account, run, accepted, directory, single=single, retry_refused=retry_refused, command=command
    )
    with making as made:
        report = report_on(made.plan, None, context.mask, look_back(context.state, made.plan.manifest))
        pages = {REPORT: render_html(report).encode("utf-8")}
        advice = []
        if made.rejects is not None and context.mask is not None:
            advice = [_NO_REJECTS]
        elif made.rejects is not None:
            pages[REJECTS] = made.rejects
        write_plan(directory, made.plan, pages)
    return Ended(open_plan(directory), directory, report, None, advice), made


def _make(
    context: Context,
    config: LoadedConfig,
    account: OpenAccount,
    run: str,
    accepted: Mapping[str, Limit],
    directory: Path,
    **wishes: Any,
) -> AbstractContextManager[PlanMade]:
    """The plan, by whoever makes plans; what it lies in is there for the length of the block."""
    if context.engine is None:
        return nullcontext(make_plan(context, config, account, run, accepted, **wishes))
    refuse_filled(directory)  # before the hours that it may take, and not after
    return make_plan_in_parts(context, context.engine, config, account, run, accepted, directory, **wishes)


def _writes(plan: Planned) -> bool:
    counts = plan.manifest["counts"]["contacts"]
    assert set(counts) == set(ACTIONS)
    return any(counts[action] for action in WRITING_ACTIONS)
