"""/contact_lists over HTTP."""

from __future__ import annotations

import pytest

from tests.sandbox.calling import Start, contact, unsubscribed

UNKNOWN = "00000000-0000-0000-0000-000000000007"


def test_a_list_is_made_renamed_and_read(start: Start) -> None:
    service = start()
    made = service.post("/contact_lists", {"name": "News", "description": "weekly", "favorite": True})
    path = f"/contact_lists/{made['list_id']}"
    changed = service.put(path, {"name": "Newsletter"})
    assert changed["name"] == "Newsletter" and changed["favorite"] is False and "description" not in changed
    assert service.get(path) == changed
    assert service.get("/contact_lists")["lists"] == [changed]


def test_members_are_counted_all_or_active(start: Start) -> None:
    service = start(
        contact("a@example.com", list_memberships=["News"]),
        contact("b@example.com", email={"permission_to_send": "pending_confirmation"}, list_memberships=["News"]),
        {"list": {"name": "Empty"}},
    )
    for which, counts in (("all", [2, 0]), ("active", [1, 0])):
        lists = service.get("/contact_lists", include_membership_count=which, include_count="true")
        assert [one["membership_count"] for one in lists["lists"]] == counts
        assert lists["lists_count"] == 2
    news = service.list_id("News")
    assert service.get(f"/contact_lists/{news}", include_membership_count="all")["membership_count"] == 2
    assert "membership_count" not in service.get(f"/contact_lists/{news}")


def test_a_name_is_taken_in_any_letter_case(start: Start) -> None:
    service = start({"list": {"name": "News"}}, {"list": {"name": "Other"}})
    refusal = service.post("/contact_lists", {"name": "NEWS"}, 409)
    assert refusal[0]["error_key"] == "contacts.api.conflict"
    service.put(f"/contact_lists/{service.list_id('Other')}", {"name": "news"}, 400)
    service.put(f"/contact_lists/{service.list_id('Other')}", {"name": "OTHER"})


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 256}, {"name": 5}, {"name": "x", "favorite": "yes"}])
def test_a_list_that_breaks_a_rule_is_refused(start: Start, body: dict[str, object]) -> None:
    start().post("/contact_lists", body, 400)


def test_a_list_is_deleted_by_a_job_and_its_members_stay(start: Start) -> None:
    service = start(contact("a@example.com", list_memberships=["News"]))
    news = service.list_id("News")
    answer = service.call("DELETE", f"/v3/contact_lists/{news}")
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json()["_links"]["self"]["href"]
    assert service.get("/contact_lists")["lists"], "the job has not come to it yet"
    assert service.finish(answer.json())["state"] == "completed"
    assert service.get("/contact_lists")["lists"] == []
    assert service.get("/contact_lists", status="deleted")["lists"][0]["deleted_at"]
    assert service.person("a@example.com")["by_name"]["lists"] == []
    service.call("GET", f"/v3/contact_lists/{news}")
    assert service.post("/contact_lists", {"name": "News"})["list_id"] != news


def test_lists_come_in_pages(start: Start) -> None:
    service = start(*({"list": {"name": f"L{number}"}} for number in range(7)))
    pages = list(service.pages("/contact_lists", limit=3))
    assert [[one["name"] for one in page["lists"]] for page in pages] == [
        ["L0", "L1", "L2"],
        ["L3", "L4", "L5"],
        ["L6"],
    ]
    assert service.get("/contact_lists", name="L5")["lists"][0]["name"] == "L5"
    assert service.get("/contact_lists", name="l5")["lists"] == []
    assert service.get("/contact_lists", channel_type="sms")["lists"] == []


def test_an_account_has_at_most_a_thousand_lists(start: Start) -> None:
    service = start(*({"list": {"name": f"L{number}"}} for number in range(1_000)))
    service.post("/contact_lists", {"name": "one more"}, 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_list_is_404(start: Start, method: str) -> None:
    body = {"name": "x"} if method == "PUT" else None
    assert start().call(method, f"/v3/contact_lists/{UNKNOWN}", json=body).status_code == 404


@pytest.mark.parametrize(("clears", "lists"), [(True, []), (False, ["News"])])
def test_whether_an_unsubscribe_takes_off_all_lists_is_a_switch(start: Start, clears: bool, lists: list[str]) -> None:
    service = start(contact("a@example.com", list_memberships=["News"]), unsubscribe_clears_lists=clears)
    service.act("person", "unsubscribe", "a@example.com")
    assert service.person("a@example.com")["by_name"]["lists"] == lists


def test_a_seed_may_keep_an_unsubscribed_contact_on_a_list(start: Start) -> None:
    service = start(unsubscribed("a@example.com", list_memberships=["News"]))
    assert service.get("/contact_lists", include_membership_count="active")["lists"][0]["membership_count"] == 0
