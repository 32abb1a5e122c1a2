"""Apply a plan to a private sandbox that is filled with the account as it is now, and see what would come of it.

The account gets nothing but reads; the plan's own directory gets `rehearsal.json`, and its journal is not touched.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from ctct_etl.account.opening import OpenAccount, open_account
from ctct_etl.account.v3.seeding import write_seed_lines
from ctct_etl.columns import CONFLICT, CONTACT, EMAIL, FAILED, FIELD, PENDING_RESULT
from ctct_etl.config.accounts import SandboxAccount
from ctct_etl.config.loading import load_account
from ctct_etl.config.values import Limit
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import Planned
from ctct_etl.run.applying import ENDED_DONE, apply_plan
from ctct_etl.run.durable_files import PRIVATE_FILE, explain_disk_faults
from ctct_etl.run.journal import open_journal
from ctct_etl.run.plan_directory import open_plan, write_page
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.trespassing import IS, WAS, Trespasses
from ctct_etl.sandbox import start_sandbox
from ctct_etl.workflow.accepting import accept_again
from ctct_etl.workflow.applying import refuse_another_account, refuse_stopped
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.opening import opened_account
from ctct_etl.workflow.remembering import recall_since
from ctct_etl.workflow.snapshots import take_snapshot
from ctct_etl.workflow.totals import total_up
from ctct_etl.workflow.verifying import MOST_TOLD, Verification

REHEARSAL = "rehearsal.json"
AS_PROMISED, OTHERWISE = 0, 4
_LONGEST_WAIT_S = 0.05  # the copy's jobs are done at once
_SWITCHES = {"activity_seconds": 0.0}  # every other one as it is: the harsher reading


@dataclass(frozen=True)
class Rehearsed:
    """told: what `rehearsal.json` holds; its keys are told in docs/plan.md."""

    told: Mapping[str, Any]

    @property
    def exit_code(self) -> int:
        return AS_PROMISED if self.told["as_promised"] else OTHERWISE


def rehearse_plan(context: Context, directory: Path, *, accepted: Mapping[str, Limit]) -> Rehearsed:
    """Rehearse the plan in `directory`, and write down there what came of it.

    Raises PlanRefused for a plan that was edited or belongs to another account, GuardTripped as an apply does.
    """
    plan = accept_again(open_plan(directory), accepted)
    refuse_stopped(plan)
    name = plan.manifest["account"]["name"]
    accounts = context.accounts or Path(plan.manifest["accounts"]["path"])
    configured = load_account(name, accounts, context.environment)
    state = StateDirectory(context.state)
    with opened_account(context, name, configured, state, accounts) as account:
        snapshot = take_snapshot(context, state, account)
    refuse_another_account(plan, snapshot)
    remembered = recall_since(state, name, snapshot, plan.manifest)
    with TemporaryDirectory(prefix="ctct-rehearsal-") as private:
        with _copied(context, snapshot, name, configured.import_list, Path(private)) as (copy, mails):
            told = _rehearse(context, plan, copy, snapshot, remembered, Path(private))
        told["mails_sent"] = dict(mails)
    told |= {"run": plan.manifest["run"], "rehearsed_at": moment(context.now())}
    content = json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_page(directory, content.encode("utf-8"), REHEARSAL)
    return Rehearsed(told)


@contextmanager
def _copied(
    context: Context, snapshot: Snapshot, name: str, import_list: str | None, private: Path
) -> Iterator[tuple[OpenAccount, Counter[str]]]:
    """Serve a copy of the account for the length of the block, without limits; after it the mails are counted."""
    context.progress("copying the account into a sandbox", 0, None)
    seed, mails = private / "account.jsonl", Counter[str]()
    with explain_disk_faults(seed):
        seed.touch(PRIVATE_FILE)
        with seed.open("w", encoding="utf-8") as lines:
            lines.writelines(write_seed_lines(snapshot))

    def wait(seconds: float) -> None:
        context.sleep(min(seconds, _LONGEST_WAIT_S))

    account = SandboxAccount(dialect="v3", sandbox=seed, limits="off", import_list=import_list)
    with (
        start_sandbox(state=private / "account.sqlite", seed=seed, limits=False, switches=_SWITCHES) as sandbox,
        closing(open_account(account, name, private, f"{sandbox.url}/v3", sleep=wait)) as opened,
    ):
        yield opened, mails
        mails.update(str(mail["kind"]) for mail in sandbox.read_mails())


def _rehearse(
    context: Context, plan: Planned, copy: OpenAccount, real: Snapshot, remembered: pd.DataFrame, private: Path
) -> dict[str, Any]:
    before = copy.session.converse(copy.dialect.fetch())
    with open_journal(private, plan.manifest["digest"], copy.name, context.now) as journal:
        applied = apply_plan(
            plan,
            before,
            copy.dialect,
            copy.session,
            journal,
            remembered=remembered,
            progress=lambda done, total: context.progress("rehearsing the plan", done, total),
            stop=context.stop,
        )
        after = copy.session.converse(copy.dialect.fetch())
        verification, trespasses = Verification(after), Trespasses()
        totals = total_up(plan, journal, private, [verification, trespasses])
    outside = trespasses.find(before, after)
    undone = sum(count[result] for count in totals.counts.values() for result in (CONFLICT, FAILED, PENDING_RESULT))
    found = verification.describe()
    clean = applied.ended == ENDED_DONE and not undone and not len(outside)
    return {
        "as_promised": clean and found["as_promised"] == found["checked"],
        "ended": applied.ended,
        "stopped": str(applied.stopped) if applied.stopped is not None else "",
        "results": totals.counts,
        "not_done": totals.not_done,
        "verification": found,
        "outside": _tell(outside),
        "outside_count": len(outside),
        "copied": {"contacts": len(before.contacts), "differences": len(_compare(real, before))},
        "requests": {"used": applied.requests, "forecast": plan.manifest["cost"]["requests"]["total"]},
        "mails_forecast": dict(plan.manifest["mails"]),
    }


def _compare(real: Snapshot, copy: Snapshot) -> pd.DataFrame:
    """What the copy does not show as the account does: of that the rehearsal says nothing."""
    once = ~(real.contacts[EMAIL].duplicated() & (real.contacts[EMAIL] != "")).to_numpy()
    position = once.cumsum() - 1
    held = real.memberships[once[real.memberships[CONTACT].to_numpy()]]
    held = held.assign(**{CONTACT: position[held[CONTACT].to_numpy()]})
    shown = replace(real, contacts=real.contacts[once].reset_index(drop=True), memberships=held)
    return Trespasses().find(shown, copy)


def _tell(outside: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {"address": address, "field": field, "was": was, "is": is_}
        for address, field, was, is_ in outside.head(MOST_TOLD)[[EMAIL, FIELD, WAS, IS]].itertuples(index=False)
    ]
