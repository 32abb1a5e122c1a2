from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PlanTables
from ctct_etl.run.refreshing import find_conflicts, find_leavers, leave_out, leave_out_details
from tests.run.fakes import make_plan
from tests.tables import snapshot

PLAN = make_plan(
    creates={"new@x.org": "New"}, updates={"u@x.org": ("Old", "Neu")}, added={"m@x.org": ["News"]}, skipped=["s@x.org"]
).tables


def account(**changed: dict[str, Any] | None) -> Snapshot:
    """The account as the plan saw it, but for what changed; None: gone."""
    contacts: dict[str, dict[str, Any] | None] = {
        "u": {c.FIRST_NAME: "Old"}, "m": {}, "s": {}, "other": {}, **changed
    }  # fmt: skip
    return snapshot(
        [{c.EMAIL: f"{name}@x.org", c.CONTACT_ID: f"id-{name}@x.org", **values}
         for name, values in contacts.items() if values is not None], lists=["News"],
    )  # fmt: skip


def conflicts(now: Snapshot, tables: PlanTables = PLAN) -> dict[str, str]:
    found = find_conflicts(tables, now)
    assert list(found.dtypes.astype("str")) == ["str", "str"]
    return dict(zip(found[c.EMAIL], found[c.WORDS], strict=True))


def test_an_account_that_has_not_moved_has_no_conflicts() -> None:
    assert conflicts(account()) == {}


def test_an_empty_plan_has_no_conflicts() -> None:
    assert conflicts(account(), make_plan().tables) == {}


@pytest.mark.parametrize(
    ("changed", "address", "words"),
    [
        ({"new": {}}, "new@x.org", "the account has this contact since the plan"),
        ({"u": None}, "u@x.org", "the account does not know this contact any more"),
        ({"u": {c.FIRST_NAME: "Old", c.STATUS: c.UNSUBSCRIBED}}, "u@x.org",
         "its status changed since the plan: implicit → unsubscribed"),
        ({"u": {c.FIRST_NAME: "Old", c.EMAIL: "moved@x.org"}}, "u@x.org", "its address changed since the plan"),
        ({"u": {c.FIRST_NAME: ""}}, "u@x.org", 'first_name was "Old" in the plan and is empty'),
        ({"u": {c.FIRST_NAME: "x" * 50}}, "u@x.org", f'first_name was "Old" in the plan and is "{"x" * 40}…"'),
        ({"m": {"lists": ["News"]}}, "m@x.org", 'on the list "News" since the plan'),
    ],
)  # fmt: skip
def test_what_moved_is_a_conflict_that_says_what(changed: dict[str, Any], address: str, words: str) -> None:
    assert conflicts(account(**changed)) == {address: words}


def test_several_reasons_are_all_named_and_contacts_come_in_the_plans_order() -> None:
    now = account(u={c.FIRST_NAME: "Neu", c.STATUS: c.DELETED}, m=None)
    assert list(conflicts(now)) == ["m@x.org", "u@x.org"]
    assert conflicts(now)["u@x.org"].count("; ") == 1


def test_what_an_action_does_not_rest_on_may_move() -> None:
    now = account(
        u={c.FIRST_NAME: "Old", c.LAST_NAME: "New", c.UPDATED_AT: "2027-01-01T00:00:00Z", "lists": ["News"]},
        m={c.FIRST_NAME: "Edited"}, s=None, other=None,
    )  # fmt: skip
    assert conflicts(now) == {}


def test_a_removal_conflicts_when_the_contact_left_the_list_by_itself() -> None:
    removal = PLAN.memberships.assign(**{c.CHANGE: pd.Categorical([c.REMOVE_FROM], [c.ADD, c.REMOVE_FROM])})
    tables = PlanTables(PLAN.actions, PLAN.changes, removal, PLAN.origins, PLAN.wanted)
    assert conflicts(account(m={"lists": ["News"]}), tables) == {}
    assert conflicts(account(), tables) == {"m@x.org": 'off the list "News" since the plan'}


