"""Make a plan: what is worked out, told as a plan's manifest, tables and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import PLAN_COMMAND, RUN_COMMAND
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.values import Limit
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import Plan
from ctct_etl.report.rejects import Layout, write_rejects
from ctct_etl.run.filed_plan import FiledPlan
from ctct_etl.stages.respecting import lay_out_edits
from ctct_etl.stages.suspecting_columns import suspect_columns
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.describing import Told, describe_plan
from ctct_etl.workflow.manifest import count_changes, count_outcomes
from ctct_etl.workflow.working_out import WorkedOut, work_out


@dataclass(frozen=True)
class PlanMade:
    """agreed: field → EMAIL, VALUE str, where source and account say the same; for the memory of a run.
    rejects: the rejected rows as a workbook (report/rejects.py); None where there are none.
    """

    plan: Plan | FiledPlan
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
    derived, collisions = worked.derived, worked.desire.collisions
    manifest = describe_plan(context, config, account, run, accepted, command, _tell(config, worked))
    edits = lay_out_edits(derived.respected.kept, worked.desire.contacts)
    plan = Plan(manifest, worked.tables, derived.rows, derived.problems, edits, collisions.table)
    return PlanMade(plan, worked.snapshot, derived.respected.agreed, _write_rejects(config, worked))


def _write_rejects(config: LoadedConfig, worked: WorkedOut) -> bytes | None:
    derived, source = worked.derived, worked.source
    return write_rejects(derived.rows, derived.problems, source.rows, source.columns, lay_out_rejects(config))


def lay_out_rejects(config: LoadedConfig) -> Layout:
    """How the workbook of rejected rows is laid out: as the source is."""
    return Layout(config.pipeline.source.sheet, config.pipeline.source.header_row or 1)


def _tell(config: LoadedConfig, worked: WorkedOut) -> Told:
    source, derived = worked.source, worked.derived
    return Told(
        files=source.files,
        blank_rows=source.blank_rows,
        notes=source.notes,
        snapshot=worked.snapshot,
        remembered=worked.remembered,
        counts=count_outcomes(derived),
        changes=count_changes(derived, worked.desire.collisions),
        without_address=derived.without_address,
        refused=derived.refused,
        left_alone=derived.absence.left_alone if derived.absence else {},
        gates=derived.gates,
        prerequisites=worked.prerequisites,
        forecast=worked.forecast,
        left=worked.left,
        verdicts=worked.verdicts,
        fields=worked.measure_fields(config.mapping),
        odd_columns=suspect_columns(source.rows, config.mapping, config.pipeline.consent.evidence),
    )
