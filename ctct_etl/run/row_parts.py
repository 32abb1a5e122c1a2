"""The rows of a plan read from their file some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_AT_ONCE = 1 << 18


def read_row_parts(path: Path) -> Iterator[pd.DataFrame]:
    """Yield the rows of a parquet file, one part at least; their index is the one that they have in all."""
    with pq.ParquetFile(path) as file:
        if not file.metadata.num_rows:
            yield file.read().to_pandas()
        start = 0
        for batch in file.iter_batches(_AT_ONCE):
            rows = pa.Table.from_batches([batch], file.schema_arrow).to_pandas()
            yield rows.set_axis(pd.RangeIndex(start, start + len(rows)))
            start += len(rows)
