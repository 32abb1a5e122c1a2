"""Tokens over HTTP: refresh, rotation, expiry, the two first logins."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.calling import Caller, Start

CLIENT = ("sandbox-key", "sandbox-secret")
ALL = "contact_data account_read offline_access"


def ask(service: Caller, client: tuple[str, str] | None = CLIENT, **form: str) -> requests.Response:
    return requests.post(f"{service.sandbox.url}/oauth2/default/v1/token", data=form, auth=client, timeout=10)


def refresh(service: Caller, token: str = "sandbox-refresh", **more: Any) -> requests.Response:
    return ask(service, grant_type="refresh_token", refresh_token=token, **more)


def status_with(service: Caller, token: str, path: str = "/v3/contacts") -> int:
    return service.call("GET", path, headers={"Authorization": f"Bearer {token}"}).status_code


def authorize(service: Caller, **more: str) -> requests.Response:
    query = {"client_id": CLIENT[0], "redirect_uri": "http://127.0.0.1:9/back", "response_type": "code", "state": "s"}
    query |= {"scope": ALL, **more}
    url = f"{service.sandbox.url}/oauth2/default/v1/authorize"
    return requests.get(url, params=query, allow_redirects=False, timeout=10)


def code_of(answer: requests.Response) -> str:
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def test_a_refresh_gives_a_token_that_works_until_it_expires(start: Start) -> None:
    service = start(token_seconds=100)
    answer = refresh(service).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 100)
    assert 800 <= len(answer["access_token"]) <= 1_400
    assert status_with(service, answer["access_token"]) == 200
    service.window("POST", "clock", {"advance_s": 101})
    assert status_with(service, answer["access_token"]) == 401
    assert status_with(service, "sandbox-token") == 200


def test_a_rotating_refresh_token_serves_once(start: Start) -> None:
    service = start()
    second = refresh(service).json()["refresh_token"]
    refusal = refresh(service)
    assert (refusal.status_code, refusal.json()["error"]) == (400, "invalid_grant")
    assert "unknown, invalid or expired" in refusal.json()["error_description"]
    assert refresh(service, second).status_code == 200


def test_a_long_lived_refresh_token_comes_back_each_time(start: Start) -> None:
    service = start(refresh_mode="long_lived")
    for _ in range(2):
        assert refresh(service).json()["refresh_token"] == "sandbox-refresh"


def test_a_refresh_token_dies_unused_after_180_days(start: Start) -> None:
    service = start()
    service.window("POST", "clock", {"advance_s": 181 * 86_400})
    assert refresh(service).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("client", [("sandbox-key", "wrong"), ("wrong", "sandbox-secret"), None])
def test_an_unknown_client_gets_nothing(start: Start, client: tuple[str, str] | None) -> None:
    answer = ask(start(), client, grant_type="refresh_token", refresh_token="sandbox-refresh")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_public_client_names_itself(start: Start) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "sandbox-refresh", "client_id": "sandbox-key"}
    assert ask(start(), None, **form).status_code == 200


def test_the_parameters_may_stand_in_the_query(start: Start) -> None:
    query = "grant_type=refresh_token&refresh_token=sandbox-refresh"
    url = f"{start().sandbox.url}/oauth2/default/v1/token?{query}"
    assert requests.post(url, auth=CLIENT, timeout=10).status_code == 200


def test_the_token_host_answers_once_a_second(start: Start) -> None:
    service = start(limits=True, refresh_mode="long_lived")
    assert refresh(service).status_code == 200
    assert 429 in (refresh(service).status_code for _ in range(50))
    service.window("POST", "clock", {"advance_s": 1})
    assert refresh(service).status_code == 200


def test_a_refused_request_uses_no_refresh_token_up(start: Start) -> None:
    service = start(limits=True)
    token, answer = "", refresh(service)
    while answer.status_code == 200:
        token = answer.json()["refresh_token"]
        answer = refresh(service, token)
    assert answer.status_code == 429
    service.window("POST", "clock", {"advance_s": 1})
    assert refresh(service, token).status_code == 200


def test_a_code_is_exchanged_once_and_within_five_minutes(start: Start) -> None:
    service = start()
    answer = authorize(service)
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["state"] == ["s"]
    form = {"grant_type": "authorization_code", "redirect_uri": "http://127.0.0.1:9/back", "code": code_of(answer)}
    tokens = ask(service, **form).json()
    assert tokens["refresh_token"] and status_with(service, tokens["access_token"]) == 200
    assert ask(service, **form).json()["error"] == "invalid_grant"
    late = form | {"code": code_of(authorize(service))}
    service.window("POST", "clock", {"advance_s": 301})
    assert ask(service, **late).json()["error"] == "invalid_grant"
    elsewhere = form | {"code": code_of(authorize(service)), "redirect_uri": "http://127.0.0.1:8/"}
    assert ask(service, **elsewhere).json()["error"] == "invalid_grant"


def test_pkce_binds_the_code_to_who_asked(start: Start) -> None:
    service = start()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"verifier").digest()).rstrip(b"=").decode()
    form = {"grant_type": "authorization_code", "redirect_uri": "http://127.0.0.1:9/back", "client_id": "sandbox-key"}
    for verifier, status in (("wrong", 400), ("verifier", 200)):
        code = code_of(authorize(service, code_challenge=challenge, code_challenge_method="S256"))
        assert ask(service, None, code=code, code_verifier=verifier, **form).status_code == status
    assert authorize(service, code_challenge=challenge, code_challenge_method="plain").status_code == 400


@pytest.mark.parametrize("missing", ["state", "redirect_uri", "client_id", "response_type"])
def test_authorize_needs_all_its_parameters(start: Start, missing: str) -> None:
    assert authorize(start(), **{missing: ""}).status_code == 400


def test_without_offline_access_there_is_no_refresh_token(start: Start) -> None:
    service = start()
    form = {"grant_type": "authorization_code", "redirect_uri": "http://127.0.0.1:9/back"}
    tokens = ask(service, code=code_of(authorize(service, scope="account_read")), **form).json()
    assert "refresh_token" not in tokens
    assert status_with(service, tokens["access_token"], "/v3/account/summary") == 200
    assert status_with(service, tokens["access_token"]) == 403, "the scope contact_data is missing"


def test_a_device_waits_until_a_person_approves(start: Start) -> None:
    service = start()
    base = f"{service.sandbox.url}/oauth2/default/v1"
    data = {"client_id": "sandbox-key", "scope": ALL}
    device = requests.post(f"{base}/device/authorize", data=data, timeout=10).json()
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    form = {"grant_type": grant, "client_id": "sandbox-key", "device_code": device["device_code"]}
    assert ask(service, None, **form).json()["error"] == "authorization_pending"
    assert requests.get(device["verification_uri_complete"], timeout=10).status_code == 200
    assert ask(service, None, **form).json()["refresh_token"]
    assert ask(service, None, **form).json()["error"] == "invalid_grant"


def test_other_grants_are_not_offered(start: Start) -> None:
    assert ask(start(), grant_type="client_credentials").json()["error"] == "unsupported_grant_type"
