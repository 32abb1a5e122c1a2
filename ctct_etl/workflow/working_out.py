"""Everything that a plan is made of: read the source, fetch the account, derive, route, count, judge.

`make_plan` tells it as a plan, `explain` tells one address of it: so that neither can say what the other would not do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ctct_etl.account.dialect import EVERYBODY, Dialect, Forecast, Prerequisites, Wanted
from ctct_etl.account.opening import OpenAccount
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.mapping import Mapping as MappingConfig
from ctct_etl.config.values import Limit
from ctct_etl.errors import ConfigError
from ctct_etl.plan.field_figures import FieldFigures
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import Capabilities, CustomField, Snapshot
from ctct_etl.plan.tables import ROUTE, ROUTE_REASON, WINDOW, PlanTables, Verdict, cut_windows
from ctct_etl.run.state import StateDirectory
from ctct_etl.sources.reading import SourceTable, read_source
from ctct_etl.stages.guarding import judge_plan
from ctct_etl.stages.jumping import measure_fields
from ctct_etl.stages.respecting import respected_fields
from ctct_etl.workflow.account_checks import find_missing_names, name_cells
from ctct_etl.workflow.allocating import choose_allocator
from ctct_etl.workflow.column_checks import find_missing_columns
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.deriving import Derived, Desire, derive_plan, desire_contacts, take_off_absent
from ctct_etl.workflow.remembering import recall
from ctct_etl.workflow.snapshots import take_snapshot
from ctct_etl.workflow.stopping import find_stops, refuse_stops
from ctct_etl.workflow.suppressing import read_suppressed
from ctct_etl.workflow.wishing import wishes_of


@dataclass(frozen=True)
class WorkedOut:
    """tables: the plan's, routed. suppressed: address → the file that names it. prerequisites: what has to be made in
    the account first. left: requests of today; None for no limit.
    """

    source: SourceTable
    suppressed: Mapping[str, str]
    desire: Desire
    snapshot: Snapshot
    remembered: Remembered
    derived: Derived
    prerequisites: Prerequisites
    tables: PlanTables
    forecast: Forecast
    left: int | None
    verdicts: Sequence[Verdict]

    def measure_fields(self, mapping: MappingConfig) -> FieldFigures:
        """What the next good run's fields are compared with."""
        figures = self.derived.figures
        return measure_fields(self.desire.contacts, mapping.fields, figures.matched, figures.changed_by_field)


def work_out(
    context: Context,
    config: LoadedConfig,
    account: OpenAccount,
    accepted: Mapping[str, Limit],
    *,
    single: bool = False,
    retry_refused: bool = False,
    may_export: bool = False,
    also: str = "",
) -> WorkedOut:
    """Work out what one pipeline would do now; nothing but GETs is sent, and exports where they are allowed.
    `single`, `retry_refused`: see `make_plan`. also: an address that the snapshot has to show whole, whether the source
    has it or not.

    Raises: ConfigError, SourceError, and what the session raises.
    """
    source = _read(context, config)
    suppressed = read_suppressed(config.pipeline.suppress, context.now())
    desire, whom = _want(config, account, source, may_export=may_export, also=also)
    snapshot = take_snapshot(context, StateDirectory(context.state), account, whom)
    context.progress("planning", 0, None)
    sha256 = [file.sha256 for file in source.files]
    remembered = recall_for(context, config, account, sha256, snapshot, retry_refused)
    desire = desire or _desire(config, account.dialect.describe(), source, snapshot.custom_fields)
    derived, prerequisites = _derive(config, account, desire, snapshot, suppressed, remembered)
    tables = route_actions(derived.tables, account.dialect, snapshot, single)
    forecast = account.dialect.forecast(cut_windows(tables, WINDOW), snapshot, prerequisites)
    left = account.budget.left()
    figures = replace(derived.figures, requests=forecast.requests["total"], left_today=left)
    verdicts = judge_plan(figures, config.pipeline.guards, accepted)
    return WorkedOut(
        source, suppressed, desire, snapshot, remembered, derived, prerequisites, tables, forecast, left, verdicts
    )


def _read(context: Context, config: LoadedConfig) -> SourceTable:
    context.progress("reading the source", 0, None)
    choose_allocator()
    source = read_source(config.pipeline.source, context.now())
    problems = find_missing_columns(config, source.columns)
    if problems:
        raise ConfigError(problems)
    return source


def recall_for(
    context: Context,
    config: LoadedConfig,
    account: OpenAccount,
    sha256: Sequence[str],
    snapshot: Snapshot,
    retry_refused: bool,
) -> Remembered:
    """What is remembered of the account and of this pipeline. sha256: of the files of the source. Raises StateError."""
    return recall(
        StateDirectory(context.state),
        account.name,
        snapshot,
        config.pipeline.name,
        moment(context.now()),
        sha256,
        retry_refused=retry_refused,
        respects=bool(respected_fields(config.mapping.fields)),
    )


def _want(
    config: LoadedConfig, account: OpenAccount, source: SourceTable, *, may_export: bool, also: str
) -> tuple[Desire | None, Wanted]:
    """Whom the plan will ask about. Where only they are read, what the rows say is worked out first."""
    capabilities = account.dialect.describe()
    if not capabilities.reads_wanted:
        return None, EVERYBODY
    desire = _desire(config, capabilities, source, capabilities.custom_fields or {})
    wishes = wishes_of(desire)
    addresses = frozenset(wishes) | ({also} if also else set())
    wishes.pop(also, None)  # of whom no wish is known, that one is shown whole
    return desire, Wanted(addresses, config.pipeline.managed_lists, wishes, may_export)


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
    refuse_stops(config, desire.gates, find_stops(desire))
    return desire


def _derive(
    config: LoadedConfig,
    account: OpenAccount,
    desire: Desire,
    snapshot: Snapshot,
    suppressed: Mapping[str, str],
    remembered: Remembered,
) -> tuple[Derived, Prerequisites]:
    """The pure part, and what has to be made in the account for it."""
    pipeline, mapping, capabilities = config.pipeline, config.mapping, account.dialect.describe()
    missing = find_missing_names(config, name_cells(desire, mapping), snapshot)
    if missing.problems:
        raise ConfigError(missing.problems)
    today = snapshot.fetched_at[:10]
    derived = derive_plan(desire, snapshot, capabilities, pipeline, mapping, suppressed, today, remembered)
    derived = take_off_absent(derived, desire, snapshot, pipeline, suppressed, remembered)
    return replace(derived, gates=desire.gates), missing.prerequisites


def route_actions(tables: PlanTables, dialect: Dialect, snapshot: Snapshot, single: bool) -> PlanTables:
    """Fill in the route of every action, and why."""
    routes = dialect.route(tables, snapshot, single=single)
    actions = tables.actions.assign(**{column: routes[column].to_numpy() for column in (ROUTE, ROUTE_REASON)})
    return replace(tables, actions=actions.astype({ROUTE: "str", ROUTE_REASON: "str"}))
