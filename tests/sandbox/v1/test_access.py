"""Who may speak to /ws, and what is answered before anything is looked at."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from tests.sandbox.calling import contact
from tests.sandbox.v1.atom_calling import ENTRY, IDS, LOGIN, AtomCaller, wrap, write_contact
from tests.sandbox.v1.conftest import Open

ADA = contact("ada@example.org", list_memberships=["News"])
BEARER = {"Authorization": "Bearer sandbox-token"}


def _ask(account: AtomCaller, path: str = "/contacts", **more: Any) -> requests.Response:
    return requests.get(account.url + path, timeout=30, **more)


def test_basic_bearer_and_a_token_in_the_query_are_let_in(open_v1: Open) -> None:
    account = open_v1(ADA)
    assert _ask(account, auth=LOGIN).status_code == 200
    assert _ask(account, auth=("sandbox-key%SANDBOX", "sandbox")).status_code == 200
    assert _ask(account, headers=BEARER).status_code == 200
    assert _ask(account, "/contacts?access_token=sandbox-token&email=ada@example.org").status_code == 200


def test_a_token_of_the_token_service_is_let_in(open_v1: Open) -> None:
    account = open_v1(ADA)
    form = {"grant_type": "refresh_token", "refresh_token": "sandbox-refresh"}
    url = account.v3.sandbox.url + "/oauth2/default/v1/token"
    token = requests.post(url, data=form, auth=("sandbox-key", "sandbox-secret"), timeout=30).json()["access_token"]
    assert _ask(account, headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize(
    "login",
    [
        None,
        ("sandbox-key%sandbox", "wrong"),
        ("other-key%sandbox", "sandbox"),
        ("sandbox-key%other", "sandbox"),
        ("sandbox", "sandbox"),
        ("sandbox-key", "sandbox"),
    ],
)
def test_wrong_credentials_are_401_with_a_challenge(open_v1: Open, login: tuple[str, str] | None) -> None:
    answer = _ask(open_v1(ADA), auth=login)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Basic /w==", "Digest x", "Bearer nonsense", "OAuth x"])
def test_a_header_that_can_not_be_read_is_401(open_v1: Open, header: str) -> None:
    assert _ask(open_v1(ADA), headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("status", [403, 401])
def test_the_path_of_another_account_is_refused(open_v1: Open, status: int) -> None:
    account = open_v1(ADA, v1_foreign_path=status)
    url = account.v3.sandbox.url + "/ws/customers/other/contacts"
    answer = requests.get(url, auth=LOGIN, timeout=30)
    assert answer.status_code == status
    assert ("<html>" in answer.text) == (status == 403)
    assert requests.get(url.replace("other", "SandBox"), auth=LOGIN, timeout=30).status_code == 200


def test_the_service_document_needs_its_slash(open_v1: Open) -> None:
    account = open_v1(ADA)
    assert account.call("GET", "/").status_code == 200
    answer = account.call("GET", "", allow_redirects=False)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/library", "/library/folders", "/library/folders/1/images"])
def test_the_library_is_gone(open_v1: Open, path: str) -> None:
    assert open_v1(ADA).call("GET", path).status_code == 410


@pytest.mark.parametrize(
    "path", ["/nothing", "/contacts/1/events/opens", "/lists/1/members/1", "/campaigns", "/contacts/", "//contacts"]
)
def test_what_is_not_there_is_404(open_v1: Open, path: str) -> None:
    assert open_v1(ADA).call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/contacts"),
        ("DELETE", "/contacts"),
        ("POST", "/contacts/1"),
        ("POST", "/lists/1"),
        ("PUT", "/lists/active"),
    ],
)
def test_a_method_that_a_resource_does_not_know_is_415(open_v1: Open, method: str, path: str) -> None:
    assert open_v1(ADA).call(method, path, headers=ENTRY).status_code == 415


@pytest.mark.parametrize("kind", [None, "application/xml", "text/xml", "application/json", "text/html"])
def test_an_entry_of_another_content_type_is_415(open_v1: Open, kind: str | None) -> None:
    account = open_v1(ADA)
    document = wrap(f"{IDS}/contacts/1", account.write("ada@example.org", ["News"]))
    headers = {"Content-Type": kind} if kind else {}
    for method, path in (("POST", "/contacts"), ("PUT", "/contacts/1"), ("POST", "/lists")):
        assert account.call(method, path, data=document.encode(), headers=headers).status_code == 415
    headers["Content-Type"] = "application/atom+xml;type=entry"
    assert account.call("PUT", "/contacts/1", data=document.encode(), headers=headers).status_code == 204


BOMB = '<!DOCTYPE e [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "document",
    [
        "",
        "no XML",
        "<entry/>",
        "<entry xmlns='http://www.w3.org/2005/Atom'>",
        wrap("data:,none", "<Contact/>"),
        wrap("data:,none", ""),
        BOMB + wrap("data:,none", write_contact("<EmailAddress>&b;</EmailAddress>")),
        "<!DOCTYPE e SYSTEM 'http://127.0.0.1:9/x'>" + wrap("data:,none", write_contact("")),
        wrap("data:,none", write_contact("x" * 1_000_001)),
        wrap("data:,none", "<a>" * 300 + "</a>" * 300),
        "<?xml version='1.0' encoding='klingon'?>" + wrap("data:,none", write_contact("")),
    ],
    ids=[
        "empty",
        "text",
        "bare",
        "torn",
        "no namespace",
        "no content",
        "entities",
        "DTD",
        "endless",
        "deep",
        "encoding",
    ],
)
def test_a_document_that_is_no_entry_is_400(open_v1: Open, document: str) -> None:
    answer = open_v1(ADA).post("/contacts", document)
    assert answer.status_code == 400
    assert answer.text.startswith("Error 400: ")


def test_planned_downtime_is_a_page_with_200_whatever_is_asked(open_v1: Open) -> None:
    account = open_v1(ADA, v1_downtime=True)
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = account.call(method, "/contacts/1", auth=("nobody", ""))
        assert answer.status_code == 200
        assert "<html>" in answer.text


def test_the_gateway_of_later_keys_refuses_the_fifth_call_of_a_second_with_403(open_v1: Open) -> None:
    account = open_v1(ADA, limits=True, v1_rate_limit="gateway")
    answers = [account.call("GET", "/lists") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [403]
    assert answers[-1].json()[0]["error_key"] == "mashery.not.authorized.over.qps"


def test_v1_has_no_limit_of_pace_of_its_own(open_v1: Open) -> None:
    account = open_v1(ADA, limits=True)
    assert {account.call("GET", "/lists").status_code for _ in range(6)} == {200}


def test_the_window_shows_calls_of_v1_and_no_secrets(open_v1: Open) -> None:
    account = open_v1(ADA)
    account.call("GET", "/contacts?email=a@example.org&email=b@example.org")
    _ask(account, "/contacts?access_token=sandbox-token")
    account.post("/contacts", "<entry/>")
    shown = account.v3.window("GET", "requests")[-3:]
    assert shown[0]["query"] == {"email": ["a@example.org", "b@example.org"]}
    assert shown[1]["query"] == {"access_token": "[redacted]"}
    assert (shown[2]["body"], shown[2]["status"]) == ("<entry/>", 400)
    assert {entry["headers"].get("Authorization", "[redacted]") for entry in shown} == {"[redacted]"}
    assert base64.b64encode(b"sandbox").decode() not in str(shown)
