"""Sheets of a workbook as tables of text."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ctct_etl.config.pipeline import Source
from ctct_etl.sources.cell_arrays import typed_array
from ctct_etl.sources.sheets import read_sheets
from ctct_etl.sources.table import Table, build_table


def read_workbook(data: bytes, spec: Source, shown: str) -> list[Table]:
    """The tables of the sheets that `spec.sheet` asks for, in that order. Raises SourceError as `read_sheets` does."""
    return [
        build_table(sheet.place, sheet.header, _columns(sheet.rows, sheet.width), {})
        for sheet in read_sheets(data, spec, shown)
    ]


def _columns(rows: list[list[Any]], width: int) -> list[pa.LargeStringArray]:
    """The cells by column, as text; the rows are let go on the way, since all forms at once would double the memory."""
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [()] * width
    rows.clear()
    columns.reverse()
    return [typed_array(columns.pop()) for _ in range(width)]
