"""Who is on a managed list and in the source no more, and what is planned about them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from ctct_etl import columns as c
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION
from ctct_etl.stages.absenting import Absence, add_removals, find_absent
from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.refusing import key_contents
from tests.sheets import sheet
from tests.tables import snapshot
from tests.workflow.given import derive, pipeline

GONE = "gone@example.com"


def absent(account: Snapshot, *present: str, suppressed: tuple[str, ...] = (), **keys: Any) -> Absence:
    rules = pipeline(**{"absent": {"action": "remove_from_lists"}, "managed_lists": ["News", "Board"], **keys})
    return find_absent(account, pa.array(present, TEXT), rules, dict.fromkeys(suppressed, "never.csv"))


def removed(account: Snapshot, *present: str, **keys: Any) -> list[str]:
    return account.contacts[c.EMAIL].iloc[absent(account, *present, **keys).at].tolist()


def test_who_is_on_a_managed_list_and_in_no_row_is_taken_off() -> None:
    account = snapshot(
        [
            {"email": "zed@example.com", "lists": ["News"]},
            {"email": GONE, "lists": ["Board", "Chess"]},
            {"email": "here@example.com", "lists": ["News"]},
            {"email": "chess@example.com", "lists": ["Chess"]},
            {"email": "nowhere@example.com"},
        ]
    )
    found = absent(account, "here@example.com")
    assert removed(account, "here@example.com") == [GONE, "zed@example.com"]
    assert (found.absent, found.members, found.left_alone) == (2, 3, {})


@pytest.mark.parametrize(
    ("contact", "why"),
    [
        ({"status": "unsubscribed"}, "unsubscribed"),
        ({"status": "deleted"}, "deleted"),
        ({"status": "pending_confirmation"}, "pending_confirmation"),
        ({"status": "temp_hold"}, "temp_hold"),
        ({"status": "not_set"}, "not_set"),
        ({"status": "a word of tomorrow"}, "a word of tomorrow"),
        ({"status": ""}, "no status"),
    ],
)
def test_who_has_left_or_is_not_settled_is_left_alone_and_counted(contact: dict[str, str], why: str) -> None:
    found = absent(snapshot([{"email": GONE, "lists": ["News"], **contact}]))
    assert (found.at.tolist(), found.left_alone) == ([], {why: 1})


def test_a_suppressed_contact_is_never_touched() -> None:
    account = snapshot([{"email": GONE, "lists": ["News"]}])
    assert absent(account, suppressed=(GONE,)).left_alone == {"suppress": 1}
    assert removed(account) == [GONE]


def test_two_contacts_of_one_address_are_both_left_alone() -> None:
    found = absent(snapshot([{"email": GONE, "lists": ["News"]}, {"email": GONE, "status": "deleted"}]))
    assert (found.at.tolist(), found.left_alone) == ([], {"ambiguous": 1})


def test_a_contact_without_an_address_is_no_absent_one() -> None:
    found = absent(snapshot([{"email": "", "lists": ["News"]}]))
    assert (found.at.tolist(), found.absent, found.left_alone) == ([], 0, {})


def test_whom_the_rule_of_updates_does_not_select_is_left_alone() -> None:
    account = snapshot([{"email": GONE, "lists": ["News", "Chess"]}, {"email": "bob@example.com", "lists": ["News"]}])
    found = absent(account, existing={"update": {"if_not_in": ["Chess"]}})
    assert found.left_alone == {"existing.update: if_not_in Chess, and it is in one": 1}
    assert removed(account, existing={"update": {"if_not_in": ["Chess"]}}) == ["bob@example.com"]


def test_keeping_them_counts_them_all_the_same() -> None:
    found = absent(snapshot([{"email": GONE, "lists": ["News"]}]), absent={"action": "keep"})
    assert (found.at.tolist(), found.absent, found.left_alone) == ([], 1, {"absent.action: keep": 1})


ACCOUNT = snapshot(
    [
        {"email": "ann@example.com", "first_name": "Anna", "lists": ["Chess"]},
        {"email": "bea@example.com", "lists": ["News", "Board", "Chess"], "tags": ["vip"]},
        {"email": "cy@example.com", "first_name": "Cy", "lists": ["News"]},
        {"email": "zed@example.com", "lists": ["News"]},
    ]
)
ROWS = sheet("""
    E-mail          | First
    ann@example.com | Ann
    cy@example.com  | Cyrus
    new@example.com | Nina
