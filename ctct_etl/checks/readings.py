"""Cells, which are all text, read as what an expectation compares: numbers, days, or what most of them are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.config.expectation_table import Reading

Mask = npt.NDArray[np.bool_]

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9:.]+)?"
_EPOCH = date(1970, 1, 1)
NOT_A_NUMBER = "is not a number"
NOT_A_DAY = "is not a date such as 2026-01-31"


class Read(NamedTuple):
    """columns: float64, NaN where blank or unreadable, or the text itself. unreadable: a mask for each column.
    fault: what is wrong with an unreadable cell. are_days: the numbers are days since 1970.
    """

    columns: tuple[pd.Series, ...]
    unreadable: tuple[Mask, ...]
    fault: str
    are_days: bool


def read_cells(cells: tuple[pd.Series, ...], reading: Reading, arguments: Mapping[str, Any]) -> Read:
    """Read the cells of one expectation, all its columns as the same.

    Days are numbers here, counted from 1970: a time of day does not count, so that a last day is wholly in.
    """
    if reading is Reading.TEXT:
        return Read(cells, tuple(np.zeros(len(column), dtype=bool) for column in cells), "", False)
    numbers, days = _as(_read_numbers, cells), _as(_read_days, cells)
    are_days = {
        Reading.BOUNDS: any(isinstance(arguments.get(bound), date) for bound in ("min_value", "max_value")),
        Reading.ORDER: _count_read(days) > _count_read(numbers),
    }.get(reading, False)
    columns = days if are_days else numbers
    unreadable = tuple((text.notna() & column.isna()).to_numpy() for text, column in zip(cells, columns, strict=True))
    return Read(columns, unreadable, NOT_A_DAY if are_days else NOT_A_NUMBER, are_days)


def number_of(bound: Any) -> Any:
    """Return a date as the number that its cells are read as; anything else as it is."""
    return float((bound - _EPOCH).days) if isinstance(bound, date) else bound


def day_of(number: float) -> str:
    """Return such a number as the day that it is."""
    return date.fromordinal(_EPOCH.toordinal() + int(number)).isoformat()


def _as(read: Any, cells: tuple[pd.Series, ...]) -> tuple[pd.Series, ...]:
    return tuple(read(column) for column in cells)


def _count_read(columns: tuple[pd.Series, ...]) -> int:
    return sum(int(column.notna().sum()) for column in columns)


def _read_numbers(cells: pd.Series) -> pd.Series:
    text = cells.where(cells.str.fullmatch(_NUMBER).fillna(False).astype(bool))
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _read_days(cells: pd.Series) -> pd.Series:
    text = cells.where(cells.str.fullmatch(_DAY).fillna(False).astype(bool)).str.slice(0, 10)
    days = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    return (days - pd.Timestamp(_EPOCH)) / pd.Timedelta(days=1)
