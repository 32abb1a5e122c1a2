"""One address through every stage: its rows, its contact, the decision, the requests that follow, its past runs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import (
    CONTACT,
    CONTACT_ID,
    EMAIL,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    NAME,
    OPT_IN_SOURCE,
    OUTCOME,
    PROBLEM,
    READ_ONLY_FIELDS,
    REASON,
    REJECTED,
    SKIP,
    STATUS,
    custom_label,
)
from ctct_etl.config.loading import LoadedConfig, load_pipeline
from ctct_etl.errors import RunLocked, UsageError
from ctct_etl.plan.tables import ACTION, PERMISSION, ROUTE, ROUTE_REASON
from ctct_etl.run.locking import lock_account
from ctct_etl.run.state import StateDirectory
from ctct_etl.stages.absenting import find_absent, leave_refused_removals
from ctct_etl.stages.addresses import canonical_addresses
from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.folding import WINNER
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.deriving import derive_plan
from ctct_etl.workflow.foreseeing import foresee_requests
from ctct_etl.workflow.manifest import describe_rest
from ctct_etl.workflow.opening import opened_account
from ctct_etl.workflow.past_of_address import tell_past
from ctct_etl.workflow.remembering import remember_seen
from ctct_etl.workflow.telling_rows import tell_desired, tell_mentioned, tell_rows
from ctct_etl.workflow.tracing import Traced, narrow_snapshot, trace_rows
from ctct_etl.workflow.weighing import Weighed, weigh_fields, weigh_memberships
from ctct_etl.workflow.working_out import WorkedOut, work_out

NOTHING = "nothing"  # the action of an address that no action is about


def explain_address(
    context: Context,
    path: Path,
    written: str,
    *,
    single: bool = False,
    retry_refused: bool = False,
    past_runs: int = 10,
) -> dict[str, Any]:
    """Say as plain data what the pipeline would do now with one address, and why. Nothing but GETs is sent.

    written: the address, as a cell may hold it. past_runs: so many of its past runs are told.
    Raises UsageError if it is no address, and what making a plan raises.
    """
    address = read_address(written)
    config = load_pipeline(path, context.accounts, context.environment)
    state = StateDirectory(context.state)
    with opened_account(context, config.account_name, config.account, state, config.accounts_path) as account:
        worked = work_out(
            context, config, account, {}, single=single, retry_refused=retry_refused, also=address
        )  # fmt: skip
        _remember(context, state, config, worked)
        told = _tell(config, account, worked, address)
        context.progress("building the requests", 0, None)
        rests_on = describe_rest(config.pipeline.existing.update)
        requests = list(foresee_requests(worked, account, rests_on, address))
    context.progress("reading past runs", 0, None)
    past = tell_past(StateDirectory(context.state, makes=False), config.account_name, address, past_runs)
    return told | {"requests": requests, "past": past}


def read_address(written: str) -> str:
    """The one canonical address that a text means. Raises UsageError."""
    read = canonical_addresses(pd.Series([written], dtype="str"), "reject").iloc[0]
    if pd.isna(read[EMAIL]):
        why = "is not an e-mail address: it is blank" if pd.isna(read[PROBLEM]) else str(read[PROBLEM]).split(" — ")[0]
        raise UsageError(f'"{written}" {why} — name one address, as a cell of the source may hold it')
    return str(read[EMAIL])


def _remember(context: Context, state: StateDirectory, config: LoadedConfig, worked: WorkedOut) -> None:
    """As after a plan: who was seen on a list now, and leaves it before the next run, has left it."""
    manifest = {"guards": [asdict(verdict) for verdict in worked.verdicts], "accepted": {}}
    with suppress(RunLocked), lock_account(state, config.account_name, "explain"):
        remember_seen(state, config.account_name, worked.snapshot, manifest)


def _tell(config: LoadedConfig, account: OpenAccount, worked: WorkedOut, address: str) -> dict[str, Any]:
    capabilities, pipeline, mapping = account.dialect.describe(), config.pipeline, config.mapping
    customs = worked.snapshot.custom_fields
    traced = trace_rows(
        worked.source.rows, worked.desire, address, mapping, pipeline.consent.evidence, capabilities, customs
    )
    alone = narrow_snapshot(worked.snapshot, address)
    derived = None
    if len(traced.desire.contacts):
        day = worked.snapshot.fetched_at[:10]
        derived = derive_plan(
            traced.desire, alone, capabilities, pipeline, mapping, worked.suppressed, day, worked.remembered
        )
    decision = _decide(config, worked, traced, address)
    barred = decision["reason"] if decision["action"] in (SKIP, REJECTED) else ""
    weighed = Weighed(traced, alone, derived, worked.remembered, address, barred)
    return {
        "address": address,
        "pipeline": pipeline.name,
        "account": {"name": account.name, "dialect": capabilities.dialect, **worked.snapshot.account},
        "rows": tell_rows(traced, worked.derived.rows.iloc[traced.at], mapping),
        "mentioned": tell_mentioned(worked.derived.rows.iloc[traced.mentioned]),
        "desired": tell_desired(traced),
        "contacts": [_tell_contact(alone.contacts.iloc[at]) for at in range(len(alone.contacts))],
        "fields": weigh_fields(weighed, mapping),
        "memberships": weigh_memberships(weighed, _changes_of(worked, address)),
        "decision": decision,
        "first_made": _find_missing(worked, traced),
        "guards": [
            {key: str(getattr(one, key)) for key in ("guard", "figure", "limit", "cure")}
            for one in worked.verdicts
            if one.tripped
        ],
    }


def _find_missing(worked: WorkedOut, traced: Traced) -> list[str]:
    """What the plan has to make in the account first, of what this contact wants."""
    wanted = set(traced.desire.wanted[NAME].astype("str")) | {
        custom_label(str(field)) for field in traced.desire.contacts
    }
    kinds = {"lists": "list", "custom_fields": "custom field", "tags": "tag"}
    missing = asdict(worked.prerequisites)
    return [f"the {kinds[kind]} {name}" for kind, names in missing.items() for name in names if name in wanted]


def _tell_contact(contact: pd.Series) -> dict[str, Any]:
    known = {str(name): str(value) for name, value in contact.items() if value != "" and name != EMAIL}
    facts = {name: known.pop(name) for name in READ_ONLY_FIELDS if name in known}
    return {"contact_id": facts.pop(CONTACT_ID, ""), "status": facts.pop(STATUS, ""), "facts": facts, "values": known}


def _find(worked: WorkedOut, address: str) -> int:
    """The position of the address's action in the plan; -1 for none."""
    found = np.flatnonzero((worked.tables.actions[EMAIL] == address).to_numpy())
    return int(found[0]) if len(found) else -1


