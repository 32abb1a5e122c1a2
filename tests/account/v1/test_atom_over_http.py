"""The documents against a service that others wrote: the sandbox reads ours, and we read its."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ctct_etl.account.v1.atom import (
    Entry,
    Feed,
    changed_contact,
    is_html,
    new_contact,
    new_list,
    read_document,
    resolve,
)
from ctct_etl.sandbox import start_sandbox
from tests.account.v1.documents import FULL_NAMES

BASE = "/ws/customers/sandbox"
OWNER = "ACTION_BY_CUSTOMER"
HOSTILE = "<b>&amp; ]]> \"Zoë\" 'ß' 😀"


class Service:
    """Bytes to and from one sandbox; paths are from the host's root."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, body: bytes | None = None) -> requests.Response:
        headers = {"Content-Type": "application/atom+xml"} if body else {}
        login = ("sandbox-key%sandbox", "sandbox")
        return requests.request(method, self.url + path, data=body, headers=headers, auth=login, timeout=30)

    def read(self, path: str) -> Entry | Feed:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text[:300]
        return read_document(answer.content)

    def read_entry(self, path: str) -> Entry:
        read = self.read(path)
        assert isinstance(read, Entry)
        return read

    def write(self, method: str, path: str, body: bytes, status: int) -> bytes:
        answer = self.call(method, path, body)
        assert answer.status_code == status, answer.text[:300]
        return answer.content

    def create(self, path: str, body: bytes) -> Entry:
        made = read_document(self.write("POST", path, body, 201))
        assert isinstance(made, Entry)
        return made

    def turn_pages(self, path: str) -> list[Entry]:
        entries: list[Entry] = []
        while path:
            feed = self.read(path)
            assert isinstance(feed, Feed)
            entries += feed.entries
            path = resolve(feed.next, path) if feed.next else ""
        return entries


Serve = Callable[..., Service]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a sandbox with so many contacts on the list News, so many lists, and these switches."""
    running = []

    def begin(contacts: int = 0, lists: int = 1, **switches: Any) -> Service:
        lines: list[dict[str, Any]] = [
            {"list": {"name": "News"}},
            *({"list": {"name": f"L{n}"}} for n in range(1, lists)),
        ]
        for number in range(contacts):
            address = {"address": f"p{number}@example.org"}
            lines.append({"email_address": address, "first_name": f"P{number}", "list_memberships": ["News"]})
        seed = tmp_path / "seed.jsonl"
        seed.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        running.append(start_sandbox(None, seed=seed, limits=False, switches=switches))
        return Service(running[-1].url)

    yield begin
    for sandbox in running:
        sandbox.close()


def list_ids(service: Service) -> dict[str, str]:
    return {entry.values["Name"]: entry.id for entry in service.turn_pages(f"{BASE}/lists")}


def test_what_is_created_is_read_back_as_it_was_written(serve: Serve) -> None:
    service = serve()
    values = {"EmailAddress": "ada@example.org", "FirstName": HOSTILE, "City": "Bath", "CustomField15": "x"}
    made = service.create(f"{BASE}/contacts", new_contact(values, [list_ids(service)["News"]], OWNER))
    read = service.read_entry(resolve(made.edit, f"{BASE}/contacts"))
    assert {name: read.values[name] for name in values} == values
    assert list(read.values) == [*FULL_NAMES, "Confirmed", "InsertTime", "LastUpdateTime"]
    assert (read.id, read.lists) == (made.id, (list_ids(service)["News"],))


def test_a_new_list_is_made_under_its_name(serve: Serve) -> None:
    service = serve()
    made = service.create(f"{BASE}/lists", new_list(HOSTILE))
    assert (made.kind, made.values["Name"]) == ("ContactList", HOSTILE)
    assert list_ids(service)[HOSTILE] == made.id


@pytest.mark.parametrize("omitted", ["null", "keep"])
def test_a_change_leaves_everything_else_in_the_account_as_it_was(serve: Serve, omitted: str) -> None:
    service = serve(1, lists=3, v1_put_omitted=omitted)
    lists = list_ids(service)
    (shown,) = service.turn_pages(f"{BASE}/contacts")
    path = resolve(shown.edit, f"{BASE}/contacts")
    first = service.read_entry(path).document
    filled = {"LastName": "Müller", "JobTitle": "Chair", "Note": "two\nlines", "CustomField3": "Gold", "City": "Bath"}
    service.write("PUT", path, changed_contact(first, filled, [lists["News"], lists["L1"]], OWNER), 204)
    before = service.read_entry(path)
    assert {name: before.values[name] for name in filled} == filled
    changes = {"JobTitle": "", "FirstName": "Bob"}
    body = changed_contact(before.document, changes, [lists["L1"], lists["L2"]], OWNER)
    service.write("PUT", path, body, 204)
    after = service.read_entry(path)
    of_the_service = ("Name", "LastUpdateTime")
    assert {**after.values, **dict.fromkeys(of_the_service)} == {
        **before.values,
        **changes,
        **dict.fromkeys(of_the_service),
    }
    assert set(after.lists or ()) == {lists["L1"], lists["L2"]}


@pytest.mark.parametrize("place", ["before_first", "last"])
@pytest.mark.parametrize("href", ["documented", "root_relative", "relative", "absolute"])
def test_all_pages_are_found_however_the_next_link_is_written(serve: Serve, href: str, place: str) -> None:
    service = serve(120, lists=60, v1_next_href=href, v1_next_place=place)
    everyone = {f"p{number}@example.org" for number in range(120)}
    lists = list_ids(service)
    members = resolve(lists["News"] + "/members", "/")
    for path in (f"{BASE}/contacts", members, f"{BASE}/contacts?updatedsince=2000-01-01T00:00:00.000Z&listtype=active"):
        found = service.turn_pages(path)
        assert len(found) == 120
        assert {entry.values["EmailAddress"] for entry in found} == everyone
    assert len(lists) == 60 + 3  # the system's


def test_limited_details_have_no_lists_and_are_no_ground_for_a_change(serve: Serve) -> None:
    service = serve(1)
    (shown,) = service.turn_pages(f"{BASE}/contacts?email=p0%40example.org")
    assert (shown.lists, shown.document, "FirstName" in shown.values) == (None, b"", False)


def test_planned_downtime_is_known_by_its_page(serve: Serve) -> None:
    answer = serve(v1_downtime=True).call("GET", f"{BASE}/contacts")
    assert answer.status_code == 200 and is_html(answer.content)
