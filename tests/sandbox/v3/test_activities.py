"""/activities over HTTP: queued, watched, done."""

from __future__ import annotations

import pytest

from tests.sandbox.calling import Caller, Json, Start, contact, unsubscribed

UNKNOWN = "00000000-0000-0000-0000-000000000007"


def members(service: Caller, name: str) -> set[str]:
    return {one["email_address"]["address"][0] for one in service.people() if name in one["by_name"]["lists"]}


def tagged(service: Caller, name: str) -> set[str]:
    return {one["email_address"]["address"][0] for one in service.people() if name in one["by_name"]["tags"]}


def test_a_job_is_received_then_works_then_is_done_and_only_then_has_its_effect(start: Start) -> None:
    service = start({"list": {"name": "News"}}, contact("a@example.com"), activity_seconds=100)
    source = {"contact_ids": [service.id_of("a@example.com")]}
    job = service.post("/activities/add_list_memberships", {"source": source, "list_ids": [service.list_id("News")]})
    assert (job["state"], job["percent_done"], job["activity_errors"]) == ("initialized", 0, [])
    path = job["_links"]["self"]["href"].removeprefix("/v3")
    service.window("POST", "clock", {"advance_s": 50})
    half = service.get(path)
    assert half["state"] == "processing" and 50 <= half["percent_done"] < 60 and half["started_at"]
    assert members(service, "News") == set()
    service.window("POST", "clock", {"advance_s": 51})
    done = service.get(path)
    assert (done["state"], done["percent_done"]) == ("completed", 100) and done["completed_at"]
    assert done["status"] == {"items_total_count": 1, "items_completed_count": 1, "list_count": 1}
    assert members(service, "News") == {"a"}


def test_a_job_is_done_after_its_time_without_anyone_advancing_the_clock(start: Start) -> None:
    service = start(contact("a@example.com", list_memberships=["News"]), activity_seconds=0)
    job = service.post("/activities/list_delete", {"list_ids": [service.list_id("News")]})
    assert service.get(f"/activities/{job['activity_id']}")["state"] == "completed"


def test_jobs_are_listed_newest_first_by_state_and_for_ten_days(start: Start) -> None:
    service = start(contact("a@example.com", list_memberships=["News"]), activity_seconds=50)
    first = service.post("/activities/contact_delete", {"contact_ids": [service.id_of("a@example.com")]})
    service.finish(first)
    second = service.post("/activities/list_delete", {"list_ids": [service.list_id("News")]})
    service.window("POST", "clock", {"advance_s": 25})
    ids = [job["activity_id"] for job in service.get("/activities")["activities"]]
    assert ids == [second["activity_id"], first["activity_id"]]
    for state, job in (("completed", first), ("processing", second)):
        found = service.get("/activities", state=state)["activities"]
        assert [one["activity_id"] for one in found] == [job["activity_id"]]
    assert service.call("GET", "/v3/activities?state=initialized").status_code == 400
    assert [len(page["activities"]) for page in service.pages("/activities", limit=1)] == [1, 1]
    service.window("POST", "clock", {"advance_s": 10 * 86_400})
    assert service.get("/activities")["activities"] == []
    assert service.call("GET", f"/v3/activities/{first['activity_id']}").status_code == 404


PEOPLE = (
    {"list": {"name": "Target"}},
    contact("a@example.com", list_memberships=["News"], taggings=["vip"]),
    contact("b@example.com", list_memberships=["News"]),
    contact("c@example.com", email={"permission_to_send": "pending_confirmation"}, taggings=["vip"]),
    unsubscribed("u@example.com", list_memberships=["News"], taggings=["vip"]),
    contact("d@example.com", deleted_at="2025-02-03"),
)


