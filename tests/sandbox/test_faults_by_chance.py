"""Chance that can be repeated: by the seed and the request, not by the order of arrival."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import groupby
from random import Random
from typing import Any

import pytest
import requests

from ctct_etl.sandbox.fault_wishes import TRANSIENT
from ctct_etl.sandbox.faults import Asked, Faults
from tests.sandbox.calling import Start, contact

ASKED = [Asked("GET", f"/v3/contacts/{number % 50}", body=b"x" * (number % 3)) for number in range(600)]


def strikes(asked: list[Asked], **wish: Any) -> list[str]:
    """What strikes each request, "" where nothing does."""
    faults = Faults()
    faults.add({"kind": "500", "times": None, "seed": 1, "share": 0.3, **wish})
    return ["".join(strike.kind for strike in faults.pick(one)) for one in asked]


def test_a_seed_repeats_its_strikes_and_another_seed_makes_others() -> None:
    assert strikes(ASKED) == strikes(ASKED) != strikes(ASKED, seed=2)
    assert strikes(ASKED, seed="night") != strikes(ASKED, seed="day")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_share_is_met_on_average(share: float) -> None:
    struck = sum(map(bool, strikes(ASKED, share=share)))
    assert abs(struck - share * len(ASKED)) <= 60 * share * (1 - share) * 4


def test_the_same_requests_are_struck_whatever_their_order() -> None:
    """The n-th request of its like fares the same, whatever came between."""

    def by_request(asked: list[Asked]) -> dict[Asked, list[str]]:
        fared: dict[Asked, list[str]] = {}
        for one, kind in zip(asked, strikes(asked, kind="chaos"), strict=True):
            fared.setdefault(one, []).append(kind)
        return fared

    shuffled = ASKED.copy()
    Random(5).shuffle(shuffled)
    assert by_request(shuffled) == by_request(ASKED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Asked("GET", f"/v3/activities/{uuid.UUID(int=1)}"), Asked("GET", f"/v3/activities/{uuid.UUID(int=2)}")),
        (
            Asked("GET", "/v3/contacts", "limit=5&updated_after=2025-01-01T00%3A00%3A00Z"),
            Asked("GET", "/v3/contacts", "limit=5&updated_after=2026-07-09T10%3A11%3A12.123%2B01%3A00"),
        ),
        (
            Asked("POST", "/oauth2/default/v1/token", body=b"refresh_token=a"),
            Asked("POST", "/oauth2/default/v1/token", body=b"refresh_token=b"),
        ),
        (
            Asked(
                "POST", "/v3/activities/contacts_file_import", "", "multipart/form-data; boundary=12", b"--12 x --12"
            ),
            Asked("POST", "/v3/activities/contacts_file_import", "", "multipart/form-data; boundary=3", b"--3 x --3"),
        ),
    ],
)
def test_what_differs_from_run_to_run_makes_no_difference(one: Asked, other: Asked) -> None:
    assert one.identity == other.identity


@pytest.mark.parametrize("part", ["method", "path", "query", "body"])
def test_every_part_of_a_request_makes_a_difference(part: str) -> None:
    parts: dict[str, Any] = {"method": "PUT", "path": "/v3/contacts/1", "query": "a=1", "body": b"x"}
    other = parts | {part: parts[part] * 2}
    assert Asked(**parts).identity != Asked(**other).identity


def test_one_request_is_struck_only_so_often_on_end() -> None:
    polls = [ASKED[0]] * 500
    assert max(_runs(strikes(polls, share=0.7))) > 4
    assert max(_runs(strikes(polls, share=0.7, in_a_row=3))) == 3


def test_two_kinds_with_one_seed_strike_different_requests() -> None:
    assert strikes(ASKED, kind="500") != [kind and "500" for kind in strikes(ASKED, kind="503")]


def test_chaos_draws_every_kind_it_may() -> None:
    assert set(strikes(ASKED, kind="chaos")) == {"", *TRANSIENT}
    assert set(strikes(ASKED, kind="chaos", kinds=["500", "503"])) == {"", "500", "503"}


def test_threads_that_overtake_each_other_are_struck_in_the_same_places(start: Start) -> None:
    def run() -> list[int]:
        service = start(contact("a@example.com"))
        service.window("POST", "faults", {"kind": "chaos", "seed": 3, "share": 0.5, "kinds": ["500", "503"]})

        def ask(number: int) -> int:
            url = f"{service.sandbox.url}/v3/contacts?limit={1 + number % 20}"
            return requests.get(url, headers={"Authorization": "Bearer sandbox-token"}, timeout=30).status_code

        with ThreadPoolExecutor(8) as threads:
            return list(threads.map(ask, range(20)))

    first = run()
    assert first == run() and set(first) == {200, 500, 503}


def test_a_client_of_some_patience_gets_through_chaos(start: Start) -> None:
    service = start(contact("a@example.com"))
    service.window("POST", "faults", {"kind": "chaos", "seed": 3, "share": 0.6, "in_a_row": 3, "seconds": 0})

    def ask(number: int) -> int:
        for attempt in range(4):
            with suppress(requests.RequestException):
                answer = service.call("GET", f"/v3/contacts?limit={number}")
                if answer.ok and "contacts" in answer.json():
                    return attempt
        raise AssertionError("no answer in four attempts")

    attempts = [ask(number) for number in range(1, 60)]
    assert max(attempts) == 3
    assert service.window("GET", "faults")[0]["hits"] >= sum(attempts) > 0  # latency costs no attempt


def _runs(kinds: list[str]) -> list[int]:
    return [len(list(run)) for is_hit, run in groupby(kinds, bool) if is_hit]
