"""A plan whose tables lie in files, since memory may not hold them: made in parts, read a window at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ctct_etl.plan.tables import PlanTables
from ctct_etl.run.merging import load_tables
from ctct_etl.run.row_parts import read_row_parts
from ctct_etl.run.run_files import ACTION_LINES, COLLISIONS, EDITS, PROBLEMS, ROWS

_BLOCK = 1 << 22


@dataclass(frozen=True)
class FiledPlan:
    """files: the plan directory's, by name, as they will lie there. tables: a directory for each window of its plan."""

    manifest: Mapping[str, Any]
    files: Mapping[str, Path]
    tables: Sequence[Path]

    def windows(self) -> Iterator[PlanTables]:
        """Yield the tables of some actions at a time, in the plan's order. Raises StateError."""
        return map(load_tables, self.tables)

    def row_parts(self) -> Iterator[pd.DataFrame]:
        return read_row_parts(self.files[ROWS])

    @property
    def rows(self) -> pd.DataFrame:
        return pd.read_parquet(self.files[ROWS])

    @property
    def problems(self) -> pd.DataFrame:
        return pd.read_parquet(self.files[PROBLEMS])

    @property
    def edits(self) -> pd.DataFrame:
        return pd.read_parquet(self.files[EDITS])

    @property
    def collisions(self) -> pd.DataFrame:
        return pd.read_parquet(self.files[COLLISIONS])

    def contents(self) -> dict[str, Iterable[bytes]]:
        """What to write into the plan's directory: name → content."""
        return {name: _read(self.files[name]) for name in (ACTION_LINES, ROWS, PROBLEMS, EDITS, COLLISIONS)}


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from iter(lambda: stream.read(_BLOCK), b"")
