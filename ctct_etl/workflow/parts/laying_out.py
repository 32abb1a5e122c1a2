"""From the parts of a plan to its files: merged in the order of addresses, or of the rows of the source.

Of all that goes through here no more than a window is held at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ctct_etl.account.dialect import Dialect, Forecast, Prerequisites
from ctct_etl.columns import POSITION, ROW
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import WINDOW, PlanTables
from ctct_etl.report.rejects import Layout, write_rejects
from ctct_etl.run.action_lines import write_action_lines
from ctct_etl.run.filed_plan import FiledPlan
from ctct_etl.run.merging import merge_rows, merge_tables, spill_tables
from ctct_etl.run.run_files import ACTION_LINES, COLLISIONS, EDITS, PROBLEMS, ROWS
from ctct_etl.run.spilling import load, private_file
from ctct_etl.stages.colliding import list_first
from ctct_etl.workflow.parts.scratch import Scratch
from ctct_etl.workflow.working_out import route_actions

_ROWS_AT_ONCE = 1 << 18
_ROWS_A_GROUP = 1 << 20


class LaidOut:
    """A plan on its way into files of the scratch directory."""

    def __init__(self, scratch: Scratch, parts: int) -> None:
        self._scratch = scratch
        self._parts = [scratch.part(number) for number in range(parts)]
        self._windows: list[Path] = []

    def forecast(self, dialect: Dialect, snapshot: Snapshot, wanted: Prerequisites, *, single: bool) -> Forecast:
        """Write the actions, each window routed as it comes, and foresee what they cost."""
        merged = merge_tables([part / "plan" for part in self._parts], WINDOW)
        routed = (route_actions(window, dialect, snapshot, single) for window in merged)
        return dialect.forecast(self._write_actions(routed), snapshot, wanted)

    def _write_actions(self, windows: Iterable[PlanTables]) -> Iterator[PlanTables]:
        with private_file(self._path(ACTION_LINES)) as lines:
            for window in windows:
                place = self._scratch.window(len(self._windows))
                spill_tables(place, window)
                self._windows.append(place)
                lines.writelines(write_action_lines(window))
                yield window

    def write_rows(self, rows: int) -> None:
        """Write what became of the rows, what was wrong with cells, which edits stay and where rows differ: each in the
        order of the source.
        """
        outcomes = merge_rows([part / "outcomes" for part in self._parts], POSITION, _ROWS_AT_ONCE, rows)
        _write_parquet(self._path(ROWS), (table.drop(columns=POSITION) for table in outcomes))
        faults = merge_rows([part / "faults" for part in self._parts], ROW, _ROWS_AT_ONCE, rows)
        _write_parquet(self._path(PROBLEMS), faults)
        edits = merge_rows([part / "edits" for part in self._parts], ROW, _ROWS_AT_ONCE, rows)
        _write_parquet(self._path(EDITS), edits)
        collisions = pd.concat([load(part / "collisions") for part in self._parts], ignore_index=True)
        _write_parquet(self._path(COLLISIONS), [list_first(collisions)])

    def write_rejects(self, columns: Iterable[str], layout: Layout) -> bytes | None:
        """The rejected rows as a workbook; None where there are none. They are few, or a guard stops the plan."""
        told = pd.concat([load(part / "rejected") for part in self._parts], ignore_index=True)
        told = told.sort_values(POSITION).set_index(POSITION)
        names = list(columns)
        cells = pd.DataFrame({name: told.get(str(at), pd.Series(dtype="str")) for at, name in enumerate(names)})
        return write_rejects(told, pd.read_parquet(self._path(PROBLEMS)), cells, names, layout)

    def plan(self, manifest: Mapping[str, Any]) -> FiledPlan:
        files = {name: self._path(name) for name in (ACTION_LINES, ROWS, PROBLEMS, EDITS, COLLISIONS)}
        return FiledPlan(manifest, files, tuple(self._windows))

    def _path(self, name: str) -> Path:
        return self._scratch.root / name


def _write_parquet(path: Path, tables: Iterable[pd.DataFrame]) -> None:
    """Write tables of one kind as one; there is one at least."""
    writer: pq.ParquetWriter | None = None
    with private_file(path) as stream:
        for table in tables:
            found = pa.Table.from_pandas(table, preserve_index=False)
            if writer is None:
                writer = pq.ParquetWriter(stream, found.schema, compression="zstd")
            writer.write_table(found.cast(writer.schema), row_group_size=_ROWS_A_GROUP)
        assert writer is not None
        writer.close()
