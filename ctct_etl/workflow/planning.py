"""Make a plan: what is worked out, told as a plan's manifest, tables and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import pandas as pd

from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import COMMAND, PLAN_COMMAND, REVERTS, RUN_COMMAND, STATUS, UNREADABLE
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.values import Limit
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import SCHEMA_VERSION, Plan
from ctct_etl.report.rejects import Layout, write_rejects
from ctct_etl.report.wording import say_count
from ctct_etl.sources.reading import SourceTable
from ctct_etl.stages.jumping import find_jumps
from ctct_etl.stages.respecting import respected_fields
from ctct_etl.stages.suspecting_columns import suspect_columns
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.deriving import Derived
from ctct_etl.workflow.expecting import say_warnings
from ctct_etl.workflow.manifest import (
    count_changes,
    count_outcomes,
    describe_forecast,
    describe_rest,
    describe_snapshot,
)
from ctct_etl.workflow.working_out import work_out


@dataclass(frozen=True)
class PlanMade:
    """agreed: field → EMAIL, VALUE str, where source and account say the same; for the memory of a run.
    rejects: the rejected rows as a workbook (report/rejects.py); None where there are none.
    """

    plan: Plan
    snapshot: Snapshot
    agreed: Mapping[str, pd.DataFrame]
    rejects: bytes | None


def make_plan(
    context: Context,
    config: LoadedConfig,
    account: OpenAccount,
    run: str,
    accepted: Mapping[str, Limit],
    *,
    single: bool = False,
    retry_refused: bool = False,
    command: str = PLAN_COMMAND,
) -> PlanMade:
    """Make the plan of one pipeline; the account gets GETs alone, but for exports in a run or where the context allows
    them. `single`, `retry_refused`: see the options of these names. `command`: what the plan is made by.

    Raises: ConfigError, SourceError, and what the session raises. A tripped guard is a verdict, not an error.
    """
    may_export = context.allow_export or command == RUN_COMMAND
    worked = work_out(
        context, config, account, accepted, single=single, retry_refused=retry_refused, may_export=may_export
    )  # fmt: skip
    source, derived, snapshot, remembered = worked.source, worked.derived, worked.snapshot, worked.remembered
    fields = worked.measure_fields(config.mapping)
    manifest = _describe(context, config, account, source, snapshot, derived, run) | {
        COMMAND: command,
        "guards": [asdict(verdict) for verdict in worked.verdicts],
        "accepted": {guard: str(limit) for guard, limit in sorted(accepted.items())},
        "prerequisites": {kind: list(names) for kind, names in asdict(worked.prerequisites).items()},
        "rests_on": describe_rest(config.pipeline.existing.update),
        **describe_forecast(worked.forecast, worked.left),
        "memory": {"version": remembered.version, "respect_edits": respected_fields(config.mapping.fields)},
        "fields": asdict(fields),
        "warnings": [
            *suspect_columns(source.rows, config.mapping, config.pipeline.consent.evidence),
            *find_jumps(fields, remembered.good_fields, config.mapping),
            *_warnings(derived, source, snapshot, first_run=not remembered.version and not remembered.lost),
        ],
    }
    plan = Plan(manifest, worked.tables, derived.rows, derived.problems)
    return PlanMade(plan, snapshot, derived.respected.agreed, _write_rejects(config, source, derived))


def _write_rejects(config: LoadedConfig, source: SourceTable, derived: Derived) -> bytes | None:
    spec = config.pipeline.source
    layout = Layout(spec.sheet, spec.header_row or 1)
    return write_rejects(derived.rows, derived.problems, source.rows, source.columns, layout)


def _describe(
    context: Context,
    config: LoadedConfig,
    account: OpenAccount,
    source: SourceTable,
    snapshot: Snapshot,
    derived: Derived,
    run: str,
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "version": version("ctct-etl"),
        "run": run,
        REVERTS: "",
        "made_at": moment(context.now()),
        "pipeline": {
            "name": config.pipeline.name,
            "path": str(config.pipeline_path),
            "sha256": config.sha256["pipeline"],
        },
        "mapping": {
            "path": str(config.mapping_path),
            "sha256": config.sha256["mapping"],
            "suites": [{"path": str(path), "sha256": config.sha256[name]} for name, path in config.suites.items()],
        },
        "accounts": {"path": str(config.accounts_path)},
        "account": {"name": config.account_name, "dialect": account.dialect.describe().dialect, **snapshot.account},
        "source": {
            "files": [asdict(file) for file in source.files],
            "blank_rows": source.blank_rows,
            "notes": list(source.notes),
        },
        "snapshot": describe_snapshot(snapshot) | {"without_address": derived.without_address},
        "counts": count_outcomes(derived),
        "changes": count_changes(derived),
    }


def _warnings(derived: Derived, source: SourceTable, snapshot: Snapshot, *, first_run: bool) -> list[str]:
    warnings = list(snapshot.reading.warnings)
    if source.blank_rows:
        warnings.append(f"{say_count(source.blank_rows, 'wholly blank row')} passed over: a blank row is no row")
    if unread := int((snapshot.contacts[STATUS] == UNREADABLE).sum()):
        who = say_count(unread, "contact")
        warnings.append(f"{who} of the account told in documents that can't be understood, and left alone: look there")
    if derived.without_address:
        warnings.append(f"{say_count(derived.without_address, 'contact')} of the account without an address left out")
    warnings += say_warnings(derived.gates)
    if first_run:
        warnings.append("first run with this account: who left a list before today can't be known")
    warnings += [
        f"{count:,} left the list {name} and {'is' if count == 1 else 'are'} not put back"
        for name, count in sorted(derived.departed.items())
    ]
    if derived.refused:
        who = say_count(derived.refused, "contact")
        warnings.append(f"{who} left alone: the service refused the very same in the last 7 days (--retry-refused)")
    warnings += [
        f"{count:,} left the list {name} and {'is' if count == 1 else 'are'} put back, as `readd` says"
        for name, count in sorted(derived.readded.items())
    ]
    if derived.absence:
        warnings += [
            f"{say_count(count, 'contact')} on managed lists, in the source no more, left alone: {why}"
            for why, count in sorted(derived.absence.left_alone.items())
        ]
    return warnings
