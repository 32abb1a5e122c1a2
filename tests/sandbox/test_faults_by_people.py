"""Someone else at work between two requests: deeds round the request that a fault names, by count."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.calling import Caller, Json, Start, contact

ANN = contact("ann@example.com", first_name="Ann", list_memberships=["News"])
BEN = {"email_address": {"address": "ben@example.com"}, "create_source": "Account"}


def add_act(service: Caller, do: str, address: str = "ann@example.com", **more: Any) -> None:
    """A fault, by the keys of the fault in `more`; keys of the deed in `deed`."""
    deed = {"who": "person", "do": do, "address": address, **more.pop("deed", {})}
    service.window("POST", "faults", {"kind": "act", "act": deed, **more})


def see(service: Caller) -> Json | None:
    """Ann as a GET of the service shows her, None when it does not."""
    found = service.search(include="list_memberships", status="all", email="ann@example.com")
    return found[0] if found else None


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_person_leaves_just_before_the_request_of_that_number(start: Start, number: int) -> None:
    service = start(ANN)
    add_act(service, "leave_list", deed={"list": "News"}, after=number - 1)
    seen = [bool((see(service) or {})["list_memberships"]) for _ in range(6)]
    assert seen == [True] * (number - 1) + [False] * (7 - number)
    (fault,) = service.window("GET", "faults")
    assert (fault["seen"], fault["hits"], fault["misses"]) == (6, 1, 0)


def test_a_person_leaves_just_after_the_request_and_before_its_answer_arrives(start: Start) -> None:
    service = start(ANN)
    add_act(service, "unsubscribe", when="after", match={"method": "GET", "path": "/v3/contacts"})
    states = [see(service) for _ in range(2)]
    assert [one and one["email_address"]["permission_to_send"] for one in states] == ["implicit", "unsubscribed"]


def test_a_write_meets_what_someone_did_just_before_it(start: Start) -> None:
    service = start(ANN)
    path = f"/contacts/{service.id_of('ann@example.com')}"
    fields = {"first_name": "Anna", "last_name": "Lee"}
    add_act(service, "edit", deed={"who": "owner", "fields": fields}, when="after", match={"method": "PUT"})
    email = {"address": "ann@example.com", "permission_to_send": "implicit"}
    answered = service.put(path, {"email_address": email, "first_name": "A", "update_source": "Account"})
    assert answered["first_name"] == "A"
    assert service.person("ann@example.com")["first_name"] == "Anna"


def test_a_person_joins_a_list_and_is_deleted_at_the_requests_that_are_named(start: Start) -> None:
    service = start(ANN, {"list": {"name": "Trips"}})
    add_act(service, "join_list", deed={"list": "Trips"}, after=1)
    add_act(service, "delete", deed={"who": "owner"}, after=2)
    lists = [len(one["list_memberships"]) for one in (see(service) for _ in range(3)) if one]
    assert lists == [1, 2, 0]
    assert service.person("ann@example.com")["deleted_at"]


def test_who_is_not_there_yet_does_not_break_the_request_and_is_counted_as_a_miss(start: Start) -> None:
    service = start()
    add_act(service, "unsubscribe", address="ben@example.com", times=None, match={"method": "POST"})
    service.post("/contacts", BEN)
    (fault,) = service.window("GET", "faults")
    assert (fault["hits"], fault["misses"]) == (0, 1)
    assert fault["missed"] == "there is no contact 'ben@example.com'"
    assert service.person("ben@example.com")["email_address"]["permission_to_send"] == "implicit"
    service.call("POST", "/v3/contacts", json=BEN)
    assert service.person("ben@example.com")["email_address"]["permission_to_send"] == "unsubscribed"
    assert service.window("GET", "faults")[0]["hits"] == 1


def test_who_is_made_by_the_request_can_leave_just_after_it(start: Start) -> None:
    service = start()
    add_act(service, "unsubscribe", address="ben@example.com", when="after")
    service.post("/contacts", BEN)
    assert service.person("ben@example.com")["email_address"]["permission_to_send"] == "unsubscribed"


@pytest.mark.parametrize("kind", ["500", "drop_before", "drop_after", "reset_after"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_someone_acts_round_a_request_that_fails_too(start: Start, kind: str, when: str) -> None:
    service = start(ANN)
    service.window("POST", "faults", {"kind": kind})
    add_act(service, "unsubscribe", when=when)
    try:
        assert service.call("POST", "/v3/contacts", json=BEN).status_code == 500
    except requests.ConnectionError:
        assert kind != "500"
    assert service.person("ann@example.com")["email_address"]["permission_to_send"] == "unsubscribed"
    assert len(service.people()) == (2 if kind.endswith("after") else 1)


def test_several_people_act_round_one_request(start: Start) -> None:
    service = start(ANN, contact("bob@example.com"))
    for name in ("ann", "bob"):
        add_act(service, "unsubscribe", address=f"{name}@example.com")
    assert service.addresses(status="active") == set()


def test_a_test_in_the_same_process_needs_no_http_for_the_window(start: Start) -> None:
    service = start(ANN)
    sandbox = service.sandbox
    deed = {"who": "person", "do": "leave_list", "address": "ann@example.com", "list": "News"}
    fault = sandbox.faults.add({"kind": "act", "act": deed, "after": 1})
    service.get("/contacts")
    assert fault.hits == 0 and sandbox.read_people()[0]["by_name"]["lists"] == ["News"]
    service.get("/contacts")
    assert fault.hits == 1 and sandbox.read_people()[0]["by_name"]["lists"] == []
    assert [seen["path"] for seen in sandbox.read_requests()] == ["/v3/contacts"] * 2
    sandbox.act({"who": "owner", "do": "delete", "address": "ann@example.com"})
    assert sandbox.read_people()[0]["deleted_at"] and sandbox.read_mails() == []
    assert sandbox.faults.show() == service.window("GET", "faults")
    sandbox.faults.clear()
    sandbox.forget_requests()
    assert sandbox.faults.show() == sandbox.read_requests() == []
    with pytest.raises(ValueError, match=r"there is no contact 'nobody@example.com'"):
        sandbox.act(deed | {"address": "nobody@example.com"})
    before = service.window("GET", "clock")["now"]
    sandbox.set_clock(advance_s=500)
    assert service.window("GET", "clock")["now"] - before >= 500
