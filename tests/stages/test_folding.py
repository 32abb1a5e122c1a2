from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.config.mapping import Dedupe
from ctct_etl.stages.deduping import dedupe_rows
from ctct_etl.stages.folding import WINNER, fold_contacts, fold_memberships, trace_values
from ctct_etl.stages.memberships import map_memberships
from tests.sheets import cells, mapping, sheet, source

ROWS = sheet("""
    email   | first_name | last_name | job_title | @order
    a@x.org | Ann        | Lee       | Clerk     |
    b@x.org | Bob        |           |           |
    a@x.org |            | Leigh     |           |
    a@x.org | Anna       |           |           |
""").assign(**{c.OPTED_OUT: [True, False, False, False]})


def fold(rows: pd.DataFrame, merge: str, prefer: Any = "last") -> pd.DataFrame:
    spec = Dedupe.model_validate({"prefer": prefer, "merge": merge})
    return fold_contacts(dedupe_rows(rows, spec), spec)


def listed(contacts: pd.DataFrame, *fields: str) -> list[list[str | None]]:
    return [list(line) for line in zip(*(cells(contacts[field]) for field in fields), strict=True)]


NAMES = ("email", "first_name", "last_name", "job_title")


def test_the_winner_speaks_alone() -> None:
    contacts = fold(ROWS, "winner_only")
    assert listed(contacts, *NAMES) == [["b@x.org", "Bob", None, None], ["a@x.org", "Anna", None, None]]
    assert contacts[WINNER].tolist() == [1, 3]


def test_the_winners_blanks_are_filled_from_the_next_rows_in_their_order() -> None:
    contacts = fold(ROWS, "fill_blanks")
    assert listed(contacts, *NAMES) == [["b@x.org", "Bob", None, None], ["a@x.org", "Anna", "Leigh", "Clerk"]]
    assert contacts[WINNER].tolist() == [1, 3]


def test_to_clear_a_field_is_an_opinion_of_the_winner() -> None:
    rows = ROWS.assign(last_name=pd.Series(["Lee", None, None, ""], dtype="str"))
    assert cells(fold(rows, "fill_blanks")["last_name"]) == [None, ""]


@pytest.mark.parametrize("merge", ["winner_only", "fill_blanks"])
def test_who_says_no_once_has_said_no(merge: str) -> None:
    assert fold(ROWS, merge)[c.OPTED_OUT].tolist() == [False, True]


def test_the_no_of_a_row_that_has_no_say_counts_for_nobody() -> None:
    rows = ROWS.assign(**{c.OUTCOME: pd.Series(["skip", None, None, None], dtype="str"), c.REASON: "x"})
    assert fold(rows, "fill_blanks")[c.OPTED_OUT].tolist() == [False, False]


def test_the_no_of_a_rejected_row_counts_for_its_person() -> None:
    rows = ROWS.assign(**{c.OUTCOME: pd.Series(["rejected", None, None, None], dtype="str"), c.REASON: "x"})
    assert fold(rows, "fill_blanks")[c.OPTED_OUT].tolist() == [False, True]


def test_evidence_moves_as_a_pair() -> None:
    rows = ROWS.assign(
        **{
            c.EVIDENCE_DATE: pd.Series(["2026-01-01", None, "2026-02-02", "2026-03-03"], dtype="str"),
            c.EVIDENCE_SOURCE: pd.Series(["form", None, "fair", None], dtype="str"),
        }
    )
    pair = (c.EVIDENCE_DATE, c.EVIDENCE_SOURCE)
    assert listed(fold(rows, "fill_blanks"), *pair) == [[None, None], ["2026-02-02", "fair"]]
    assert listed(fold(rows, "winner_only"), *pair) == [[None, None], ["2026-03-03", None]]


def test_lists_and_tags_of_all_rows_of_a_contact_are_united() -> None:
    memberships = map_memberships(
        source({"I": ["Trips", "Wine", "Trips;Wine", "Art"]}),
        mapping(lists=[{"column": "I", "split": ";"}], tags=["spring"]),
    )
    rows = pd.DataFrame({c.CONTACT: [1, -1, 1, 0]})
    united = fold_memberships(memberships, rows)
    assert [*united[[c.CONTACT, c.KIND, c.NAME]].itertuples(index=False, name=None)] == [
        (0, "list", "Art"), (0, "tag", "spring"), (1, "list", "Trips"), (1, "list", "Wine"), (1, "tag", "spring"),
    ]  # fmt: skip


