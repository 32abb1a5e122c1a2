"""Make a plan: read the source, fetch the account, derive, route, count, guard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any

import pandas as pd

from ctct_etl.account.dialect import EVERYBODY, Dialect, Prerequisites, Wanted
from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import (
    COLUMN,
    COMMAND,
    ORIGIN_COLUMNS,
    PLAN_COMMAND,
    PROBLEM,
    REVERTS,
    ROW,
    RUN_COMMAND,
    SEVERITY,
    STOP,
    VALUE,
)
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.values import Limit
from ctct_etl.errors import ConfigError, SourceError
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import Capabilities, CustomField, Snapshot
from ctct_etl.plan.tables import ROUTE, ROUTE_REASON, SCHEMA_VERSION, Plan, PlanTables
from ctct_etl.report.rejects import Layout, write_rejects
from ctct_etl.report.wording import say_count
from ctct_etl.run.state import StateDirectory
from ctct_etl.sources.reading import SourceTable, read_source
from ctct_etl.stages.guarding import judge_plan
from ctct_etl.stages.respecting import respected_fields
from ctct_etl.workflow.account_checks import find_missing_names
from ctct_etl.workflow.allocating import choose_allocator
from ctct_etl.workflow.column_checks import find_missing_columns
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.deriving import Derived, Desire, derive_plan, desire_contacts, take_off_absent
from ctct_etl.workflow.expecting import refuse_broken, say_stops, say_warnings
from ctct_etl.workflow.manifest import (
    count_changes,
    count_outcomes,
    describe_forecast,
    describe_rest,
    describe_snapshot,
)
from ctct_etl.workflow.remembering import recall
from ctct_etl.workflow.snapshots import take_snapshot
from ctct_etl.workflow.suppressing import read_suppressed
from ctct_etl.workflow.wishing import wishes_of

SHOWN_STOPS = 5  # how many of the cells that stop a run are named


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
    source = _read(context, config)
    suppressed = read_suppressed(config.pipeline.suppress, context.now())
    desire, whom = _want(config, account, source, may_export=context.allow_export or command == RUN_COMMAND)
    snapshot = take_snapshot(context, StateDirectory(context.state), account, whom)
    context.progress("planning", 0, None)
    remembered = _recall(context, config, account, source, snapshot, retry_refused)
    derived, wanted = _derive(config, account, source, desire, snapshot, suppressed, remembered)
    tables = route_actions(derived.tables, account.dialect, snapshot, single)
    forecast = account.dialect.forecast(tables, snapshot, wanted)
    left = account.budget.left()
    figures = replace(derived.figures, requests=forecast.requests["total"], left_today=left)
    verdicts = judge_plan(figures, config.pipeline.guards, accepted)
    manifest = _describe(context, config, account, source, snapshot, derived, run) | {
        COMMAND: command,
        "guards": [asdict(verdict) for verdict in verdicts],
        "accepted": {guard: str(limit) for guard, limit in sorted(accepted.items())},
        "prerequisites": {kind: list(names) for kind, names in asdict(wanted).items()},
        "rests_on": describe_rest(config.pipeline.existing.update),
        **describe_forecast(forecast, left),
        "memory": {"version": remembered.version, "respect_edits": respected_fields(config.mapping.fields)},
        "warnings": _warnings(derived, source, snapshot, first_run=not remembered.version and not remembered.lost),
    }
    plan = Plan(manifest, tables, derived.rows, derived.problems)
    return PlanMade(plan, snapshot, derived.respected.agreed, _write_rejects(config, source, derived))


def _write_rejects(config: LoadedConfig, source: SourceTable, derived: Derived) -> bytes | None:
    spec = config.pipeline.source
    layout = Layout(spec.sheet, spec.header_row or 1)
    return write_rejects(derived.rows, derived.problems, source.rows, source.columns, layout)


def _read(context: Context, config: LoadedConfig) -> SourceTable:
    context.progress("reading the source", 0, None)
    choose_allocator()
    source = read_source(config.pipeline.source, context.now())
    problems = find_missing_columns(config, source.columns)
    if problems:
        raise ConfigError(problems)
    return source


def _recall(
    context: Context,
    config: LoadedConfig,
    account: OpenAccount,
    source: SourceTable,
    snapshot: Snapshot,
    retry_refused: bool,
) -> Remembered:
    return recall(
        StateDirectory(context.state),
        account.name,
        snapshot,
        config.pipeline.name,
        moment(context.now()),
        [file.sha256 for file in source.files],
        retry_refused=retry_refused,
        respects=bool(respected_fields(config.mapping.fields)),
    )


def _want(
    config: LoadedConfig, account: OpenAccount, source: SourceTable, *, may_export: bool
) -> tuple[Desire | None, Wanted]:
    """Whom the plan will ask about. Where only they are read, what the rows say is worked out first."""
    capabilities = account.dialect.describe()
    if not capabilities.reads_wanted:
        return None, EVERYBODY
    desire = _desire(config, capabilities, source, capabilities.custom_fields or {})
    wishes = wishes_of(desire)
    return desire, Wanted(frozenset(wishes), config.pipeline.managed_lists, wishes, may_export)


def _desire(
    config: LoadedConfig, capabilities: Capabilities, source: SourceTable, custom_fields: Mapping[str, CustomField]
) -> Desire:
    desire = desire_contacts(
        source.rows,
        config.mapping,
        config.pipeline.consent.evidence,
        capabilities,
        custom_fields,
        with_presence=bool(config.pipeline.managed_lists),
        expectations=config.expectations,
    )
    refuse_stops(config, desire)
    return desire


def _derive(
    config: LoadedConfig,
    account: OpenAccount,
    source: SourceTable,
    desire: Desire | None,
    snapshot: Snapshot,
    suppressed: Mapping[str, str],
    remembered: Remembered,
) -> tuple[Derived, Prerequisites]:
    """The pure part, and what has to be made in the account for it."""
    pipeline, mapping, capabilities = config.pipeline, config.mapping, account.dialect.describe()
    desire = desire or _desire(config, capabilities, source, snapshot.custom_fields)
    missing = find_missing_names(config, desire, snapshot)
    if missing.problems:
        raise ConfigError(missing.problems)
    today = snapshot.fetched_at[:10]
    derived = derive_plan(desire, snapshot, capabilities, pipeline, mapping, suppressed, today, remembered)
    derived = take_off_absent(derived, desire, snapshot, pipeline, suppressed)
    return replace(derived, gates=desire.gates), missing.prerequisites


def refuse_stops(config: LoadedConfig, desire: Desire) -> None:
    """Raise SourceError if a cell is wrong whose rule says `invalid: stop`, or an expectation fails that says so."""
    refuse_broken(config, desire.gates)
    stops = desire.problems[desire.problems[SEVERITY] == STOP]
    lines = say_stops(config, desire.gates)
    if stops.empty and lines:
        raise SourceError("\n".join(lines))
    if stops.empty:
        return
    for _, stop in stops.head(SHOWN_STOPS).iterrows():
        file, sheet, row = (desire.rows[column].iloc[stop[ROW]] for column in ORIGIN_COLUMNS)
        place = ", ".join(filter(None, (str(file), f"sheet {sheet}" if sheet else "", f"row {row}")))
        lines.append(f'{place}, column "{stop[COLUMN]}": "{str(stop[VALUE])[:40]}": {stop[PROBLEM]}')
    more = len(stops) - SHOWN_STOPS
    if more > 0:
        lines.append(f"and {more:,} more")
    cure = f"the mapping says {_say_stop(config)} — correct the cells, or choose reject"
    raise SourceError("\n".join([*lines, cure]))


def _say_stop(config: LoadedConfig) -> str:
    by_rule = any(rule.invalid == STOP for rule in config.mapping.fields.values())
    by_gate = any(expected.on_fail == STOP for expected in config.expectations)
    return " and ".join(["invalid: stop"] * by_rule + ["on_fail: stop"] * by_gate)


def route_actions(tables: PlanTables, dialect: Dialect, snapshot: Snapshot, single: bool) -> PlanTables:
    """Fill in the route of every action, and why."""
    routes = dialect.route(tables, snapshot, single=single)
    actions = tables.actions.assign(**{column: routes[column].to_numpy() for column in (ROUTE, ROUTE_REASON)})
    return replace(tables, actions=actions.astype({ROUTE: "str", ROUTE_REASON: "str"}))


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
