from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.config.pipeline import Evidence
from ctct_etl.stages.mapping import map_rows
from tests.sheets import cells, decided, mapping, said, sheet, source

MEMBERS = sheet("""
    E-mail  | First | Tier | Joined     | Cell         | Status
    a@x.org | ANN   | G    | 31/01/2020 | 415 555 0100 | Active
    b@x.org |       | P    | 31/02/2020 | 12           | Active
    c@x.org | Cy    |      |            |              | Lapsed
""")


def made(rule: Any, field: str = "first_name", rows: pd.DataFrame = MEMBERS) -> list[str | None]:
    return cells(map_rows(rows, mapping({field: rule}), None).rows[field])


@pytest.mark.parametrize(
    ("field", "rule", "values"),
    [
        ("first_name", "First", ["ANN", None, "Cy"]),
        ("first_name", {"column": "First", "transform": ["title_case"]}, ["Ann", None, "Cy"]),
        ("first_name", {"column": "First", "blank": "clear"}, ["ANN", "", "Cy"]),
        ("first_name", {"column": "First", "default": "Friend"}, ["ANN", "Friend", "Cy"]),
        ("custom.Level", {"column": "Tier", "values": {"g": "Gold"}, "default": "Basic"}, ["Gold", "Basic", "Basic"]),
        ("custom.Level", {"column": "Tier", "values": {"G": "Gold", "P": ""}, "blank": "clear"}, ["Gold", "", ""]),
        ("custom.Level", {"column": "Tier", "transform": ["lower"], "values": {"G": "Gold"}}, ["Gold", None, None]),
        ("custom.Both", {"template": "{First} {Tier}"}, ["ANN G", "P", "Cy"]),
        ("anniversary", {"column": "Joined", "format": "%d/%m/%Y"}, ["2020-01-31", None, None]),
        ("birthday", {"column": "Joined", "format": "%d/%m/%Y"}, ["01-31", None, None]),
        ("custom.Since", {"column": "Joined", "type": "date", "format": "%d/%m/%Y"}, ["2020-01-31", None, None]),
        ("custom.Since", "Joined", ["31/01/2020", "31/02/2020", None]),
        ("custom.Since", {"column": "Joined", "type": "text"}, ["31/01/2020", "31/02/2020", None]),
        ("phone.mobile", "Cell", ["+14155550100", None, None]),
        ("custom.Phone", {"column": "Cell", "type": "phone"}, ["+14155550100", None, None]),
        ("phone.home", {"column": "Cell", "region": "GB", "default": "020 7946 0958"}, [None, None, "+442079460958"]),
    ],
)
def test_a_field_is_made_by_its_rule(field: str, rule: Any, values: list[str | None]) -> None:
    assert made(rule, field) == values


def test_a_malformed_value_clears_nothing() -> None:
    rule = {"column": "Joined", "format": "%d/%m/%Y", "blank": "clear"}
    assert made(rule, "anniversary") == ["2020-01-31", None, ""]


def test_a_cell_counts_without_the_white_space_around_it() -> None:
    rows = source({"E-mail": [" a@x.org\t"], "First": ["\u00a0 "]})
    mapped = map_rows(rows, mapping({"first_name": "First"}), None).rows
    assert cells(mapped[c.EMAIL]) == ["a@x.org"] and cells(mapped["first_name"]) == [None]


@pytest.mark.parametrize(("invalid", "severity"), [("ignore", "warn"), ("reject", "reject"), ("stop", "stop")])
def test_a_malformed_value_is_a_problem_of_the_severity_that_the_rule_says(invalid: str, severity: str) -> None:
    rule = {"column": "Joined", "format": "%d/%m/%Y", "invalid": invalid}
    mapped = map_rows(MEMBERS, mapping({"anniversary": rule}), None)
    assert said(mapped.problems) == [
        (1, "anniversary", severity, '"31/02/2020" is not a date such as 31/12/2026 — correct the cell')
    ]
    assert mapped.rows[c.OUTCOME].isna().all()


def test_a_value_that_the_mapping_does_not_name_is_a_problem_with_the_cells_own_text() -> None:
    rule = {"column": "Tier", "transform": ["lower"], "values": {"G": "Gold"}}
    [(row, field, severity, problem)] = said(map_rows(MEMBERS, mapping({"custom.Level": rule}), None).problems)
    assert (row, field, severity) == (1, "custom.Level", "warn")
    assert problem.startswith('"P" is none of the values that the mapping names: G')