def test_a_custom_field_that_the_plan_will_make_is_empty_for_everybody() -> None:
    changes = PLAN.changes.assign(**{c.FIELD: pd.Categorical(["custom.Level"] * 2), c.BEFORE: ""}).astype(
        {c.BEFORE: "str"}
    )
    assert conflicts(account(), PlanTables(PLAN.actions, changes, PLAN.memberships, PLAN.origins, PLAN.wanted)) == {}


def test_a_duplicated_address_in_the_account_does_not_confuse_it() -> None:
    assert conflicts(account(twin={c.EMAIL: "u@x.org"})) == {}


def test_leaving_out_keeps_the_rest_with_its_details() -> None:
    left = leave_out(PLAN, {"m@x.org", "new@x.org"})
    assert list(left.actions[c.EMAIL]) == ["s@x.org", "u@x.org"]
    assert list(left.changes[c.CONTACT]) == [1] and list(left.changes[c.AFTER]) == ["Neu"]
    assert left.memberships.empty and list(left.origins[c.CONTACT]) == [0, 1]
    assert len(PLAN.actions) == 4 and leave_out(PLAN, {"nobody@x.org"}) is PLAN


def test_without_details_only_presence_and_status_count() -> None:
    tables = leave_out_details(PLAN)
    assert conflicts(account(u={c.FIRST_NAME: "Edited"}, m={"lists": ["News"]}, new={}), tables) == {}
    assert set(conflicts(account(u={c.STATUS: c.DELETED}, m=None), tables)) == {"u@x.org", "m@x.org"}


@pytest.mark.parametrize(
    ("changed", "remembered", "left"),
    [
        ({}, [("m@x.org", "News")], {"m@x.org": 'left the list "News" since the plan'}),
        ({}, [("m@x.org", "Other"), ("u@x.org", "News")], {}),
        ({}, [], {}),
        ({"m": {"lists": ["News"]}}, [("m@x.org", "News")], {}),  # there still
        ({"m": None}, [("m@x.org", "News")], {}),  # a conflict of its own
    ],
)
def test_who_was_put_on_the_list_and_left_it_since_the_plan_is_told(
    changed: dict[str, Any], remembered: list[tuple[str, str]], left: dict[str, str]
) -> None:
    held = pd.DataFrame(remembered, columns=[c.EMAIL, c.NAME]).astype("str")
    found = find_leavers(PLAN, account(**changed), held)
    assert dict(zip(found[c.EMAIL], found[c.WORDS], strict=True)) == left


@pytest.mark.parametrize(
    ("rests_on", "kept", "broken", "said"),
    [
        ({c.IF_IN_NO_LIST: []}, [], ["Club"], "if_in_no_list"),
        ({c.IF_IN: ["Board", "Club"]}, ["Club"], ["News"], "if_in Board, Club"),
        ({c.IF_NOT_IN: ["Board"]}, ["Club"], ["Board", "Club"], "if_not_in Board"),
    ],
)
def test_an_update_whose_contact_the_rule_leaves_alone_by_now_is_a_conflict(
    rests_on: dict[str, list[str]], kept: list[str], broken: list[str], said: str
) -> None:
    def judged(lists: list[str]) -> dict[str, str]:
        now = account(u={c.FIRST_NAME: "Old", "lists": lists}, m={"lists": kept})
        found = find_conflicts(PLAN, now, rests_on)
        return dict(zip(found[c.EMAIL], found[c.WORDS], strict=True))

    assert judged(kept) == {}
    words = f"its lists changed since the plan: existing.update: {said} leaves it alone now"
    assert judged(broken) == {"u@x.org": words}


def test_a_list_that_the_plan_adds_itself_breaks_no_rule() -> None:
    """A plan that was begun before may have added it; that it is there already is another conflict."""
    now = account(m={"lists": ["News"]})
    assert conflicts(now) == {"m@x.org": 'on the list "News" since the plan'}
    for rests_on in ({c.IF_IN_NO_LIST: []}, {c.IF_NOT_IN: ["News"]}):
        assert find_conflicts(PLAN, now, rests_on)[c.WORDS].tolist() == ['on the list "News" since the plan']


def test_a_contact_that_is_gone_breaks_no_rule_besides() -> None:
    found = find_conflicts(PLAN, account(u=None, m={}), {c.IF_IN_NO_LIST: []})
    assert found[c.WORDS].tolist() == ["the account does not know this contact any more"]
