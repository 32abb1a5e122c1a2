"""What was asked of the sandbox: each request with the status it got, secrets taken out."""

import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from .documents import Document, load

SECRET_HEADERS = ("Authorization", "X-Api-Key", "Cookie")
SECRET_PARTS = ("refresh_token", "access_token", "client_secret", "code", "code_verifier", "device_code", "password")
REDACTED = "[redacted]"
TOKEN_PATH = "/oauth2/"


@dataclass
class Entry:
    """One request. `status` is None while unanswered, and stays so when the connection was cut before."""

    n: int
    time: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int | None = field(default=None)

    def show(self) -> Document:
        has_secrets = self.path.startswith(TOKEN_PATH)
        headers = {name: REDACTED if name in SECRET_HEADERS else value for name, value in self.headers.items()}
        return {
            "n": self.n,
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "query": _redact(self._show_query()),
            "headers": headers,
            "body": self._show_form() if has_secrets else self._show_body(),
            "status": self.status,
        }

    def _show_query(self) -> dict[str, Any]:
        """The query by names; a name that came more than once has all its values."""
        named: dict[str, Any] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            before = named.get(name)
            named[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
        return named

    def _show_form(self) -> Any:
        """The body of a token request, by names; whatever can't be read as a form is hidden whole."""
        if not self.body:
            return None
        form = dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        return _redact(form) if form else REDACTED

    def _show_body(self) -> Any:
        """Parsed if it is JSON, else text; None if there was none."""
        if not self.body:
            return None
        text = self.body.decode("utf-8", "replace")
        try:
            return load(text)
        except ValueError:
            return text


class Recording:
    """Kept in memory, bodies as they came, so that recording a large import costs nothing."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._count = 0
        self._lock = threading.Lock()

    def begin(self, time: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Entry:
        with self._lock:
            self._count += 1
            entry = Entry(self._count, time, method, path, query, headers, body)
            self._entries.append(entry)
        return entry

    def show(self) -> list[Document]:
        with self._lock:
            entries = list(self._entries)
        return [entry.show() for entry in entries]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def _redact(named: dict[str, Any]) -> dict[str, Any]:
    return {name: REDACTED if name in SECRET_PARTS else value for name, value in named.items()}
