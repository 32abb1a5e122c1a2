"""What reached the service, in the order in which it did, and a hand at every request of it.

Put round the sandbox's service as `wrap`. It stands inside the faults: a request that a fault answers never comes here,
so that what stands here had its effect. One request is served at a time, and what a hand does comes to pass between
two of them: so the order here is the order of the effects.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ACTIVITIES = "/v3/activities/"
IMPORT = f"{ACTIVITIES}contacts_json_import"
CONTACTS = "/v3/contacts"


@dataclass
class Asked:
    """One request. `number` counts from 1; `conversation` and `attempt` are "" unless `conversing.py` numbers them."""

    number: int
    method: str
    path: str
    query: str
    content: bytes
    conversation: str = ""
    attempt: str = ""
    status: int = 0
    answer: bytes = b""

    @property
    def is_write(self) -> bool:
        """Of a client that was killed while it wrote, half a body may arrive: the service takes no such thing."""
        return self.method != "GET" and not self.path.startswith("/oauth2/") and self.body is not None

    @cached_property
    def body(self) -> Any:
        """None for none, or for half of one."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    @cached_property
    def wish(self) -> dict[str, str]:
        """The query, by name."""
        return {name: values[-1] for name, values in parse_qs(self.query).items()}


Hand = Callable[[Asked], None]


@dataclass
class Ledger:
    """Keeps every request. A hand that raises ConnectionError leaves the client without an answer; what else it raises
    is kept as `fault`, for the test to raise: the server's own thread would only print it.
    """

    before: Hand = lambda asked: None
    after: Hand = lambda asked: None
    entries: list[Asked] = field(default_factory=list)
    fault: Exception | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        def serve(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            if environ["PATH_INFO"].startswith("/_sandbox/"):
                return app(environ, start)
            with self._turn:
                try:
                    return self._serve(app, environ, start)
                except Exception as fault:
                    if not isinstance(fault, ConnectionError):
                        self.fault = self.fault or fault
                    raise

        return serve

    def _serve(self, app: WSGIApplication, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        content = environ["wsgi.input"].read()
        environ["wsgi.input"] = BytesIO(content)
        asked = Asked(
            len(self.entries) + 1, environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", ""),
            content, environ.get("HTTP_X_CONVERSATION", ""), environ.get("HTTP_X_ATTEMPT", ""),
        )  # fmt: skip
        self.before(asked)
        self.entries.append(asked)

        def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            asked.status = int(status[:3])
            return start(status, headers, *rest)

        answer = app(environ, note)
        asked.answer = b"".join(answer)
        self.after(asked)
        return [asked.answer]

    def writes(self) -> list[Asked]:
        return [asked for asked in self.entries if asked.is_write]


def count_effects(writes: Iterable[Asked], known: frozenset[str]) -> Counter[tuple[str, ...]]:
    """How often each effect was asked for: one entry a contact and what is done to it, or a thing that is made.

    known: addresses that the account had before; every other one is created by whatever carries it.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    for asked in writes:
        body = asked.body
        if asked.path == IMPORT:
            rows = (row["email"].lower() for row in body["import_data"])
            counts.update(("import" if address in known else "create", address) for address in rows)
        elif asked.path == CONTACTS:
            counts[("create", body["email_address"]["address"].lower())] += 1
        elif asked.path.startswith(ACTIVITIES):
            parts = [*body.get("list_ids", ()), *body.get("tag_ids", ())]
            route = asked.path.removeprefix(ACTIVITIES)
            counts.update((route, contact, part) for contact in body["source"]["contact_ids"] for part in parts)
        else:
            counts[(asked.method, asked.path, *(str(body[key]) for key in ("name", "label") if key in body))] += 1
    return counts


def repeated(writes: Iterable[Asked], known: frozenset[str]) -> dict[tuple[str, ...], int]:
    """Effects that were asked for more than once, and how often."""
    return {effect: count for effect, count in count_effects(writes, known).items() if count > 1}
