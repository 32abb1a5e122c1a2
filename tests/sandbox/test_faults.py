"""Faults over HTTP: each strikes as it says, and only whom it is meant for."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import requests

from ctct_etl.sandbox.fault_wishes import ANSWERS
from tests.sandbox.calling import Start, contact

NEW = {"email_address": {"address": "a@example.com"}, "create_source": "Account"}


@pytest.mark.parametrize(
    ("kind", "status", "key"),
    [
        ("throttled", 429, "throttled"),
        ("quota_exceeded", 429, "quota_exceeded"),
        ("500", 500, None),
        ("503", 503, None),
    ],
)
def test_an_error_strikes_before_any_effect(start: Start, kind: str, status: int, key: str | None) -> None:
    service = start()
    service.window("POST", "faults", {"kind": kind})
    answer = service.call("POST", "/v3/contacts", json=NEW)
    assert answer.status_code == status
    assert key is None or answer.json()["error_key"] == key
    assert service.people() == []
    service.post("/contacts", NEW)


@pytest.mark.parametrize(
    ("kind", "people"),
    [("drop_before", 0), ("drop_after", 1), ("reset_before", 0), ("reset_after", 1), ("truncated", 1)],
)
def test_a_connection_is_cut_before_or_after_the_effect(start: Start, kind: str, people: int) -> None:
    service = start()
    service.window("POST", "faults", {"kind": kind})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        service.call("POST", "/v3/contacts", json=NEW)
    assert len(service.people()) == people
    (seen,) = service.window("GET", "requests")
    assert seen["status"] == (201 if kind == "truncated" else None)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "reset_before", "reset_after"])
def test_a_reset_is_one_on_the_wire_and_a_drop_is_an_orderly_end(start: Start, kind: str) -> None:
    service = start()
    service.window("POST", "faults", {"kind": kind})
    port = int(service.sandbox.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /v3/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox-token\r\n\r\n")
        if kind.startswith("reset"):
            with pytest.raises(ConnectionResetError):
                connection.recv(100)
        else:
            assert connection.recv(100) == b""


@pytest.mark.parametrize(("kind", "people"), [("html_200", 0), ("non_json", 1)])
def test_an_answer_can_be_no_json(start: Start, kind: str, people: int) -> None:
    service = start()
    service.window("POST", "faults", {"kind": kind})
    answer = service.call("POST", "/v3/contacts", json=NEW)
    assert answer.ok
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert len(service.people()) == people


def test_latency_is_as_long_as_asked_for(start: Start) -> None:
    service = start()
    service.window("POST", "faults", {"kind": "latency", "seconds": 0.3})
    began = time.monotonic()
    assert service.call("GET", "/v3/contacts").ok
    assert time.monotonic() - began >= 0.3


def test_the_server_goes_on_after_every_fault(start: Start) -> None:
    service = start(contact("a@example.com"))
    for kind in ANSWERS:
        seconds = {"seconds": 0} if kind == "latency" or kind.startswith("hang") else {}
        service.window("POST", "faults", {"kind": kind, **seconds})
        with suppress(requests.RequestException):
            service.call("GET", "/v3/contacts")
        assert len(service.search()) == 1


def test_a_fault_strikes_whom_it_matches_after_so_many_and_so_often(start: Start) -> None:
    service = start()
    match = {"method": "GET", "path": "/v3/contact_*"}
    service.window("POST", "faults", {"kind": "503", "match": match, "after": 1, "times": 2})
    paths = ["/v3/contact_lists", "/v3/contacts", "/v3/contact_tags", "/v3/contact_lists", "/v3/contact_tags"]
    assert [service.call("GET", path).status_code for path in paths] == [200, 200, 503, 503, 200]
    assert service.window("GET", "faults")[0]["hits"] == 2


def test_a_fault_without_end_strikes_until_it_is_cleared(start: Start) -> None:
    service = start()
    service.window("POST", "faults", {"kind": "500", "times": None})
    assert {service.call("GET", "/v3/contacts").status_code for _ in range(5)} == {500}
    service.window("DELETE", "faults")
    assert service.call("GET", "/v3/contacts").ok


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "kind 'None' is not one of latency, throttled"),
    ({"kind": "flood"}, "kind 'flood' is not one of"),
    ({"kind": "500", "path": "/v3"}, "path; known are kind, match, after"),
    ({"kind": "500", "seconds": 1}, "seconds; known are"),
    ({"kind": "500", "match": {"url": "/v3"}}, "url; known are method, path"),
    ({"kind": "500", "after": "x"}, "after must be a whole number from 0 up"),
    ({"kind": "500", "times": 0}, "times must be a whole number from 1 up"),
    ({"kind": "500", "share": 2}, "share must be a number from 0 to 1"),
    ({"kind": "500", "in_a_row": 2}, "share and in_a_row need a seed"),
    ({"kind": "500", "share": 0.5}, "share and in_a_row need a seed"),
    ({"kind": "500", "seed": 1, "in_a_row": 0}, "in_a_row must be a whole number from 1 up"),
    ({"kind": "latency", "seconds": -1}, "seconds must be a number from 0"),
    ({"kind": "act"}, "act must be a wish as POST act takes it"),
    ({"kind": "act", "act": {"who": "person", "do": "dance"}}, "do is one of unsubscribe"),
    ({"kind": "act", "act": {"who": "owner", "do": "delete", "address": "a@x.org"}, "when": "never"}, "before, after"),
    ({"kind": "chaos"}, "chaos needs a seed"),
    ({"kind": "chaos", "seed": 1, "kinds": ["act"]}, "kinds must be a list of some of latency"),
)


@pytest.mark.parametrize(("wish", "words"), WRONG)
def test_a_fault_that_makes_no_sense_is_refused_saying_what_is_allowed(
    start: Start, wish: dict[str, Any], words: str
) -> None:
    service = start()
    answer = service.call("POST", "/_sandbox/faults", json=wish)
    assert answer.status_code == 400 and words in answer.json()["error"]
    assert service.window("GET", "faults") == []


def test_a_fault_never_strikes_the_window(start: Start) -> None:
    service = start()
    service.window("POST", "faults", {"kind": "500", "match": {"path": "*"}, "times": None})
    assert service.people() == [] and service.call("GET", "/v3/contacts").status_code == 500
    assert service.window("GET", "faults")[0]["seen"] == 1


def test_a_fault_is_shown_with_all_its_keys_and_what_came_of_it(start: Start) -> None:
    service = start()
    service.window("POST", "faults", {"kind": "latency", "match": {"method": "get"}, "after": 1})
    service.get("/contacts")
    assert service.window("GET", "faults") == [
        {
            "kind": "latency",
            "match": {"method": "GET", "path": "*"},
            "after": 1,
            "times": 1,
            "seed": None,
            "share": 1.0,
            "in_a_row": None,
            "seconds": 1.0,
            "seen": 1,
            "hits": 0,
            "misses": 0,
            "missed": None,
        }
    ]


def test_of_two_faults_of_the_answer_the_second_waits_for_the_next_request(start: Start) -> None:
    service = start()
    for kind in ("500", "503"):
        service.window("POST", "faults", {"kind": kind})
    assert [service.call("GET", "/v3/contacts").status_code for _ in range(3)] == [500, 503, 200]


def test_threads_at_once_are_struck_exactly_as_often_as_asked_for(start: Start) -> None:
    service = start(contact("a@example.com"))
    service.window("POST", "faults", {"kind": "500", "after": 5, "times": 10})
    deed = {"who": "owner", "do": "edit", "address": "a@example.com", "fields": {"job_title": "Chair"}}
    service.window("POST", "faults", {"kind": "act", "act": deed, "times": 20})

    def ask(number: int) -> int:
        headers = {"Authorization": "Bearer sandbox-token"}
        return requests.get(f"{service.sandbox.url}/v3/contacts", headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(ask, range(40)))
    assert (statuses.count(500), statuses.count(200)) == (10, 30)
    assert [(one["seen"], one["hits"]) for one in service.window("GET", "faults")] == [(40, 10), (40, 20)]
