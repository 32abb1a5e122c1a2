from __future__ import annotations

import pyarrow as pa
import pytest

from ctct_etl.plan.snapshot import CustomField, CustomType
from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.custom_values import parse_custom

LEVELS = {"Gold": "7", "Silver": "8", "Very Basic": "9"}


def read(type: CustomType, text: str, formats: tuple[str, ...] = ()) -> tuple[str | None, str | None]:
    found = parse_custom(pa.array([text], TEXT), CustomField("1", "Level", type, choices=LEVELS), formats)
    return found.values[0].as_py(), None if found.faults is None else found.faults[0].as_py()


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        ("string", " as it is ", " as it is "),
        ("text_area", "two\nlines", "two\nlines"),
        ("number", "007", "7"), ("number", "+1,234.50", "1234.50"), ("number", "-.5", "-0.5"), ("number", "0.00", "0"),
        ("number", "12345678901234567890", "12345678901234567890"),
        ("currency", "$1,200.00", "1200.00"), ("currency", "-€5", "-5"),
        ("boolean", "Yes", "true"), ("boolean", "x", "true"), ("boolean", "0", "false"), ("boolean", "FALSE", "false"),
        ("date", "2020-01-31", "2020-01-31"),
        ("datetime", "2020-01-31", "2020-01-31T00:00:00Z"),
        ("datetime", "2020-01-31 12:30+02:00", "2020-01-31T10:30:00Z"),
        ("single_select", " gold ", "Gold"),
        ("multi_select", "silver; GOLD;;silver", "Gold;Silver"),
    ],
)  # fmt: skip
def test_a_value_is_read_by_the_type_that_the_account_defines(type: CustomType, text: str, value: str) -> None:
    assert read(type, text) == (value, None)


def test_a_date_is_read_by_the_mappings_formats() -> None:
    assert read("date", "31/01/2020", ("%d/%m/%Y",)) == ("2020-01-31", None)


@pytest.mark.parametrize(
    ("type", "text", "fault"),
    [
        ("number", "1.234,50", "is not a number such as 1234.5 — correct the cell"),
        ("number", "12,34", "is not a number such as 1234.5 — correct the cell"),
        ("number", "1e5", "is not a number such as 1234.5 — correct the cell"),
        ("number", "-", "is not a number such as 1234.5 — correct the cell"),
        ("number", "NaN", "is not a number such as 1234.5 — correct the cell"),
        ("boolean", "maybe", "is neither yes nor no — correct the cell"),
        ("date", "soon", "is not a date such as 2026-12-31 — correct the cell"),
        ("single_select", "Gld", "is none of the account's choices: Gold, Silver, Very Basic — correct the cell"),
        (
            "multi_select",
            "gold;lead",
            'names "lead", none of the account\'s choices: Gold, Silver, Very Basic — correct the cell',
        ),
    ],
)
def test_what_the_type_does_not_allow_is_told_why(type: CustomType, text: str, fault: str) -> None:
    assert read(type, text) == (None, fault)
