from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from ctct_etl.checks.readings import day_of, number_of, read_cells
from ctct_etl.config.expectation_table import Reading


def read(reading: Reading, *cells: str | None, **arguments: Any) -> tuple[list[float | None], list[bool], str]:
    found = read_cells((pd.Series(cells, dtype="str"),), reading, arguments)
    values = [None if pd.isna(value) else value for value in found.columns[0]]
    return values, found.unreadable[0].tolist(), found.fault


@pytest.mark.parametrize(
    ("cell", "number"),
    [("7", 7.0), ("-7.50", -7.5), ("+.5", 0.5), ("3.", 3.0), ("1e3", 1000.0), ("007", 7.0), ("1,000", None),
     ("$7", None), ("7%", None), ("1e999", None), ("nan", None), ("inf", None), ("0x10", None),
     ("٧", None), ("1_0", None)],
)  # fmt: skip
def test_a_number_is_digits_with_a_sign_a_point_and_an_exponent_and_nothing_else(
    cell: str, number: float | None
) -> None:
    assert read(Reading.NUMBERS, cell) == ([number], [number is None], "is not a number")


@pytest.mark.parametrize(
    ("cell", "day"),
    [("2026-01-31", "2026-01-31"), ("2026-01-31 23:59:59", "2026-01-31"), ("2026-01-31T08:00", "2026-01-31"),
     ("1850-02-28", "1850-02-28"), ("2026-02-30", None), ("31/01/2026", None), ("2026", None), ("2026-1-3", None)],
)  # fmt: skip
def test_a_date_is_a_day_that_exists_whatever_its_time(cell: str, day: str | None) -> None:
    values, unreadable, fault = read(Reading.BOUNDS, cell, min_value=date(2026, 1, 1))
    assert [None if value is None else day_of(value) for value in values] == [day]
    assert unreadable == [day is None]
    assert fault == "is not a date such as 2026-01-31"


def test_a_date_as_a_bound_is_the_number_that_its_cells_are() -> None:
    values, _, _ = read(Reading.BOUNDS, "2026-01-31", max_value=date(2026, 1, 31))
    assert values == [number_of(date(2026, 1, 31))]
    assert number_of(7.5) == 7.5 and number_of("text") == "text"


def test_bounds_that_are_numbers_make_numbers() -> None:
    assert read(Reading.BOUNDS, "2026-01-31", "7", min_value=1.0) == ([None, 7.0], [True, False], "is not a number")


def test_an_order_is_that_of_numbers_or_dates_whichever_are_more() -> None:
    assert read(Reading.ORDER, "7", "8", "2026-01-31")[1] == [False, False, True]
    assert read(Reading.ORDER, "7", "2026-02-01", "2026-01-31")[1] == [True, False, False]
    assert read(Reading.ORDER, "7", "2026-02-01")[1] == [False, True]  # as many: numbers


def test_blank_is_blank_and_not_unreadable() -> None:
    for reading in (Reading.NUMBERS, Reading.ORDER):
        assert read(reading, None, None)[:2] == ([None, None], [False, False])


def test_text_stays_as_it_is() -> None:
    assert read(Reading.TEXT, "007", None) == (["007", None], [False, False], "")
