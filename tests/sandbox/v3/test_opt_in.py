"""The sign-up form and the resubscribe mail over HTTP; the mails that the service would send."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.calling import Caller, Json, Start, contact, unsubscribed

UNKNOWN = "00000000-0000-0000-0000-000000000007"
NEWS = {"list": {"name": "News"}}


def sign_up(service: Caller, address: str, status: int, **more: Any) -> Any:
    body = {"email_address": address, "list_memberships": [service.list_id("News")], **more}
    return service.post("/contacts/sign_up_form", body, status)


def test_a_new_person_becomes_explicit_by_their_own_act(start: Start) -> None:
    service = start(NEWS)
    answer = sign_up(service, "a@example.com", 201, first_name="Ann", phone_number="5085550100")
    assert answer["action"] == "created"
    person = service.person("a@example.com")
    assert answer["contact_id"] == person["contact_id"]
    email = person["email_address"]
    assert (email["permission_to_send"], email["opt_in_source"]) == ("explicit", "Contact")
    assert person["by_name"]["lists"] == ["News"] and person["phone_numbers"][0]["phone_number"] == "5085550100"


@pytest.mark.parametrize(
    "line",
    [contact("a@example.com"), unsubscribed("a@example.com"), contact("a@example.com", deleted_at="2025-02-03")],
)
def test_whoever_is_known_becomes_explicit_too(start: Start, line: Json) -> None:
    service = start(NEWS, line | {"first_name": "Ann"})
    assert sign_up(service, "A@example.com", 200, last_name="Lee")["action"] == "updated"
    person = service.person("a@example.com")
    assert person["email_address"]["permission_to_send"] == "explicit"
    assert "opt_out_date" not in person["email_address"] and "deleted_at" not in person
    assert (person["first_name"], person["last_name"]) == ("Ann", "Lee")


def test_lists_and_custom_fields_are_added_to_what_there_is(start: Start) -> None:
    line = contact("a@example.com", list_memberships=["Other"], custom_fields={"One": "1", "Two": "2"})
    service = start(NEWS, line)
    two = {"custom_field_id": service.field("Two")["custom_field_id"], "value": "new"}
    sign_up(service, "a@example.com", 200, custom_fields=[two], street_address={"kind": "home", "city": "x"})
    by_name = service.person("a@example.com")["by_name"]
    assert by_name == {"lists": ["News", "Other"], "tags": [], "custom_fields": {"One": "1", "Two": "new"}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"email_address": "a"},
        {"email_address": "a" * 40 + "@example.com"},
        {"list_memberships": []},
        {"list_memberships": [UNKNOWN]},
        {"first_name": "x" * 51},
        {"birthday_day": 1},
        {"anniversary": "soon"},
        {"custom_fields": [{"custom_field_id": UNKNOWN}]},
    ],
)
def test_a_form_that_breaks_a_rule_is_refused(start: Start, wrong: Json) -> None:
    sign_up(start(NEWS), "a@example.com", 400, **wrong) if "email_address" not in wrong else start(NEWS).post(
        "/contacts/sign_up_form", {"list_memberships": [UNKNOWN], **wrong}, 400
    )


def test_confirmed_opt_in_makes_a_new_person_pending_and_asks_by_mail(start: Start) -> None:
    service = start(NEWS, confirmed_opt_in=True)
    sign_up(service, "a@example.com", 201)
    email = service.person("a@example.com")["email_address"]
    assert (email["permission_to_send"], email["confirm_status"]) == ("pending_confirmation", "pending")
    assert service.mails() == [("confirmation", "a@example.com")]
    service.act("person", "confirm", "a@example.com")
    email = service.person("a@example.com")["email_address"]
    assert (email["permission_to_send"], email["confirm_status"]) == ("explicit", "confirmed")


@pytest.mark.parametrize(("source", "mails"), [("Contact", [("welcome", "a@example.com")]), ("Account", [])])
def test_a_new_contact_is_welcomed_only_if_it_came_by_itself(start: Start, source: str, mails: list[Any]) -> None:
    service = start(NEWS, {"list": {"name": "Quiet"}}, welcome_lists=["News"])
    for address, name in (("a@example.com", "News"), ("b@example.com", "Quiet")):
        body = {
            "email_address": {"address": address},
            "create_source": source,
            "list_memberships": [service.list_id(name)],
        }
        service.post("/contacts", body)
    assert service.mails() == mails


@pytest.mark.parametrize(("source", "after"), [("Contact", "pending_confirmation"), ("Account", "explicit")])
def test_confirmed_opt_in_does_not_concern_what_the_account_does(start: Start, source: str, after: str) -> None:
    service = start(confirmed_opt_in=True)
    email = {"address": "a@example.com", "permission_to_send": "explicit"}
    made = service.post("/contacts", {"email_address": email, "create_source": source})
    assert made["email_address"]["permission_to_send"] == after
    assert len(service.mails()) == (source == "Contact")


def test_an_import_sends_no_mail(start: Start) -> None:
    service = start(NEWS, contact("b@example.com"), welcome_lists=["*"], confirmed_opt_in=True)
    rows = [{"email": "a@example.com"}, {"email": "b@example.com"}]
    body = {"import_data": rows, "list_ids": [service.list_id("News")]}
    service.finish(service.post("/activities/contacts_json_import", body))
    assert service.mails() == []
    assert service.person("a@example.com")["email_address"]["permission_to_send"] == "implicit"


@pytest.mark.parametrize("switch", [True, False])
def test_whether_a_changed_address_is_welcomed_is_a_switch(start: Start, switch: bool) -> None:
    line = contact("a@example.com", list_memberships=["News"])
    service = start(line, welcome_lists=["*"], address_change_sends_welcome=switch)
    path = f"/contacts/{service.id_of('a@example.com')}"
    service.put(path, {"email_address": {"address": "A@example.com"}, "update_source": "Account"})
    assert service.mails() == []
    service.put(path, {"email_address": {"address": "b@example.com"}, "update_source": "Account"})
    assert service.mails() == ([("welcome", "b@example.com")] if switch else [])


def test_resubscribe_asks_once_by_mail_and_only_the_answer_brings_back(start: Start) -> None:
    service = start(NEWS, unsubscribed("a@example.com"))
    path = f"/contacts/resubscribe/{service.id_of('a@example.com')}"
    body = {"list_ids": [service.list_id("News")]}
    service.put(path, body)
    assert service.mails() == [("resubscribe", "a@example.com")]
    assert service.person("a@example.com")["email_address"]["permission_to_send"] == "unsubscribed"
    service.put(path, body, 409)
    service.act("person", "confirm", "a@example.com")
    person = service.person("a@example.com")
    assert person["email_address"]["permission_to_send"] == "explicit" and person["by_name"]["lists"] == ["News"]
    service.put(path, body, 409)


def test_resubscribe_needs_an_unsubscribed_contact_and_a_list(start: Start) -> None:
    service = start(NEWS, unsubscribed("a@example.com"), contact("b@example.com"))
    lists = {"list_ids": [service.list_id("News")]}
    service.put(f"/contacts/resubscribe/{service.id_of('a@example.com')}", {"list_ids": []}, 400)
    service.put(f"/contacts/resubscribe/{service.id_of('a@example.com')}", {"list_ids": [UNKNOWN]}, 400)
    service.put(f"/contacts/resubscribe/{service.id_of('b@example.com')}", lists, 409)
    service.put(f"/contacts/resubscribe/{UNKNOWN}", lists, 404)
