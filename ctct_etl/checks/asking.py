"""How an expectation is put to Great Expectations: which cells, read as what, under which names.

Where an expectation is about each value for itself and values repeat, it is asked of the distinct values alone: dates,
ZIP codes and choices are few, rows are many, and some of their checks are a loop in Python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.checks.readings import Mask, Read, number_of, read_cells
from ctct_etl.config.expectation_table import Judges
from ctct_etl.config.expectations import Expected

Positions = npt.NDArray[np.int64]
Configured = tuple[int, str, Mapping[str, Any]]  # position in the suite, name, arguments

# About one value, whatever the others are, and not about blanks.
BY_VALUE = frozenset(
    f"expect_column_{name}"
    for name in (
        "values_to_be_in_set", "values_to_not_be_in_set", "values_to_match_regex", "values_to_not_match_regex",
        "values_to_match_regex_list", "values_to_not_match_regex_list", "values_to_be_between",
        "value_lengths_to_be_between", "value_lengths_to_equal", "values_to_match_strftime_format",
        "values_to_be_dateutil_parseable", "values_to_be_json_parseable",
    )
)  # fmt: skip

# About the cells of one row, whatever the other rows are.
BY_ROW = BY_VALUE | {
    "expect_column_values_to_not_be_null", "expect_column_values_to_be_null", "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set", "expect_select_column_values_to_be_unique_within_record",
    "expect_multicolumn_values_to_be_equal", "expect_multicolumn_sum_to_equal",
}  # fmt: skip


class Asked(NamedTuple):
    """One expectation, and what it is asked of.

    rows: positions in the table of cells. read: their cells, or their distinct values. value_at: for each row the
    position of its value in `read`, -1 where blank; None where `read` has the cells themselves.
    """

    position: int
    expected: Expected
    rows: Positions
    read: Read
    value_at: Positions | None = None

    @property
    def table(self) -> bytes:
        """What tells apart the tables that are judged: those of one table are asked together."""
        if self.expected.known.judges is Judges.HEADER:
            return b"header"
        return b"values" if self.value_at is not None else b"rows" + self.rows.tobytes()


def ask(position: int, expected: Expected, cells: pd.DataFrame, rows: Positions) -> Asked:
    """Read the cells of the rows that an expectation is about."""
    reading, arguments = expected.known.reading, expected.arguments
    columns = tuple(cells[column].iloc[rows].reset_index(drop=True) for column in expected.columns)
    if expected.name in BY_VALUE:
        value_at, values = pd.factorize(columns[0])
        if 2 * len(values) <= len(rows):
            distinct = (pd.Series(values, dtype="str"),)
            return Asked(position, expected, rows, read_cells(distinct, reading, arguments), value_at)
    return Asked(position, expected, rows, read_cells(columns, reading, arguments))


def lay_out(together: Sequence[Asked], header: Sequence[str]) -> tuple[pd.DataFrame, list[Configured]]:
    """Return the table that is judged, each column once for each reading, and the expectations in terms of it.

    Distinct values of several columns stand in one table; the shorter ones end in blanks, which pass.
    """
    configured: list[Configured] = []
    if together[0].expected.known.judges is Judges.HEADER:
        empty = pd.DataFrame({name: pd.Series([], dtype="str") for name in header})
        configured += [(each.position, each.expected.name, each.expected.arguments) for each in together]
        return empty, configured
    columns: dict[str, pd.Series] = {}
    for each in together:
        named = {column: _name(each, column, values) for column, values in _pairs(each)}
        columns |= {named[column]: values for column, values in _pairs(each)}
        arguments = {name: _translate(name, value, named) for name, value in each.expected.arguments.items()}
        configured.append((each.position, each.expected.name, arguments))
    size = max((len(values) for values in columns.values()), default=len(together[0].rows))
    return pd.DataFrame(columns, index=range(size)), configured


def spread(each: Asked, failing: Positions, judged: int) -> tuple[Positions, Mask, int]:
    """Return which of the rows fail, which of them are unreadable, and how many rows were judged.

    failing, judged: what Great Expectations says of what it was asked. To it a cell that is no number is blank, where
    numbers are expected; here it fails.
    """
    unreadable = np.logical_or.reduce(each.read.unreadable)
    wrong = unreadable.copy()
    wrong[failing] = True
    if each.value_at is not None:  # a blank's -1 finds the False at the end
        wrong, unreadable = (np.append(mask, False)[each.value_at] for mask in (wrong, unreadable))
        judged = int((each.value_at >= 0).sum())
    elif unreadable.any():
        blank = np.logical_and.reduce([column.isna().to_numpy() for column in each.read.columns])
        judged += int((unreadable & blank).sum())
    return np.flatnonzero(wrong), unreadable, judged


def _pairs(each: Asked) -> list[tuple[str, pd.Series]]:
    return list(zip(each.expected.columns, each.read.columns, strict=True))


def _name(each: Asked, column: str, values: pd.Series) -> str:
    reading = f"{values.dtype}{' of days' if each.read.are_days else ''}: {column}"
    return reading if each.value_at is None else f"{each.position}: {reading}"


def _translate(argument: str, value: Any, named: Mapping[str, str]) -> Any:
    if argument in ("column", "column_A", "column_B"):
        return named[value]
    if argument == "column_list":
        return [named[column] for column in value]
    return number_of(value)
