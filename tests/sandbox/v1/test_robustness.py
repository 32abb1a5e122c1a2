"""Whatever is sent to /ws, it answers in its own forms and lives on: no call ever ends in a 500."""

from __future__ import annotations

import random
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sandbox.calling import contact, unsubscribed
from tests.sandbox.v1.atom_calling import ENTRY, IDS, AtomCaller, wrap
from tests.sandbox.v1.conftest import Open
from tests.sandbox.v1.test_activities import ask, finish

ADA = contact("ada@example.org", list_memberships=["News"])
FORMS = {"": (400, 415), "Error 400: ": (400,)}


@pytest.fixture
def account(open_v1: Open) -> AtomCaller:
    return open_v1(ADA, unsubscribed("gone@example.org"), activity_seconds=0)


def _assert_sound(account: AtomCaller) -> None:
    """All contacts can be read whole over v1, and by the window."""
    for number in range(1, len(account.v3.people()) + 1):
        assert account.call("GET", f"/contacts/{number}").status_code == 200
    assert len(account.addresses("/contacts")) == len(account.v3.people())


def test_documents_with_anything_broken_in_them_are_refused_or_taken(account: AtomCaller) -> None:
    """Parts of a good document cut out, doubled and changed at random, from a seed."""
    chance = random.Random(20130501)
    good = wrap(f"{IDS}/contacts/1", account.write("ada@example.org", ["News"], FirstName="Ada", StateCode="MA"))
    parts = re.findall(r"<[^>]+>|[^<]+", good)
    seen = set()
    for _ in range(300):
        broken = list(parts)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(broken))
            broken[place] = chance.choice(
                ["", broken[place] * 2, "\x00", "&bad;", "<x>", "é\u2028", "]]>", "<!--", "xmlns"]
            )
        data = "".join(broken).encode()
        for method, path in (
            ("POST", "/contacts"),
            ("PUT", "/contacts/1"),
            ("PUT", "/contacts/2"),
            ("PUT", "/lists/1"),
        ):
            answer = account.call(method, path, data=data, headers=ENTRY)
            seen.add(answer.status_code)
            assert answer.status_code in (201, 204, 400, 403, 409), answer.text
    assert {204, 400} <= seen
    _assert_sound(account)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_a_document_may_be_in_the_encoding_that_it_declares(account: AtomCaller, encoding: str) -> None:
    body = wrap(f"{IDS}/contacts/1", account.write("ada@example.org", ["News"], FirstName="Zoë"))
    data = f"<?xml version='1.0' encoding='{encoding.removesuffix('-sig')}'?>{body}".encode(encoding)
    assert account.call("PUT", "/contacts/1", data=data, headers=ENTRY).status_code == 204
    assert account.fields(1)["FirstName"] == "Zoë"


def test_values_of_every_kind_come_back_as_they_were_sent(account: AtomCaller) -> None:
    for text in ("<&>\"'", "  blanks  ", "two\nlines", "\t", "\u202eright", "😀", "]]>", "&amp;"):
        assert account.replace(1, "ada@example.org", ["News"], Note=text, CustomField1=text).status_code == 204
        assert (account.fields(1)["Note"], account.fields(1)["CustomField1"]) == (text, text)


@pytest.mark.parametrize(
    "query",
    [
        "email=",
        "email=%00",
        "email=%FF",
        "next=%00",
        "updatedsince=&listtype=active",
        "listid=1",
        "email=a&next=b",
        "%%%",
        "&&",
    ],
)
def test_a_query_of_any_kind_has_an_answer(account: AtomCaller, query: str) -> None:
    for path in ("/contacts", "/lists", "/lists/1/members", "/activities"):
        assert account.call("GET", f"{path}?{query}").status_code in (200, 400)


@pytest.mark.parametrize(
    "data",
    [
        "\x00",
        "EMAIL ADDRESS\n\x00\n",
        '"',
        'EMAIL ADDRESS\n"x',
        "EMAIL ADDRESS;FIRST NAME\na;b",
        "," * 1000,
        "\n\n\n",
        "é",
    ],
)
@pytest.mark.parametrize("multipart", [False, True])
def test_a_table_that_can_not_be_read_is_400_or_told_by_rows(account: AtomCaller, data: str, multipart: bool) -> None:
    answer = ask(account, "SV_ADD", multipart, data=data, lists=f"{IDS}/lists/1")
    assert answer.status_code in (400, 201)
    if answer.status_code == 201:
        assert finish(account, answer)["TransactionCount"] == "0"
    _assert_sound(account)


def test_a_form_that_is_none_is_400(account: AtomCaller) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert account.call("POST", "/activities", data=b"\xff\x00--x", headers=headers).status_code == 400
    assert (
        account.call("POST", "/activities", data=b"", headers={"Content-Type": "multipart/form-data"}).status_code
        == 400
    )


def test_two_who_post_one_address_make_one_contact(account: AtomCaller) -> None:
    def post(number: int) -> int:
        name = "Twin" if number % 2 else "twin"
        return account.add(f"{name}{number // 2}@example.org").status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(post, range(40)))
    assert (statuses.count(201), statuses.count(409)) == (20, 20)
