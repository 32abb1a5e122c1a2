"""Make a plan in parts, by the workers of an engine: what `make_plan` makes, byte for byte, and larger than memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from math import ceil
from pathlib import Path

from ctct_etl.account.dialect import EVERYBODY, Forecast, Prerequisites, Wanted
from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import PLAN_COMMAND, RUN_COMMAND
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.pipeline import Pipeline
from ctct_etl.config.values import Limit
from ctct_etl.engine.pool import Engine, Pool
from ctct_etl.errors import ConfigError
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import CustomField, Snapshot
from ctct_etl.plan.tables import Verdict
from ctct_etl.run.spilling import open_scratch
from ctct_etl.run.state import StateDirectory
from ctct_etl.sources.pieces import Pieced
from ctct_etl.stages.guarding import judge_plan
from ctct_etl.workflow.account_checks import find_missing_names
from ctct_etl.workflow.column_checks import find_missing_columns
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.describing import Told, describe_plan
from ctct_etl.workflow.parts.account import share_account, share_memory, share_suppressed
from ctct_etl.workflow.parts.deriving import Deriving, PartDerived, derive_in_parts, load_agreed
from ctct_etl.workflow.parts.desiring import AllDesired, Desiring, desire_in_parts
from ctct_etl.workflow.parts.expecting import refuse_gates_of_the_whole, say_columns_unseen
from ctct_etl.workflow.parts.laying_out import LaidOut
from ctct_etl.workflow.parts.reading import Sharing, read_in_pieces, share_rows
from ctct_etl.workflow.parts.scratch import Scratch
from ctct_etl.workflow.planning import PlanMade, lay_out_rejects
from ctct_etl.workflow.snapshots import take_snapshot
from ctct_etl.workflow.stopping import refuse_stops
from ctct_etl.workflow.suppressing import read_suppressed
from ctct_etl.workflow.working_out import recall_for


@contextmanager
def make_plan_in_parts(
    context: Context,
    engine: Engine,
    config: LoadedConfig,
    account: OpenAccount,
    run: str,
    accepted: Mapping[str, Limit],
    beside: Path,
    *,
    single: bool = False,
    retry_refused: bool = False,
    command: str = PLAN_COMMAND,
) -> Iterator[PlanMade]:
    """Make the plan of one pipeline, as `make_plan` does; its files are there for the length of the block.

    beside: where the plan will be: next to it its parts lie on their way, on a disk that all workers see.
    Raises as `make_plan` does, and ConfigError for what can't be asked of parts, EngineFailed for the workers.
    """
    refuse_gates_of_the_whole(config)
    with open_scratch(beside) as root:
        with engine.open(root) as pool:
            work = _Work(context, engine, config, account, Scratch(root), pool)
            made = work.make(run, accepted, single=single, retry_refused=retry_refused, command=command)
        yield made


class _Work:
    """One plan being made, step by step."""

    def __init__(
        self, context: Context, engine: Engine, config: LoadedConfig, account: OpenAccount, scratch: Scratch, pool: Pool
    ) -> None:
        self._context, self._config, self._account = context, config, account
        self._sizes, self._scratch, self._pool = engine.sizes, scratch, pool
        self._capabilities = account.dialect.describe()

    def make(
        self, run: str, accepted: Mapping[str, Limit], *, single: bool, retry_refused: bool, command: str
    ) -> PlanMade:
        source = self._read()
        suppressed = read_suppressed(self._config.pipeline.suppress, self._context.now())
        may_export = self._context.allow_export or command == RUN_COMMAND
        snapshot, sharing, desired = self._desire(source, may_export=may_export)
        self._context.progress("planning", 0, None)
        sha256 = [file.sha256 for file in source.files]
        remembered = recall_for(self._context, self._config, self._account, sha256, snapshot, retry_refused)
        missing = find_missing_names(self._config, desired.names, snapshot)
        if missing.problems:
            raise ConfigError(missing.problems)
        share_suppressed(self._scratch, suppressed, sharing.parts)
        deriving = Deriving(
            sharing=sharing,
            source=source.parts,
            strays=desired.strays,
            snapshot=share_account(self._scratch, snapshot, sharing.parts),
            remembered=share_memory(self._scratch, remembered, sharing.parts),
            capabilities=self._capabilities,
            pipeline=_without_secrets(self._config.pipeline),
            mapping=self._config.mapping,
            today=snapshot.fetched_at[:10],
        )
        derived = derive_in_parts(deriving, self._pool, self._context.progress)
        laid = LaidOut(self._scratch, sharing.parts)
        forecast = laid.forecast(self._account.dialect, snapshot, missing.prerequisites, single=single)
        laid.write_rows(source.rows)
        told = self._tell(source, snapshot, remembered, desired, derived, missing.prerequisites, forecast, accepted)
        manifest = describe_plan(self._context, self._config, self._account, run, accepted, command, told)
        rejects = laid.write_rejects(source.columns, lay_out_rejects(self._config))
        return PlanMade(laid.plan(manifest), snapshot, load_agreed(deriving, derived.agreed), rejects)

    def _read(self) -> Pieced:
        source = read_in_pieces(
            self._scratch, self._pool, self._config.pipeline.source, self._context.now(), self._sizes.block,
            self._context.progress,
        )  # fmt: skip
        problems = find_missing_columns(self._config, source.columns)
        if problems:
            raise ConfigError(problems)
        return source

    def _desire(self, source: Pieced, *, may_export: bool) -> tuple[Snapshot, Sharing, AllDesired]:
        """What the source says, and the account. Where only who is asked for is read, what it says comes first."""
        pipeline, state = self._config.pipeline, StateDirectory(self._context.state)
        if not self._capabilities.reads_wanted:
            snapshot = take_snapshot(self._context, state, self._account, EVERYBODY)
            sharing, desired = self._ask(source, snapshot.custom_fields, len(snapshot.contacts))
            return snapshot, sharing, desired
        sharing, desired = self._ask(source, self._capabilities.custom_fields or {}, 0)
        wanted = Wanted(frozenset(desired.wishes), pipeline.managed_lists, desired.wishes, may_export)
        return take_snapshot(self._context, state, self._account, wanted), sharing, desired

    def _ask(
        self, source: Pieced, custom_fields: Mapping[str, CustomField], contacts: int
    ) -> tuple[Sharing, AllDesired]:
        parts = max(self._pool.workers, ceil(max(source.rows, contacts) / self._sizes.rows))
        sharing = Sharing(self._scratch, source.columns, source.places, self._config.mapping, parts)
        share_rows(sharing, self._pool, source, self._context.progress)
        desiring = Desiring(
            sharing=sharing,
            source=source.parts,
            evidence=self._config.pipeline.consent.evidence,
            capabilities=self._capabilities,
            custom_fields=custom_fields,
            with_presence=bool(self._config.pipeline.managed_lists),
            expectations=self._config.expectations,
            with_wishes=self._capabilities.reads_wanted,
        )
        desired = desire_in_parts(desiring, self._pool, self._context.progress)
        refuse_stops(self._config, desired.gates, desired.stops)
        return sharing, desired

    def _tell(
        self,
        source: Pieced,
        snapshot: Snapshot,
        remembered: Remembered,
        desired: AllDesired,
        derived: PartDerived,
        prerequisites: Prerequisites,
        forecast: Forecast,
        accepted: Mapping[str, Limit],
    ) -> Told:
        left = self._account.budget.left()
        return Told(
            files=source.files,
            blank_rows=source.blank_rows,
            notes=source.notes,
            snapshot=snapshot,
            remembered=remembered,
            counts=derived.counts,
            changes=derived.changes,
            without_address=derived.without_address,
            refused=derived.refused,
            left_alone=derived.left_alone,
            gates=desired.gates,
            prerequisites=prerequisites,
            forecast=forecast,
            left=left,
            verdicts=self._judge(derived, snapshot, forecast, left, accepted),
            fields=derived.fields,
            odd_columns=say_columns_unseen(self._config.mapping),
        )

    def _judge(
        self,
        derived: PartDerived,
        snapshot: Snapshot,
        forecast: Forecast,
        left: int | None,
        accepted: Mapping[str, Limit],
    ) -> tuple[Verdict, ...]:
        population = snapshot.population
        figures = replace(
            derived.figures,
            contacts=max(derived.figures.contacts, population or 0),
            at_least=population is not None,
            requests=forecast.requests["total"],
            left_today=left,
        )
        return judge_plan(figures, self._config.pipeline.guards, accepted)


def _without_secrets(pipeline: Pipeline) -> Pipeline:
    """What workers need of it: whom it tells, and where the rows come from, may hold secrets."""
    source = pipeline.source.model_copy(update={"path": ""})
    return pipeline.model_copy(update={"notify": (), "source": source})
