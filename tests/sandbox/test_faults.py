"""Faults over HTTP: each strikes as it says, and only whom it is meant for."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
import requests

from ctct_etl.sandbox.faults import KINDS, Faults
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


@pytest.mark.parametrize(("kind", "people"), [("drop_before", 0), ("drop_after", 1), ("truncated", 1)])
def test_a_connection_is_cut_before_or_after_the_effect(start: Start, kind: str, people: int) -> None:
    service = start()
    service.window("POST", "faults", {"kind": kind})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        service.call("POST", "/v3/contacts", json=NEW)
    assert len(service.people()) == people
    (seen,) = service.window("GET", "requests")
    assert seen["status"] == (201 if kind == "truncated" else None)


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
    for kind in KINDS:
        service.window("POST", "faults", {"kind": kind, "seconds": 0})
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


def test_a_seed_makes_chance_repeatable() -> None:
    def strikes(seed: int) -> list[bool]:
        faults = Faults()
        faults.add({"kind": "500", "times": None, "seed": seed, "share": 0.3})
        return [faults.pick("GET", "/v3/contacts") is not None for _ in range(200)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 30 < sum(strikes(1)) < 90


@pytest.mark.parametrize("wish", [{}, {"kind": "flood"}, {"kind": "500", "path": "/v3"}, {"kind": "500", "after": "x"}])
def test_a_fault_that_makes_no_sense_is_refused(start: Start, wish: dict[str, Any]) -> None:
    assert start().call("POST", "/_sandbox/faults", json=wish).status_code == 400
