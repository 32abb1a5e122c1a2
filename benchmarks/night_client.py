"""The service as a careful program by hand talks to it: open connections, pages of 500, imports.

Stands under every rival of the night, so that none of them pays for a worse client than another.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

HEADERS = {"Authorization": "Bearer sandbox-token", "Accept": "application/json"}
AT_ONCE = 4  # single requests under way together
IMPORT_ROWS = 20_000  # of two names and an address: far below the 4 MB that an import may have
POLL_S = 0.5


class Known(NamedTuple):
    """A contact as far as the sheet is concerned."""

    email: str
    contact_id: str
    first: str
    last: str
    permission: str
    lists: tuple[str, ...]

    def is_like(self, first: str, last: str, list_id: str) -> bool:
        return (self.first, self.last) == (first, last) and list_id in self.lists


class Account:
    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self._local = threading.local()

    def ask(self, method: str, path: str, body: object = None) -> Any:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection(self._host)
        content = None if body is None else json.dumps(body)
        headers = HEADERS if body is None else HEADERS | {"Content-Type": "application/json"}
        self._local.connection.request(method, path, content, headers)
        answer = self._local.connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:200]!r}")
        return json.loads(text) if text.strip() else None

    def find_list(self, name: str) -> str:
        lists = self.ask("GET", "/v3/contact_lists?limit=500")["lists"]
        return next(each["list_id"] for each in lists if each["name"] == name)

    def read_all(self) -> Iterator[Known]:
        path: str | None = "/v3/contacts?status=all&limit=500&include=list_memberships"
        while path:
            page = self.ask("GET", path)
            yield from map(_know, page["contacts"])
            path = (page.get("_links") or {}).get("next", {}).get("href")

    def find(self, email: str) -> Known | None:
        query = f"status=all&include=list_memberships&email={quote(email, safe='')}"
        found = self.ask("GET", f"/v3/contacts?{query}")["contacts"]
        return _know(found[0]) if found else None

    def create(self, email: str, first: str, last: str, list_id: str) -> None:
        mail = {"address": email, "permission_to_send": "implicit"}
        new = {"email_address": mail, "first_name": first, "last_name": last, "create_source": "Account"}
        self.ask("POST", "/v3/contacts", new | {"list_memberships": [list_id]})

    def update(self, contact: Known, first: str, last: str, list_id: str) -> None:
        """The whole contact, as a PUT has it; one with more fields would need them all."""
        mail = {"address": contact.email, "permission_to_send": contact.permission}
        whole = {"email_address": mail, "first_name": first, "last_name": last, "update_source": "Account"}
        lists = sorted({*contact.lists, list_id})
        self.ask("PUT", f"/v3/contacts/{contact.contact_id}", whole | {"list_memberships": lists})

    def import_people(self, people: list[tuple[str, str, str]], list_id: str) -> None:
        """In as few jobs as may be, each watched to its end. Puts everybody on the list, who left it included."""
        for start in range(0, len(people), IMPORT_ROWS):
            some = people[start : start + IMPORT_ROWS]
            rows = [{"email": email, "first_name": first, "last_name": last} for email, first, last in some]
            job = self.ask("POST", "/v3/activities/contacts_json_import", {"import_data": rows, "list_ids": [list_id]})
            while job["state"] not in ("completed", "failed", "cancelled", "timed_out"):
                time.sleep(POLL_S)
                job = self.ask("GET", f"/v3/activities/{job['activity_id']}")


def _know(contact: dict[str, Any]) -> Known:
    mail = contact["email_address"]
    names = contact.get("first_name") or "", contact.get("last_name") or ""
    lists = tuple(contact.get("list_memberships") or ())
    return Known(mail["address"], contact["contact_id"], *names, mail["permission_to_send"], lists)


def search_then_write(account: Account, list_id: str, person: tuple[str, str, str]) -> None:
    email, first, last = person
    known = account.find(email)
    if known is None:
        account.create(email, first, last, list_id)
    elif not known.is_like(first, last, list_id):
        account.update(known, first, last, list_id)


def in_parallel(work: Callable[..., None], people: Iterable[tuple[str, str, str]]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(work, people):
            pass
