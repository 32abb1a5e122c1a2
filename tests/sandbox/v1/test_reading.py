"""Collections of v1: pages, search, what changed since."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.sandbox.calling import contact, unsubscribed
from tests.sandbox.v1.atom_calling import ATOM, BASE, HOST, AtomCaller
from tests.sandbox.v1.conftest import Open

MANY = [contact(f"p{number}@example.org", list_memberships=["News"]) for number in range(1, 121)]
PENDING = contact(
    "pending@example.org", email={"permission_to_send": "pending_confirmation"}, list_memberships=["News"]
)
ALL = (
    contact("active@example.org", list_memberships=["News"]),
    contact("removed@example.org"),
    contact("deleted@example.org", deleted_at="2025-03-03"),
    unsubscribed("gone@example.org"),
    unsubscribed("gone-and-deleted@example.org", deleted_at="2025-03-03"),
    PENDING,
)
LATER = "2020-01-01T00:00:00.000Z"


def _links(account: AtomCaller, path: str) -> list[tuple[str | None, str]]:
    return [(link.get("rel"), link.attrib["href"]) for link in account.get(path).findall(f"{ATOM}link")]


def test_a_collection_comes_in_pages_of_50_newest_number_first(open_v1: Open) -> None:
    account = open_v1(*MANY)
    assert len(account.get("/contacts").findall(f"{ATOM}entry")) == 50
    assert account.addresses("/contacts") == [f"p{number}@example.org" for number in range(120, 0, -1)]


def test_exactly_50_entries_have_no_next_page(open_v1: Open) -> None:
    account = open_v1(*MANY[:50])
    assert [rel for rel, _ in _links(account, "/contacts")] == [None, "self", "first", "current"]


def test_the_next_link_is_as_documented_for_each_collection(open_v1: Open) -> None:
    lists = [{"list": {"name": f"L{number}"}} for number in range(60)]
    account = open_v1(*lists, *MANY, v1_next_href="documented")
    shape = r"next=[a-z0-9-]+$"
    rels, hrefs = zip(*_links(account, "/contacts"), strict=True)
    assert rels == (None, "self", "next", "first", "current")
    assert re.match(re.escape(f"{BASE}/contacts?") + shape, hrefs[2])
    assert re.match(r"lists\?" + shape, dict(_links(account, "/lists"))["next"])
    path = f"/lists/{account.list_number('L0')}/members"
    assert "next" not in dict(_links(account, path))
    news = account.call("GET", "/lists/61/members").text
    assert re.search(re.escape(f'<link href="{BASE}/lists/61/members?'), news)


def test_pages_of_lists_and_members_can_be_followed(open_v1: Open) -> None:
    lists = [{"list": {"name": f"L{number}"}} for number in range(60)]
    account = open_v1(*lists, *MANY)
    assert account.addresses("/lists/61/members") == account.addresses("/contacts")
    token = dict(_links(account, "/lists"))["next"].partition("?")[2]
    assert len(account.get(f"/lists?{token}").findall(f"{ATOM}entry")) == 61 + 3 - 50


@pytest.mark.parametrize(("form", "begins"), [("relative", "contacts?"), ("absolute", HOST), ("root_relative", BASE)])
def test_a_next_link_may_have_any_form_and_come_last(open_v1: Open, form: str, begins: str) -> None:
    links = _links(open_v1(*MANY, v1_next_href=form, v1_next_place="last"), "/contacts")
    assert links[-1][0] == "next"
    assert links[-1][1].startswith(begins)


def test_a_token_carries_the_whole_query(open_v1: Open) -> None:
    account = open_v1(*MANY, *[contact(f"r{number}@example.org") for number in range(60)])
    found = account.addresses(f"/contacts?updatedsince={LATER}&listtype=removed")
    assert sorted(found) == sorted(f"r{number}@example.org" for number in range(60))


@pytest.mark.parametrize("token", ["x", "", "aaaa", "lnnv2", "0", "nruw4"])
def test_a_forged_token_is_400(open_v1: Open, token: str) -> None:
    assert open_v1(*MANY).call("GET", f"/contacts?next={token}").status_code == 400


def test_a_collection_shows_contacts_of_every_status(open_v1: Open) -> None:
    account = open_v1(*ALL)
    text = account.call("GET", "/contacts").text
    assert re.findall("<Status>(.*?)</Status>", text) == [
        *("Unconfirmed", "Do Not Mail", "Do Not Mail", "Removed", "Removed", "Active"),
    ]


def test_who_has_no_address_is_nobody_in_v1(open_v1: Open) -> None:
    account = open_v1(*ALL, {"email_address": None, "first_name": "Phone", "list_memberships": ["News"]})
    assert len(account.addresses("/contacts")) == len(ALL)
    assert account.call("GET", f"/contacts/{len(ALL) + 1}").status_code == 404
    assert "Phone" not in account.call("GET", "/lists/1/members").text


# Search


def test_a_search_minds_the_letter_case_and_finds_every_status(open_v1: Open) -> None:
    account = open_v1(contact("Ada@Example.org"), *ALL)
    assert account.addresses("/contacts?email=ada%40example.org") == ["ada@example.org"]
    assert account.addresses("/contacts?email=Ada%40Example.org") == []
    assert account.addresses("/contacts?email=gone@example.org&email=removed@example.org&email=no@example.org") == [
        "gone@example.org",
        "removed@example.org",
    ]


def test_a_plus_sign_has_to_be_encoded(open_v1: Open) -> None:
    account = open_v1(contact("a+b@example.org"))
    assert account.addresses("/contacts?email=a+b@example.org") == []
    assert account.addresses("/contacts?email=a%2Bb@example.org") == ["a+b@example.org"]


def test_50_addresses_can_be_asked_for_at_once_and_no_more(open_v1: Open) -> None:
    account = open_v1(*MANY)
    query = "&".join(f"email=p{number}@example.org" for number in range(1, 51))
    assert len(account.addresses(f"/contacts?{query}")) == 50
    assert account.call("GET", f"/contacts?{query}&email=p51@example.org").status_code == 400


def test_an_unknown_address_may_be_a_500(open_v1: Open) -> None:
    account = open_v1(*ALL, v1_unknown_email=500)
    assert account.call("GET", "/contacts?email=no@example.org").status_code == 500
    assert account.addresses("/contacts?email=no@example.org&email=gone@example.org") == ["gone@example.org"]


# Status groups and what changed since

GROUPS: dict[str, set[str]] = {
    "active": {"active"},
    "removed": {"removed", "deleted"},
    "do-not-mail": {"gone", "gone-and-deleted"},
}


@pytest.mark.parametrize("group", GROUPS)
def test_a_status_group_has_the_contacts_of_that_status(open_v1: Open, group: str) -> None:
    account = open_v1(*ALL)
    expected = {f"{name}@example.org" for name in GROUPS[group]}
    assert set(account.addresses(f"/contacts?updatedsince={LATER}&listtype={group}")) == expected
    assert set(account.addresses(f"/lists/{group}/members")) == expected


def test_unconfirmed_contacts_may_fall_among_the_active(open_v1: Open) -> None:
    account = open_v1(*ALL, v1_unconfirmed_group="active")
    assert "pending@example.org" in account.addresses(f"/contacts?updatedsince={LATER}&listtype=active")
    assert "pending@example.org" in account.addresses("/lists/active/members")


@pytest.mark.parametrize("switch", ["exclusive", "inclusive"])
def test_since_is_exclusive_or_inclusive(open_v1: Open, switch: str) -> None:
    account = open_v1(*ALL, v1_updatedsince=switch)
    found = account.addresses("/contacts?updatedsince=2025-01-01T00:00:00.000Z&listtype=active")
    assert found == (["active@example.org"] if switch == "inclusive" else [])


@pytest.mark.parametrize(
    "query",
    [
        "updatedsince=yesterday&listtype=active",
        "updatedsince=2020-01-01T00:00:00Z",
        "updatedsince=2020-01-01T00:00:00Z&listtype=subscriber",
        "updatedsince=2020-01-01T00:00:00Z&listid=99",
        "updatedsince=2020-01-01T00:00:00+02:00&listtype=active",
    ],
)
def test_a_query_that_makes_no_sense_is_400(open_v1: Open, query: str) -> None:
    assert open_v1(*ALL).call("GET", f"/contacts?{query}").status_code == 400


def _change(account: AtomCaller, what: str) -> Any:
    v3, news = account.v3, account.v3.list_id("News")
    if what == "edit":
        return v3.act("owner", "edit", "ada@example.org", fields={"first_name": "A"})
    if what == "leave":
        return v3.act("person", "leave_list", "ada@example.org", list="News")
    if what == "unsubscribe":
        return v3.act("person", "unsubscribe", "ada@example.org")
    if what == "delete":
        return v3.delete(f"/contacts/{v3.id_of('ada@example.org')}")
    if what == "bulk":
        source = {"source": {"contact_ids": [v3.id_of("ada@example.org")]}, "list_ids": [news]}
        return v3.finish(v3.post("/activities/remove_list_memberships", source))
    return account.call("DELETE", f"/lists/{account.list_number('News')}")


@pytest.mark.parametrize("what", ["edit", "leave", "unsubscribe", "delete", "bulk", "list"])
def test_whatever_changes_a_contact_over_either_dialect_counts_as_changed(open_v1: Open, what: str) -> None:
    account = open_v1(contact("ada@example.org", list_memberships=["News"]), contact("bob@example.org"))
    before = account.fields(1)["LastUpdateTime"]
    _change(account, what)
    since = "2025-06-01T00:00:00.000Z"
    found = [
        address for group in GROUPS for address in account.addresses(f"/contacts?updatedsince={since}&listtype={group}")
    ]
    assert found == ["ada@example.org"]
    assert account.fields(1)["LastUpdateTime"] > before
    assert account.fields(2)["LastUpdateTime"] == before


def test_the_changes_of_one_list_are_those_of_its_members(open_v1: Open) -> None:
    account = open_v1(contact("ada@example.org", list_memberships=["News"]), contact("bob@example.org"))
    for address in ("ada@example.org", "bob@example.org"):
        account.v3.act("owner", "edit", address, fields={"first_name": "A"})
    assert account.addresses("/contacts?updatedsince=2025-06-01T00:00:00Z&listid=1") == ["ada@example.org"]
