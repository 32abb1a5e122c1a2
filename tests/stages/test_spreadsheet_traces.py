from __future__ import annotations

import pyarrow as pa
import pytest

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.spreadsheet_traces import suspect_spreadsheets


def told(text: str | None) -> str | None:
    (found,) = suspect_spreadsheets(pa.array([text], TEXT)).to_pylist()
    return found


@pytest.mark.parametrize("text", ["1.23457E+11", "1,23457E+11", "4E+15", "-1.5E+20", "1E+100"])
def test_a_rounded_number_is_told(text: str) -> None:
    assert told(text) == "is a number that a spreadsheet program has rounded — export the column as text"


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NV", "#BEZUG!"])
def test_the_fault_of_a_formula_is_told(text: str) -> None:
    assert told(text) == "is the fault of a formula — correct the formula"


@pytest.mark.parametrize("text", ["###", "##########"])
def test_a_column_that_was_too_narrow_is_told(text: str) -> None:
    assert told(text).startswith("is what a spreadsheet program shows in too narrow a column")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    ["12E10", "1E5", "1.5E-7", "E+11", "1.23457E+11 kg", "12345678901", "N/A", "#5", "#12", "#", "##", "# 3", "#REF",
     "Apt #4", "#NOW", "", None],
)  # fmt: skip
def test_what_people_write_is_silent(text: str | None) -> None:
    assert told(text) is None
