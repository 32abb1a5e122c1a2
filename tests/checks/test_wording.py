from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ctct_etl.checks.wording import quoted, say_fault, say_number, say_range, say_whole
from ctct_etl.config.expectation_table import KNOWN
from ctct_etl.config.expectations import Expected
from tests.checks.cases import ROWS, WHOLE


@pytest.mark.parametrize(
    ("value", "said"), [(18.0, "18"), (0.95, "0.95"), (1234567.0, "1,234,567"), (-2.5, "-2.5"), (date(2026, 1, 31),
                        "2026-01-31"), (2, "2")],
)  # fmt: skip
def test_a_number_has_no_digits_that_say_nothing(value: Any, said: str) -> None:
    assert say_number(value) == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"min_value": 1.0}, "at least 1"),
        ({"max_value": 2.0, "strict_max": True}, "less than 2"),
        ({"min_value": 1.0, "max_value": 2.0}, "at least 1 and at most 2"),
        ({"min_value": 1.0, "strict_min": True, "max_value": 2.0}, "more than 1 and at most 2"),
    ],
)
def test_a_range_says_its_bounds_and_whether_they_belong_to_it(arguments: dict[str, Any], said: str) -> None:
    assert say_range(arguments) == said


def test_a_long_set_is_told_by_its_first_members() -> None:
    assert quoted([f"{n}" for n in range(10)]) == '"0", "1", "2", "3", "4", "5", "6", "7" and 2 more'


def test_every_fault_says_how_to_mend_it_and_no_sentence_is_said_of_two_expectations() -> None:
    said = {case.name: say_fault(Expected(case.name, case.arguments, "reject", None, "mapping", ())) for case in ROWS}
    assert all(" — " in fault for fault in said.values())
    equal = ("expect_column_pair_values_to_be_equal", "expect_multicolumn_values_to_be_equal")
    assert len(set(said.values())) == len(said) - 1 and said[equal[0]] == said[equal[1]]


def test_an_expectation_without_words_of_its_own_is_told_by_its_name_and_arguments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = KNOWN["expect_column_values_to_be_unique"]
    monkeypatch.setitem(KNOWN, "expect_new", known)  # type: ignore[arg-type]
    new = Expected("expect_new", {"column": "A", "mostly": 1.0, "depth": 3}, "reject", None, "mapping", ())
    assert say_fault(new) == "fails expect_new (depth: 3) — correct the cell"
    assert say_whole(new, "and it is 4") == 'column "A": expect_new (depth: 3) should hold, and it is 4'


def test_every_expectation_of_the_whole_has_words_of_its_own() -> None:
    for case in WHOLE:
        said = say_whole(Expected(case.name, case.arguments, "stop", None, "mapping", ()), "and so")
        assert "expect_" not in said and said.endswith(", and so")
