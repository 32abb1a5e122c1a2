"""What the plan does with the people of each part, and the sums of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial, reduce
from typing import Any

import pandas as pd

from ctct_etl.columns import OUTCOME, POSITION, REJECTED, ROW
from ctct_etl.config.mapping import Mapping as MappingFile
from ctct_etl.config.pipeline import Pipeline
from ctct_etl.engine.pool import Pool
from ctct_etl.plan.field_figures import FieldFigures
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import Capabilities, Snapshot
from ctct_etl.run.merging import spill_tables
from ctct_etl.run.spilling import load, spill
from ctct_etl.sources.pieces import Part
from ctct_etl.stages.arrow import Positions
from ctct_etl.stages.guarding import Figures, join_figures
from ctct_etl.stages.jumping import measure_fields
from ctct_etl.stages.respecting import lay_out_edits
from ctct_etl.workflow.allocating import choose_allocator
from ctct_etl.workflow.context import Progress
from ctct_etl.workflow.deriving import Derived, derive_plan, take_off_absent
from ctct_etl.workflow.manifest import count_changes, count_outcomes
from ctct_etl.workflow.parts.account import load_account, load_memory, load_suppressed
from ctct_etl.workflow.parts.desiring import load_desire, load_positions
from ctct_etl.workflow.parts.reading import Sharing, load_rows


@dataclass(frozen=True)
class Deriving:
    """What every part is compared by: as `derive_plan` has it. snapshot, remembered: without anybody in them.

    strays: of each part, who of its people is present by rows of others.
    """

    sharing: Sharing
    source: tuple[Part, ...]
    strays: Sequence[tuple[str, ...]]
    snapshot: Snapshot
    remembered: Remembered
    capabilities: Capabilities
    pipeline: Pipeline
    mapping: MappingFile
    today: str


@dataclass(frozen=True)
class PartDerived:
    """counts, changes, fields: as in the manifest. left_alone: see `Absence`. agreed: the fields of which
    something is known to be the same on both sides.
    """

    counts: Mapping[str, Any]
    changes: Mapping[str, Any]
    without_address: int
    refused: int
    left_alone: Mapping[str, int]
    figures: Figures
    fields: FieldFigures
    agreed: tuple[str, ...]


def derive_in_parts(deriving: Deriving, pool: Pool, progress: Progress) -> PartDerived:
    """Compare, part by part, into the scratch directory; the sums of all parts."""
    count = deriving.sharing.parts
    told = pool.map(partial(_derive, deriving=deriving), range(count), lambda done: progress("planning", done, count))
    return PartDerived(
        counts=add_up([each.counts for each in told]),
        changes=add_up([each.changes for each in told]),
        without_address=sum(each.without_address for each in told),
        refused=sum(each.refused for each in told),
        left_alone=add_up([each.left_alone for each in told]),
        figures=join_figures([each.figures for each in told]),
        fields=FieldFigures(**add_up([asdict(each.fields) for each in told])),
        agreed=tuple(dict.fromkeys(field for each in told for field in each.agreed)),
    )


def add_up(counts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add numbers that stand under the same keys, however deep."""
    return reduce(_add, counts, {})


def _add(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    added = dict(one)
    for key, value in other.items():
        known = added.get(key, {} if isinstance(value, Mapping) else 0)
        added[key] = _add(known, value) if isinstance(value, Mapping) else known + value
    return added


def _derive(number: int, deriving: Deriving) -> PartDerived:
    choose_allocator()
    scratch, pipeline = deriving.sharing.scratch, deriving.pipeline
    desire = load_desire(scratch, number, deriving.strays[number], with_presence=bool(pipeline.managed_lists))
    snapshot = load_account(scratch, number, deriving.snapshot)
    suppressed = load_suppressed(scratch, number)
    remembered = load_memory(scratch, number, deriving.remembered)
    derived = derive_plan(
        desire, snapshot, deriving.capabilities, pipeline, deriving.mapping, suppressed, deriving.today, remembered
    )
    derived = take_off_absent(derived, desire, snapshot, pipeline, suppressed, remembered)
    _keep(number, derived, lay_out_edits(derived.respected.kept, desire.contacts), deriving)
    return PartDerived(
        counts=count_outcomes(derived),
        changes=count_changes(derived, desire.collisions),
        without_address=derived.without_address,
        refused=derived.refused,
        left_alone=derived.absence.left_alone if derived.absence else {},
        figures=derived.figures,
        fields=measure_fields(
            desire.contacts, deriving.mapping.fields, derived.figures.matched, derived.figures.changed_by_field
        ),
        agreed=tuple(derived.respected.agreed),
    )


def _keep(number: int, derived: Derived, edits: pd.DataFrame, deriving: Deriving) -> None:
    scratch = deriving.sharing.scratch
    place, positions = scratch.part(number), load_positions(scratch, number)
    spill_tables(place / "plan", derived.tables)
    spill(place / "outcomes", derived.rows.assign(**{POSITION: positions}))
    spill(place / "faults", derived.problems.assign(**{ROW: positions[derived.problems[ROW].to_numpy()]}))
    spill(place / "edits", edits.assign(**{ROW: positions[edits[ROW].to_numpy()]}))
    spill(place / "rejected", _find_rejected(number, derived.rows, positions, deriving))
    for at, agreed in enumerate(derived.respected.agreed.values()):
        spill(place / f"agreed-{at}", agreed)


def _find_rejected(number: int, rows: pd.DataFrame, positions: Positions, deriving: Deriving) -> pd.DataFrame:
    """The rejected rows as they were read, and what became of them: for whoever mends them."""
    rejected = (rows[OUTCOME] == REJECTED).to_numpy()
    told = rows[rejected].assign(**{POSITION: positions[rejected]})
    columns = list(deriving.sharing.columns)
    cells = load_rows(deriving.sharing, deriving.source, number)[0][columns][rejected] if rejected.any() else None
    named = {f"{at}": cells[name].array for at, name in enumerate(columns)} if cells is not None else {}
    return told.assign(**named).reset_index(drop=True)


def load_agreed(deriving: Deriving, fields: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Where source and account say the same, by field, of all parts."""
    scratch, parts = deriving.sharing.scratch, range(deriving.sharing.parts)
    return {
        field: pd.concat([load(scratch.part(number) / f"agreed-{at}") for number in parts], ignore_index=True)
        for at, field in enumerate(fields)
    }