@pytest.mark.parametrize(
    ("source", "joined"),
    [
        ({"contact_ids": "abcud"}, set("abcd")),
        ({"list_ids": ["News"]}, set("ab")),
        ({"tag_ids": ["vip"]}, set("ac")),
        ({"all_active_contacts": True}, set("ab")),
    ],
)
def test_a_source_says_who_joins_a_list_but_never_who_unsubscribed(
    start: Start, source: Json, joined: set[str]
) -> None:
    service = start(*PEOPLE)
    translate = {
        "contact_ids": lambda who: [service.id_of(f"{name}@example.com") for name in who],
        "list_ids": lambda names: [service.list_id(name) for name in names],
        "tag_ids": lambda names: [service.tag_id(name) for name in names],
    }
    sent = {key: translate[key](value) if key in translate else value for key, value in source.items()}
    job = service.post("/activities/add_list_memberships", {"source": sent, "list_ids": [service.list_id("Target")]})
    service.finish(job)
    assert members(service, "Target") == joined


def test_adding_to_a_list_revives_the_deleted(start: Start) -> None:
    service = start(*PEOPLE)
    body = {"source": {"contact_ids": [service.id_of("d@example.com")]}, "list_ids": [service.list_id("Target")]}
    service.finish(service.post("/activities/add_list_memberships", body))
    assert "deleted_at" not in service.person("d@example.com")


def test_contacts_can_be_excluded_where_the_source_is_many(start: Start) -> None:
    service = start(*PEOPLE)
    exclude = {"contact_ids": [service.id_of("a@example.com")]}
    body = {"source": {"list_ids": [service.list_id("News")]}, "list_ids": [service.list_id("Target")]}
    service.finish(service.post("/activities/add_list_memberships", body | {"exclude": exclude}))
    assert members(service, "Target") == {"b"}
    body["source"] = {"tag_ids": [service.tag_id("vip")]}
    service.post("/activities/add_list_memberships", body | {"exclude": exclude}, 400)


def test_contacts_leave_lists_by_a_job(start: Start) -> None:
    service = start(*PEOPLE)
    ids = [service.id_of(address) for address in ("a@example.com", "u@example.com")]
    body = {"source": {"contact_ids": ids}, "list_ids": [service.list_id("News")]}
    ended = service.finish(service.post("/activities/remove_list_memberships", body))
    assert ended["status"]["list_count"] == 1
    assert members(service, "News") == {"b"}


def test_a_fifty_first_list_is_reported_and_not_joined(start: Start) -> None:
    lists = [f"L{number}" for number in range(50)]
    service = start({"list": {"name": "Target"}}, contact("a@example.com", list_memberships=lists))
    body = {"source": {"contact_ids": [service.id_of("a@example.com")]}, "list_ids": [service.list_id("Target")]}
    ended = service.finish(service.post("/activities/add_list_memberships", body))
    assert "more than 50 lists" in ended["activity_errors"][0]
    assert members(service, "Target") == set()


def test_tags_are_added_and_removed_by_jobs(start: Start) -> None:
    service = start({"tag": {"name": "new"}}, *PEOPLE)
    body = {"source": {"list_ids": [service.list_id("News")]}, "tag_ids": [service.tag_id("new")]}
    service.finish(service.post("/activities/contacts_taggings_add", body))
    assert tagged(service, "new") == {"a", "b", "u"}
    body["source"] = {"contact_ids": [service.id_of("a@example.com")]}
    service.finish(service.post("/activities/contacts_taggings_remove", body))
    assert tagged(service, "new") == {"b", "u"}
    body["source"] = {"new_subscriber": True}
    service.post("/contacts", {"email_address": {"address": "n@example.com"}, "create_source": "Account"})
    service.finish(service.post("/activities/contacts_taggings_add", body))
    assert tagged(service, "new") == {"b", "u", "n"}


def test_a_fifty_first_tag_is_reported_and_not_set(start: Start) -> None:
    tags = [f"T{number}" for number in range(50)]
    service = start({"tag": {"name": "new"}}, contact("a@example.com", taggings=tags))
    body = {"source": {"contact_ids": [service.id_of("a@example.com")]}, "tag_ids": [service.tag_id("new")]}
    ended = service.finish(service.post("/activities/contacts_taggings_add", body))
    assert "more than 50 tags" in ended["activity_errors"][0]
    assert tagged(service, "new") == set()


