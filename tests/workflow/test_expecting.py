from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.errors import ConfigError, SourceError
from ctct_etl.workflow.deriving import assert_conservation
from tests.config.given import MAPPING
from tests.modules import ROOT
from tests.sheets import said, sheet, source
from tests.tables import snapshot
from tests.workflow.given import derive, desire, outcomes, plan_night, reasons

ACCOUNT = snapshot([{"email": f"p{n:02}@x.org", "first_name": "P"} for n in range(20)])
PEOPLE = """
    E-mail  | First | ZIP   | Country
    a@x.org | Ann   | 02101 | US
    b@x.org | Bob   | 0210  | US
    c@x.org | Cy    | W1A   | GB
    b@x.org | Bobby |       | US
"""


def zips(**keys: Any) -> dict[str, Any]:
    return {"expect": "expect_column_values_to_match_regex", "column": "ZIP", "regex": r"^\d{5}$", **keys}


def gate(name: str, **keys: Any) -> dict[str, Any]:
    return {"expect": f"expect_{name}", **keys}


def night(*expectations: Mapping[str, Any], fields: Mapping[str, Any] | None = None, **keys: Any) -> Any:
    return derive(sheet(PEOPLE), ACCOUNT, {"first_name": "First", **(fields or {})}, expectations=expectations, **keys)


def test_a_row_that_fails_is_rejected_before_rows_of_one_address_are_merged() -> None:
    derived = night(zips(on_fail="reject"))
    assert outcomes(derived) == {2: c.CREATE, 3: c.REJECTED, 4: c.REJECTED, 5: c.CREATE}
    assert reasons(derived)[3] == r'column "ZIP": "0210" does not match ^\d{5}$ — correct the cell'
    assert outcomes(night()) == {2: c.CREATE, 3: c.MERGED, 4: c.CREATE, 5: c.CREATE}


def test_rejecting_is_what_happens_where_nothing_is_said() -> None:
    assert reasons(night(zips())) == reasons(night(zips(on_fail="reject")))


def test_a_warning_leaves_the_row_as_it_is_and_is_told_with_its_cell() -> None:
    derived = night(zips(on_fail="warn"))
    assert outcomes(derived) == outcomes(night())
    assert said(derived.problems)[0][2:] == ("warn", r'"0210" does not match ^\d{5}$ — correct the cell')


def test_when_chooses_the_rows_that_an_expectation_is_about() -> None:
    american = night(zips(when={"column": "Country", "in": ["us"]}))
    assert [row for row, outcome in outcomes(american).items() if outcome == c.REJECTED] == [3]


def test_what_is_decided_already_is_not_judged() -> None:
    first = gate("column_values_to_be_unique", column="E-mail", on_fail="warn")
    assert len(night(first).problems) == 2
    active = {"rows": {"where": {"column": "First", "not_in": ["Bobby"]}}}
    assert len(night(first, **active).problems) == 0
    assert (
        len(night(first, fields={"address.home.state": {"column": "ZIP", "invalid": "reject"}}, checks="off").problems)
        == 2
    )


def test_a_name_is_a_column_of_the_source_and_else_a_field_as_it_was_cleaned() -> None:
    upper = {"first_name": {"column": "First", "transform": ["upper"]}}
    derived = night(gate("column_values_to_be_in_set", column="first_name", value_set=["ANN"]), fields=upper)
    assert outcomes(derived)[2] == c.CREATE
    cells = source({"E-mail": ["a@x.org"], "email": ["not the field"]})
    match = gate("column_values_to_match_regex", column="email", regex="@")
    wanted = desire(cells, ACCOUNT, {}, {"expectations": [match]})
    assert wanted.rows[c.REASON].tolist() == ['column "email": "not the field" does not match @ — correct the cell']


def test_a_field_that_fails_is_told_with_the_column_that_it_is_made_of() -> None:
    derived = night(gate("column_values_to_be_in_set", column="first_name", value_set=["Ann"]))
    assert reasons(derived)[3].startswith('column "First": "Bob" is none of "Ann"')
    assert derived.problems[c.FIELD].unique().tolist() == ["first_name"]


