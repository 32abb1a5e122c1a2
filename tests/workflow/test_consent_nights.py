"""Consent from the sheet to the account: evidence, permission, mails and revivals, over real HTTP."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.promises.nights import Night, actions, night_of
from tests.promises.worlds import RICH, World
from tests.sampling import in_proof

GONE = "deleted@example.com"
EVIDENCE = {"evidence": {"date": "Updated", "source": "Tier"}}
REVIVING: dict[str, Any] = {"existing": {"deleted": "revive_with_evidence"}, "consent": EVIDENCE}


def person(address: str, day: str = "2026-05-01", form: str = "Web form", **cells: str) -> dict[str, str]:
    return {**RICH.rows[0], "E-mail": address, "Updated": day, "Tier": form, **cells}


def deleted(address: str = GONE, permission: str = "implicit", **more: Any) -> dict[str, Any]:
    """Deleted in March, with more than any mapping names."""
    mail = {"address": address, "permission_to_send": permission, "opt_in_source": "Account"}
    return {
        "email_address": {**mail, **more.pop("mail", {})},
        "deleted_at": "2026-03-01T00:00:00Z",
        "first_name": "Anna",
        "company_name": "Kept",
        "taggings": ["vip"],
        "phone_numbers": [{"kind": "home", "phone_number": "+1 212 555 2368"}],
        "custom_fields": {"Shoe": "42"},
        **more,
    }


def world(*rows: dict[str, str], account: list[dict[str, Any]], **pipeline: Any) -> World:
    pad = [person(f"pad{number}@example.com") for number in range(12)]  # so that there is an import to stay out of
    return replace(RICH, rows=[*pad, *rows], account=account, pipeline={**RICH.pipeline, **REVIVING, **pipeline})


def told(night: Night) -> dict[str, dict[str, Any]]:
    return {action["address"]: action for action in actions(night.run())}


@pytest.mark.parametrize(
    "switches",
    [{}, {"put_omitted_arrays": "cleared"}, {"put_omitted_permission": "reset"}, {"delete_moves_updated_at": False},
     {"stored_case": "lower"}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("permission", ["implicit", *in_proof("explicit")])
def test_a_deleted_contact_comes_back_as_it_was_with_the_changes_and_the_lists(
    switches: dict[str, Any], permission: str
) -> None:
    with night_of(world(person(GONE), account=[deleted(permission=permission)]), switches=switches) as night:
        ended = night.run()
        assert ended.exit_code() == 0
        action = next(each for each in actions(ended) if each["address"] == GONE)
        assert (action["action"], action["route"]) == ("update", "revive_contact")
        assert action["consent"] == {
            "evidence_date": "2026-05-01", "evidence_source": "Web form", "opt_in_source": "", "permission": "",
        }  # fmt: skip
        back = night.contacts()[GONE]
        assert "deleted_at" not in back
        assert back["email_address"]["permission_to_send"] == permission
        assert (back["first_name"], back["company_name"]) == ("Ann", "Kept")
        assert back["by_name"]["lists"] == ["Newsletter"]
        assert sorted(back["by_name"]["tags"]) == ["spring", "vip"]
        assert back["by_name"]["custom_fields"] == {"Shoe": "42"}
        assert [phone["phone_number"] for phone in back["phone_numbers"]] == ["+1 212 555 2368"]
        assert night.mails() == []
        assert [each for each in actions(night.run()) if each["action"] != "skip"] == []


def test_nothing_but_one_put_is_ever_sent_about_a_deleted_contact() -> None:
    with night_of(world(person(GONE), account=[deleted()])) as night:
        identity = night.contacts()[GONE]["contact_id"]
        night.run()
        about = [
            (request["method"], request["path"].rpartition("/")[2])
            for request in night.requests()
            if request["method"] != "GET" and (identity in str(request) or GONE in str(request["body"]))
        ]
        assert about == [("PUT", identity)]


@pytest.mark.parametrize(
    ("row", "contact"),
    [
        (person(GONE, day="2026-03-01"), deleted()),
        (person(GONE, day=""), deleted()),
        (person(GONE, form=""), deleted()),
        (person(GONE, day="2099-01-01"), deleted()),
        (person(GONE), deleted(permission="pending_confirmation")),
        (person(GONE), deleted(permission="unsubscribed",
                               mail={"opt_out_source": "Contact", "opt_out_date": "2026-01-01T00:00:00Z"})),
    ],
)  # fmt: skip
def test_who_has_no_newer_consent_or_had_unsubscribed_stays_deleted_to_the_last_byte(
    row: dict[str, str], contact: dict[str, Any]
) -> None:
    with night_of(world(row, account=[contact])) as night:
        before = night.contacts()[GONE]
        assert told(night)[GONE]["action"] == "skip"
        assert night.contacts()[GONE] == before


def test_who_was_brought_back_and_deleted_again_since_the_plan_stays_deleted() -> None:
    with night_of(world(person(GONE, day="2026-11-23"), account=[deleted()])) as night:
        planned = night.plan()
        night.run()
        night.act(who="owner", do="delete", address=GONE)
        applied = night.apply(planned)
        assert applied.outcome is not None
        words = {each["address"]: each["words"] for each in applied.outcome["not_done"]}
        assert GONE in words
        assert night.contacts()[GONE]["deleted_at"]


@pytest.mark.parametrize(
    "rule", ["never", *in_proof("if_in_no_list", {"if_in": ["Board"]}, {"if_not_in": ["Newsletter"]})]
)
def test_the_rule_of_updates_holds_nobody_back_who_is_not_registered_yet(rule: Any) -> None:
    existing = {"deleted": "revive_with_evidence", "update": rule}
    with night_of(world(person(GONE), account=[deleted()], existing=existing)) as night:
        applied = night.apply(night.plan())
        assert applied.outcome is not None and applied.outcome["not_done"] == []
        assert night.contacts()[GONE]["by_name"]["lists"] == ["Newsletter"]


def test_the_next_night_does_not_bring_back_who_was_deleted_after_that_consent() -> None:
    with night_of(world(person(GONE), account=[deleted()])) as night:
        night.run()
        night.act(who="owner", do="delete", address=GONE)
        assert told(night)[GONE]["action"] == "skip"
        assert night.contacts()[GONE]["deleted_at"]


ASKED = {"opt_in_source": "contact", "permission": "explicit", **EVIDENCE}


@pytest.mark.parametrize(
    ("switches", "kind", "permission"),
    [
        ({"confirmed_opt_in": True, "welcome_lists": ["*"]}, "confirmation", "pending_confirmation"),
        ({"welcome_lists": ["*"]}, "welcome", "explicit"),
        ({"welcome_lists": ["Newsletter"]}, "welcome", "explicit"),
        ({}, "", "explicit"),
    ],
)
def test_the_mails_of_a_plan_are_those_that_the_service_then_sends(
    switches: dict[str, Any], kind: str, permission: str
) -> None:
    unproved = person("unproved@example.com", day="")
    with night_of(world(unproved, account=[], consent=ASKED), switches=switches) as night:
        ended = night.run()
        assert dict(ended.plan.rows["@outcome"].value_counts()) == {"create": 12, "rejected": 1}
        assert ended.plan.manifest["mails"] == {"welcome": 12, "confirmation": 12}
        sent = Counter(mail["kind"] for mail in night.mails())
        assert sent == ({kind: ended.plan.manifest["mails"][kind]} if kind else {})
        new = night.contacts()["pad0@example.com"]["email_address"]
        assert (new["permission_to_send"], new["opt_in_source"]) == (permission, "Contact")
        assert actions(ended)[0]["consent"] == {
            "evidence_date": "2026-05-01", "evidence_source": "Web form", "opt_in_source": "contact",
            "permission": "explicit",
        }  # fmt: skip


def test_a_welcome_is_counted_for_those_alone_who_are_put_on_a_list() -> None:
    asked = world(account=[], consent=ASKED)
    with night_of(replace(asked, mapping={**asked.mapping, "lists": []}), switches={"welcome_lists": ["*"]}) as night:
        assert night.run().plan.manifest["mails"] == {"welcome": 0, "confirmation": 12}
        assert night.mails() == []


def test_what_the_account_does_itself_sends_nobody_a_mail() -> None:
    own = {"permission": "explicit", **EVIDENCE}
    switches = {"welcome_lists": ["*"], "confirmed_opt_in": True}
    with night_of(world(person(GONE), account=[deleted()], consent=own), switches=switches) as night:
        assert night.run().plan.manifest["mails"] == {"welcome": 0, "confirmation": 0}
        assert night.mails() == []
        assert night.contacts()["pad0@example.com"]["email_address"]["permission_to_send"] == "explicit"
