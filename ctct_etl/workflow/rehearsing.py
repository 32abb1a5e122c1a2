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
from ctct_etl.columns import CONFLICT, CONTACT, CONTACT_ID, EMAIL, FAILED, FIELD, PENDING_RESULT
from ctct_etl.config.accounts import Account, AnySandbox, SandboxAccount, V1Account, V1SandboxAccount
from ctct_etl.config.loading import load_account
from ctct_etl.config.values import Limit
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import Planned, PlanTables
from ctct_etl.run.applying import ENDED_DONE, apply_plan
from ctct_etl.run.durable_files import PRIVATE_FILE, explain_disk_faults
from ctct_etl.run.journal import open_journal
from ctct_etl.run.plan_directory import open_plan, write_page
from ctct_etl.run.run_files import REHEARSAL
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.trespassing import IS, WAS, Trespasses
from ctct_etl.sandbox import start_sandbox
from ctct_etl.workflow.accepting import accept_again
from ctct_etl.workflow.applying import refuse_another_account, refuse_stopped
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.opening import opened_account
from ctct_etl.workflow.remembering import recall_since
from ctct_etl.workflow.snapshots import take_snapshot, want_of
from ctct_etl.workflow.totals import total_up
from ctct_etl.workflow.verifying import MOST_TOLD, Verification

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
        snapshot, seed = take_snapshot(context, state, account, want_of(plan, account)), account.dialect.seed
    refuse_another_account(plan, snapshot)
    remembered = recall_since(state, name, snapshot, plan.manifest)
    with TemporaryDirectory(prefix="ctct-rehearsal-") as private:
        with _copied(context, seed(snapshot), name, configured, Path(private)) as (copy, mails):
            told = _rehearse(context, plan, copy, snapshot, remembered, Path(private))
        told["mails_sent"] = dict(mails)
    told |= {"run": plan.manifest["run"], "rehearsed_at": moment(context.now())}
    content = json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_page(directory, content.encode("utf-8"), REHEARSAL)
    return Rehearsed(told)


@contextmanager
def _copied(
    context: Context, lines: Iterator[str], name: str, configured: Account, private: Path
) -> Iterator[tuple[OpenAccount, Counter[str]]]:
    """Serve a copy of the account for the length of the block, without limits; after it the mails are counted."""
    context.progress("copying the account into a sandbox", 0, None)
    seed, mails = private / "account.jsonl", Counter[str]()
    with explain_disk_faults(seed):
        seed.touch(PRIVATE_FILE)
        with seed.open("w", encoding="utf-8") as file:
            file.writelines(lines)

    def wait(seconds: float) -> None:
        context.sleep(min(seconds, _LONGEST_WAIT_S))

    account = _copy_of(configured, seed)
    with (
        start_sandbox(state=private / "account.sqlite", seed=seed, limits=False, switches=_SWITCHES) as sandbox,
        closing(open_account(account, name, private, sandbox.url, sleep=wait)) as opened,
    ):
        yield opened, mails
        mails.update(str(mail["kind"]) for mail in sandbox.read_mails())


def _copy_of(account: Account, seed: Path) -> AnySandbox:
    if isinstance(account, V1Account | V1SandboxAccount):
        return V1SandboxAccount(dialect="v1", sandbox=seed, limits="off", custom_fields=account.custom_fields)
    return SandboxAccount(dialect="v3", sandbox=seed, limits="off", import_list=account.import_list)


class _Renumbered:
    """The plan with the ids that its contacts have in the copy, of those whom the copy has."""

    def __init__(self, plan: Planned, copy: Snapshot) -> None:
        self._plan = plan
        self._ids = _ids_of(copy)
        self.manifest, self.rows, self.problems = plan.manifest, plan.rows, plan.problems
        self.edits, self.collisions = plan.edits, plan.collisions

    def row_parts(self) -> Iterator[pd.DataFrame]:
        return self._plan.row_parts()

    def windows(self) -> Iterator[PlanTables]:
        for window in self._plan.windows():
            ids = _find_ids(window.actions, self._ids)
            yield replace(window, actions=window.actions.assign(**{CONTACT_ID: ids}))


def _ids_of(snapshot: Snapshot) -> dict[str, str]:
    """Address → id."""
    addressed = snapshot.contacts[(snapshot.contacts[EMAIL] != "").to_numpy()]
    return dict(zip(addressed[EMAIL].tolist(), addressed[CONTACT_ID].tolist(), strict=True))


def _find_ids(contacts: pd.DataFrame, ids: Mapping[str, str]) -> pd.Series:
    """CONTACT_ID by address; who has none, or is not among `ids`, keeps what it has."""
    known = contacts[EMAIL].map(ids).where(contacts[CONTACT_ID] != "")
    return known.fillna(contacts[CONTACT_ID]).astype("str")


def _rehearse(
    context: Context, plan: Planned, copy: OpenAccount, real: Snapshot, remembered: pd.DataFrame, private: Path
) -> dict[str, Any]:
    before = copy.session.converse(copy.dialect.fetch())
    plan = _Renumbered(plan, before)
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
    contacts = real.contacts[once].reset_index(drop=True)
    ids = _find_ids(contacts, _ids_of(copy))
    shown = replace(real, contacts=contacts.assign(**{CONTACT_ID: ids}), memberships=held)
    return Trespasses().find(shown, copy)


def _tell(outside: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {"address": address, "field": field, "was": was, "is": is_}
        for address, field, was, is_ in outside.head(MOST_TOLD)[[EMAIL, FIELD, WAS, IS]].itertuples(index=False)
    ]
