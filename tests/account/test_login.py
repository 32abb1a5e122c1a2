"""The flows without a network: addresses out, answers in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ctct_etl.account.login import (
    SCOPES,
    AnotherLogin,
    Authorization,
    Device,
    begin,
    begin_device,
    finish,
    poll_device,
    read_pasted,
    read_redirect,
)
from ctct_etl.account.repeating import Again
from ctct_etl.account.token_host import Granted, Refused, TokenHost
from ctct_etl.errors import AccountError, Busy, Denied

BACK = "http://localhost:8756/ctct-etl"
GRANTED = Granted("access", "refresh", 7200.0, SCOPES)
PUBLIC = TokenHost("https://auth.example/v1", "key & id")
PRIVATE = TokenHost("https://auth.example/v1/", "key", "s3cret")


class Host(TokenHost):
    """Answers by its script; else it grants."""

    def __init__(self, *script: Exception, told: Mapping[str, Any] | None = None, secret: str = "") -> None:
        super().__init__("https://auth.example/v1", "key", secret)
        self.script = list(script)
        self.told = told or {}
        self.forms: list[Mapping[str, str]] = []

    def ask(self, form: Mapping[str, str], keep: Callable[[Granted], Any]) -> Any:
        self.forms.append(form)
        if self.script:
            raise self.script.pop(0)
        return keep(GRANTED)

    ask_once = ask

    def ask_for_device(self, scope: str) -> Mapping[str, Any]:
        assert scope == SCOPES
        if self.script:
            raise self.script.pop(0)
        return self.told


def asked(authorization: Authorization) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(authorization.address).query).items()}


def test_a_public_client_asks_with_a_challenge_that_its_verifier_answers():
    authorization = begin(PUBLIC, BACK)
    query = asked(authorization)
    assert authorization.address.startswith("https://auth.example/v1/authorize?")
    assert query["client_id"] == "key & id" and query["redirect_uri"] == BACK
    assert query["response_type"] == "code" and query["scope"] == "contact_data account_read offline_access"
    digest = hashlib.sha256(authorization.verifier.encode()).digest()
    assert base64.urlsafe_b64decode(query["code_challenge"] + "=") == digest
    assert query["code_challenge_method"] == "S256"
    assert 43 <= len(authorization.verifier) <= 128  # RFC 7636, 4.1


def test_a_client_with_a_secret_asks_as_the_service_documents_it():
    assert asked(begin(PRIVATE, BACK)).keys() == {"client_id", "redirect_uri", "response_type", "scope", "state"}


def test_every_login_has_a_state_and_a_verifier_of_its_own():
    some = [begin(PUBLIC, BACK) for _ in range(50)]
    assert len({each.state for each in some}) == len({each.verifier for each in some}) == 50
    assert some[0].state not in repr(some[0]).replace(some[0].address, "") and some[0].verifier not in repr(some[0])


def test_the_browser_brings_back_the_code():
    authorization = begin(PUBLIC, BACK)
    assert read_redirect(authorization, f"code=a%2Bb&state={authorization.state}") == "a+b"


@pytest.mark.parametrize("query", ["code=a", "code=a&state=other", "code=a&state=%C3%A9", "", "error=access_denied"])
def test_an_answer_of_another_login_is_not_taken(query):
    with pytest.raises(AnotherLogin):
        read_redirect(begin(PUBLIC, BACK), query)


def test_an_answer_without_a_code_is_not_taken():
    authorization = begin(PUBLIC, BACK)
    with pytest.raises(AnotherLogin, match="no code"):
        read_redirect(authorization, f"state={authorization.state}")


def test_a_person_who_says_no_ends_the_login():
    authorization = begin(PUBLIC, BACK)
    query = f"error=access_denied&error_description=User+refused%0Aconsent&state={authorization.state}"
    with pytest.raises(Denied, match="access_denied: User refused consent"):
        read_redirect(authorization, query)


PASTED = (" {back}?code=abc&state={state}\n", "?code=abc&state={state}", "code=abc&state={state}")


@pytest.mark.parametrize("form", PASTED)
@pytest.mark.parametrize("host", [PUBLIC, PRIVATE], ids=["public", "secret"])
def test_the_address_is_pasted_whole_or_in_part(form, host):
    authorization = begin(host, BACK)
    assert read_pasted(authorization, form.format(back=BACK, state=authorization.state)) == "abc"


def test_a_code_alone_is_enough_where_it_is_bound_to_this_login():
    assert read_pasted(begin(PUBLIC, BACK), " abc\n") == "abc"
    with pytest.raises(AnotherLogin, match="whole address"):
        read_pasted(begin(PRIVATE, BACK), "abc")


def test_a_pasted_address_of_another_login_is_not_taken():
    with pytest.raises(AnotherLogin, match="state"):
        read_pasted(begin(PUBLIC, BACK), f"{BACK}?code=abc&state=other")


@pytest.mark.parametrize("secret", ["", "s3cret"], ids=["public", "secret"])
def test_the_code_is_changed_for_tokens_with_what_proves_that_it_is_ours(secret):
    host = Host(secret=secret)
    authorization = begin(host, BACK)
    assert finish(host, authorization, "abc", lambda granted: granted) is GRANTED
    proof = {} if secret else {"code_verifier": authorization.verifier}
    assert host.forms == [{"grant_type": "authorization_code", "code": "abc", "redirect_uri": BACK, **proof}]


@pytest.mark.parametrize(("error", "cure"), [("invalid_grant", "good once"), ("invalid_client", "client_id and")])
def test_a_code_that_is_refused_says_what_to_look_at(error, cure):
    host = Host(Refused(error, "no"))
    with pytest.raises(Denied, match=f"{error}.*{cure}"):
        finish(host, begin(host, BACK), "abc", lambda granted: granted)


TOLD = {"device_code": "d", "user_code": "AB-12", "verification_uri": "https://x/d",
        "verification_uri_complete": "https://x/d?c=AB-12", "expires_in": 600, "interval": 2}  # fmt: skip


def test_a_device_is_told_where_the_person_says_yes():
    assert begin_device(Host(told=TOLD)) == Device("https://x/d?c=AB-12", "AB-12", "d", 2.0, 600.0)
    short = {"device_code": "d", "verification_uri": "https://x/d", "interval": "soon", "expires_in": -1}
    assert begin_device(Host(told=short)) == Device("https://x/d", "", "d", 5.0, 600.0)


def test_a_device_that_may_not_is_told_so():
    with pytest.raises(Denied, match="device flow"):
        begin_device(Host(Refused("unauthorized_client", "")))
    with pytest.raises(AccountError, match="leave --device out"):
        begin_device(Host(told={"device_code": "d"}))


def poll(*script: Exception, life_s: float = 600.0) -> tuple[Any, list[float]]:
    """Poll on a clock of its own; what came of it, and the waits."""
    slept: list[float] = []
    host = Host(*script)
    device = Device("https://x", "", "d", 2.0, life_s)
    try:
        got: Any = poll_device(host, device, lambda granted: granted, slept.append, lambda: sum(slept))
    except AccountError as fault:
        got = fault
    assert {form["device_code"] for form in host.forms} <= {"d"}
    return got, slept


def test_polling_waits_as_long_as_it_is_told_to():
    pending, slower = Refused("authorization_pending", ""), Refused("slow_down", "")
    assert poll(pending, pending, slower, pending) == (GRANTED, [2.0, 2.0, 2.0, 7.0, 7.0])


def test_polling_goes_on_less_often_after_an_answer_that_was_lost():
    assert poll(Again("HTTP 503"), Again("dropped")) == (GRANTED, [2.0, 4.0, 8.0])


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ("expired_token", Busy, "ran out"),
        ("access_denied", Denied, "refused in"),
        ("invalid_grant", Denied, ""),
    ],
)
def test_polling_ends_where_there_is_nothing_to_wait_for(error, kind, words):
    got, slept = poll(Refused(error, ""))
    assert isinstance(got, kind) and words in str(got) and "log in again" in str(got)
    assert slept == [2.0]


def test_polling_ends_with_the_life_of_the_code():
    got, slept = poll(*[Refused("authorization_pending", "")] * 99, life_s=10.0)
    assert isinstance(got, Busy) and "ran out" in str(got)
    assert sum(slept) <= 10.0
