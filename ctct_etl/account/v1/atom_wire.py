"""v1 on the wire: Atom documents and forms, and refusals in plain text or HTML."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from ctct_etl.account.dialect import Request
from ctct_etl.account.repeating import Again
from ctct_etl.account.v1.atom import Malformed, is_html, read_document
from ctct_etl.account.wire import NotUnderstood, Unreadable
from ctct_etl.errors import Denied

ATOM_TYPE = "application/atom+xml"
_FORM_TYPE = "application/x-www-form-urlencoded"
_LONGEST = 500
_TOO_FAST = ("over.qps", "over qps", "queries per second")
_USED_UP = ("over.rate", "over rate", "over its rate")
_TAG = re.compile(r"<[^>]*>?")
_WRITES = frozenset({"POST", "PUT"})


class AtomWire:
    """Bodies: bytes are an Atom document, pairs of names and values are a form. Answers: Entry or Feed; words where
    the service refuses; None for an empty one.
    """

    accept = ATOM_TYPE

    def encode(self, body: Any) -> tuple[bytes, str]:
        if isinstance(body, bytes):
            return body, ATOM_TYPE  # any other is answered with 415 [F-SEED]
        return urlencode(list(body)).encode("ascii"), _FORM_TYPE

    def decode(self, content: bytes, status: int) -> Any:
        if not content.strip():
            return None
        if not 200 <= status < 300:
            return _words(content)
        if is_html(content):  # planned downtime, on every method [B-DOWNTIME]
            raise Unreadable("a web page: is the service down?")
        try:
            return read_document(content)
        except Malformed as fault:
            raise NotUnderstood(f"no Atom document: {fault}") from None

    def decode_file(self, content: bytes) -> str:
        if is_html(content):
            raise Unreadable("a web page: is the service down?")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Unreadable("a file that is no UTF-8") from None

    def explain_forbidden(self, request: Request, body: Any) -> Denied | Again | None:
        """The gateway's own limit; of a write a contact who opted out [NET]; else the wrong account or key [F-403].

        Which body has which is not known. A wrong account shows itself to the reads that go before every write.
        """
        words = str(body or "").lower()
        if any(sign in words for sign in _TOO_FAST):
            return Again("its gateway throttles (HTTP 403)")
        if request.method in _WRITES and "/contacts" in request.path:
            return None
        return Denied(
            "the account forbids this (HTTP 403) — look at username, api_key and base_url in accounts.yaml: the user "
            "in the address has to be the one of the credentials, and the key must not be switched off"
        )

    def is_used_up(self, body: Any) -> bool:
        """The gateway's limit of a day, which it tells with a 403 too [F-RATE]."""
        return any(sign in str(body or "").lower() for sign in _USED_UP)


def _words(content: bytes) -> str:
    """The beginning of a refusal, on one line; of a web page what it shows."""
    text = content[:_LONGEST].decode("utf-8", "replace")
    return " ".join((_TAG.sub(" ", text) if is_html(content) else text).split())
