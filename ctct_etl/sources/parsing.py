"""Delimited text below its header as columns: by a fast parser where that is proved safe, else record by record."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from ctct_etl.sources.body import Body, last_filled
from ctct_etl.sources.cell_arrays import TEXT, drop_blanks, text_array
from ctct_etl.sources.dialects import delimiter_name
from ctct_etl.sources.records import LONGEST_CELL, read_records
from ctct_etl.sources.shape import prove_quotes, prove_shape


@dataclass(frozen=True)
class Parsed:
    """Cells by column of the header. short: the rows with fewer cells. long: row → cells, of those with more.

    records: all of them, blank ones included. lines_within: whether a cell may hold a line end.
    """

    cells: Sequence[pa.LargeStringArray]
    short: Sequence[int]
    records: int
    long: Mapping[int, int] = field(default_factory=dict)
    lines_within: bool = True


def parse_fast(body: Body, width: int) -> Parsed | None:
    """The columns by a fast parser, None unless the text is proved regular; `width` is the header's as written.

    Gives what `parse_slowly` gives. Arrow's parser counts the cells of each record itself: where all are full, it is
    the quotes alone that have to be proved, side by side. What has shorter records is proved as a whole.
    """
    with ThreadPoolExecutor(1) as pool:
        proof = pool.submit(prove_quotes, body.data, body.start, body.delimiter)
        cells = _read_full_records(body, width)
        lines = proof.result()
    if lines is None:
        return None
    if lines.within and cells is not None:
        del cells  # the columns are not held twice
        cells = _read_full_records(body, width, lines_within=True)
    short: Sequence[int] = ()
    records = lines.records
    if cells is None:
        shape = prove_shape(body.data, body.start, body.delimiter, len(body.header.names), width)
        if shape is None:
            return None
        if not shape.records:
            return Parsed([pa.array([], TEXT) for _ in body.header.names], [], 0)
        cells, records = _read_short_records(body, width), shape.records
        short = (shape.short + body.header.row + 1).tolist()
    if len(cells[0]) != records:
        return None
    named = len(body.header.names)
    if any(column.null_count < len(column) for column in cells[named:]):
        return None
    if lines.longest > LONGEST_CELL and _longest(cells) > LONGEST_CELL:
        return None
    return Parsed(cells[:named], short, records, lines_within=lines.within)


def _read_full_records(body: Body, width: int, *, lines_within: bool = False) -> list[pa.LargeStringArray] | None:
    """The columns by Arrow's parser, which refuses whatever is no record of `width` cells.

    lines_within: a cell may hold line ends. Then it looks for the records' ends one after the other; else it cuts the
    text into blocks at any line end, and can lose one that a cell begins with.
    """
    names = [str(position) for position in range(width)]
    try:
        table = csv.read_csv(
            pa.BufferReader(pa.py_buffer(body.data).slice(body.start)),
            csv.ReadOptions(column_names=names),
            csv.ParseOptions(delimiter=body.delimiter, ignore_empty_lines=False, newlines_in_values=lines_within),
            csv.ConvertOptions(
                check_utf8=False,  # all of it was decoded before
                column_types=dict.fromkeys(names, TEXT),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = table.columns
    del table
    columns.reverse()
    return _finish_columns(columns.pop() for _ in names)


def _read_short_records(body: Body, width: int) -> list[pa.LargeStringArray]:
    """The columns by pandas' C engine, which pads short records, and takes empty lines as records: both are wanted.

    Of all else that it does in silence the proof excludes the cause.
    """
    stream = io.BytesIO(body.data)
    stream.seek(body.start)
    frame = pd.read_csv(
        stream,
        engine="c",
        sep=body.delimiter,
        header=None,
        names=[str(position) for position in range(width)],
        index_col=False,
        dtype="large_string[pyarrow]",
        keep_default_na=False,
        na_values=[""],
        skip_blank_lines=False,
        encoding="utf-8",
    )
    return _finish_columns(pa.array(frame.pop(str(position))) for position in range(width))


def parse_slowly(body: Body) -> Parsed:
    """The columns by the csv module, and how many cells those rows have that have more than the header."""
    width, first = len(body.header.names), body.header.row + 1
    columns: list[list[str | None]] = [[] for _ in range(width)]
    short, long = [], {}
    records = read_records(body.data, body.start, body.delimiter, first, body.place)
    total = 0
    for row, (record, _) in enumerate(records, first):
        total += 1
        if len(record) < width:
            if record:
                short.append(row)
            record.extend([""] * (width - len(record)))
        elif len(record) > width and (cells := last_filled(record)) > width:
            long[row] = cells
        for column, cell in zip(columns, record, strict=False):
            column.append(cell)
    return Parsed([text_array(column) for column in columns], short, total, long)


def _finish_columns(columns: Iterable[pa.ChunkedArray | pa.Array]) -> list[pa.LargeStringArray]:
    with ThreadPoolExecutor(2) as pool:  # columns are independent, and the kernels release the interpreter
        return list(pool.map(_finish_column, columns))


def _finish_column(column: pa.ChunkedArray | pa.Array) -> pa.LargeStringArray:
    return drop_blanks(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)


def _longest(cells: Sequence[pa.LargeStringArray]) -> int:
    offsets = (np.frombuffer(column.buffers()[1], dtype=np.int64) for column in cells if len(column))
    return max((int(np.diff(positions).max(initial=0)) for positions in offsets), default=0)


def tell_long(body: Body, long: Mapping[int, int]) -> dict[int, str]:
    """Why rows with more cells than the header can't be used as they stand."""
    width = len(body.header.names)
    return {row: _long_reason(cells, width, body.delimiter) for row, cells in long.items()}


def _long_reason(cells: int, width: int, delimiter: str) -> str:
    cure = f"put quotes around a cell that holds a {delimiter_name(delimiter)}"
    return f"the row has {cells:,} cells, the header {width:,} — {cure}"
