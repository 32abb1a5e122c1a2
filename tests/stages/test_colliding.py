from __future__ import annotations

import pandas as pd
import pytest

from ctct_etl.columns import AFTER, FIELD, ROW, VALUE, WON, WON_BY
from ctct_etl.stages import colliding
from ctct_etl.stages.colliding import Collisions, find_collisions
from tests.sheets import sheet
from tests.tables import snapshot
from tests.workflow.given import desire

ROWS = sheet("""
    E-mail     | First | Role  | Cell
    ann@x.org  | Ann   | Clerk | 212 555 0123
    bob@x.org  | Bob   |       |
    ann@x.org  | Anna  |       | (212) 555-0123
    ann@x.org  | Anna  | Guide |
    bob@x.org  | Bob   | Chef  |
    nonsense   | Ned   |       |
""")
FIELDS = {"first_name": "First", "job_title": "Role", "phone.mobile": "Cell"}


def collide(rows: pd.DataFrame = ROWS, **keys: object) -> Collisions:
    return desire(rows, snapshot([]), FIELDS, {"dedupe": {"merge": "fill_blanks", **keys}}).collisions


def test_values_that_the_winning_row_has_otherwise_are_listed_with_what_counts() -> None:
    table = collide(prefer="last").table
    assert table[[ROW, WON_BY, FIELD, VALUE, WON, AFTER]].to_numpy().tolist() == [
        [0, 3, "first_name", "Ann", "Anna", "Anna"],
        [0, 3, "job_title", "Clerk", "Guide", "Guide"],
        [0, 3, "phone.mobile", "+12125550123", "", "+12125550123"],
        [2, 3, "phone.mobile", "+12125550123", "", "+12125550123"],
    ]


def test_a_row_that_says_nothing_collides_with_nobody_and_a_blank_that_is_filled_shows_what_fills_it() -> None:
    found = collide(prefer="first")
    assert found.by_field == {"first_name": 2, "job_title": 2}
    assert found.table[found.table[ROW] == 4].to_numpy().tolist() == [[4, 1, "job_title", "Chef", "", "Chef"]]


def test_without_doubles_there_is_nothing() -> None:
    found = collide(ROWS.head(2))
    assert found.table.empty and found.by_field == {}


def test_of_many_the_first_rows_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colliding, "MOST", 3)
    found = collide(prefer="last")
    assert sum(found.by_field.values()) == 4 and found.table[ROW].tolist() == [0, 0, 0]


def test_columns_are_those_that_a_plan_holds() -> None:
    assert find_collisions.__doc__ and list(collide().table) == [ROW, WON_BY, FIELD, VALUE, WON, AFTER]
