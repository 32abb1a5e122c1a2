"""Bulk activities that stall, end badly, or end well with less than was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.calling import Caller, Json, Start, contact, unsubscribed

IMPORT = {"match": {"method": "POST", "path": "/v3/activities/contacts_json_import"}}
NEWS = {"list": {"name": "News"}}
ENDS = {"activity_failed": "failed", "activity_cancelled": "cancelled", "activity_timed_out": "timed_out"}


def send(service: Caller, count: int = 10) -> Json:
    """Import people named p0, p1, …; the activity as it is queued."""
    rows = [{"email": f"p{number}@example.com", "first_name": "P"} for number in range(count)]
    job: Json = service.post(
        "/activities/contacts_json_import", {"import_data": rows, "list_ids": [service.list_id("News")]}
    )
    return job


def names(service: Caller, on: str | None = None) -> list[str]:
    """Who is in the account, or on that list, by the part before the @."""
    people = [one for one in service.people() if on is None or on in one["by_name"]["lists"]]
    return [one["email_address"]["address"].partition("@")[0] for one in people]


def add(service: Caller, kind: str, **more: Any) -> None:
    service.window("POST", "faults", {"kind": kind, **IMPORT, **more})


def test_a_stalled_activity_is_processing_until_the_faults_are_taken_back(start: Start) -> None:
    service = start(NEWS)
    add(service, "activity_stalled")
    job = send(service)
    assert job["state"] == "initialized"
    service.window("POST", "clock", {"advance_s": 86_400})
    stuck = service.finish(job)
    assert (stuck["state"], stuck["percent_done"], names(service)) == ("processing", 99, [])
    assert "completed_at" not in stuck and not [key for key in stuck if key.startswith("@")]
    (listed,) = service.get("/activities", state="processing")["activities"]
    assert listed == stuck
    service.window("DELETE", "faults")
    ended = service.finish(job)
    assert (ended["state"], ended["status"]["person_count"], len(names(service))) == ("completed", 10, 10)


def test_an_activity_that_stalls_for_a_time_is_overtaken_and_then_done(start: Start) -> None:
    service = start(NEWS)
    add(service, "activity_stalled", seconds=600)
    first, second = send(service), send(service, 2)
    assert service.finish(second)["state"] == "completed"
    assert service.finish(first)["state"] == "processing"
    service.window("POST", "clock", {"advance_s": 600})
    assert service.finish(first)["state"] == "completed"


def test_a_stalled_activity_stalls_over_a_restart(start: Start, tmp_path: Path) -> None:
    state = tmp_path / "account.sqlite"
    service = start(NEWS, state=state)
    add(service, "activity_stalled")
    job = send(service)
    service.sandbox.close()
    again = start(state=state)
    assert again.finish(job)["state"] == "processing"
    again.sandbox.faults.clear()
    assert again.finish(job)["state"] == "completed"


@pytest.mark.parametrize(("kind", "state"), ENDS.items())
@pytest.mark.parametrize("done", [0.0, 0.4, 1.0])
def test_an_activity_can_end_badly_with_its_effect_none_part_or_whole(
    start: Start, kind: str, state: str, done: float
) -> None:
    service = start(NEWS)
    add(service, kind, done=done)
    ended = service.finish(send(service))
    assert (ended["state"], ended["percent_done"]) == (state, round(done * 100))
    assert "status" not in ended and "completed_at" not in ended
    assert names(service) == names(service, on="News") == [f"p{number}" for number in range(round(done * 10))]
    assert [job["state"] for job in service.get("/activities", state=state)["activities"]] == [state]


def test_a_seed_says_which_rows_are_done(start: Start) -> None:
    def imported(seed: int) -> list[str]:
        service = start(NEWS)
        add(service, "activity_failed", done=0.5, seed=seed)
        service.finish(send(service))
        return names(service)

    first = imported(1)
    assert first == imported(1) != imported(2)
    assert len(first) == 5 and first != [f"p{number}" for number in range(5)]


@pytest.mark.parametrize("counter", ["error_count", "correctable_count"])
def test_an_activity_completes_with_errors_of_rows(start: Start, counter: str) -> None:
    service = start(NEWS)
    add(service, "activity_row_errors", done=0.7, counter=counter)
    ended = service.finish(send(service))
    assert ended["state"] == "completed"
    counts = {"error_count": 0, "correctable_count": 0, "cannot_add_to_list_count": 0} | {counter: 3}
    assert ended["status"] == {"items_total_count": 10, "person_count": 7, **counts}
    assert ended["activity_errors"] == [f"row {number}: refused on purpose" for number in (8, 9, 10)]
    assert len(names(service)) == 7


def test_rows_that_can_not_be_put_on_the_list_are_imported_all_the_same(start: Start) -> None:
    service = start(NEWS, unsubscribed("p0@example.com"))
    add(service, "activity_row_errors", done=0.7, counter="cannot_add_to_list_count")
    ended = service.finish(send(service))
    counts = {"error_count": 0, "correctable_count": 0, "cannot_add_to_list_count": 4}
    assert ended["status"] == {"items_total_count": 10, "person_count": 10, **counts}
    assert (len(names(service)), len(names(service, on="News"))) == (10, 6)


def test_the_header_of_a_file_is_counted_once_with_errors_of_rows_too(start: Start) -> None:
    service = start(NEWS)
    wish = {"kind": "activity_row_errors", "counter": "cannot_add_to_list_count", "match": {"method": "POST"}}
    service.window("POST", "faults", wish)
    files = {"file": ("p.csv", b"email\np0@example.com\np1@example.com\n", "text/csv")}
    form = {"list_ids": service.list_id("News")}
    job = service.call("POST", "/v3/activities/contacts_file_import", files=files, data=form).json()
    status = service.finish(job)["status"]
    assert (status["items_total_count"], status["cannot_add_to_list_count"]) == (3, 1)


def test_an_activity_completes_and_has_lost_rows_in_silence(start: Start) -> None:
    service = start(NEWS)
    add(service, "activity_rows_lost", done=0.8)
    ended = service.finish(send(service))
    assert (ended["state"], ended["activity_errors"]) == ("completed", [])
    assert (ended["status"]["items_total_count"], ended["status"]["person_count"]) == (8, 8)
    assert len(names(service)) == 8


PEOPLE = [contact(f"p{number}@example.com", list_memberships=["News"], taggings=["vip"]) for number in range(4)]
SOURCES: dict[str, Json] = {
    "contact_ids": {"contact_ids": "all"},
    "list_ids": {"list_ids": "News"},
    "all": {"all_active_contacts": True},
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("kind", ["activity_failed", "activity_rows_lost", "activity_row_errors"])
def test_activities_of_contacts_are_done_in_part_whoever_says_which(start: Start, kind: str, name: str) -> None:
    service = start(*PEOPLE, {"list": {"name": "Trips"}})
    said = SOURCES[name].get("contact_ids") and {"contact_ids": [one["contact_id"] for one in service.people()]}
    source = said or ({"list_ids": [service.list_id("News")]} if name == "list_ids" else SOURCES[name])
    service.window("POST", "faults", {"kind": kind, "done": 0.25, "match": {"path": "*/add_list_memberships"}})
    body = {"source": source, "list_ids": [service.list_id("Trips")]}
    ended = service.finish(service.post("/activities/add_list_memberships", body))
    assert names(service, on="Trips") == ["p0"]
    if kind == "activity_row_errors":
        assert ended["status"] == {"items_total_count": 4, "items_completed_count": 1, "list_count": 1}
        assert len(ended["activity_errors"]) == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("contact_delete", {"list_ids": ["News"]}),
        ("remove_list_memberships", {"source": {"list_ids": ["News"]}, "list_ids": ["News"]}),
        ("contacts_taggings_remove", {"source": {"tag_ids": ["vip"]}, "tag_ids": ["vip"]}),
        ("list_delete", {"list_ids": ["News"]}),
        ("contacts_tags_delete", {"tag_ids": ["vip"]}),
    ],
)
def test_every_sort_of_activity_can_fail_without_any_effect(start: Start, path: str, body: Json) -> None:
    service = start(*PEOPLE)
    ids = {"News": service.list_id("News"), "vip": service.tag_id("vip")}

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: named(inner) for key, inner in value.items()}
        return [ids[name] for name in value]

    before = service.people()
    service.window("POST", "faults", {"kind": "activity_failed"})
    ended = service.finish(service.post(f"/activities/{path}", named(body)))
    assert ended["state"] == "failed"
    assert service.people() == before


def test_deleting_a_list_can_stall_too(start: Start) -> None:
    service = start(NEWS)
    service.window("POST", "faults", {"kind": "activity_stalled", "match": {"method": "DELETE"}})
    job = service.delete(f"/contact_lists/{service.list_id('News')}", 202)
    assert service.finish(job)["state"] == "processing"


def test_a_fate_without_an_activity_is_a_miss(start: Start) -> None:
    service = start(NEWS)
    add(service, "activity_failed", times=2)
    refused = service.call("POST", "/v3/activities/contacts_json_import", json={"import_data": [], "list_ids": []})
    assert refused.status_code == 400
    (fault,) = service.window("GET", "faults")
    assert (fault["hits"], fault["misses"], fault["missed"]) == (0, 1, "the request queued no activity")
    assert service.finish(send(service))["state"] == "failed"
    assert service.finish(send(service))["state"] == "completed"


def test_an_activity_that_fails_can_have_its_answer_lost_as_well(start: Start) -> None:
    service = start(NEWS)
    add(service, "activity_failed")
    add(service, "drop_after")
    with pytest.raises(requests.ConnectionError):
        send(service)
    service.window("POST", "clock", {"advance_s": 60})
    assert [job["state"] for job in service.get("/activities")["activities"]] == ["failed"]


def test_fates_queue_up_and_each_activity_has_one(start: Start) -> None:
    service = start(NEWS)
    for kind in ENDS:
        add(service, kind)
    assert [service.finish(send(service, 1))["state"] for _ in range(4)] == [*ENDS.values(), "completed"]