def test_white_space_around_a_cell_does_not_count_and_a_cell_of_nothing_else_is_blank() -> None:
    cells = source({"E-mail": ["a@x.org", "b@x.org"], "ZIP": [" 02101 ", "  "]})
    wanted = desire(cells, ACCOUNT, {}, {"expectations": [zips(), gate("column_values_to_not_be_null", column="ZIP")]})
    assert [str(reason) for reason in wanted.rows[c.REASON]] == [
        "nan", 'column "ZIP": the cell is blank — fill it in'
    ]  # fmt: skip


def test_a_field_that_a_blank_cell_clears_is_blank() -> None:
    fields = {"job_title": {"column": "ZIP", "blank": "clear"}}
    derived = night(gate("column_values_to_not_be_null", column="job_title"), fields=fields)
    assert [row for row, outcome in outcomes(derived).items() if outcome == c.REJECTED] == [5]


def test_several_faults_of_a_row_are_counted_in_its_reason() -> None:
    reason = reasons(night(zips(), gate("column_value_lengths_to_equal", column="ZIP", value=5)))[3]
    assert reason.endswith("correct the cell (and 1 more problem)")


def test_the_columns_of_the_source_are_judged_as_its_header_has_them() -> None:
    ordered = gate("table_columns_to_match_ordered_list", column_list=["E-mail", "First", "ZIP", "Country"])
    counted = gate("table_column_count_to_equal", value=3)
    wanted = desire(sheet(PEOPLE), ACCOUNT, {}, {"expectations": [ordered, counted]})
    assert [words for _, words in wanted.gates.stops] == ["the number of columns should be 3, and it is 4"]


# -- what concerns all rows together -----------------------------------------------------------------------------------

MEMBERS = "E-mail,Age\na@x.org,17\nb@x.org,20\nc@x.org,\n"
GATES = "expectations:\n  - {%s}\n"
COUNT = "expect: expect_table_row_count_to_be_between, min_value: 100"


def planned(folder: Path, line: str) -> list[str]:
    """The warnings of the plan that concern expectations."""
    plan = plan_night(folder, MEMBERS, ACCOUNT, mapping=MAPPING + GATES % line)
    return [each for each in plan.manifest["warnings"] if each.startswith("expectation: ")]


def test_a_table_that_fails_stops_the_run_with_what_was_seen_unless_it_warns(tmp_path: Path) -> None:
    said = "the number of rows should be at least 100, and it is 3"
    for stop in ("", ", on_fail: stop"):
        with pytest.raises(SourceError) as caught:
            planned(tmp_path, COUNT + stop)
        assert str(caught.value).endswith(f"mapping.yaml:4:14: {said} — correct the source, or choose warn")
    assert planned(tmp_path, COUNT + ", on_fail: warn") == [f"expectation: {said}"]


def test_a_column_that_fails_as_a_whole_is_told_with_its_figure(tmp_path: Path) -> None:
    assert planned(tmp_path, "expect: expect_column_mean_to_be_between, column: Age, min_value: 19, on_fail: warn") == [
        'expectation: column "Age": the mean should be at least 19, and it is 18.5'
    ]


def test_a_row_that_fails_an_expectation_that_stops_is_named(tmp_path: Path) -> None:
    line = "expect: expect_column_values_to_be_between, column: Age, min_value: 18, on_fail: stop"
    with pytest.raises(SourceError) as caught:
        planned(tmp_path, line)
    assert str(caught.value) == (
        'members.csv, row 2, column "Age": "17": "17" is not at least 18 — correct the cell\n'
        "the mapping says on_fail: stop — correct the cells, or choose reject"
    )


def test_rows_that_mostly_lets_pass_are_counted(tmp_path: Path) -> None:
    assert planned(tmp_path, "expect: expect_column_values_to_not_be_null, column: Age, mostly: 0.6") == [
        'expectation: expect_column_values_to_not_be_null of "Age": 1 of 3 rows (33.33%) fail it and pass all the '
        "same, since `mostly: 0.6` allows it"
    ]
    plan = plan_night(tmp_path, MEMBERS, ACCOUNT, mapping=MAPPING + GATES
                      % "expect: expect_column_values_to_not_be_null, column: Age, mostly: 0.7")  # fmt: skip
    assert plan.rows[c.OUTCOME].tolist() == [c.CREATE, c.CREATE, c.REJECTED]