def _changes_of(worked: WorkedOut, address: str) -> pd.DataFrame:
    members = worked.tables.memberships
    return members[(members[CONTACT] == _find(worked, address)).to_numpy()]


def _decide(config: LoadedConfig, worked: WorkedOut, traced: Traced, address: str) -> dict[str, Any]:
    """What the plan does with the address, as its own tables say it, and why."""
    at = _find(worked, address)
    if at >= 0:
        action = worked.tables.actions.iloc[at]
        consent = {key: str(action[key]) for key in (OPT_IN_SOURCE, PERMISSION, EVIDENCE_DATE, EVIDENCE_SOURCE)}
        return {
            "action": str(action[ACTION]),
            "reason": str(action[REASON]),
            "route": str(action[ROUTE]),
            "route_reason": str(action[ROUTE_REASON]),
            "consent": {key: value for key, value in consent.items() if value},
        }
    action_, reason = _decide_unplanned(config, worked, traced, address)
    return {"action": action_, "reason": reason, "route": "", "route_reason": "", "consent": {}}


def _decide_unplanned(config: LoadedConfig, worked: WorkedOut, traced: Traced, address: str) -> tuple[str, str]:
    if len(traced.values):
        won = worked.derived.rows.iloc[traced.at[int(traced.values[WINNER].iloc[0])]]
        return str(won[OUTCOME]), str(won[REASON])
    if len(traced.at) or len(traced.mentioned):
        return NOTHING, "none of its rows has a say: the contact, if there is one, stays as it is"
    return NOTHING, _say_absent(config, worked, address)


def _say_absent(config: LoadedConfig, worked: WorkedOut, address: str) -> str:
    """Why an address that no row has is left alone."""
    alone = narrow_snapshot(worked.snapshot, address)
    if alone.contacts.empty:
        return "neither the source nor the account has this address"
    nowhere = "no row of the source has this address: "
    managed = config.pipeline.managed_lists
    if not managed:
        return nowhere + "the contact stays as it is (managed_lists: none)"
    absence = find_absent(alone, pa.array([], TEXT), config.pipeline, worked.suppressed)
    absence = leave_refused_removals(absence, worked.tables, alone, managed, worked.remembered.refusals)
    if not absence.absent:
        return nowhere + "the contact stays as it is, since it is on no managed list"
    return nowhere + f"the contact stays on its managed lists ({', '.join(absence.left_alone)})"
