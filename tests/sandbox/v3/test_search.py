"""GET /contacts: filters, pages, cursors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.calling import Json, Start, contact, unsubscribed

PEOPLE: tuple[Json, ...] = (
    contact("implicit@example.com", list_memberships=["News"], taggings=["vip"]),
    contact("explicit@example.com", email={"permission_to_send": "explicit"}, list_memberships=["News", "Trips"]),
    contact("pending@example.com", email={"permission_to_send": "pending_confirmation"}),
    contact("hold@example.com", email={"permission_to_send": "temp_hold"}),
    contact("unset@example.com", email={"permission_to_send": "not_set"}),
    unsubscribed("gone@example.com"),
    contact("deleted@example.com", deleted_at="2025-02-03"),
)
NAMES = {line["email_address"]["address"].partition("@")[0] for line in PEOPLE}


def names(addresses: set[str]) -> set[str]:
    return {address.partition("@")[0] for address in addresses}


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("all", NAMES),
        ("active", {"implicit", "explicit"}),
        ("deleted", {"deleted"}),
        ("unsubscribed", {"gone"}),
        ("pending_confirmation,temp_hold", {"pending", "hold"}),
        ("not_set,active,deleted", {"unset", "implicit", "explicit", "deleted"}),
    ],
)
def test_status_picks_states(start: Start, status: str, found: set[str]) -> None:
    assert names(start(*PEOPLE).addresses(status=status)) == found


@pytest.mark.parametrize(
    ("switch", "found"), [("active", {"implicit", "explicit"}), ("not_deleted", NAMES - {"deleted"})]
)
def test_what_no_status_means_is_a_switch(start: Start, switch: str, found: set[str]) -> None:
    assert names(start(*PEOPLE, status_default=switch).addresses()) == found


def test_lists_and_tags_pick_their_members(start: Start) -> None:
    service = start(*PEOPLE)
    news, trips = service.list_id("News"), service.list_id("Trips")
    assert names(service.addresses(lists=news, limit=1)) == {"implicit", "explicit"}
    assert names(service.addresses(lists=f"{news},{trips}", limit=1)) == {"implicit", "explicit"}
    assert names(service.addresses(lists=trips, status="all")) == {"explicit"}
    assert names(service.addresses(tags=service.tag_id("vip"))) == {"implicit"}
    assert names(service.addresses(tags=service.tag_id("vip"), lists=trips)) == set()
    assert service.addresses(lists="00000000-0000-0000-0000-000000000000") == set()


def test_filters_are_combined_with_and(start: Start) -> None:
    service = start(*PEOPLE)
    found = service.addresses(lists=service.list_id("News"), email="explicit@example.com", updated_after="2024-01-01")
    assert names(found) == {"explicit"}
    assert service.addresses(email="gone@example.com", status="active") == set()


@pytest.mark.parametrize(("case", "found"), [("sensitive", set()), ("insensitive", {"Ann+1@example.com"})])
def test_the_letter_case_of_the_email_filter_is_a_switch(start: Start, case: str, found: set[str]) -> None:
    service = start(contact("Ann+1@example.com"), email_filter_case=case)
    assert service.addresses(email="Ann+1@example.com") == {"Ann+1@example.com"}
    assert service.addresses(email="ann+1@example.com") == found


def test_a_raw_plus_in_the_email_filter_is_a_blank(start: Start) -> None:
    service = start(contact("ann+1@example.com"))
    assert service.call("GET", "/v3/contacts?email=ann+1@example.com").json()["contacts"] == []


@pytest.mark.parametrize(("switch", "found"), [(True, 1), (False, 0)])
def test_whether_the_email_filter_finds_the_deleted_is_a_switch(start: Start, switch: bool, found: int) -> None:
    service = start(contact("a@example.com", deleted_at="2025-02-03"), email_filter_finds_deleted=switch)
    assert len(service.search(email="a@example.com", status="all")) == found
    assert len(service.search(status="deleted")) == 1


def test_dates_are_compared_in_utc_and_strictly(start: Start) -> None:
    line = contact("a@example.com", created_at="2025-03-01T00:00:00Z", updated_at="2025-03-05T12:00:00+02:00")
    service = start(line)
    assert service.addresses(updated_after="2025-03-05T09:59:59Z") == {"a@example.com"}
    assert service.addresses(updated_after="2025-03-05T10:00:00Z") == set()
    assert service.addresses(updated_before="2025-03-05T05:00:01-05:00") == {"a@example.com"}
    assert service.addresses(created_after="2025-02-28", created_before="2025-03-02") == {"a@example.com"}
    assert service.addresses(created_before="2025-03-01") == set()


def test_updated_after_misses_an_unsubscribe_and_optout_after_finds_it(start: Start) -> None:
    service = start(contact("a@example.com"), contact("b@example.com"))
    service.act("person", "unsubscribe", "a@example.com")
    assert service.addresses(status="all", updated_after="2025-06-01T00:00:00Z") == set()
    assert service.addresses(status="all", optout_after="2025-06-01T00:00:00Z") == {"a@example.com"}
    assert service.addresses(status="all", optout_before="2025-06-01T00:00:00Z") == set()


@pytest.mark.parametrize(
    "query", [{"status": "all"}, {"updated_after": "2024-01-01"}, {"lists": "News"}, {"tags": "vip"}]
)
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_give_everyone_once_whatever_is_walked_along(start: Start, query: dict[str, str], limit: int) -> None:
    days = [f"2025-03-{1 + number % 3:02d}T00:00:00Z" for number in range(14)]
    lines = [
        contact(f"{number}@example.com", updated_at=day, list_memberships=["News"], taggings=["vip"])
        for number, day in enumerate(days)
    ]
    service = start(*lines)
    ids = {"lists": service.list_id, "tags": service.tag_id}
    asked = {name: ids.get(name, str)(value) for name, value in query.items()}
    pages = list(service.pages("/contacts", limit=limit, include="taggings", **asked))
    found = [person["email_address"]["address"] for page in pages for person in page["contacts"]]
    assert sorted(found) == sorted(f"{number}@example.com" for number in range(14))
    assert len(pages) == -(-14 // limit)
    assert all(len(page["contacts"]) == limit for page in pages[:-1])
    assert all("taggings" in person for page in pages for person in page["contacts"])


def test_the_last_page_has_no_link(start: Start) -> None:
    service = start(contact("a@example.com"), contact("b@example.com"))
    assert "_links" not in service.get("/contacts", limit=2)
    assert service.get("/contacts", limit=1)["_links"]["next"]["href"].startswith("/v3/contacts?cursor=")


def test_the_count_is_of_all_that_match(start: Start) -> None:
    service = start(*PEOPLE)
    assert service.get("/contacts", limit=1, status="all", include_count="true")["contacts_count"] == len(PEOPLE)
    news = service.list_id("News")
    assert service.get("/contacts", limit=1, lists=news, include_count="true")["contacts_count"] == 2
    assert "contacts_count" not in service.get("/contacts")


def test_fifty_is_the_default_page(start: Start) -> None:
    service = start(*(contact(f"{number}@example.com") for number in range(51)))
    assert len(service.get("/contacts")["contacts"]) == 50


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "501"},
        {"limit": "0"},
        {"limit": "many"},
        {"status": "subscribed"},
        {"include": "everything"},
        {"updated_after": "yesterday"},
        {"lists": "News"},
        {"include_count": "yes"},
        {"cursor": "???"},
        {"cursor": "bm9uc2Vuc2U="},
    ],
)
def test_a_parameter_that_makes_no_sense_is_400(start: Start, query: dict[str, Any]) -> None:
    assert start().call("GET", "/v3/contacts", params=query).status_code == 400


def test_a_contact_that_changes_while_its_date_is_walked_along_is_met_again(start: Start) -> None:
    service = start(*(contact(f"{number}@example.com", first_name="x") for number in range(4)))
    pages = service.pages("/contacts", limit=2, updated_after="2024-01-01")
    found = [person["email_address"]["address"] for person in next(pages)["contacts"]]
    service.act("owner", "edit", found[0], fields={"first_name": "y"})
    found += [person["email_address"]["address"] for page in pages for person in page["contacts"]]
    assert sorted(found) == sorted([*(f"{number}@example.com" for number in range(4)), found[0]])
