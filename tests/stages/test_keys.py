from __future__ import annotations

import pandas as pd
import pytest

from ctct_etl.plan.snapshot import CustomField, CustomType
from ctct_etl.stages.keys import comparison_key

CHOICES = {"Gold": "7", "Silver": "8"}


def same(field: str, one: str, other: str, type: CustomType | None = None) -> bool:
    custom = None if type is None else CustomField("1", "X", type, choices=CHOICES)
    first, second = comparison_key(field, pd.Series([one, other], dtype="str"), custom)
    return bool(first == second)


@pytest.mark.parametrize(
    ("field", "type", "one", "other"),
    [
        ("phone.home", None, "+14155552671", "415-555-2671"),
        ("email", None, "ann@example.org", "Ann@Example.ORG"),
        ("birthday", None, "05-09", "05-09"),
        ("anniversary", None, "2020-01-31", "01/31/2020"),
        ("anniversary", None, "2020-01-31", "2020/1/31"),
        ("anniversary", None, "2020-01-31", "1-31-2020"),
        ("address.home.country", None, "US", "United States"),
        ("address.work.state", None, "MA", "Massachusetts"),
        ("custom.X", "number", "7", "7.00"),
        ("custom.X", "currency", "1200", "$1,200.00"),
        ("custom.X", "boolean", "true", "Yes"),
        ("custom.X", "date", "2020-01-31", "01/31/2020"),
        ("custom.X", "date", "2020-01-31", "2020-01-31T00:00:00Z"),
        ("custom.X", "single_select", "Gold", "gold"),
        ("custom.X", "multi_select", "Gold;Silver", "silver; gold"),
    ],
)
def test_two_writings_of_one_value_are_one(field: str, type: CustomType | None, one: str, other: str) -> None:
    assert same(field, one, other, type)


@pytest.mark.parametrize(
    ("field", "type", "one", "other"),
    [
        ("first_name", None, "Ann", "ann"),
        ("first_name", None, "Ann", "Ann "),
        ("address.home.city", None, "MA", "Massachusetts"),
        ("custom.X", "string", "7", "7.0"),
        ("custom.X", None, "7", "7.0"),
        ("custom.X", "number", "70", "7"),
        ("custom.X", "number", "0", ""),
        ("phone.home", None, "", "+14155552671"),
        ("anniversary", None, "2020-01-31", "soon"),
        ("anniversary", None, "", "2020-01-31"),
    ],
)
def test_two_values_are_two(field: str, type: CustomType | None, one: str, other: str) -> None:
    assert not same(field, one, other, type)


@pytest.mark.parametrize("field", ["first_name", "phone.home", "anniversary", "address.home.state", "custom.X"])
def test_blank_and_missing_stay_what_they_are(field: str) -> None:
    values = pd.Series(["", None], dtype="str", index=[7, 9])
    key = comparison_key(field, values, CustomField("1", "X", "number"))
    pd.testing.assert_series_equal(key, values)


def test_text_is_its_own_key_and_costs_nothing() -> None:
    values = pd.Series(["Ann"], dtype="str")
    assert comparison_key("first_name", values, None) is values
