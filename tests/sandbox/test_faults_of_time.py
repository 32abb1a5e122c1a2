"""A service that never answers, and one whose clock is wrong."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

from tests.sandbox.calling import Caller, Start, contact
from tests.sandbox.test_token_service import refresh, status_with

NEW = {"email_address": {"address": "a@example.com"}, "create_source": "Account"}


def post(service: Caller, patience: float) -> requests.Response:
    headers = {"Authorization": "Bearer sandbox-token"}
    return requests.post(f"{service.sandbox.url}/v3/contacts", json=NEW, headers=headers, timeout=patience)


def serving_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "process_request_thread" in thread.name}


@pytest.mark.parametrize(("kind", "people"), [("hang_before", 0), ("hang_after", 1)])
def test_a_client_runs_out_of_patience_before_or_after_the_effect(start: Start, kind: str, people: int) -> None:
    service = start()
    service.window("POST", "faults", {"kind": kind})
    with pytest.raises(requests.ReadTimeout):
        post(service, 0.4)
    assert len(service.people()) == people
    assert service.call("GET", "/v3/contacts").ok
    (first, _) = service.window("GET", "requests")
    assert first["status"] is None


def test_who_hangs_is_let_go_when_the_faults_are_taken_back_or_the_time_is_over(start: Start) -> None:
    service = start()
    service.window("POST", "faults", {"kind": "hang_before", "seconds": 0.2})
    with pytest.raises(requests.ConnectionError):
        post(service, 30)
    service.window("POST", "faults", {"kind": "hang_before", "times": None})
    ended: list[type] = []

    def hang() -> None:
        try:
            post(service, 30)
        except requests.RequestException as problem:
            ended.append(type(problem))

    thread = threading.Thread(target=hang)
    thread.start()
    while not service.sandbox.faults.show()[1]["hits"]:
        time.sleep(0.01)
    service.sandbox.faults.clear()
    thread.join(10)
    assert ended == [requests.ConnectionError]


def test_closing_the_sandbox_lets_everyone_go_and_leaves_no_thread(start: Start) -> None:
    before = serving_threads()
    service = start()
    service.window("POST", "faults", {"kind": "hang_after", "times": None})

    def hang() -> None:
        with suppress(requests.RequestException):
            post(service, 30)

    clients = [threading.Thread(target=hang) for _ in range(3)]
    for thread in clients:
        thread.start()
    while service.sandbox.faults.show()[0]["hits"] < 3:
        time.sleep(0.01)
    service.sandbox.close()
    for thread in clients:
        thread.join(10)
    assert not any(thread.is_alive() for thread in clients)
    assert serving_threads() <= before


def test_a_client_that_goes_frees_the_thread_that_let_it_hang(start: Start) -> None:
    service = start()
    before = serving_threads()
    service.window("POST", "faults", {"kind": "hang_before"})
    with pytest.raises(requests.ReadTimeout):
        post(service, 0.2)
    ends = time.monotonic() + 10
    while serving_threads() - before and time.monotonic() < ends:
        time.sleep(0.02)
    assert serving_threads() <= before


@pytest.mark.parametrize("skew", [-7_200, 7_200])
def test_the_services_clock_is_behind_or_ahead_in_everything_it_dates(start: Start, skew: int) -> None:
    service = start({"list": {"name": "News"}}, contact("old@example.com"))
    shown = service.window("POST", "clock", {"skew_s": skew})
    assert shown["skew_s"] == skew
    answer = service.call("POST", "/v3/contacts", json=NEW)
    made = answer.json()
    job = service.post("/activities/list_delete", {"list_ids": [service.list_id("News")]})
    dates = [
        shown["time"],
        made["created_at"],
        made["updated_at"],
        made["email_address"]["opt_in_date"],
        job["created_at"],
        service.finish(job)["completed_at"],
        service.window("GET", "requests")[0]["time"],
    ]
    moments = [datetime.fromisoformat(date) for date in dates]
    moments.append(parsedate_to_datetime(answer.headers["Date"]))
    now = datetime.now(UTC)
    assert all(abs((moment - now).total_seconds() - skew) < 120 for moment in moments), moments


def test_a_date_goes_by_the_day_of_the_services_clock(start: Start) -> None:
    service = start(contact("a@example.com"))
    service.window("POST", "clock", {"skew_s": -86_400 * 3})
    service.act("owner", "delete", "a@example.com")
    days = (
        datetime.now(UTC).date() - datetime.fromisoformat(service.person("a@example.com")["deleted_at"]).date()
    ).days
    assert days in (3, 4)


@pytest.mark.parametrize("skew", [-86_400, 86_400])
def test_a_clock_set_wrong_makes_nothing_last_longer_or_shorter(start: Start, skew: int) -> None:
    service = start({"list": {"name": "News"}}, limits=True, token_seconds=3_600, activity_seconds=30)
    token = refresh(service).json()["access_token"]
    job = service.post("/activities/list_delete", {"list_ids": [service.list_id("News")]})
    service.window("POST", "clock", {"skew_s": skew})
    assert status_with(service, token) == 200
    service.window("POST", "clock", {"advance_s": 1})
    assert service.get(f"/activities/{job['activity_id']}")["state"] == "initialized"
    service.window("POST", "clock", {"advance_s": 31})
    assert service.get(f"/activities/{job['activity_id']}")["state"] == "completed"
    service.window("POST", "clock", {"advance_s": 3_600})
    assert status_with(service, token) == 401


def test_skew_and_time_that_passed_are_kept_over_a_restart(start: Start, tmp_path: Path) -> None:
    state = tmp_path / "account.sqlite"
    service = start(state=state)
    service.sandbox.set_clock(advance_s=10, skew_s=-50)
    service.sandbox.set_clock(advance_s=5)
    service.sandbox.close()
    again = start(state=state).window("GET", "clock")
    assert (again["advanced_s"], again["skew_s"]) == (15, -50)


@pytest.mark.parametrize("wish", [{}, {"skew_s": "x"}, {"skew_s": 1e300}, {"skew_s": True}, {"slip_s": 1}])
def test_a_clock_that_makes_no_sense_is_refused_and_stays_right(start: Start, wish: dict[str, object]) -> None:
    service = start()
    answer = service.call("POST", "/_sandbox/clock", json=wish)
    assert answer.status_code == 400 and "skew_s" in answer.json()["error"]
    assert service.window("GET", "clock")["skew_s"] == 0
