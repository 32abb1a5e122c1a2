from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ctct_etl.checks.expectations import Findings, failed_expectations
from ctct_etl.columns import COLUMN, EXPECTATION, PROBLEM, ROW, SEVERITY, VALUE
from ctct_etl.config.expectation_table import KNOWN
from ctct_etl.config.expectations import Expected, OnFail
from tests.checks.cases import CASES, ROWS, WHOLE, Cells
from tests.modules import ROOT


def expected(name: str, on_fail: OnFail = "reject", **arguments: Any) -> Expected:
    return Expected(f"expect_{name}", arguments, on_fail, None, "mapping", ())


def judge(cells: Mapping[str, Cells], *suite: Expected, rows: list[bool] | None = None) -> Findings:
    """Judge a small table; `rows` are those that the suite is about."""
    table = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in cells.items()})
    chosen = np.ones(len(table), dtype=bool) if rows is None else np.array(rows)
    return failed_expectations(table, suite, [chosen] * len(suite), tuple(cells))


def said(findings: Findings) -> dict[int, str]:
    return dict(zip(findings.cells[ROW], findings.cells[PROBLEM], strict=True))


@pytest.fixture(scope="module")
def judged() -> list[Findings]:
    """Every case on its own."""
    return [judge(each.cells, Expected(each.name, each.arguments, "reject", None, "mapping", ())) for each in CASES]


@pytest.mark.parametrize("at", range(len(CASES)), ids=lambda at: CASES[at].name)
def test_what_fails_is_said_in_plain_words(at: int, judged: list[Findings]) -> None:
    findings, case = judged[at], CASES[at]
    assert findings.broken == {} and findings.spared == {}
    assert (findings.whole.get(0, said(findings))) == case.said


def test_every_expectation_and_every_argument_has_a_case() -> None:
    shown = {(case.name, argument) for case in CASES for argument in case.arguments}
    # Said for all of them at once: the share, the bounds, and the rows that blanks leave out.
    told = {"mostly", "min_value", "max_value", "strict_min", "strict_max", "ignore_row_if"}
    for name, known in KNOWN.items():
        assert name in {case.name for case in CASES}
        assert {(name, argument) for argument in known.arguments if argument not in told} <= shown, name
    assert {argument for _, argument in shown} | {"mostly"} == {
        argument for known in KNOWN.values() for argument in known.arguments
    }
    assert all(isinstance(case.said, str) for case in WHOLE)


def test_no_wording_is_the_general_one() -> None:
    assert not [case.name for case in ROWS if isinstance(case.said, Mapping) for words in case.said.values()
                if " fails expect_" in words]  # fmt: skip


def test_rows_that_the_suite_is_not_about_are_not_judged() -> None:
    unique = expected("column_values_to_be_unique", column="A")
    assert said(judge({"A": ["a", "a", "a"]}, unique, rows=[True, False, True])) == dict.fromkeys(
        (0, 2), '"a" stands in several rows — keep one of them'
    )
    assert said(judge({"A": ["a", "a", "b"]}, unique, rows=[True, False, True])) == {}


def test_a_table_without_rows_fails_no_row_and_says_what_is_missing_of_the_whole() -> None:
    suite = [Expected(case.name, case.arguments, "stop", None, "mapping", ()) for case in CASES]
    findings = judge({"A": [], "B": []}, *suite)
    assert said(findings) == {} and findings.broken == {}
    least = expected("table_row_count_to_be_between", min_value=1)
    assert judge({"A": []}, least).whole == {0: "the number of rows should be at least 1, and it is 0"}


@pytest.mark.parametrize(("mostly", "fails"), [(0.5, False), (0.51, True), (1.0, True)])
def test_mostly_is_the_share_of_cells_with_a_value_that_must_pass(mostly: float, fails: bool) -> None:
    in_set = expected("column_values_to_be_in_set", column="A", value_set=["a"], mostly=mostly)
    findings = judge({"A": ["a", "b", None, None]}, in_set)
    assert list(said(findings)) == ([1] if fails else [])
    assert findings.spared == ({} if fails else {
        0: 'expect_column_values_to_be_in_set of "A": 1 of 2 rows (50.00%) fail it and pass all the same, '
           "since `mostly: 0.5` allows it"
    })  # fmt: skip


