"""Apply a plan to its account, and keep what became of it: outcome, page, memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import EMAIL, REVERTS
from ctct_etl.config.loading import load_account
from ctct_etl.config.values import Limit
from ctct_etl.errors import CanaryFailed, CtctError, GuardTripped, PlanRefused, QuotaUsedUp
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import Planned
from ctct_etl.run.applying import ENDED_DONE, ENDED_FAILED, ENDED_QUOTA, Applied, apply_plan, refuse_another_begin
from ctct_etl.run.intending import EVERYTHING, Scope
from ctct_etl.run.journal import Journal, open_journal
from ctct_etl.run.locking import lock_account
from ctct_etl.run.plan_directory import open_plan
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.underway import mark_underway, unmark
from ctct_etl.workflow.accepting import accept_again
from ctct_etl.workflow.allocating import give_back
from ctct_etl.workflow.concluding import conclude
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.endings import Ended
from ctct_etl.workflow.opening import opened_account
from ctct_etl.workflow.outcomes import read_outcome
from ctct_etl.workflow.remembering import recall_since, remember_good, remember_seen
from ctct_etl.workflow.snapshots import take_snapshot, want_of
from ctct_etl.workflow.telling import Teller
from ctct_etl.workflow.verifying import ReadBack, find_fault_of_canary, read_back


@dataclass(frozen=True)
class Wish:
    """How a plan is to be applied. canary: so many actions go ahead, and the rest follows if they are as promised."""

    resume: bool = False
    scope: Scope = EVERYTHING
    canary: int | None = None


def apply_directory(context: Context, directory: Path, *, wish: Wish, accepted: Mapping[str, Limit]) -> Ended:
    """Apply a plan that was written before. What moved in the account since is left alone, and told.

    Raises PlanRefused for a plan that was edited, or that belongs to another account; GuardTripped where a person has
    not said yes to a guard that stopped it.
    """
    plan = accept_again(open_plan(directory), accepted, read_outcome(directory) if wish.resume else None)
    refuse_stopped(plan)
    name = plan.manifest["account"]["name"]
    accounts = context.accounts or Path(plan.manifest["accounts"]["path"])
    state = StateDirectory(context.state)
    with (
        lock_account(state, name, plan.manifest["run"], context.wait, context.stop),
        opened_account(context, name, load_account(name, accounts, context.environment), state, accounts) as account,
    ):
        snapshot = take_snapshot(context, state, account, want_of(plan, account))
        refuse_another_account(plan, snapshot)
        remember_seen(state, account.name, snapshot, plan.manifest)
        remembered = recall_since(state, account.name, snapshot, plan.manifest)
        return apply_to_account(context, account, plan, directory, snapshot, remembered, wish)


def apply_to_account(
    context: Context,
    account: OpenAccount,
    plan: Planned,
    directory: Path,
    snapshot: Snapshot,
    remembered: pd.DataFrame | None,
    wish: Wish,
) -> Ended:
    """Apply `plan` to the open account, whose `snapshot` was just taken; keep its outcome, page and memory.

    The snapshot is used up: what was written is read back, and an account is not held twice.
    remembered: see `find_leavers`; None where the plan was made from this very snapshot.
    """
    context.sending.set()
    started, state = moment(context.now()), StateDirectory(context.state)
    with open_journal(directory, plan.manifest["digest"], account.name, context.now) as journal:
        refuse_another_begin(journal, wish.resume)
        mark_underway(state, account.name, plan.manifest["run"], directory)
        if plan.manifest.get(REVERTS):
            # Before anything is sent: wherever it ends, the next night must not load again what was taken back.
            remember_good(state, account.name, snapshot, plan.manifest)
        teller = Teller(context, plan, directory, journal, started)
        teller.begin()
        applied = _send(context, account, plan, journal, snapshot, remembered, wish, teller)
        snapshot.use_up(EMAIL)
        give_back()
        now = read_back(context, state, account, plan, applied)
        ended = conclude(context, account, plan, directory, journal, applied, started, snapshot, now.snapshot)
    if applied.ended == ENDED_DONE:
        if wish.scope == EVERYTHING:
            remember_good(state, account.name, snapshot, plan.manifest)
        unmark(state, account.name, plan.manifest["run"])
    return replace(ended, advice=[*filter(None, [now.words]), *_advise(context, applied, directory)])


def _send(
    context: Context,
    account: OpenAccount,
    plan: Planned,
    journal: Journal,
    snapshot: Snapshot,
    remembered: pd.DataFrame | None,
    wish: Wish,
    teller: Teller,
) -> Applied:
    def send(scope: Scope, resume: bool, snapshot: Snapshot, remembered: pd.DataFrame | None) -> Applied:
        return apply_plan(
            plan,
            snapshot,
            account.dialect,
            account.session,
            journal,
            remembered=remembered,
            resume=resume,
            scope=scope,
            workers=account.session.at_once,
            progress=teller.go_on,
            stop=context.stop,
        )

    if wish.canary is None:
        return send(wish.scope, wish.resume, snapshot, remembered)
    ahead = replace(wish.scope, first=wish.canary)
    applied = send(ahead, wish.resume, snapshot, remembered)
    if applied.ended != ENDED_DONE:
        return applied
    state = StateDirectory(context.state)
    now = read_back(context, state, account, plan, applied)
    stopped = _judge_canary(now, plan, journal, ahead)
    if stopped is None and now.snapshot is not None:  # a look as any other: who joined or left by then is known
        remember_seen(state, account.name, now.snapshot, plan.manifest)
        return send(wish.scope, True, now.snapshot, recall_since(state, account.name, now.snapshot, plan.manifest))
    ended = ENDED_QUOTA if isinstance(stopped, QuotaUsedUp) else ENDED_FAILED
    journal.end(ended)
    return replace(applied, ended=ended, stopped=stopped)


def _judge_canary(now: ReadBack, plan: Planned, journal: Journal, ahead: Scope) -> CtctError | None:
    """Why nothing else may follow the actions that were sent ahead; None where they are as promised."""
    if isinstance(now.fault, QuotaUsedUp):
        return now.fault
    why = now.words if now.snapshot is None else find_fault_of_canary(plan, journal, ahead, now.snapshot)
    words = f"of the {ahead.first:,} actions sent ahead, {why} — nothing else was sent: read the report"
    return CanaryFailed(words) if why else None


def refuse_stopped(plan: Planned) -> None:
    """Raise GuardTripped if a guard stops the plan to which nobody has said yes."""
    stopping = [guard for guard in plan.manifest["guards"] if guard["tripped"]]
    if stopping:
        words = "\n".join(f"{guard['guard']}: {guard['figure']}, limit {guard['limit']} — {guard['cure']}"
                          for guard in stopping)  # fmt: skip
        raise GuardTripped(f"the plan is stopped by its guards\n{words}")


def refuse_another_account(plan: Planned, snapshot: Snapshot) -> None:
    """Raise PlanRefused if the account of that name is not the one that the plan was made for."""
    planned = plan.manifest["account"]
    if planned["encoded_account_id"] != snapshot.account["encoded_account_id"]:
        raise PlanRefused(
            f'the plan was made for "{planned["organization_name"]}", and the account "{planned["name"]}" now is '
            f'"{snapshot.account["organization_name"]}" — plan again'
        )


def _advise(context: Context, applied: Applied, directory: Path) -> list[str]:
    """Why it ended early, and the command that goes on with the same state, and so the same lock, budget and memory."""
    if applied.stopped is None and applied.ended == "done":
        return []
    why = [str(applied.stopped)] if applied.stopped is not None else []
    accounts = f" --accounts {context.accounts}" if context.accounts else ""
    return [*why, f"to go on: ctct-etl apply {directory} --resume --state-dir {context.state}{accounts}"]
