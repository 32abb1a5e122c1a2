"""The window: requests, contacts, clock, and the people who act meanwhile."""

from __future__ import annotations

import requests

from tests.sandbox.calling import Start, contact, unsubscribed


def test_requests_are_shown_parsed_in_order_and_without_secrets(start: Start) -> None:
    service = start()
    service.call("GET", "/v3/contacts?limit=5&status=all")
    service.call("POST", "/v3/contact_lists", json={"name": "News"})
    service.call("POST", "/v3/contact_lists", data=b"no json")
    first, second, third = service.window("GET", "requests")
    assert (first["n"], first["method"], first["path"], first["status"]) == (1, "GET", "/v3/contacts", 200)
    assert first["query"] == {"limit": "5", "status": "all"} and first["body"] is None
    assert first["headers"]["Authorization"] == "[redacted]"
    assert "sandbox-token" not in str(first)
    assert (second["body"], second["status"]) == ({"name": "News"}, 201)
    assert (third["body"], third["status"]) == ("no json", 415)
    assert first["time"] <= second["time"] <= third["time"]
    service.window("DELETE", "requests")
    assert service.window("GET", "requests") == []
    service.call("GET", "/v3/contacts")
    assert [seen["n"] for seen in service.window("GET", "requests")] == [4]


def test_token_requests_are_shown_with_their_names_only(start: Start) -> None:
    service = start()
    url = f"{service.sandbox.url}/oauth2/default/v1/token"
    form = {"grant_type": "refresh_token", "refresh_token": "sandbox-refresh", "client_secret": "sandbox-secret"}
    requests.post(url, data=form, auth=("sandbox-key", "sandbox-secret"), timeout=10)
    requests.post(url, params=form, auth=("sandbox-key", "sandbox-secret"), timeout=10)
    by_form, by_query = service.window("GET", "requests")
    expected = {"grant_type": "refresh_token", "refresh_token": "[redacted]", "client_secret": "[redacted]"}
    assert by_form["body"] == by_query["query"] == expected
    assert "sandbox-refresh" not in str(by_form) + str(by_query)


def test_contacts_are_shown_whole_whatever_their_state(start: Start) -> None:
    field = {"custom_field": {"label": "Level", "type": "multi_select", "choices": ["A", "B"]}}
    line = contact("a@example.com", list_memberships=["News"], taggings=["vip"], custom_fields={"Level": ["A", "B"]})
    service = start(field, line, unsubscribed("u@example.com"), contact("d@example.com", deleted_at="2025-02-03"))
    assert [one["email_address"]["address"][0] for one in service.people()] == ["a", "u", "d"]
    by_name = {"lists": ["News"], "tags": ["vip"], "custom_fields": {"Level": ["A", "B"]}}
    assert service.person("a@example.com")["by_name"] == by_name
    assert start().people() == []


def test_the_clock_is_the_sandboxes_own(start: Start) -> None:
    service = start()
    before = service.window("GET", "clock")["now"]
    after = service.window("POST", "clock", {"advance_s": 1_000})
    assert 1_000 <= after["now"] - before < 1_060
    made = service.post("/contact_tags", {"name": "vip"})
    assert made["created_at"] >= after["time"]


def test_a_person_leaves_and_the_contact_does_not_seem_updated(start: Start) -> None:
    service = start(contact("a@example.com", list_memberships=["News"]))
    service.act("person", "unsubscribe", "A@example.com", reason="too many")
    person = service.person("a@example.com")
    email = person["email_address"]
    assert (email["permission_to_send"], email["opt_out_source"]) == ("unsubscribed", "Contact")
    assert email["opt_out_reason"] == "too many"
    assert email["updated_at"] == email["opt_out_date"] > person["updated_at"]


def test_people_and_owner_do_what_they_do(start: Start) -> None:
    line = contact("a@example.com", first_name="Ann", list_memberships=["News"], custom_fields={"Level": "Gold"})
    service = start(line, {"list": {"name": "Trips"}})
    service.act("person", "leave_list", "a@example.com", list="News")
    service.act("owner", "join_list", "a@example.com", list="Trips")
    fields = {"first_name": "Anna", "last_name": "Lee", "job_title": ""}
    service.act("owner", "edit", "a@example.com", fields=fields, custom_fields={"Level": ""})
    person = service.person("a@example.com")
    assert (person["first_name"], person["last_name"], person["update_source"]) == ("Anna", "Lee", "Account")
    assert person["by_name"] == {"lists": ["Trips"], "tags": [], "custom_fields": {}}
    service.act("owner", "unsubscribe", "a@example.com")
    assert service.person("a@example.com")["email_address"]["opt_out_source"] == "Account"
    service.act("owner", "delete", "a@example.com")
    assert service.person("a@example.com")["deleted_at"]


def test_a_deed_that_makes_no_sense_is_refused(start: Start) -> None:
    service = start(contact("a@example.com"))
    base = {"who": "person", "do": "unsubscribe", "address": "a@example.com"}
    wrong = ({"who": "nobody"}, {"do": "dance"}, {"address": "b@example.com"}, {"do": "leave_list", "list": "News"})
    for part in (*wrong, {"do": "confirm"}, {"do": "edit", "fields": {"email": "x"}}):
        assert service.call("POST", "/_sandbox/act", json=base | part).status_code == 400
    assert service.call("POST", "/_sandbox/act", data=b"[]").status_code == 400
