"""Who was deleted in the account comes back by a consent given since, and by nothing less."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.plan.remembered import Remembered
from ctct_etl.workflow.deriving import Derived
from tests.sheets import sheet
from tests.tables import snapshot
from tests.workflow.given import changes, derive, joined, outcomes, reasons

ANN = "ann@example.com"
GONE = {"email": ANN, "first_name": "Anna", "status": "deleted", "deleted_status": "implicit",
        "deleted_at": "2026-03-04"}  # fmt: skip
RULES: dict[str, Any] = {
    "existing": {"deleted": "revive_with_evidence"},
    "consent": {"evidence": {"date": "Day", "source": "Form"}},
}


def night(day: str = "2026-05-01", form: str = "Web form", gone: dict[str, str] | None = None, **keys: Any) -> Derived:
    rows = sheet(f"""
        E-mail          | First | No Mail | Day   | Form
        {ANN}           | Ann   |         | {day} | {form}
    """)
    account = snapshot([{**GONE, **(gone or {})}], lists=("News", "Board"), tags=("vip",))
    return derive(rows, account, {"first_name": "First"}, **{"lists": ["News"], "tags": ["vip"], **RULES, **keys})


def test_a_consent_given_after_the_deletion_brings_the_contact_back_with_lists_tags_and_fields() -> None:
    made = night()
    assert outcomes(made) == {2: "update"}
    assert reasons(made)[2] == (
        "existing.deleted: revive_with_evidence; deleted in the account on 2026-03-04, "
        'consent of 2026-05-01 by "Web form"'
    )
    assert changes(made) == [(ANN, "first_name", "Anna", "Ann")]
    assert joined(made) == [(ANN, "list", "News"), (ANN, "tag", "vip")]
    (action,) = made.tables.actions.to_dict("records")
    assert (action[c.STATUS], action[c.OPT_IN_SOURCE], action["permission"]) == ("deleted", "", "")
    assert (action[c.EVIDENCE_DATE], action[c.EVIDENCE_SOURCE]) == ("2026-05-01", "Web form")
    assert (made.figures.updates, made.figures.creates) == (1, 0)


def test_one_that_needs_no_change_of_fields_comes_back_too() -> None:
    made = night(gone={"first_name": "Ann"}, tags=[])
    assert (outcomes(made), changes(made), joined(made)) == ({2: "update"}, [], [(ANN, "list", "News")])


@pytest.mark.parametrize(
    ("day", "form", "why"),
    [
        ("", "Web form", "the row has no readable date of consent"),
        ("May", "Web form", "the row has no readable date of consent"),
        ("2026-05-01", "", "the row does not say where consent was given"),
        ("2026-11-24", "Web form", "the date of consent lies in the future"),
        ("2026-03-04", "Web form", "the consent was not given after that day"),
        ("2025-12-31", "Web form", "the consent was not given after that day"),
    ],
)
def test_without_evidence_that_is_newer_than_the_deletion_the_contact_stays_deleted(
    day: str, form: str, why: str
) -> None:
    made = night(day, form)
    assert outcomes(made) == {2: "skip"}
    assert reasons(made)[2].endswith(f"deleted in the account on 2026-03-04, and {why}")
    assert (changes(made), joined(made)) == ([], [])


@pytest.mark.parametrize(
    "gone",
    [
        {"deleted_status": "unsubscribed"},
        {"opt_out.date": "2025-01-01T00:00:00Z"},
        {"opt_out.source": "Account"},
        {"deleted_status": "pending_confirmation"},
        {"deleted_status": "temp_hold"},
        {"deleted_status": "not_set"},
        {"deleted_status": ""},
    ],
)
def test_nobody_comes_back_who_had_unsubscribed_or_was_not_settled(gone: dict[str, str]) -> None:
    made = night(gone=gone)
    assert outcomes(made) == {2: "skip"}
    assert "never revived" in reasons(made)[2]


def test_a_row_that_says_no_mail_brings_nobody_back() -> None:
    made = night(opted_out={"column": "First", "equals": "Ann"})
    assert outcomes(made) == {2: "skip"}
    assert reasons(made)[2].endswith("and opted_out: the row says no mail")


def test_nobody_comes_back_without_a_list_to_come_back_to() -> None:
    made = night(lists=[])
    assert outcomes(made) == {2: "skip"}
    assert reasons(made)[2].endswith("the service revives a contact only onto a list")


def test_a_suppressed_address_stays_deleted_whatever_its_evidence() -> None:
    rows = sheet(f"""
        E-mail | Day        | Form
        {ANN}  | 2026-05-01 | Web
    """)
    made = derive(rows, snapshot([GONE], lists=("News",)), {}, {ANN: "never.csv"}, lists=["News"], **RULES)
    assert reasons(made) == {2: "suppress: named in never.csv"}


def test_the_rule_of_updates_is_about_registered_contacts_and_not_about_those_who_come_back() -> None:
    made = night(existing={"deleted": "revive_with_evidence", "update": {"if_in": ["Board"]}})
    assert outcomes(made) == {2: "update"}


def test_lists_that_the_deletion_took_are_no_lists_that_they_left() -> None:
    rows = sheet(f"""
        E-mail          | Day        | Form
        {ANN}           | 2026-05-01 | Web
        bob@example.com | 2026-05-01 | Web
    """)
    account = snapshot([GONE, {"email": "bob@example.com"}], lists=("News", "Board"))
    held = Remembered(pd.DataFrame({"email": [ANN, "bob@example.com"], "name": ["News", "News"]}, dtype="str"), 1)
    made = derive(rows, account, {}, None, held, lists=["News"], **RULES)
    assert joined(made) == [(ANN, "list", "News")]
    assert made.departed == {"News": 1} and made.readded == {}


def test_without_the_rule_every_deleted_contact_is_skipped() -> None:
    assert reasons(night(existing={})) == {2: "existing.deleted: skip; deleted in the account on 2026-03-04"}