def test_what_can_not_be_judged_is_a_fault_of_the_config_at_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ctct_etl.checks import asking

    monkeypatch.setattr(asking, "number_of", lambda value: "far" if value == 3.0 else value)
    line = "expect: expect_column_value_z_scores_to_be_less_than, column: Age, threshold: 3, double_sided: true"
    with pytest.raises(ConfigError, match=re.escape("mapping.yaml:4:14: expect_column_value_z_scores")) as caught:
        planned(tmp_path, line)
    assert "can't be judged" in str(caught.value)


def test_a_suite_is_shared_by_its_path_relative_to_the_mapping_and_its_hash_is_in_the_plan(tmp_path: Path) -> None:
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "members.yaml").write_text(f"expectations:\n  - {{{COUNT}, on_fail: warn}}\n", "utf-8")
    plan = plan_night(tmp_path, MEMBERS, ACCOUNT, mapping=MAPPING + GATES % "suite: suites/members.yaml")
    assert "expectation: the number of rows should be at least 100, and it is 3" in plan.manifest["warnings"]
    (suite,) = plan.manifest["mapping"]["suites"]
    assert suite["path"] == str(tmp_path / "suites" / "members.yaml") and len(suite["sha256"]) == 64
    (tmp_path / "suites" / "members.yaml").write_text(f"expectations:\n  - {{{COUNT}}}\n", "utf-8")
    with pytest.raises(SourceError, match=r"suites/members.yaml:2:14: the number of rows"):
        plan_night(tmp_path, MEMBERS, ACCOUNT, mapping=MAPPING + GATES % "suite: suites/members.yaml")


@pytest.mark.proof  # seconds for one line, and test_quality_gates.py has it of the program
def test_a_mapping_without_expectations_loads_no_great_expectations() -> None:
    program = (
        "import sys; from tests.workflow.test_expecting import ACCOUNT, PEOPLE, derive, sheet, gate\n"
        "derive(sheet(PEOPLE), ACCOUNT); print('great_expectations' in sys.modules)\n"
        "gates = [gate('table_row_count_to_equal', value=4)]\n"
        "derive(sheet(PEOPLE), ACCOUNT, expectations=gates); print('great_expectations' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "True"]


# -- whatever the suite ------------------------------------------------------------------

CELL = st.sampled_from(["a@x.org", "b@x.org", "7", "12", "x", "2026-01-31", None])
ANY = st.fixed_dictionaries(
    {"on_fail": st.sampled_from(["reject", "warn", "stop"])},
    optional={"mostly": st.sampled_from(["0.3", "0.9"]), "when": st.just({"column": "B", "not_blank": "true"})},
)
COLUMN = st.sampled_from(["E-mail", "B", "first_name"])
PAIR = {"column_A": "B", "column_B": "E-mail"}


def drawn(name: str, **keys: Any) -> st.SearchStrategy[dict[str, Any]]:
    return ANY.map(lambda rest: gate(name, **keys, **rest))


SUITE = st.lists(
    st.one_of(
        COLUMN.flatmap(lambda column: drawn("column_values_to_not_be_null", column=column)),
        COLUMN.flatmap(lambda column: drawn("column_values_to_be_unique", column=column)),
        COLUMN.flatmap(lambda column: drawn("column_values_to_be_between", column=column, min_value="8")),
        COLUMN.flatmap(lambda column: drawn("column_values_to_be_increasing", column=column)),
        drawn("column_pair_values_a_to_be_greater_than_b", **PAIR),
        drawn("compound_columns_to_be_unique", column_list=["B", "E-mail"]),
        st.just(gate("column_sum_to_be_between", column="B", max_value="8", on_fail="warn")),
    ),
    max_size=4,
)


@settings(max_examples=15)
@given(cells=st.lists(st.tuples(CELL, CELL), max_size=8), suite=SUITE)
def test_every_row_keeps_exactly_one_outcome_and_a_reason_whatever_the_suite(
    cells: list[tuple[str | None, str | None]], suite: list[dict[str, Any]]
) -> None:
    rows = source({"E-mail": [first for first, _ in cells], "B": [second for _, second in cells]})
    derived = derive(rows, ACCOUNT, {"first_name": "B"}, expectations=suite)
    assert_conservation(derived.rows)
    assert len(derived.rows) == len(cells)
    graver = derived.problems[derived.problems[c.SEVERITY] != c.WARN][c.ROW]
    assert set(graver) <= set(derived.rows.index[derived.rows[c.OUTCOME] == c.REJECTED])
    assert set(derived.problems[c.ROW]) <= set(range(len(cells)))
