from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ctct_etl.checks.observing import observe
from ctct_etl.checks.readings import Read, read_cells
from ctct_etl.config.expectation_table import Reading
from ctct_etl.config.expectations import Expected

LONG = "x" * 60


def seen(name: str, details: dict[str, Any], *cells: str | None, **arguments: Any) -> str:
    expected = Expected(f"expect_{name}", arguments, "stop", None, "mapping", ())
    texts = (pd.Series(cells, dtype="str"),) if expected.columns else ()
    read = read_cells(texts, expected.known.reading, arguments) if texts else Read((), (), "", False)
    return observe(expected, details, texts, read)


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"observed_value": 2.5}, "and it is 2.5"),
        ({"observed_value": None}, "and there is none: no cell has a value"),
        ({"observed_value": float("nan")}, "and there is none: no cell has a value"),
        ({}, "and there is none: no cell has a value"),
    ],
)
def test_a_figure_is_said_and_so_is_its_lack(details: dict[str, Any], said: str) -> None:
    assert seen("column_mean_to_be_between", details, "1", column="A", min_value=3.0) == said


def test_cells_that_are_no_numbers_are_counted_and_the_first_is_shown_shortened() -> None:
    assert seen("column_sum_to_be_between", {"observed_value": 1.0}, "1", LONG, "y", column="A", min_value=3.0) == (
        f'and 2 of its cells can\'t be read: "{LONG[:40]}" is not a number'
    )


def test_values_are_shown_shortened_and_only_the_first_of_many() -> None:
    many = [f"{n:02}" for n in range(12)]
    said = seen("column_distinct_values_to_be_in_set", {}, *many, LONG, column="A", value_set=["00"])
    assert said == 'and it also has "01", "02", "03", "04", "05", "06", "07", "08" and 4 more'
    assert seen("column_distinct_values_to_be_in_set", {}, LONG, column="A", value_set=["00"]) == (
        f'and it also has "{LONG[:40]}"'
    )


def test_no_commonest_value_is_told() -> None:
    assert seen("column_most_common_value_to_be_in_set", {"observed_value": []}, column="A", value_set=["a"]) == (
        "and there is none"
    )


def test_a_reading_as_text_has_nothing_unreadable() -> None:
    assert not read_cells((pd.Series(["x"], dtype="str"),), Reading.TEXT, {}).unreadable[0].any()