def test_a_cell_that_is_no_number_counts_among_the_failing_ones_of_mostly() -> None:
    between = expected("column_values_to_be_between", column="A", min_value=1.0, mostly=0.6)
    assert said(judge({"A": ["1", "2", "x", None]}, between)) == {}
    assert list(said(judge({"A": ["1", "0", "x", None]}, between))) == [1, 2]
    assert list(said(judge({"A": ["1", "x", "x", None]}, between))) == [1, 2]


def test_blank_cells_pass_what_is_not_about_blanks() -> None:
    for case in ROWS:
        if "column" in case.arguments and case.name != "expect_column_values_to_not_be_null":
            blank = judge({"A": [None, None]}, Expected(case.name, case.arguments, "reject", None, "mapping", ()))
            assert said(blank) == {}, case.name


def test_every_failing_expectation_of_a_row_is_a_line_of_its_own_with_column_value_and_severity() -> None:
    findings = judge(
        {"A": ["x" * 50, "b"], "B": ["1", None]},
        expected("column_value_lengths_to_equal", "warn", column="A", value=1),
        expected("column_pair_values_to_be_equal", column_A="A", column_B="B"),
    )
    lines = findings.cells[[ROW, COLUMN, VALUE, SEVERITY]].to_numpy().tolist()
    assert lines == [[0, "A", "x" * 50, "warn"], [0, "A, B", "x" * 50 + ", 1", "reject"], [1, "A, B", "b, ", "reject"]]
    assert findings.cells[PROBLEM].iloc[0].startswith(f'"{"x" * 39}…" has not 1 characters')  # long values are cut


def test_one_column_is_read_as_text_and_as_numbers_by_one_suite() -> None:
    findings = judge(
        {"A": ["1.0", "01", "1"]},
        expected("column_values_to_be_unique", column="A"),
        expected("column_max_to_be_between", "stop", column="A", max_value=0.0),
        expected("column_values_to_be_between", "warn", column="A", min_value=1.0),
    )
    assert said(findings) == {}
    assert findings.whole == {1: 'column "A": the greatest value should be at most 0, and it is 1'}


def test_names_of_columns_are_data_and_never_code() -> None:
    odd = "`@pd.io.common.os.system('exit 3')` == 1"
    assert said(judge({odd: ["a", None]}, expected("column_values_to_not_be_null", column=odd))) == {
        1: "the cell is blank — fill it in"
    }


def test_what_great_expectations_can_not_judge_is_told_and_is_no_verdict() -> None:
    z_scores = expected("column_value_z_scores_to_be_less_than", column="A", threshold="far", double_sided=True)
    short = expected("column_value_lengths_to_equal", column="A", value=1)
    findings = judge({"A": ["1", "22", "3"]}, z_scores, short)
    assert list(findings.broken) == [0] and findings.broken[0]
    assert list(said(findings)) == [1]


def test_the_same_expectation_twice_is_judged_twice() -> None:
    unique = expected("column_values_to_be_unique", column="A")
    warned = expected("column_values_to_be_unique", "warn", column="A")
    assert judge({"A": ["a", "a"]}, unique, warned).cells[SEVERITY].tolist() == ["reject", "reject", "warn", "warn"]


def test_the_order_of_a_suite_changes_nothing() -> None:
    suite = [expected("column_values_to_be_unique", column="A"),
             expected("column_values_to_match_regex", column="A", regex="^a")]  # fmt: skip
    cells: dict[str, Cells] = {"A": ["a", "b", "a", None]}
    forwards, backwards = (judge(cells, *each).cells.drop(columns=EXPECTATION) for each in (suite, suite[::-1]))
    order = [ROW, PROBLEM]
    pd.testing.assert_frame_equal(
        forwards.sort_values(order, ignore_index=True), backwards.sort_values(order, ignore_index=True)
    )


PROGRAM = """
import socket, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise SystemExit(f"it reached for the network: {event} {arguments}")
sys.addaudithook(refuse)
from tests.checks.cases import CASES
from tests.checks.test_expectations import judge
from ctct_etl.config.expectations import Expected
for case in CASES[:6]:
    judge(case.cells, Expected(case.name, case.arguments, "reject", None, "mapping", ()))
"""


@pytest.mark.proof  # that of the program is in test_quality_gates.py
def test_it_says_nothing_sends_nothing_and_leaves_no_file(tmp_path: Path) -> None:
    for name in ("home", "here", "tmp"):
        (tmp_path / name).mkdir()
    environment = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT),
                   "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    command = [sys.executable, "-W", "default", "-c", PROGRAM]
    run = subprocess.run(command, cwd=tmp_path / "here", env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == ["here", "home", "tmp"]
