"""Searches, pages and single contacts, driven by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ctct_etl.account.dialect import Garbled, Request, Response
from ctct_etl.account.v1.atom import Entry, Feed, Malformed
from ctct_etl.account.v1.finding import MOST_UNREAD, find_contact, find_contacts, read_contact, read_contacts, turn_feed
from ctct_etl.account.v1.reading import Contact, Unread
from ctct_etl.errors import AccountError, Rejected
from tests.account.plans import Script, talk

BASE = "/ws/customers/acme"


def entry(address: str, number: int = 7, **values: str) -> Entry:
    identifier = f"http://api.constantcontact.com{BASE}/contacts/{number}"
    known = {"Status": "Active", "EmailAddress": address, **values}
    return Entry(f"{BASE}/contacts/{number}", identifier, "Contact", known, None)


def asked(request: Request) -> list[str]:
    assert not isinstance(request.query, dict)
    return [value for name, value in request.query if name == "email"]  # type: ignore[misc]


def account(*addresses: str, unknown: int = 200, down: bool = False) -> Script:
    """A service that has these contacts; a search that finds nobody is answered with `unknown`."""

    def answer(request: Request) -> Response:
        if not request.query:
            return Response(200, Feed(tuple(entry(one, n) for n, one in enumerate(addresses)), ""), place=BASE)
        found = tuple(entry(one, n) for n, one in enumerate(addresses) if one in asked(request))
        if down or (not found and unknown != 200):
            return Response(unknown, "Error", place=BASE)
        return Response(200, Feed(found, ""), place=BASE)

    return answer


def test_many_addresses_are_searched_at_once_in_lower_case_and_unknown_ones_are_passed_over() -> None:
    addresses = [f"p{n:03}@x.org" for n in range(120)]
    said = talk(find_contacts([*addresses, "ANN+News@x.org"]), account("ann+news@x.org", "p001@x.org"))
    assert sorted(said.value) == ["ann+news@x.org", "p001@x.org"]
    assert [len(asked(request)) for request in said.requests] == [49, 49, 23]
    assert "ann+news@x.org" in asked(said.requests[0])


def test_a_500_is_asked_again_beside_an_address_that_is_known_and_then_means_unknown() -> None:
    addresses = [f"p{n:03}@x.org" for n in range(60)]
    said = talk(find_contacts(addresses), account("witness@x.org", unknown=500))
    assert said.value == {}
    first, witness, again, second = said.requests
    assert first.may_mean == {500} and not witness.query
    assert asked(again) == [*asked(first), "witness@x.org"] and again.may_mean == frozenset()
    assert "witness@x.org" in asked(second) and second.may_mean == frozenset()


def test_a_500_of_an_account_without_contacts_means_that_nobody_is_there() -> None:
    assert talk(find_contacts(["a@x.org"]), account(unknown=500)).value == {}


def test_a_witness_that_was_searched_itself_counts_as_found() -> None:
    found = Response(200, Feed((entry("ann@x.org"),), ""))
    said = talk(find_contacts(["ann@x.org"]), _answers([Response(500, ""), found, found]))
    assert list(said.value) == ["ann@x.org"]


def test_who_is_found_and_was_not_asked_for_is_nobody() -> None:
    found = talk(find_contacts(["a@x.org"]), _answers([Response(200, Feed((entry("b@x.org"),), ""))])).value
    assert found == {}


@pytest.mark.parametrize(
    ("href", "path"),
    [
        (f"{BASE}/contacts?next=tok-1", f"{BASE}/contacts?next=tok-1"),
        ("contacts?next=tok-1", f"{BASE}/contacts?next=tok-1"),
        (f"http://api.constantcontact.com{BASE}/contacts?next=tok-1", f"{BASE}/contacts?next=tok-1"),
    ],
)
def test_the_next_page_is_where_the_link_says_whatever_its_form(href: str, path: str) -> None:
    pages: list[Sequence[Entry]] = []
    first = Response(200, Feed((entry("a@x.org"),), href), place=f"{BASE}/contacts")
    said = talk(turn_feed("/contacts", "contacts", pages.append), _answers([first, Response(200, Feed((), ""))]))
    assert [len(page) for page in pages] == [1, 0]
    assert (said.requests[1].path, said.requests[1].from_root) == (path, True)


def test_pages_that_lead_in_a_circle_end() -> None:
    page = Response(200, Feed((), f"{BASE}/contacts?next=same"), place=f"{BASE}/contacts")
    with pytest.raises(AccountError, match="circle"):
        talk(turn_feed("/contacts", "contacts", lambda entries: None), lambda request: page)


def test_a_contact_is_read_by_its_number_and_its_edit_link_is_kept() -> None:
    full = Entry(f"{BASE}/contacts/7", "x/contacts/7", "Contact", {"LastUpdateTime": "2013"}, ())
    said = talk(read_contact("7"), _answers([Response(200, full, place=f"{BASE}/contacts/7")]))
    assert (said.lines, said.value.path) == (["GET /contacts/7"], f"{BASE}/contacts/7")


def test_a_contact_that_is_not_there_is_none_and_a_refusal_is_told_in_the_services_words() -> None:
    assert talk(read_contact("7"), _answers([Response(404, "Error 404: no")])).value is None
    with pytest.raises(Rejected, match="Error 400: bad"):
        talk(read_contact("7"), _answers([Response(400, "Error 400: bad")]))


def test_limited_details_are_never_taken_for_full_ones() -> None:
    with pytest.raises(AccountError, match="without its details"):
        talk(read_contact("7"), _answers([Response(200, entry("a@x.org"))]))


GARBLED = Response(200, Garbled("no Atom document: not well-formed XML, at 3:7"))


@pytest.mark.parametrize("body", [GARBLED.body, None, Feed((), ""), entry("a@x.org")])
def test_a_document_that_is_no_contact_concerns_that_contact_alone(body: object) -> None:
    full = Entry("", "x/contacts/7", "Contact", {"LastUpdateTime": "2013"}, ())
    taken: dict[str, Contact | Unread | None] = {}
    answers = [Response(200, body), Response(200, full), Response(404, "Error 404: no")]
    said = talk(read_contacts(["5", "7", "9"], taken.__setitem__), _answers(answers))
    assert (taken["5"], taken["7"] is not None, taken["9"]) == (Unread("5"), True, None)
    assert all(request.may_be_garbled for request in said.requests)
    with pytest.raises(Malformed):
        talk(read_contact("5"), _answers([Response(200, body)]))


def test_many_documents_in_a_row_that_are_no_contacts_are_a_fault_of_the_service() -> None:
    numbers = [str(number) for number in range(MOST_UNREAD)]
    taken = dict[str, Contact | Unread | None]()
    talk(read_contacts(numbers[1:], taken.__setitem__), lambda request: GARBLED)
    assert taken == {number: Unread(number) for number in numbers[1:]}
    with pytest.raises(Malformed, match="at 3:7"):
        talk(read_contacts(numbers, taken.__setitem__), lambda request: GARBLED)


def test_a_page_is_never_asked_for_as_one_that_may_be_garbled() -> None:
    said = talk(turn_feed("/contacts", "contacts", lambda entries: None), _answers([Response(200, Feed((), ""))]))
    assert not said.requests[0].may_be_garbled


def test_a_contact_is_found_by_its_address_in_full() -> None:
    full = Entry("", "x/contacts/7", "Contact", {"LastUpdateTime": "2013", "EmailAddress": "a@x.org"}, ())
    said = talk(find_contact("a@x.org"), _answers([Response(200, Feed((entry("a@x.org"),), "")), Response(200, full)]))
    assert (said.lines, said.value.address) == (["GET /contacts", "GET /contacts/7"], "a@x.org")


def _answers(answers: list[Response]) -> Script:
    left = list(answers)
    return lambda request: left.pop(0)
