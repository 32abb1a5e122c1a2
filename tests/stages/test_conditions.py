from __future__ import annotations

from typing import Any

import pytest

from ctct_etl.config.mapping import Condition
from ctct_etl.stages.conditions import select, tell_unmet
from tests.sheets import sheet, source

STATUS = sheet("""
    E-mail  | Status
    a@x.org | Active
    b@x.org |  active
    c@x.org | LAPSED
    d@x.org |
    e@x.org | Inactive
""")


@pytest.mark.parametrize(
    ("test", "rows"),
    [
        ({"equals": "active"}, [2, 3]),
        ({"equals": " Active "}, [2, 3]),
        ({"in": ["Active", "lapsed"]}, [2, 3, 4]),
        ({"not_in": ["active"]}, [4, 5, 6]),
        ({"blank": "true"}, [5]),
        ({"not_blank": "true"}, [2, 3, 4, 6]),
        ({"matches": "ctive$"}, [2, 3, 6]),
        ({"matches": "^Act"}, [2]),
        ({"matches": "(?i)^act"}, [2, 3]),
    ],
)
def test_a_condition_selects_by_trimmed_text_whatever_its_letter_case(test: dict[str, Any], rows: list[int]) -> None:
    chosen = select(STATUS, Condition.model_validate({"column": "Status"} | test))
    assert chosen.dtype == bool
    assert STATUS["@row"][chosen].tolist() == rows


def test_cells_are_compared_without_the_white_space_around_them() -> None:
    rows = source({"Status": ["\u00a0Active\t", "   ", None]})
    assert select(rows, Condition(column="Status", equals="active")).tolist() == [True, False, False]
    assert select(rows, Condition(column="Status", blank="true")).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ({"in": ["Active", "New"]}, 'rows.where: Status is "LAPSED", not in Active, New'),
        ({"equals": "Active"}, 'rows.where: Status is "LAPSED", not Active'),
        ({"not_in": ["lapsed"]}, 'rows.where: Status is "LAPSED", one of those left out: lapsed'),
        ({"matches": "^A"}, 'rows.where: Status is "LAPSED", which does not match ^A'),
        ({"blank": "true"}, 'rows.where: Status is "LAPSED", and should be blank'),
    ],
)
def test_an_unmet_condition_is_told_with_the_value_that_failed_it(test: dict[str, Any], words: str) -> None:
    told = tell_unmet(STATUS, Condition.model_validate({"column": "Status"} | test), "rows.where")
    assert told[2] == words


def test_a_blank_cell_is_told_as_blank() -> None:
    told = tell_unmet(STATUS, Condition(column="Status", not_blank="true"), "rows.where")
    assert told[3] == "rows.where: Status is blank, and should be filled in"