""")
MANAGED: dict[str, Any] = {"absent": {"action": "remove_from_lists"}, "managed_lists": ["News", "Board"]}


def test_removals_stand_among_the_actions_in_the_order_of_addresses_and_leave_the_others_as_they_were() -> None:
    fields = {"first_name": "First"}
    kept = derive(ROWS, ACCOUNT, fields, lists=["News"]).tables
    night = derive(ROWS, ACCOUNT, fields, lists=["News"], **MANAGED).tables
    assert list(zip(night.actions[c.EMAIL], night.actions[ACTION], strict=True)) == [
        ("ann@example.com", "update"), ("bea@example.com", "remove"), ("cy@example.com", "update"),
        ("new@example.com", "create"), ("zed@example.com", "remove"),
    ]  # fmt: skip

    def by_address(tables: Any, name: str) -> list[list[Any]]:
        table = getattr(tables, name)
        whose = tables.actions[c.EMAIL].to_numpy()[table[c.CONTACT].to_numpy()]
        rest = table.drop(columns=c.CONTACT).astype(object).to_numpy().tolist()
        return [[who, *line] for who, line in zip(whose.tolist(), rest, strict=True)]

    for name in ("changes", "origins", "wanted"):
        assert by_address(night, name) == by_address(kept, name)
    assert by_address(night, "memberships") == [
        ["ann@example.com", "list", "News", "add"],
        ["bea@example.com", "list", "Board", "remove"],
        ["bea@example.com", "list", "News", "remove"],
        ["new@example.com", "list", "News", "add"],
        ["zed@example.com", "list", "News", "remove"],
    ]
    pd.testing.assert_frame_equal(
        night.actions[night.actions[ACTION] != "remove"].reset_index(drop=True).astype(object),
        kept.actions.astype(object),
    )


def test_a_removal_names_its_rule_and_its_contact_and_has_no_row() -> None:
    night = derive(ROWS, ACCOUNT, **MANAGED)
    bea = night.tables.actions.set_index(c.EMAIL).loc["bea@example.com"]
    assert bea[c.REASON] == "absent.action: remove_from_lists; no row of the source has this address"
    assert (bea[c.CONTACT_ID], bea[c.STATUS]) == ("id-1", "implicit")
    assert len(night.rows) == 3 and "remove" not in set(night.rows[c.OUTCOME])
    assert (night.figures.removals, night.figures.managed_members) == (2, 3)


def test_whom_the_service_refused_to_take_off_is_left_alone_while_it_is_the_very_same_lists() -> None:
    asked = derive(ROWS, ACCOUNT, **MANAGED).tables
    told = pd.DataFrame({c.EMAIL: asked.actions[c.EMAIL], c.CONTENT: key_contents(asked)}).astype({c.EMAIL: "str"})
    told = told[told[c.EMAIL] == "bea@example.com"].assign(**{c.WORDS: "no", c.AT: "2026-11-20", c.UNTIL: "2026-11-27"})
    remembered = Remembered(refusals=told.reset_index(drop=True))
    night = derive(ROWS, ACCOUNT, {}, {}, remembered, **MANAGED)
    actions = night.tables.actions
    assert actions[c.EMAIL][actions[ACTION] == "remove"].tolist() == ["zed@example.com"]
    assert night.absence is not None
    assert night.absence.left_alone == {"the service refused to take them off in the last 7 days (--retry-refused)": 1}
    assert night.figures.removals == 1
    fewer = derive(ROWS, ACCOUNT, {}, {}, remembered, **{**MANAGED, "managed_lists": ["News"]}).tables.actions
    assert fewer[c.EMAIL][fewer[ACTION] == "remove"].tolist() == ["bea@example.com", "zed@example.com"]


def test_a_plan_of_nothing_but_removals_is_a_plan() -> None:
    night = derive(ROWS[1:2].reset_index(drop=True), ACCOUNT, **MANAGED)
    assert night.tables.actions[ACTION].tolist() == ["remove", "remove"]


def test_nobody_absent_leaves_the_plan_untouched() -> None:
    tables = derive(ROWS, ACCOUNT).tables
    nobody = Absence(ACCOUNT.contacts.index.to_numpy()[:0], 0, {}, 0)
    assert add_removals(tables, nobody, ACCOUNT, ("News",)) is tables


@pytest.mark.parametrize(
    "row",
    [
        "zed@example.com | Zed  | Lapsed |",  # left out by rows.where
        "zed@example.com | Zed  | Active | y",  # wants no mail
        "zed@example.com | Zed  | Active |",  # names no list any more
        "ZED@Example.com | Zed  | Active |",
        "bea@example.com; zed@example.com | Z | Active |",  # rejected, and both can be read
    ],
)
def test_who_is_in_any_row_is_present_whatever_becomes_of_the_row(row: str) -> None:
    rows = sheet(f"""
        E-mail | First | Status | No Mail
        bea@example.com | Bea | Active |
        cy@example.com  | Cy  | Active |
        {row}
    """)
    rules: dict[str, Any] = {
        "rows": {"where": {"column": "Status", "in": ["Active"]}},
        "opted_out": {"column": "No Mail", "equals": "y"},
        **MANAGED,
    }
    assert derive(rows, ACCOUNT, {"first_name": "First"}, **rules).figures.removals == 0
    without = rows[:2].reset_index(drop=True)
    assert derive(without, ACCOUNT, {"first_name": "First"}, **rules).figures.removals == 1