def test_rows_that_are_not_meant_are_skipped_by_the_rule_and_have_no_problems() -> None:
    where = {"where": {"column": "Status", "in": ["Lapsed"]}}
    mapped = map_rows(MEMBERS, mapping({"phone.home": {"column": "Cell", "invalid": "stop"}}, rows=where), None)
    assert decided(mapped.rows) == {
        2: 'skip: rows.where: Status is "Active", not in Lapsed',
        3: 'skip: rows.where: Status is "Active", not in Lapsed',
        4: None,
    }
    assert len(mapped.problems) == 0


def test_a_row_that_was_decided_before_stays_so() -> None:
    rows = MEMBERS.assign(**{c.OUTCOME: ["rejected", None, None], c.REASON: ["ragged", None, None]})
    rows = rows.astype({c.OUTCOME: "str", c.REASON: "str"})
    where = {"where": {"column": "Status", "in": ["Lapsed"]}}
    assert decided(map_rows(rows, mapping(rows=where), None).rows)[2] == "rejected: ragged"


def test_who_wants_no_mail_is_marked() -> None:
    rows = map_rows(MEMBERS, mapping(opted_out={"column": "Status", "equals": "lapsed"}), None).rows
    assert rows[c.OPTED_OUT].tolist() == [False, False, True]
    assert not map_rows(MEMBERS, mapping(), None).rows[c.OPTED_OUT].any()


def test_the_order_of_rows_is_read_for_newest_and_an_unreadable_one_is_a_warning() -> None:
    newest = {"prefer": {"newest": "Joined", "format": "%d/%m/%Y"}}
    mapped = map_rows(MEMBERS, mapping(dedupe=newest), None)
    assert cells(mapped.rows[c.ORDER]) == ["2020-01-31T00:00:00.000000", None, None]
    assert [line[:3] for line in said(mapped.problems)] == [(1, c.ORDER, "warn")]
    assert cells(map_rows(MEMBERS, mapping(), None).rows[c.ORDER]) == [None, None, None]


def test_evidence_is_read_where_the_pipeline_has_it() -> None:
    evidence = Evidence(date="Joined", source="Tier", format=("%d/%m/%Y",))
    mapped = map_rows(MEMBERS, mapping(), evidence)
    assert cells(mapped.rows[c.EVIDENCE_DATE]) == ["2020-01-31", None, None]
    assert cells(mapped.rows[c.EVIDENCE_SOURCE]) == ["G", "P", None]
    assert [line[:3] for line in said(mapped.problems)] == [(1, c.EVIDENCE_DATE, "warn")]
    assert c.EVIDENCE_DATE not in map_rows(MEMBERS, mapping(), None).rows


TEXTS = st.lists(st.none() | st.text("Aa1 /-é\u00a0", max_size=6), min_size=1, max_size=8)
EVERY_KIND = {
    "first_name": {"column": "X", "transform": ["squeeze", "title_case"], "blank": "clear"},
    "birthday": {"column": "X", "format": ["%d/%m", "%d-%m"]},
    "phone.home": {"column": "X", "invalid": "reject"},
    "custom.T": {"template": "{X}-{X}"},
    "custom.V": {"column": "X", "values": {"a": "b"}},
}


@given(TEXTS)
def test_the_source_is_left_untouched_and_no_row_is_lost(texts: list[str | None]) -> None:
    rows = source({"E-mail": texts, "X": texts})
    before = rows.copy(deep=True)
    mapped = map_rows(rows, mapping(EVERY_KIND, rows={"where": {"column": "X", "not_blank": "true"}}), None)
    pd.testing.assert_frame_equal(rows, before)
    assert len(mapped.rows) == len(rows)
    assert mapped.rows[list(c.ORIGIN_COLUMNS)].equals(rows[list(c.ORIGIN_COLUMNS)])
    assert {str(mapped.rows[field].dtype) for field in EVERY_KIND} == {"str"}


@given(TEXTS)
def test_a_row_is_mapped_as_if_it_were_alone(texts: list[str | None]) -> None:
    together = map_rows(source({"E-mail": texts, "X": texts}), mapping(EVERY_KIND), None).rows
    alone = [map_rows(source({"E-mail": [text], "X": [text]}), mapping(EVERY_KIND), None).rows for text in texts]
    for field in EVERY_KIND:
        assert cells(together[field]) == [cells(rows[field])[0] for rows in alone]
