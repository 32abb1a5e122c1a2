from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.tables import PlanTables
from ctct_etl.stages.refusing import key_contents
from ctct_etl.workflow.deriving import Derived
from tests.sheets import sheet
from tests.tables import snapshot
from tests.workflow.given import changes, derive, joined, outcomes, reasons

ACCOUNT = snapshot([{"email": "old@x.org", "first_name": "Olga"}, {"email": "same@x.org", "first_name": "Sam"}],
                   lists=("News", "Board"))  # fmt: skip
NIGHT = sheet("""
    E-mail     | First | Day        | Form
    old@x.org  | Oleg  | 2026-01-01 | Web
    new@x.org  | Nina  | 2026-01-01 | Web
    same@x.org | Sam   | 2026-01-01 | Web
""")
EVIDENCE = {"date": "Day", "source": "Form"}


def night(rows: pd.DataFrame = NIGHT, remembered: Remembered | None = None, **keys: Any) -> Derived:
    given = {"lists": ["News"], "tags": ["spring"], "consent": {"evidence": EVIDENCE}} | keys
    return derive(rows, ACCOUNT, {"first_name": "First"}, {}, remembered or Remembered(), **given)


def refused(tables: PlanTables, *addresses: str) -> Remembered:
    """What is remembered when the service said no to these actions of a plan."""
    told = pd.DataFrame({c.EMAIL: tables.actions[c.EMAIL], c.CONTENT: key_contents(tables)})
    told = told[told[c.EMAIL].isin(addresses)].assign(
        **{c.WORDS: "no such street", c.AT: "2026-11-20T23:00:00Z", c.UNTIL: "2026-11-27T23:00:00Z"}
    )
    return Remembered(refusals=told.astype({c.WORDS: "str", c.AT: "str", c.UNTIL: "str"}).reset_index(drop=True))


def test_who_was_refused_is_left_alone_with_the_services_words_and_until_when() -> None:
    free = night()
    again = night(remembered=refused(free.tables, "old@x.org", "new@x.org"))
    assert outcomes(free) == {2: "update", 3: "create", 4: "update"}
    assert outcomes(again) == {2: "skip", 3: "skip", 4: "update"}
    assert reasons(again)[2] == (
        'refused by the service on 2026-11-20 with "no such street": left alone until 2026-11-27'
    )
    assert (again.refused, changes(again)) == (2, [])
    assert {address for address, *_ in joined(again)} == {"same@x.org"}
    assert (again.figures.updates, again.figures.creates) == (1, 0)


CHANGED: list[tuple[str, dict[str, Any]]] = [
    ("a field", {"rows": NIGHT.assign(First="Other")}),
    ("a list", {"lists": ["News", "Board"]}),
    ("one list fewer", {"lists": []}),
    ("a tag", {"tags": ["summer"]}),
    ("the evidence", {"rows": NIGHT.assign(Form="Paper")}),
    ("the permission", {"consent": {"permission": "explicit", "evidence": EVIDENCE}}),
]


@pytest.mark.parametrize("what", CHANGED, ids=[name for name, _ in CHANGED])
def test_who_was_refused_is_tried_again_at_once_when_something_else_would_be_sent(
    what: tuple[str, dict[str, Any]],
) -> None:
    remembered = refused(night().tables, "new@x.org")
    assert outcomes(night(remembered=remembered))[3] == "skip"
    assert outcomes(night(remembered=remembered, **what[1]))[3] == "create"


def test_a_refusal_says_nothing_of_who_needs_nothing_any_more() -> None:
    remembered = refused(night().tables, "same@x.org")
    done = derive(NIGHT, ACCOUNT, {"first_name": "First"}, {}, remembered)
    assert outcomes(done)[4] == "unchanged"


def test_the_key_of_a_content_knows_no_order_and_no_place_in_the_plan() -> None:
    tables = night().tables
    shuffled = replace(
        tables, changes=tables.changes.iloc[::-1], memberships=tables.memberships.sample(frac=1, random_state=1)
    )
    assert key_contents(tables).tolist() == key_contents(shuffled).tolist()
    alone = night(NIGHT[1:2].reset_index(drop=True)).tables
    whole = dict(zip(tables.actions[c.EMAIL], key_contents(tables), strict=True))
    assert key_contents(alone).tolist() == [whole["new@x.org"]]
    assert len(set(whole.values())) == 3


def test_the_key_of_a_content_is_the_same_on_every_machine() -> None:
    assert key_contents(night(NIGHT[1:2].reset_index(drop=True)).tables).tolist() == [17054022638046954988]
