from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ctct_etl.checks.asking import BY_VALUE, Asked, ask, lay_out, spread
from ctct_etl.config.expectation_table import KNOWN, Judges
from ctct_etl.config.expectations import Expected
from tests.checks.cases import ROWS, Case, Cells
from tests.checks.test_expectations import expected, judge, said

UNIQUE = expected("column_values_to_be_unique", column="A")
AT_LEAST_8 = expected("column_values_to_be_between", column="A", min_value=8.0)


def asked(cells: Mapping[str, Cells], one: Expected, rows: list[int] | None = None, position: int = 0) -> Asked:
    table = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in cells.items()})
    return ask(position, one, table, np.arange(len(table)) if rows is None else np.array(rows))


def test_what_is_about_each_value_for_itself_is_asked_of_distinct_values_where_they_repeat() -> None:
    few = asked({"A": ["7", "9", "7", None, "7", "x"]}, AT_LEAST_8)
    assert few.value_at is not None and few.value_at.tolist() == [0, 1, 0, -1, 0, 2]
    assert few.read.columns[0].tolist()[:2] == [7.0, 9.0] and few.read.unreadable[0].tolist() == [False, False, True]
    assert asked({"A": ["7", "9", "8"]}, AT_LEAST_8).value_at is None
    assert asked({"A": ["7"] * 9}, UNIQUE).value_at is None


def test_a_verdict_on_values_is_one_on_all_their_rows_and_blank_ones_were_not_judged() -> None:
    few = asked({"A": ["7", "9", "7", None, "x", "x"]}, AT_LEAST_8)
    failing, unreadable, judged = spread(few, np.array([0]), 2)
    assert (failing.tolist(), unreadable.tolist(), judged) == ([0, 2, 4, 5], [False] * 4 + [True] * 2, 5)


def test_a_verdict_on_rows_stays_one_and_what_is_unreadable_fails_and_counts() -> None:
    rows = asked({"A": ["7", "9", None, "x"]}, AT_LEAST_8)
    failing, unreadable, judged = spread(rows, np.array([0]), 2)
    assert (failing.tolist(), unreadable.tolist(), judged) == ([0, 3], [False, False, False, True], 3)


@pytest.mark.parametrize("case", [each for each in ROWS if each.name in BY_VALUE], ids=lambda case: case.name)
def test_asked_of_values_or_of_rows_the_verdict_is_the_same(case: Case) -> None:
    one = Expected(case.name, case.arguments, "reject", None, "mapping", ())
    repeated = {name: [*values] * 3 for name, values in case.cells.items()}
    assert asked(repeated, one).value_at is not None
    size = len(case.a)
    once = case.said if isinstance(case.said, Mapping) else {}
    assert said(judge(repeated, one)) == {at + size * turn: words for turn in range(3) for at, words in once.items()}


def test_each_that_judges_single_values_is_one_of_rows_and_of_one_column() -> None:
    for name in BY_VALUE:
        assert KNOWN[name].judges is Judges.ROWS and "column" in KNOWN[name].arguments


def test_those_of_the_same_rows_are_asked_together_and_so_are_all_of_distinct_values() -> None:
    cells: dict[str, Cells] = {"A": ["7"] * 4}
    whole = asked(cells, UNIQUE)
    assert whole.table == asked(cells, UNIQUE, position=1).table != asked(cells, UNIQUE, [0, 1]).table
    assert asked(cells, AT_LEAST_8).table == asked(cells, AT_LEAST_8, [0, 1]).table != whole.table
    header = expected("column_to_exist", column="A")
    assert asked(cells, header).table not in (whole.table, asked(cells, AT_LEAST_8).table)


def test_a_table_has_each_column_once_for_each_reading_under_a_name_of_ours() -> None:
    cells: dict[str, Cells] = {"A": ["7", "2026-01-31", "8"], "B": ["1", "2", "3"]}
    pair: dict[str, Any] = {"column_A": "A", "column_B": "B"}
    suite = [UNIQUE, AT_LEAST_8, expected("column_pair_values_to_be_equal", **pair),
             expected("column_max_to_be_between", "stop", column="B", max_value=2.0)]  # fmt: skip
    frame, configured = lay_out([asked(cells, one, position=at) for at, one in enumerate(suite)], ("A", "B"))
    assert list(frame) == ["str: A", "float64: A", "str: B", "float64: B"]
    assert configured[2] == (2, "expect_column_pair_values_to_be_equal", {"column_A": "str: A", "column_B": "str: B"})
    assert configured[1] == (1, AT_LEAST_8.name, {"column": "float64: A", "min_value": 8.0})


def test_distinct_values_of_unlike_many_stand_side_by_side_and_end_in_blanks() -> None:
    cells: dict[str, Cells] = {"A": ["7", "8"] * 3, "B": ["1"] * 6}
    in_set = expected("column_values_to_be_in_set", column="B", value_set=["1"])
    frame, _ = lay_out([asked(cells, AT_LEAST_8), asked(cells, in_set, position=1)], ())
    assert list(frame) == ["0: float64: A", "1: str: B"] and frame["1: str: B"].isna().tolist() == [False, True]


def test_the_header_is_a_table_without_rows() -> None:
    header = expected("column_to_exist", column="B")
    frame, configured = lay_out([asked({"A": ["1"]}, header)], ("A", "B"))
    assert (list(frame), len(frame)) == (["A", "B"], 0)
    assert configured == [(0, "expect_column_to_exist", {"column": "B"})]
