from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.columns import KIND, NAME, READD, ROW
from ctct_etl.stages.memberships import map_memberships
from tests.sheets import mapping, sheet, source

ROWS = sheet("""
    E-mail  | Interests       | Volunteer
    a@x.org | Trips; Wine     | Yes
    b@x.org | wine;trips;Wine | no
    c@x.org | ;  ;            | y
    d@x.org |                 |
""")


def named(rows: pd.DataFrame, **parts: Any) -> list[tuple[int, str, str]]:
    return list(map_memberships(rows, mapping(**parts))[[ROW, KIND, NAME]].itertuples(index=False, name=None))


def test_a_list_by_name_is_for_every_row() -> None:
    assert named(ROWS, lists=["News"]) == [(n, "list", "News") for n in range(4)]


def test_a_cell_is_split_and_its_parts_are_trimmed_and_blank_ones_dropped() -> None:
    interests = {"column": "Interests", "split": ";"}
    assert named(ROWS, lists=[interests]) == [
        (0, "list", "Trips"), (0, "list", "Wine"),
        (1, "list", "Wine"), (1, "list", "trips"), (1, "list", "wine"),
    ]  # fmt: skip


def test_values_go_by_trimmed_text_and_what_they_do_not_name_stands() -> None:
    interests = {"column": "Interests", "split": ";", "values": {"TRIPS": "Travel Club", "wine": "Wine"}}
    assert named(ROWS, lists=[interests]) == [
        (0, "list", "Travel Club"), (0, "list", "Wine"), (1, "list", "Travel Club"), (1, "list", "Wine"),
    ]  # fmt: skip


def test_a_value_translated_to_nothing_names_no_list() -> None:
    interests = {"column": "Interests", "split": ";", "values": {"trips": "", "wine": "Wine"}}
    assert named(ROWS, lists=[interests]) == [(0, "list", "Wine"), (1, "list", "Wine")]


def test_a_cell_is_one_name_without_split() -> None:
    assert named(ROWS, tags=[{"column": "Volunteer"}]) == [(0, "tag", "Yes"), (1, "tag", "no"), (2, "tag", "y")]


def test_a_condition_chooses_the_rows_of_a_list_or_tag() -> None:
    when = {"column": "Volunteer", "in": ["yes", "y"]}
    assert named(ROWS, lists=[{"list": "Helpers", "when": when}]) == [(0, "list", "Helpers"), (2, "list", "Helpers")]
    assert named(ROWS, tags=[{"tag": "helper", "when": when}]) == [(0, "tag", "helper"), (2, "tag", "helper")]


def test_tags_that_cells_name_are_split_and_translated_as_lists_are() -> None:
    column: dict[str, Any] = {"column": "Interests"}
    for rule in (column, column | {"split": ";"}, column | {"split": ";", "values": {"wine": "Cellar"}}):
        assert [(row, name) for row, _, name in named(ROWS, tags=[rule])] == [
            (row, name) for row, _, name in named(ROWS, lists=[rule])
        ]
    names = [{name for _, _, name in named(ROWS, tags=[rule])} for rule in (column, column | {"split": ";"})]
    assert any(";" in name for name in names[0]) and not any(";" in name for name in names[1])
    translated = {"column": "Interests", "split": ";", "values": {"wine": "Cellar"}}
    assert "Cellar" in {name for _, _, name in named(ROWS, tags=[translated])}


def test_a_list_and_a_tag_of_one_name_are_two_and_the_same_list_twice_is_one() -> None:
    assert named(ROWS[:1], lists=["News", {"list": "News"}], tags=["News"]) == [(0, "list", "News"), (0, "tag", "News")]


def test_a_rule_that_says_readd_marks_whom_it_names_and_a_rule_beside_it_marks_nobody() -> None:
    when = {"column": "Volunteer", "in": ["yes"]}
    rules = ["News", {"list": "News", "when": when, "readd": "true"}]
    assert list(map_memberships(ROWS, mapping(lists=rules))[READD]) == [True, False, False, False]
    cells = map_memberships(ROWS, mapping(lists=[{"column": "Volunteer", "readd": "true"}], tags=["no"]))
    assert list(cells[READD]) == [kind == "list" for kind in cells[KIND]]


def test_a_mapping_without_lists_names_none() -> None:
    nothing = map_memberships(ROWS, mapping())
    assert len(nothing) == 0 and list(nothing) == [ROW, KIND, NAME, READD]
    assert named(ROWS[:0], lists=["News"]) == []


PARTS = st.lists(st.sampled_from(["Trips", " Wine", "", "trips"]), max_size=4)


@given(st.lists(PARTS, min_size=1, max_size=6))
def test_splitting_is_what_a_loop_over_the_rows_would_do(rows: list[list[str]]) -> None:
    frame = source({"Interests": [";".join(parts) or None for parts in rows]})
    expected = sorted({(n, "list", part.strip()) for n, parts in enumerate(rows) for part in parts if part.strip()})
    assert named(frame, lists=[{"column": "Interests", "split": ";"}]) == expected