@pytest.mark.parametrize(
    ("kind", "switch"), [("list", "list_change_moves_updated_at"), ("tag", "tag_change_moves_updated_at")]
)
@pytest.mark.parametrize("moves", [True, False])
def test_whether_a_bulk_change_moves_updated_at_is_a_switch(start: Start, kind: str, switch: str, moves: bool) -> None:
    service = start(contact("a@example.com"), {"list": {"name": "L"}}, {"tag": {"name": "T"}}, **{switch: moves})
    source = {"contact_ids": [service.id_of("a@example.com")]}
    where = {"list": ("add_list_memberships", "list_ids"), "tag": ("contacts_taggings_add", "tag_ids")}
    path, key = where[kind]
    ids = [service.list_id("L") if kind == "list" else service.tag_id("T")]
    service.finish(service.post(f"/activities/{path}", {"source": source, key: ids}))
    assert (service.addresses(updated_after="2025-06-01") == {"a@example.com"}) is moves


@pytest.mark.parametrize(
    ("body", "gone"),
    [({"contact_ids": "a"}, {"a", "d"}), ({"list_ids": ["News"]}, {"a", "b", "u", "d"})],
)
def test_contacts_are_deleted_by_a_job(start: Start, body: Json, gone: set[str]) -> None:
    service = start(*PEOPLE)
    sent = (
        {"list_ids": [service.list_id("News")]}
        if "list_ids" in body
        else {"contact_ids": [service.id_of("a@example.com")]}
    )
    service.finish(service.post("/activities/contact_delete", sent))
    assert {one["email_address"]["address"][0] for one in service.people() if "deleted_at" in one} == gone
    service.post("/activities/contact_delete", {**sent, "list_ids": [UNKNOWN], "contact_ids": [UNKNOWN]}, 400)


def test_tags_and_lists_are_deleted_in_bulk(start: Start) -> None:
    service = start(*PEOPLE)
    service.finish(service.post("/activities/contacts_tags_delete", {"tag_ids": [service.tag_id("vip"), UNKNOWN]}))
    service.finish(service.post("/activities/list_delete", {"list_ids": [service.list_id("News")]}))
    assert service.get("/contact_tags")["tags"] == []
    assert [one["name"] for one in service.get("/contact_lists")["lists"]] == ["Target"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"source": {"contact_ids": [UNKNOWN]}},
        {"source": {"contact_ids": [UNKNOWN]}, "list_ids": [UNKNOWN]},
        {"source": {"contact_ids": [UNKNOWN] * 501}, "list_ids": ["Target"]},
        {"source": {"list_ids": [UNKNOWN] * 51}, "list_ids": ["Target"]},
        {"source": {"contact_ids": [UNKNOWN], "list_ids": [UNKNOWN]}, "list_ids": ["Target"]},
        {"source": {}, "list_ids": ["Target"]},
        {"source": {"everyone": True}, "list_ids": ["Target"]},
        {"source": {"contact_ids": ["7"]}, "list_ids": ["Target"]},
        {"source": "all", "list_ids": ["Target"]},
    ],
)
def test_a_bulk_request_that_breaks_a_rule_is_refused(start: Start, body: Json) -> None:
    service = start(*PEOPLE)
    if body.get("list_ids") == ["Target"]:
        body = body | {"list_ids": [service.list_id("Target")]}
    service.post("/activities/add_list_memberships", body, 400)
    assert service.get("/activities")["activities"] == []


def test_five_hundred_contacts_are_not_too_many(start: Start) -> None:
    service = start(*(contact(f"{number}@example.com") for number in range(500)), {"list": {"name": "Target"}})
    ids = [one["contact_id"] for one in service.people()]
    body = {"source": {"contact_ids": ids}, "list_ids": [service.list_id("Target")]}
    ended = service.finish(service.post("/activities/add_list_memberships", body))
    assert ended["status"]["items_completed_count"] == 500


def test_a_thousand_waiting_jobs_fill_the_queue(start: Start) -> None:
    service = start(contact("a@example.com"), activity_seconds=1_000, checked=False)
    body = {"contact_ids": [UNKNOWN]}
    for _ in range(1_000):
        service.post("/activities/contact_delete", body)
    refusal = service.post("/activities/contact_delete", body, 429)
    assert "1,000 queued activities" in refusal[0]["error_message"]
    service.window("POST", "clock", {"advance_s": 1_001})
    service.post("/activities/contact_delete", body)
