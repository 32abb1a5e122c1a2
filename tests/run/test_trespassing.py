from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.run.trespassing import Trespasses
from tests.account.plans import Act, plan_tables
from tests.tables import snapshot

ANN = {c.EMAIL: "ann@x.org", "first_name": "Ann", "lists": ["News"]}
BOB = {c.EMAIL: "bob@x.org", "first_name": "Bob"}


def found(before: Snapshot, after: Snapshot, *acts: Act, result: str = c.DONE) -> list[tuple[str, ...]]:
    trespasses = Trespasses()
    if acts:
        tables = plan_tables(acts, before)
        told = {c.EMAIL: tables.actions[c.EMAIL], c.RESULT: result}
        trespasses(tables, pd.DataFrame(told).astype("str"))
    return [tuple(line) for line in trespasses.find(before, after).to_numpy().tolist()]


def account(*contacts: dict[str, Any]) -> Snapshot:
    return snapshot(contacts, lists=["News", "Club"], tags=["vip"])


def test_an_account_that_is_as_before_shows_nothing() -> None:
    assert found(account(ANN, BOB), account(ANN, BOB)) == []


def test_what_a_done_action_names_is_no_trespass() -> None:
    act = Act("ann@x.org", c.UPDATE, {"first_name": ("Ann", "Anna")}, add=["Club"], remove=["News"], tags=["vip"])
    after = account(ANN | {"first_name": "Anna", "lists": ["Club"], "tags": ["vip"]}, BOB)
    assert found(account(ANN, BOB), after, act) == []


def test_another_field_list_tag_or_status_is_told() -> None:
    act = Act("ann@x.org", c.UPDATE, {"first_name": ("Ann", "Anna")})
    after = account(ANN | {"first_name": "Anna", "last_name": "Lee", "lists": [], "tags": ["vip"]},
                    BOB | {c.STATUS: c.UNSUBSCRIBED})  # fmt: skip
    assert found(account(ANN, BOB), after, act) == [
        ("ann@x.org", "last_name", "", "Lee"),
        ("ann@x.org", "list", "News", ""),
        ("ann@x.org", "tag", "", "vip"),
        ("bob@x.org", "status", "implicit", "unsubscribed"),
    ]


def test_what_was_not_done_may_change_nothing() -> None:
    act = Act("ann@x.org", c.UPDATE, {"first_name": ("Ann", "Anna")})
    after = account(ANN | {"first_name": "Anna"})
    assert found(account(ANN), after, act, result=c.CONFLICT) == [("ann@x.org", "first_name", "Ann", "Anna")]


def test_a_contact_that_came_is_told_unless_the_plan_created_it() -> None:
    assert found(account(ANN), account(ANN, BOB)) == [("bob@x.org", "email", "", "bob@x.org")]
    assert found(account(ANN), account(ANN, BOB), Act("bob@x.org", c.CREATE, {"first_name": "Bob"})) == []


def test_a_contact_that_went_is_told() -> None:
    before = account(ANN, BOB)
    after = replace(account(ANN), contacts=before.contacts.iloc[:1])
    assert found(before, after) == [("bob@x.org", "email", "bob@x.org", "")]
