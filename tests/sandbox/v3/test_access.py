"""What stands before every call: token, scope, role, limits; and the account that answers."""

from __future__ import annotations

import pytest

from tests.sandbox.calling import Caller, Start, contact


def statuses(service: Caller, count: int, path: str = "/v3/contacts/counts") -> list[int]:
    return [service.call("GET", path).status_code for _ in range(count)]


@pytest.mark.parametrize("header", ["", "Bearer unknown", "Basic c2FuZGJveA==", "sandbox-token"])
def test_a_call_without_a_known_token_is_401_with_a_bare_object(start: Start, header: str) -> None:
    answer = start().call("GET", "/v3/contacts", headers={"Authorization": header or None})
    assert answer.status_code == 401
    assert answer.json() == {"error_key": "unauthorized", "error_message": "Unauthorized"}


def test_a_fifth_request_in_a_second_is_429_with_a_bare_object_and_no_advice(start: Start) -> None:
    service = start(limits=True)
    assert statuses(service, 4) == [200] * 4
    answers = (service.call("GET", "/v3/contacts/counts") for _ in range(100))
    refusal = next(answer for answer in answers if answer.status_code == 429)
    assert refusal.json() == {"error_key": "throttled", "error_message": "Too Many Requests"}
    assert not {"Retry-After", "X-RateLimit-Limit"} & refusal.headers.keys()
    service.window("POST", "clock", {"advance_s": 1})
    assert statuses(service, 1) == [200]


def test_the_window_is_not_limited_and_spends_nothing(start: Start) -> None:
    service = start(limits=True)
    for _ in range(10):
        service.window("GET", "requests")
    assert statuses(service, 4) == [200] * 4


def test_the_spent_day_has_its_own_body(start: Start) -> None:
    service = start(limits=False)
    service.window("POST", "faults", {"kind": "quota_exceeded"})
    answer = service.call("GET", "/v3/contacts")
    assert (answer.status_code, answer.json()) == (
        429,
        {"error_key": "quota_exceeded", "error_message": "Limit Exceeded"},
    )


def test_limits_can_be_off(start: Start) -> None:
    assert statuses(start(limits=False), 20) == [200] * 20


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v3/contacts", 403),
        ("GET", "/v3/activities", 403),
        ("GET", "/v3/contact_tags", 403),
        ("GET", "/v3/contact_lists", 200),
        ("POST", "/v3/contact_lists", 403),
        ("GET", "/v3/account/summary", 200),
        ("GET", "/v3/account/user/privileges", 200),
    ],
)
def test_a_campaign_creator_reads_lists_and_no_contacts(start: Start, method: str, path: str, status: int) -> None:
    service = start(user_role="campaign_creator")
    body = {"name": "x"} if method == "POST" else None
    assert service.call(method, path, json=body).status_code == status


def test_the_privileges_say_what_the_user_may(start: Start) -> None:
    names = [one["privilege_name"] for one in start().get("/account/user/privileges")]
    assert "contacts:write" in names
    names = [one["privilege_name"] for one in start(user_role="campaign_creator").get("/account/user/privileges")]
    assert "contacts:read" not in names and "contacts:lists:read" in names


def test_the_summary_says_whose_account_it_is(start: Start) -> None:
    service = start({"account": {"organization_name": "Riverside Club", "country_code": "US"}})
    summary = service.get("/account/summary")
    assert summary["organization_name"] == "Riverside Club" and summary["encoded_account_id"]
    assert not {"physical_address", "company_logo"} & summary.keys()
    extra = service.get("/account/summary", extra_fields="physical_address,company_logo")
    assert extra["physical_address"]["city"] and extra["company_logo"]["url"]
    assert service.call("GET", "/v3/account/summary?extra_fields=tax").status_code == 400


def test_unknown_paths_and_methods_are_refused_in_the_services_shape(start: Start) -> None:
    service = start()
    for method, path, status in (("GET", "/v3/nothing", 404), ("PATCH", "/v3/contacts", 405)):
        answer = service.call(method, path)
        assert (answer.status_code, list(answer.json()[0])) == (status, ["error_key", "error_message"])


def test_what_passes_is_really_checked_when_the_document_is_given(start: Start) -> None:
    service = start(contact("a@example.com"))
    service.get("/contacts")
    assert service.checker is None or service.checker.exercised == {"GET /contacts"}
