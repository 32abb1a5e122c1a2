"""What the session has to know of a dialect: how bodies are written and read, and what its refusals mean."""

from __future__ import annotations

import json
from typing import Any, Protocol

from ctct_etl.account.dialect import Request
from ctct_etl.account.encoding import encode_body
from ctct_etl.account.repeating import Again
from ctct_etl.errors import Denied

JSON_TYPE = "application/json"


class Unreadable(Exception):
    """An answer that is none of the service's own: of another format, or torn."""


class NotUnderstood(Unreadable):
    """An answer that seems to be the service's own, and can't be understood: torn, or never sound."""


class Wire(Protocol):
    """accept: the header by which a format is asked for."""

    @property
    def accept(self) -> str: ...

    def encode(self, body: Any) -> tuple[bytes, str]:
        """Return a request's body as bytes, and their content type."""
        ...

    def decode(self, content: bytes, status: int) -> Any:
        """Return what an answer says; None for an empty one. Raises Unreadable, NotUnderstood among it."""
        ...

    def decode_file(self, content: bytes) -> str:
        """Return the text of a file that was asked for. Raises Unreadable."""
        ...

    def explain_forbidden(self, request: Request, body: Any) -> Denied | Again | None:
        """Say what HTTP 403 means; None where it concerns this request alone, and the conversation takes it."""
        ...

    def is_used_up(self, body: Any) -> bool:
        """Does a refusal (HTTP 429, or 403) say that the day's requests are spent?"""
        ...


class JsonWire:
    """The v3 API. What is no JSON is read past where the service refuses: its gateways answer in HTML."""

    accept = JSON_TYPE

    def encode(self, body: Any) -> tuple[bytes, str]:
        return encode_body(body), JSON_TYPE

    def decode(self, content: bytes, status: int) -> Any:
        if not content.strip():
            return None
        try:
            return json.loads(content)
        except ValueError:
            if 200 <= status < 300:
                raise Unreadable("a body that is no JSON") from None
            return None

    def decode_file(self, content: bytes) -> str:
        raise Unreadable("a file, where none is known")

    def explain_forbidden(self, request: Request, body: Any) -> Denied | Again | None:
        return Denied(
            "the account forbids this (HTTP 403) — the token needs the scopes contact_data and account_read, its "
            "user the right to manage contacts, and the application must be active"
        )

    def is_used_up(self, body: Any) -> bool:
        return isinstance(body, dict) and body.get("error_key") == "quota_exceeded"
