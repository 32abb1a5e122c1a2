from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.plan.tables import ACTION
from ctct_etl.run.verifying import FOUND, PROMISED, verify_window
from tests.run.fakes import FakeAccount, make_plan, see

PLAN = make_plan(
    creates={"n@x.org": "New"}, updates={"u@x.org": ("Old", "Neu")}, added={"u@x.org": ["News"]}, skipped=["s@x.org"]
)


def broken(account: FakeAccount, **results: str) -> list[tuple[str, str, str, str]]:
    told = {"n@x.org": c.DONE, "u@x.org": c.DONE} | {f"{name}@x.org": result for name, result in results.items()}
    frame = pd.DataFrame({c.EMAIL: list(told), ACTION: "", c.RESULT: list(told.values()), c.WORDS: ""}, dtype="str")
    found = verify_window(PLAN.tables, frame, see(account))
    assert found.checked == list(told.values()).count(c.DONE)
    return [tuple(row) for row in found.broken[[c.EMAIL, c.FIELD, PROMISED, FOUND]].itertuples(index=False)]


def as_promised() -> FakeAccount:
    return FakeAccount({"n@x.org": "New", "u@x.org": "Neu", "s@x.org": "Any"}, {"News": {"u@x.org"}})


def test_an_account_as_promised_has_nothing_broken() -> None:
    assert broken(as_promised()) == []


def test_a_field_that_is_otherwise_is_told_with_both_values() -> None:
    account = as_promised()
    account.contacts["u@x.org"] = "Someone"
    assert broken(account) == [("u@x.org", c.FIRST_NAME, "Neu", "Someone")]


def test_a_contact_that_is_not_there_is_told_by_its_address() -> None:
    account = as_promised()
    del account.contacts["n@x.org"]
    assert broken(account) == [("n@x.org", c.EMAIL, "n@x.org", "")]


def test_who_can_not_be_read_back_is_told_and_passes_for_nothing_that_was_promised() -> None:
    tables = make_plan(updates={"u@x.org": ("Old", "")}, added={"u@x.org": ["News"]}).tables
    off = pd.Categorical([c.REMOVE_FROM], tables.memberships[c.CHANGE].cat.categories)
    tables = replace(tables, memberships=tables.memberships.assign(**{c.CHANGE: off}))
    snapshot = see(FakeAccount({"u@x.org": ""}, {"News": set()}))
    results = pd.DataFrame({c.EMAIL: ["u@x.org"], c.RESULT: [c.DONE]}, dtype="str")
    assert verify_window(tables, results, snapshot).broken.empty
    unread = snapshot.contacts.assign(**{c.STATUS: c.UNREADABLE}).astype({c.STATUS: "str"})
    found = verify_window(tables, results, replace(snapshot, contacts=unread)).broken
    assert found.to_numpy().tolist() == [["u@x.org", c.EMAIL, "u@x.org", c.UNREADABLE]]


def test_a_list_that_it_is_not_on_is_told_by_its_name() -> None:
    account = as_promised()
    account.members["News"].clear()
    assert broken(account) == [("u@x.org", c.LIST, "News", "")]


@pytest.mark.parametrize("result", [c.CONFLICT, c.FAILED, c.PENDING_RESULT])
def test_nothing_is_promised_of_what_was_not_done(result: str) -> None:
    account = as_promised()
    account.contacts["u@x.org"] = "Old"
    assert broken(account, u=result) == []


def test_a_phone_in_the_services_own_punctuation_is_as_promised() -> None:
    changes = pd.DataFrame(
        {c.CONTACT: [1], c.FIELD: ["phone.mobile"], c.BEFORE: [""], c.AFTER: ["+1 212 555 2368"]}
    ).astype({c.FIELD: "category", c.BEFORE: "str", c.AFTER: "str"})  # fmt: skip
    plan = make_plan(creates={"a@x.org": "A"}, updates={"u@x.org": ("Old", "Neu")})
    tables = replace(plan.tables, changes=changes)
    snapshot = see(FakeAccount({"a@x.org": "A", "u@x.org": "Neu"}))
    contacts = snapshot.contacts.assign(**{"phone.mobile": ["", "(212) 555-2368"]}).astype({"phone.mobile": "str"})
    results = pd.DataFrame({c.EMAIL: ["u@x.org"], c.RESULT: [c.DONE]}, dtype="str")
    assert verify_window(tables, results, replace(snapshot, contacts=contacts)).broken.empty
