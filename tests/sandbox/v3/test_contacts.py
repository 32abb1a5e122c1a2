"""/contacts over HTTP: created, read, replaced, deleted, counted."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.sandbox.calling import Start, contact, unsubscribed

UNKNOWN = str(uuid.UUID(int=7))


def new(address: str, **more: Any) -> dict[str, Any]:
    return {"email_address": {"address": address}, "create_source": "Account", **more}


def test_a_new_contact_is_answered_whole_and_can_be_read(start: Start) -> None:
    service = start({"list": {"name": "News"}}, {"tag": {"name": "vip"}}, {"custom_field": {"label": "Level"}})
    sent = new(
        "ann@example.com",
        first_name="Ann",
        birthday_month=2,
        birthday_day=29,
        anniversary="1/31/2006",
        list_memberships=[service.list_id("News")],
        taggings=[service.tag_id("vip")],
        custom_fields=[{"custom_field_id": service.field("Level")["custom_field_id"], "value": "Gold"}],
        phone_numbers=[{"kind": "mobile", "phone_number": "5085550100"}],
        street_addresses=[{"kind": "home", "city": "Waltham"}],
        notes=[{"content": "met at the fair"}],
    )
    made = service.post("/contacts?include=list_memberships", sent)
    assert made["list_memberships"] == [service.list_id("News")]
    parts = "custom_fields,list_memberships,taggings,notes,phone_numbers,street_addresses"
    read = service.get(f"/contacts/{made['contact_id']}", include=parts)
    assert read["anniversary"] == "2006-01-31"
    assert read["email_address"]["permission_to_send"] == "implicit"
    assert read["email_address"]["opt_in_source"] == "Account"
    assert read["create_source"] == read["update_source"] == "Account"
    assert read["taggings"] == [service.tag_id("vip")]
    assert read["custom_fields"][0]["value"] == "Gold"
    assert read["phone_numbers"][0]["phone_number"] == "5085550100"
    assert read["street_addresses"][0]["city"] == "Waltham"
    assert read["notes"][0]["content"] == "met at the fair"


def test_sub_resources_are_shown_only_when_asked_for(start: Start) -> None:
    service = start(contact("a@example.com", list_memberships=["News"]))
    assert "list_memberships" not in service.search()[0]
    assert service.search(include="list_memberships")[0]["list_memberships"] == [service.list_id("News")]


@pytest.mark.parametrize("state", [{}, {"deleted_at": "2025-02-03"}, {"email": {"permission_to_send": "unsubscribed"}}])
def test_an_address_known_in_any_state_and_letter_case_is_a_conflict(start: Start, state: dict[str, Any]) -> None:
    service = start(contact("Ann@Example.com", **state))
    body = service.post("/contacts", new("aNN@example.COM"), 409)
    message = f"Validation failed: Email already exists for contact {service.id_of('Ann@Example.com')}"
    assert body == [{"error_key": "contacts.api.conflict", "error_message": message}]


@pytest.mark.parametrize(
    ("wording", "message"),
    [("plain", "Email already exists for contact {}"), ("no_id", "EmailAddress is not unique")],
)
def test_the_wording_of_a_conflict_is_a_switch(start: Start, wording: str, message: str) -> None:
    service = start(contact("a@example.com"), conflict_body=wording)
    body = service.post("/contacts", new("a@example.com"), 409)
    assert body[0]["error_message"] == message.format(service.id_of("a@example.com"))


def test_all_violations_are_joined_in_one_message(start: Start) -> None:
    body = start().post("/contacts", {"email_address": {"address": "a@example.com"}, "first_name": "x" * 51}, 400)
    assert body == [
        {
            "error_key": "contacts.api.validation.error",
            "error_message": "create_source is missing, create_source does not have a valid value, "
            "first_name is longer than 50 characters",
        }
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"email_address": {"address": "a b@example.com"}}, "email_address.address is not a valid email address"),
        ({"email_address": {"address": "a@example"}}, "email_address.address is not a valid email address"),
        ({"email_address": {"address": "a" * 70 + "@example.com"}}, "email_address.address is longer than 80"),
        ({"email_address": {"address": ""}}, "email_address.address is missing"),
        ({"email_address": "a@example.com"}, "email_address must be an object"),
        ({"email_address": {"address": "a@example.com", "permission_to_send": "yes"}}, "permission_to_send does not"),
        ({"first_name": 5}, "first_name must be a string"),
        ({"birthday_month": 2}, "birthday_month and birthday_day must be used together"),
        ({"birthday_month": 2, "birthday_day": 30}, "birthday_month or birthday_day is out of range"),
        ({"birthday_month": "2", "birthday_day": "3"}, "birthday_month and birthday_day must be integers"),
        ({"anniversary": "31/12/2020"}, "anniversary is not a valid date"),
        ({"phone_numbers": [{"kind": "fax", "phone_number": "1"}]}, "phone_numbers.kind does not have a valid value"),
        ({"phone_numbers": [{"kind": "home", "phone_number": "1" * 26}]}, "phone_number is longer than 25"),
        ({"phone_numbers": [{"kind": k} for k in ("home", "work", "mobile", "other")]}, "has more than 3 items"),
        ({"phone_numbers": [{"kind": "home"}, {"kind": "home"}]}, "phone_numbers has a kind more than once"),
        ({"street_addresses": [{"city": "x"}]}, "street_addresses.kind does not have a valid value"),
        ({"street_addresses": [{"kind": "home", "city": "x" * 51}]}, "street_addresses.city is longer than 50"),
        ({"list_memberships": [UNKNOWN]}, "list_memberships has an id that does not exist"),
        ({"list_memberships": [UNKNOWN] * 51}, "list_memberships has more than 50 items"),
        ({"taggings": [UNKNOWN]}, "taggings has an id that does not exist"),
        ({"custom_fields": [{"custom_field_id": UNKNOWN, "value": "x"}]}, "custom_field_id does not exist"),
        ({"custom_fields": [{"custom_field_id": UNKNOWN}] * 26}, "custom_fields has more than 25 items"),
        ({"notes": [{"content": "x" * 2001}]}, "notes.content is longer than 2000"),
        ({"create_source": "Robot"}, "create_source does not have a valid value"),
    ],
)
def test_a_contact_that_breaks_a_rule_is_refused(start: Start, wrong: dict[str, Any], message: str) -> None:
    service = start()
    body = service.post("/contacts", new("a@example.com") | wrong, 400)
    assert message in body[0]["error_message"]
    assert service.people() == []


def test_a_contact_needs_some_identity(start: Start) -> None:
    body = start().post("/contacts", {"create_source": "Account", "job_title": "none"}, 400)
    assert "at least one of first_name, last_name, email_address" in body[0]["error_message"]


def test_a_contact_without_address_is_possible(start: Start) -> None:
    service = start()
    made = service.post("/contacts", {"create_source": "Account", "first_name": "Ann"})
    assert "email_address" not in made
    assert [one["contact_id"] for one in service.search(status="all")] == [made["contact_id"]]


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_declared_json_is_415(start: Start, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = start().call("POST", "/v3/contacts", data=b'{"create_source": "Account"}', headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "*/*"])
def test_json_may_be_declared_in_either_way(start: Start, kind: str) -> None:
    sent = b'{"create_source": "Account", "first_name": "Ann"}'
    assert start().call("POST", "/v3/contacts", data=sent, headers={"Content-Type": kind}).status_code == 201


@pytest.mark.parametrize("sent", [b"", b"[]", b"{", b'{"first_name": "\\ud800"}', b"\xff"])
def test_a_body_that_is_no_json_object_is_400(start: Start, sent: bytes) -> None:
    answer = start().call("POST", "/v3/contacts", data=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_a_put_overwrites_every_core_property_that_it_leaves_out(start: Start) -> None:
    service = start(
        contact("a@example.com", first_name="Ann", last_name="Lee", job_title="Cook", anniversary="2006-01-02")
    )
    body = {
        "email_address": {"address": "a@example.com"},
        "last_name": "Li",
        "job_title": "",
        "update_source": "Account",
    }
    changed = service.put(f"/contacts/{service.id_of('a@example.com')}", body)
    assert changed["last_name"] == "Li"
    assert not {"first_name", "job_title", "anniversary"} & changed.keys()


def test_a_put_keeps_the_sub_resources_that_it_leaves_out(start: Start) -> None:
    line = contact("a@example.com", list_memberships=["News"], taggings=["vip"], custom_fields={"Level": "Gold"})
    service = start(line | {"phone_numbers": [{"kind": "home", "phone_number": "1"}]})
    service.put(f"/contacts/{service.id_of('a@example.com')}", {"update_source": "Account"})
    person = service.person("a@example.com")
    assert person["by_name"] == {"lists": ["News"], "tags": ["vip"], "custom_fields": {"Level": "Gold"}}
    assert len(person["phone_numbers"]) == 1


def test_a_put_may_clear_what_it_leaves_out_by_switch(start: Start) -> None:
    service = start(contact("a@example.com", list_memberships=["News"], taggings=["vip"]), put_omitted_arrays="cleared")
    service.put(f"/contacts/{service.id_of('a@example.com')}", {"update_source": "Account"})
    assert service.person("a@example.com")["by_name"]["lists"] == []
    assert service.person("a@example.com")["by_name"]["tags"] == []


def test_a_put_replaces_the_sub_resources_that_it_sends(start: Start) -> None:
    service = start({"list": {"name": "Other"}}, contact("a@example.com", list_memberships=["News"], taggings=["vip"]))
    body = {"update_source": "Account", "list_memberships": [service.list_id("Other")], "taggings": []}
    service.put(f"/contacts/{service.id_of('a@example.com')}", body)
    assert service.person("a@example.com")["by_name"] == {"lists": ["Other"], "tags": [], "custom_fields": {}}


def test_what_is_read_can_be_sent_back_unchanged(start: Start) -> None:
    select = {"custom_field": {"label": "Level", "type": "multi_select", "choices": ["A", "B"]}}
    line = contact("a@example.com", first_name="Ann", custom_fields={"Level": ["A", "B"], "Note": "x"})
    line |= {
        "phone_numbers": [{"kind": "home", "phone_number": "1"}],
        "street_addresses": [{"kind": "work", "city": "x"}],
    }
    service = start(select, line)
    before = service.person("a@example.com")
    parts = ("custom_fields", "phone_numbers", "street_addresses")
    body = {"first_name": "Ann", "email_address": {"address": "a@example.com", "permission_to_send": "implicit"}}
    writable = {"phone_numbers": ("phone_number", "kind"), "street_addresses": ("kind", "city")}
    body |= {name: [{key: part[key] for key in writable.get(name, part)} for part in before[name]] for name in parts}
    service.put(f"/contacts/{before['contact_id']}", body | {"update_source": "Account"})
    after = service.person("a@example.com")
    assert {name: after[name] for name in (*parts, "by_name", "first_name")} == {
        name: before[name] for name in (*parts, "by_name", "first_name")
    }


def test_a_put_says_who_acts(start: Start) -> None:
    service = start(contact("a@example.com"))
    body = service.put(f"/contacts/{service.id_of('a@example.com')}", {"first_name": "Ann"}, 400)
    assert body[0]["error_message"] == "update_source is missing, update_source does not have a valid value"


def test_a_put_may_change_the_address_but_not_to_anothers(start: Start) -> None:
    service = start(contact("a@example.com"), contact("b@example.com"))
    path = f"/contacts/{service.id_of('a@example.com')}"
    body = service.put(path, {"email_address": {"address": "B@example.com"}, "update_source": "Account"}, 409)
    assert service.id_of("b@example.com") in body[0]["error_message"]
    changed = service.put(path, {"email_address": {"address": "c@example.com"}, "update_source": "Account"})
    assert changed["email_address"]["address"] == "c@example.com"
    assert path.endswith(changed["contact_id"])


@pytest.mark.parametrize(("switch", "after"), [("reset", "implicit"), ("kept", "explicit")])
def test_permission_left_out_of_a_put_is_a_switch(start: Start, switch: str, after: str) -> None:
    service = start(contact("a@example.com", email={"permission_to_send": "explicit"}), put_omitted_permission=switch)
    body = {"email_address": {"address": "a@example.com"}, "update_source": "Account"}
    changed = service.put(f"/contacts/{service.id_of('a@example.com')}", body)
    assert changed["email_address"]["permission_to_send"] == after


@pytest.mark.parametrize(("resubscribes", "after"), [(True, "implicit"), (False, "unsubscribed")])
def test_whether_an_echoed_permission_brings_back_who_left_is_a_switch(
    start: Start, resubscribes: bool, after: str
) -> None:
    service = start(contact("a@example.com"), put_echo_resubscribes=resubscribes)
    service.act("person", "unsubscribe", "a@example.com")
    email = {"address": "a@example.com", "permission_to_send": "implicit"}
    body = {"email_address": email, "update_source": "Account"}
    changed = service.put(f"/contacts/{service.id_of('a@example.com')}", body)
    assert changed["email_address"]["permission_to_send"] == after


def test_an_unsubscribed_contact_stays_so_when_a_put_does_not_speak_of_it(start: Start) -> None:
    service = start(unsubscribed("a@example.com"))
    body = {"email_address": {"address": "a@example.com"}, "first_name": "Ann", "update_source": "Account"}
    changed = service.put(f"/contacts/{service.id_of('a@example.com')}", body)
    assert changed["first_name"] == "Ann"
    assert changed["email_address"]["permission_to_send"] == "unsubscribed"
    assert changed["email_address"]["opt_out_source"] == "Contact"


@pytest.mark.parametrize("status", [400, 409])
def test_lists_for_an_unsubscribed_contact_are_refused_in_so_many_words(start: Start, status: int) -> None:
    service = start({"list": {"name": "News"}}, unsubscribed("a@example.com"), unsubscribed_put_status=status)
    body = {"list_memberships": [service.list_id("News")], "update_source": "Account"}
    refusal = service.put(f"/contacts/{service.id_of('a@example.com')}", body, status)
    assert "unsubscribed" in refusal[0]["error_message"]
    assert service.person("a@example.com")["by_name"]["lists"] == []


def test_whom_the_account_took_off_the_account_may_put_on_a_list(start: Start) -> None:
    service = start({"list": {"name": "News"}}, unsubscribed("a@example.com", source="Account"))
    body = {"list_memberships": [service.list_id("News")], "update_source": "Account"}
    service.put(f"/contacts/{service.id_of('a@example.com')}", body)
    assert service.person("a@example.com")["by_name"]["lists"] == ["News"]


def test_a_put_can_unsubscribe_on_a_persons_wish(start: Start) -> None:
    service = start(contact("a@example.com", list_memberships=["News"]))
    email = {"address": "a@example.com", "permission_to_send": "unsubscribed", "opt_out_reason": "too many"}
    body = {"email_address": email, "update_source": "Contact"}
    changed = service.put(f"/contacts/{service.id_of('a@example.com')}", body)["email_address"]
    assert (changed["permission_to_send"], changed["opt_out_source"]) == ("unsubscribed", "Contact")
    assert changed["opt_out_reason"] == "too many" and changed["opt_out_date"]


def test_a_deleted_contact_is_hidden_without_lists_and_can_still_be_read(start: Start) -> None:
    service = start(contact("a@example.com", list_memberships=["News"]))
    path = f"/contacts/{service.id_of('a@example.com')}"
    service.delete(path)
    service.delete(path)
    assert service.search() == []
    read = service.get(path, include="list_memberships")
    assert read["deleted_at"] and read["list_memberships"] == []
    assert read["email_address"]["permission_to_send"] == "implicit"


@pytest.mark.parametrize("moves", [True, False])
def test_whether_a_deletion_moves_updated_at_is_a_switch(start: Start, moves: bool) -> None:
    service = start(contact("a@example.com"), delete_moves_updated_at=moves)
    service.delete(f"/contacts/{service.id_of('a@example.com')}")
    assert len(service.search(status="all", updated_after="2025-06-01")) == moves


def test_a_put_revives_a_deleted_contact_onto_a_list(start: Start) -> None:
    service = start({"list": {"name": "News"}}, contact("a@example.com", deleted_at="2025-02-03"))
    path, lists = f"/contacts/{service.id_of('a@example.com')}", [service.list_id("News")]
    refusal = service.put(path, {"update_source": "Contact"}, 400)
    assert refusal[0]["error_message"] == (
        "update_source must be Account to restore a deleted contact, list_memberships is missing"
    )
    revived = service.put(path, {"update_source": "Account", "list_memberships": lists})
    assert "deleted_at" not in revived
    assert service.addresses(status="active") == {"a@example.com"}


def test_whether_a_revival_needs_a_list_is_a_switch(start: Start) -> None:
    service = start(contact("a@example.com", deleted_at="2025-02-03"), revival_needs_list=False)
    service.put(f"/contacts/{service.id_of('a@example.com')}", {"update_source": "Account"})
    assert "deleted_at" not in service.person("a@example.com")


def test_whether_a_kind_may_come_twice_is_a_switch(start: Start) -> None:
    phones = [{"kind": "home", "phone_number": number} for number in ("1", "2")]
    service = start(repeated_kinds="accepted")
    service.post("/contacts", new("a@example.com", phone_numbers=phones))
    assert len(service.person("a@example.com")["phone_numbers"]) == 2


def test_who_unsubscribed_and_was_deleted_comes_back_unsubscribed(start: Start) -> None:
    service = start({"list": {"name": "News"}}, unsubscribed("a@example.com", "Account", deleted_at="2025-02-03"))
    email = {"address": "a@example.com", "permission_to_send": "implicit"}
    body = {"email_address": email, "update_source": "Account", "list_memberships": [service.list_id("News")]}
    revived = service.put(f"/contacts/{service.id_of('a@example.com')}", body)
    assert revived["email_address"]["permission_to_send"] == "unsubscribed"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_or_malformed_id_is_404(start: Start, method: str) -> None:
    service = start()
    body = {"update_source": "Account"} if method == "PUT" else None
    assert service.call(method, f"/v3/contacts/{UNKNOWN}", json=body).status_code == 404
    answer = service.call(method, "/v3/contacts/123", json=body)
    message = "contact_id is in an invalid format."
    assert answer.json() == [{"error_key": "contacts.api.not_found", "error_message": message}]


def test_contacts_are_counted_by_consent(start: Start) -> None:
    service = start(
        contact("a@example.com"),
        contact("b@example.com", email={"permission_to_send": "explicit"}),
        contact("c@example.com", email={"permission_to_send": "pending_confirmation"}),
        unsubscribed("d@example.com"),
        contact("e@example.com", deleted_at="2025-02-03"),
    )
    service.post("/contacts", new("new@example.com"))
    counts = {"total": 5, "explicit": 1, "implicit": 2, "pending": 1, "unsubscribed": 1}
    assert service.get("/contacts/counts") == counts
    assert service.get("/contacts/counts", include="new_subscriber") == counts | {"new_subscriber": 1}


def test_empty_properties_are_left_out_or_null_by_switch(start: Start) -> None:
    line = contact("a@example.com", first_name="Ann")
    assert "last_name" not in start(line).search()[0]
    service = start(line, null_properties=True, checked=False)  # the document allows no null, its readers met some
    assert service.search()[0]["last_name"] is None
    assert service.get(f"/contacts/{service.id_of('a@example.com')}")["job_title"] is None
    assert service.search()[0]["first_name"] == "Ann"


def test_the_stored_letter_case_is_a_switch(start: Start) -> None:
    for case, stored in (("as_sent", "Ann@Example.com"), ("lower", "ann@example.com")):
        made = start(stored_case=case).post("/contacts", new("Ann@Example.com"))
        assert made["email_address"]["address"] == stored