def test_who_is_put_back_by_one_of_the_rows_is_put_back() -> None:
    rules = ["News", {"list": "News", "when": {"column": "I", "equals": "again"}, "readd": "true"}]
    memberships = map_memberships(source({"I": ["", "again", "", "again"]}), mapping(lists=rules))
    united = fold_memberships(memberships, pd.DataFrame({c.CONTACT: [0, 0, 1, -1]}))
    assert [*united[[c.CONTACT, c.READD]].itertuples(index=False, name=None)] == [(0, True), (1, False)]


def test_nothing_folds_to_nothing() -> None:
    assert len(fold(ROWS[:0], "fill_blanks")) == 0
    nothing = fold_memberships(
        map_memberships(source({"I": []}), mapping()), pd.DataFrame({c.CONTACT: np.zeros(0, int)})
    )
    assert len(nothing) == 0


VALUE = st.sampled_from(["x", "y", "", None])
ROW = st.tuples(
    st.sampled_from("abc"), VALUE, VALUE, st.sampled_from(["2026-01-01", "2026-01-02", None]), st.booleans()
)


def slowly(rows: pd.DataFrame, fill: bool, ranking: Any) -> dict[str, tuple[Any, ...]]:
    """The same by a loop over the rows: address → its fields, and whether anyone said no."""
    folded = {}
    for email in rows["email"].unique():
        mine = sorted(rows.index[rows["email"] == email], key=ranking)
        values = []
        for field in ("first_name", "last_name"):
            said = [rows[field][n] for n in (mine if fill else mine[:1]) if not pd.isna(rows[field][n])]
            values.append(said[0] if said else None)
        folded[email] = (*values, bool(rows[c.OPTED_OUT][mine].any()))
    return folded


@given(st.lists(ROW, min_size=1, max_size=12), st.booleans(), st.sampled_from(["last", "first", "newest"]))
def test_folding_is_what_a_loop_over_the_rows_would_do(rows: list[tuple[Any, ...]], fill: bool, prefer: str) -> None:
    names = ("email", "first_name", "last_name", c.ORDER)
    frame = source({name: [row[at] for row in rows] for at, name in enumerate(names)})
    frame[c.OPTED_OUT] = [row[4] for row in rows]
    rankings = {
        "last": lambda n: -n,
        "first": lambda n: n,
        "newest": lambda n: (rows[n][3] is None, [-ord(letter) for letter in rows[n][3] or ""], -n),
    }
    spec = {"newest": "U"} if prefer == "newest" else prefer
    contacts = fold(frame, "fill_blanks" if fill else "winner_only", spec)
    lines = zip(*(cells(contacts[name]) for name in ("email", "first_name", "last_name")), strict=True)
    folded = {line[0]: (*line[1:], bool(no)) for line, no in zip(lines, contacts[c.OPTED_OUT], strict=True)}
    assert folded == slowly(frame, fill, rankings[prefer])
    assert cells(contacts["email"]) == cells(frame["email"].iloc[contacts[WINNER]])


@given(st.lists(ROW, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_what_an_address_says_does_not_depend_on_the_rows_of_others(rows: list[tuple[Any, ...]], dice: Any) -> None:
    """Rows of different addresses may stand in any order among each other: only those of one address are compared."""
    names = ("email", "first_name", "last_name", c.ORDER)

    def folded(lines: list[tuple[Any, ...]]) -> dict[Any, list[Any]]:
        frame = source({name: [row[at] for row in lines] for at, name in enumerate(names)})
        contacts = fold(frame.assign(**{c.OPTED_OUT: [row[4] for row in lines]}), "fill_blanks")
        fields = zip(*(cells(contacts[name]) for name in names[:3]), strict=True)
        return {line[0]: [*line[1:], no] for line, no in zip(fields, contacts[c.OPTED_OUT], strict=True)}

    queues = {email: [row for row in rows if row[0] == email] for email in {row[0] for row in rows}}
    turns = [row[0] for row in rows]
    dice.shuffle(turns)
    assert folded([queues[email].pop(0) for email in turns]) == folded(rows)


@pytest.mark.parametrize("merge", ["winner_only", "fill_blanks"])
def test_each_value_is_traced_to_the_row_that_it_is_of(merge: str) -> None:
    spec = Dedupe.model_validate({"prefer": "last", "merge": merge})
    rows = dedupe_rows(ROWS, spec)
    traced, contacts = trace_values(rows, spec), fold_contacts(rows, spec)
    for field in NAMES:
        assert cells(rows[field].iloc[traced[field]]) == cells(contacts[field])
    assert traced["last_name"].tolist() == ([1, 2] if merge == "fill_blanks" else [1, 3])
    assert traced[WINNER].tolist() == contacts[WINNER].tolist()
