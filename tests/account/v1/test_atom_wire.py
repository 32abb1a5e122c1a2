"""v1 on the wire: what is sent, and what an answer means."""

from __future__ import annotations

import pytest

from ctct_etl.account.dialect import Request
from ctct_etl.account.repeating import Again
from ctct_etl.account.v1.atom import Feed
from ctct_etl.account.v1.atom_wire import AtomWire
from ctct_etl.account.wire import Unreadable
from ctct_etl.errors import Denied

WIRE = AtomWire()
PAGE = b"<html><body>Forbidden</body></html>"
POST = Request("POST", "/contacts", body=b"<entry/>")
# As later clients know the gateway's limits of a second and of a day.
TOO_FAST = '[{"error_key":"mashery.not.authorized.over.qps","error_message":"Over queries per second limit"}]'
SPENT = "Mashery account associated with this request is over its rate limit"


def test_a_document_goes_as_atom_and_pairs_go_as_a_form() -> None:
    assert WIRE.encode(b"<entry/>") == (b"<entry/>", "application/atom+xml")
    form = (("lists", "http://a/1"), ("lists", "http://a/2"), ("data", "EMAIL ADDRESS\na+b@x.org"))
    assert WIRE.encode(form) == (
        b"lists=http%3A%2F%2Fa%2F1&lists=http%3A%2F%2Fa%2F2&data=EMAIL+ADDRESS%0Aa%2Bb%40x.org",
        "application/x-www-form-urlencoded",
    )


def test_a_good_answer_is_a_document_and_a_refusal_is_its_words() -> None:
    assert WIRE.decode(b'<feed xmlns="http://www.w3.org/2005/Atom"/>', 200) == Feed((), "")
    assert WIRE.decode(b" \n", 204) is None
    assert WIRE.decode(b"Error 400: no valid ContactList\n", 400) == "Error 400: no valid ContactList"


@pytest.mark.parametrize("content", [PAGE, b"<feed", b"{}", b"<feed/>"])
def test_what_is_no_atom_document_is_a_lost_answer_and_no_empty_account(content: bytes) -> None:
    with pytest.raises(Unreadable):
        WIRE.decode(content, 200)


@pytest.mark.parametrize(("method", "path"), [("GET", "/contacts"), ("GET", "/contacts/7"), ("POST", "/lists")])
def test_a_403_is_the_wrong_account_or_key(method: str, path: str) -> None:
    assert isinstance(WIRE.explain_forbidden(Request(method, path), "Forbidden"), Denied)


@pytest.mark.parametrize("body", ["Error 403: opted out", "Forbidden", ""])
def test_a_403_to_the_write_of_a_contact_concerns_that_contact_alone(body: str) -> None:
    assert WIRE.explain_forbidden(POST, body) is None
    assert WIRE.explain_forbidden(Request("PUT", "/ws/customers/acme/contacts/7", from_root=True), body) is None


def test_the_words_of_a_web_page_are_what_it_shows() -> None:
    assert WIRE.decode(PAGE, 403) == "Forbidden"


def test_the_gateways_limit_of_a_second_is_waited_for_and_that_of_a_day_is_not() -> None:
    assert isinstance(WIRE.explain_forbidden(POST, TOO_FAST), Again)
    assert (WIRE.is_used_up(TOO_FAST), WIRE.is_used_up(SPENT)) == (False, True)
