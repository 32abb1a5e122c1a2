"""One table as it was read: from one sheet, or from one delimited file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import ORIGIN_COLUMNS, ORIGIN_FILE, ORIGIN_ROW, ORIGIN_SHEET, OUTCOME, REASON, REJECTED
from ctct_etl.sources.cell_arrays import TEXT, are_valid
from ctct_etl.sources.header import Header, check_names
from ctct_etl.sources.places import Place

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Table:
    """The rows of one table; a wholly blank one is left out and counted.

    columns: name → cells, verbatim, blanks missing, one chunk. rows: the row numbers that a person sees.
    faults: row number → why that row can't be used as it stands.
    """

    place: Place
    columns: Mapping[str, pa.LargeStringArray]
    rows: Rows
    blank_rows: int
    faults: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def build_table(
    place: Place,
    header: Header,
    cells: Sequence[pa.LargeStringArray],
    faults: Mapping[int, str],
    notes: Sequence[str] = (),
) -> Table:
    """Name the columns and leave out the blank rows. The first row of `cells` is the one below the header."""
    laid = lay_rows(place, header.row + 1, cells, faults)
    names = check_names(header, find_first_values(laid, len(cells)), place)
    columns = {name: laid.columns[str(position)] for position, name in names.items()}
    return replace(laid, columns=columns, notes=header_notes(place, header) + tuple(notes))


def lay_rows(place: Place, first: int, cells: Sequence[pa.LargeStringArray], faults: Mapping[int, str]) -> Table:
    """Leave out the blank rows; the columns are named by their positions. first: the row number of the first one."""
    length = len(cells[0]) if cells else 0
    filled = np.zeros(length, dtype=bool)
    for column in cells:
        filled |= are_valid(column)
        if filled.all():
            break
    filled[[row - first for row in faults]] = True
    rows = np.arange(first, first + length, dtype=np.int64)
    columns = {str(position): column for position, column in enumerate(cells)}
    if not filled.all():
        keep = pa.array(filled)
        columns = {name: pc.filter(column, keep) for name, column in columns.items()}
        rows = rows[filled]
    return Table(place, columns, rows, length - len(rows), faults)


def find_first_values(laid: Table, width: int) -> list[int | None]:
    """For each position the row of its first value, None for a column without any."""
    firsts: list[int | None] = []
    for position in range(width):
        valid = are_valid(laid.columns[str(position)])
        firsts.append(int(laid.rows[valid.argmax()]) if valid.any() else None)
    return firsts


def join_tables(tables: Sequence[Table]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """All rows in the order of the tables, and the source's columns in the order in which they first appear."""
    names = tuple(dict.fromkeys(name for table in tables for name in table.columns))
    lengths = [len(table.rows) for table in tables]
    rows: dict[str, object] = {
        ORIGIN_FILE: _repeat([table.place.file for table in tables], lengths),
        ORIGIN_SHEET: _repeat([table.place.sheet for table in tables], lengths),
        ORIGIN_ROW: np.concatenate([table.rows for table in tables]) if tables else np.zeros(0, dtype=np.int64),
        OUTCOME: _text(_concatenate([_outcomes(table, REJECTED) for table in tables])),
        REASON: _text(_concatenate([_outcomes(table, None) for table in tables])),
    }
    for name in names:
        parts = [table.columns.get(name) for table in tables]
        filled = [pa.nulls(n, TEXT) if part is None else part for part, n in zip(parts, lengths, strict=True)]
        rows[name] = _text(_concatenate(filled))
    order = [*ORIGIN_COLUMNS, *names, OUTCOME, REASON]
    return pd.DataFrame(rows, columns=order, copy=False), names


def _repeat(names: Sequence[str], lengths: Sequence[int]) -> pd.Categorical:
    kinds = list(dict.fromkeys(names))
    codes = np.repeat(np.array([kinds.index(name) for name in names], dtype=np.int64), lengths)
    return pd.Categorical.from_codes(codes, categories=pd.Index(kinds, dtype="str"))


def _outcomes(table: Table, outcome: str | None) -> pa.LargeStringArray:
    """REASON of every row, or the given outcome where there is a reason."""
    if not table.faults:
        return pa.nulls(len(table.rows), TEXT)
    values = np.full(len(table.rows), None, dtype=object)
    for row, reason in table.faults.items():
        values[np.searchsorted(table.rows, row)] = outcome or reason
    return pa.array(values, TEXT)


def _concatenate(parts: Sequence[pa.LargeStringArray]) -> pa.LargeStringArray:
    if len(parts) == 1:
        return parts[0]
    return pa.concat_arrays(parts) if parts else pa.array([], TEXT)


def _text(cells: pa.LargeStringArray) -> pd.Series[str]:
    return pd.Series(cells, dtype="str")


def header_notes(place: Place, header: Header) -> tuple[str, ...]:
    if header.row == 1:
        return ()
    return (f"{place.name()}: the header was found in row {header.row}",)
