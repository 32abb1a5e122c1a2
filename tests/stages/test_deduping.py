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
from tests.sheets import decided, sheet, source

TWICE = sheet("""
    email   | first_name | last_name | @order
    a@x.org | Ann        | Lee       | 2026-01-02
    b@x.org | Bob        |           |
    a@x.org | Anna       |           | 2026-01-03
    a@x.org | A          | L         |
    c@x.org | Cy         |           |
""")


def dedupe(rows: pd.DataFrame, prefer: Any = "last", merge: str = "winner_only") -> pd.DataFrame:
    return dedupe_rows(rows, Dedupe.model_validate({"prefer": prefer, "merge": merge}))


@pytest.mark.parametrize(
    ("prefer", "winner", "why"),
    [
        ("last", 5, "later"),
        ("first", 2, "earlier"),
        ({"newest": "Updated"}, 4, "newer"),
        ({"oldest": "Updated"}, 2, "older"),
    ],
)
def test_one_row_of_an_address_wins_and_the_others_name_it(prefer: Any, winner: int, why: str) -> None:
    outcomes = decided(dedupe(TWICE, prefer))
    losers = {2, 4, 5} - {winner}
    assert outcomes[winner] is None and outcomes[3] is None and outcomes[6] is None
    assert {row: outcomes[row] for row in losers} == dict.fromkeys(
        losers, f"merged: members.xlsx, Members, row {winner} is {why}"
    )


def test_the_most_complete_row_wins() -> None:
    place = "merged: members.xlsx, Members, row 5 is"
    outcomes = decided(dedupe(TWICE, "most_complete"))
    assert (outcomes[2], outcomes[4]) == (f"{place} as complete, and later", f"{place} more complete")


def test_a_row_with_more_filled_in_is_more_complete_whatever_its_place() -> None:
    rows = TWICE.drop(index=3).reset_index(drop=True)
    assert decided(dedupe(rows, "most_complete"))[4] == "merged: members.xlsx, Members, row 2 is more complete"


def test_clearing_a_field_makes_no_row_more_complete() -> None:
    rows = sheet("""
        email   | first_name | last_name | @order
        a@x.org | Ann        |           |
        a@x.org |            |           |
    """)
    rows = rows.assign(last_name=pd.Series(["", ""], dtype="str"), first_name=pd.Series(["Ann", ""], dtype="str"))
    assert decided(dedupe(rows, "most_complete"))[2] is None


EQUAL = sheet("""
    email   | first_name | @order
    a@x.org | Ann        | 2026-01-02
    a@x.org | Anna       | 2026-01-02
    b@x.org | Bob        | 2026-01-02
    b@x.org | Bo         |
    c@x.org | Cy         |
    c@x.org | C          |
""")


@pytest.mark.parametrize(
    ("prefer", "winners"),
    [("last", [3, 5, 7]), ("most_complete", [3, 5, 7]), ({"newest": "U"}, [3, 4, 7]), ({"oldest": "U"}, [3, 4, 7])],
)
def test_of_equal_rows_the_later_one_wins_and_a_blank_date_loses(prefer: Any, winners: list[int]) -> None:
    outcomes = decided(dedupe(EQUAL, prefer))
    assert [row for row, outcome in outcomes.items() if outcome is None] == winners


def test_a_row_that_is_only_later_is_not_called_newer() -> None:
    assert decided(dedupe(EQUAL, {"newest": "U"}))[2] == "merged: members.xlsx, Members, row 3 is as new, and later"


def test_a_row_that_was_decided_before_takes_no_part() -> None:
    rows = TWICE.copy()
    rows.loc[3, [c.OUTCOME, c.REASON]] = ["rejected", "bad"]
    out = dedupe(rows)
    assert decided(out)[5] == "rejected: bad" and decided(out)[4] is None
    assert out[c.CONTACT].tolist() == [1, 0, 1, -1, 2]


def test_a_file_without_sheets_is_named_without_one() -> None:
    rows = TWICE.assign(**{c.ORIGIN_SHEET: pd.Categorical([""] * 5)})
    assert decided(dedupe(rows))[2] == "merged: members.xlsx, row 5 is later"


def test_contacts_are_numbered_in_the_order_of_their_winning_rows() -> None:
    assert dedupe(TWICE)[c.CONTACT].tolist() == [1, 0, 1, 1, 2]
    assert dedupe(TWICE, "first")[c.CONTACT].tolist() == [0, 1, 0, 0, 2]


def test_nothing_is_deduped_to_nothing() -> None:
    assert dedupe(TWICE[:0])[c.CONTACT].dtype == np.int64


DATES = st.sampled_from(["2026-01-01", "2026-01-02", None])
ROWS = st.tuples(st.sampled_from("abcd"), st.sampled_from(["x", "", None]), DATES, st.booleans())
Row = tuple[str, str | None, str | None, bool]  # address, first name, date, decided before
PREFERENCES = ["last", "first", "most_complete", {"newest": "U"}, {"oldest": "U"}]


def made(rows: list[Row]) -> pd.DataFrame:
    names = (c.EMAIL, "first_name", c.ORDER)
    outcome = pd.Series([c.SKIP if row[3] else None for row in rows], dtype="str")
    frame = source({name: [row[at] for row in rows] for at, name in enumerate(names)})
    return frame.assign(**{c.OUTCOME: outcome, c.REASON: outcome})


def best(rows: list[Row], mine: list[int], prefer: Any) -> int:
    """The winner, as a loop over the rows would find it."""
    if prefer == "first":
        return mine[0]
    if prefer == "last":
        return mine[-1]
    if prefer == "most_complete":
        return max(mine, key=lambda n: (1 + bool(rows[n][1]), n))
    dated = [n for n in mine if rows[n][2] is not None]
    if not dated:
        return mine[-1]
    wanted = (max if "newest" in prefer else min)(str(rows[n][2]) for n in dated)
    return max(n for n in dated if rows[n][2] == wanted)


@given(st.lists(ROWS, max_size=12), st.sampled_from(PREFERENCES))
def test_every_undecided_row_wins_or_is_merged_into_the_best_of_its_address(rows: list[Row], prefer: Any) -> None:
    frame = made(rows)
    before = frame.copy(deep=True)
    out = dedupe(frame, prefer)
    pd.testing.assert_frame_equal(frame, before)
    groups: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        if not row[3]:
            groups.setdefault(row[0], []).append(n)
    winners = {best(rows, mine, prefer) for mine in groups.values()}
    assert {n for n in range(len(rows)) if pd.isna(out[c.OUTCOME][n])} == winners
    assert {n for n in range(len(rows)) if out[c.OUTCOME][n] == c.MERGED} == {
        n for n, r in enumerate(rows) if not r[3]
    } - winners
    numbers = out[c.CONTACT].tolist()
    assert [numbers[n] for n in sorted(winners)] == list(range(len(winners)))
    assert all(len({numbers[n] for n in mine}) == 1 for mine in groups.values())
    assert all((numbers[n] == -1) == row[3] for n, row in enumerate(rows))
