"""Tokens that die while a client is at work, and answers of the token host that are lost or spoilt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.calling import Caller, Start
from tests.sandbox.test_token_service import authorize, code_of, refresh, status_with

TOKEN = {"method": "POST", "path": "/oauth2/default/v1/token"}


def log_in(service: Caller) -> dict[str, Any]:
    """What a person's consent gives."""
    form = {"grant_type": "authorization_code", "redirect_uri": "http://127.0.0.1:9/back"}
    url = f"{service.sandbox.url}/oauth2/default/v1/token"
    client = ("sandbox-key", "sandbox-secret")
    answer: dict[str, Any] = requests.post(
        url, data=form | {"code": code_of(authorize(service))}, auth=client, timeout=10
    ).json()
    return answer


def test_an_access_token_expires_at_the_request_that_is_named_and_a_refresh_helps(start: Start) -> None:
    service = start()
    first = refresh(service).json()
    service.window("POST", "faults", {"kind": "token_expired", "after": 2})
    assert [status_with(service, first["access_token"]) for _ in range(4)] == [200, 200, 401, 401]
    second = refresh(service, first["refresh_token"]).json()
    assert status_with(service, second["access_token"]) == 200
    assert status_with(service, "sandbox-token") == 200


def test_an_expired_token_is_refused_in_the_services_words_and_has_no_effect(start: Start) -> None:
    service = start()
    service.window("POST", "faults", {"kind": "token_expired"})
    body = {"email_address": {"address": "a@example.com"}, "create_source": "Account"}
    answer = service.call("POST", "/v3/contacts", json=body)
    assert (answer.status_code, answer.json()["error_key"]) == (401, "unauthorized")
    assert service.people() == []


def test_revoked_tokens_take_a_person_who_logs_in_again(start: Start) -> None:
    service = start()
    tokens = refresh(service).json()
    other = log_in(service)
    service.window("POST", "faults", {"kind": "token_revoked", "match": {"path": "/v3/*"}})
    assert status_with(service, other["access_token"]) == 401
    assert status_with(service, tokens["access_token"]) == status_with(service, "sandbox-token") == 401
    for dead in (other["refresh_token"], tokens["refresh_token"], "sandbox-refresh"):
        refusal = refresh(service, dead)
        assert (refusal.status_code, refusal.json()["error"]) == (400, "invalid_grant")
    assert status_with(service, log_in(service)["access_token"]) == 200


def test_tokens_can_be_revoked_by_the_very_request_for_new_ones(start: Start) -> None:
    service = start()
    service.window("POST", "faults", {"kind": "token_revoked", "match": TOKEN})
    assert refresh(service).json()["error"] == "invalid_grant"


def test_the_token_that_never_expires_dies_by_a_fault_until_the_next_start(start: Start, tmp_path: Path) -> None:
    state = tmp_path / "account.sqlite"
    service = start(state=state)
    service.window("POST", "faults", {"kind": "token_expired"})
    assert [service.call("GET", "/v3/contacts").status_code for _ in range(2)] == [401, 401]
    service.window("DELETE", "faults")
    assert service.call("GET", "/v3/contacts").status_code == 401
    assert status_with(service, refresh(service).json()["access_token"]) == 200
    service.sandbox.close()
    assert start(state=state).call("GET", "/v3/contacts").status_code == 200


def test_a_request_without_a_good_token_has_none_to_lose(start: Start) -> None:
    service = start()
    service.window("POST", "faults", {"kind": "token_expired", "times": None})
    assert status_with(service, "nonsense") == 401
    assert (refresh(service).status_code, status_with(service, "sandbox-token")) == (200, 401)
    (fault,) = service.window("GET", "faults")
    assert (fault["hits"], fault["misses"]) == (1, 2)


@pytest.mark.parametrize("kind", ["drop_after", "reset_after", "truncated", "non_json"])
def test_a_lost_answer_to_a_refresh_has_rotated_the_token_all_the_same(start: Start, kind: str) -> None:
    service = start()
    service.window("POST", "faults", {"kind": kind, "match": TOKEN})
    with pytest.raises(requests.RequestException):  # no answer, or one that is no JSON
        refresh(service).json()
    assert refresh(service).json()["error"] == "invalid_grant"
    assert status_with(service, "sandbox-token") == 200


@pytest.mark.parametrize("kind", ["throttled", "500", "503", "html_200", "drop_before", "reset_before"])
def test_a_refresh_that_the_token_host_never_did_can_be_asked_for_again(start: Start, kind: str) -> None:
    service = start()
    service.window("POST", "faults", {"kind": kind, "match": TOKEN})
    statuses = {"throttled": 429, "500": 500, "503": 503, "html_200": 200}
    if kind in statuses:
        assert refresh(service).status_code == statuses[kind]
    else:
        with pytest.raises(requests.ConnectionError):
            refresh(service)
    assert refresh(service).json()["refresh_token"]


def test_with_long_lived_refresh_tokens_a_lost_answer_costs_nothing(start: Start) -> None:
    service = start(refresh_mode="long_lived")
    service.window("POST", "faults", {"kind": "drop_after", "match": TOKEN})
    with pytest.raises(requests.ConnectionError):
        refresh(service)
    assert refresh(service).json()["refresh_token"] == "sandbox-refresh"
