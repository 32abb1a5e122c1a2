"""Which requests belong together, the reads before a write and the write; and which of them were answered.

The threads of an apply talk at once, so that the order at the service does not tell whose read a read was. Here every
request says so itself, in a header that the sandbox does not look at: the number of the conversation
(`Session.converse`) that it is a part of. Nothing else about the program is touched.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from ctct_etl.account.exchange import Exchange, Received
from ctct_etl.account.session import Session

HEADER = "X-Conversation"
Told = set[tuple[str, str, str]]
"""Conversation, method and path of every request whose whole answer the program could read."""


@contextmanager
def numbered_conversations() -> Iterator[Told]:
    """Let every request of this process bear the number of its conversation, for the length of the block."""
    numbers, here, told = itertools.count(1), threading.local(), Told()
    converse, send, exchange = Session.converse, requests.Session.send, Exchange.send

    def numbered(self: Session, *conversation: Any, **more: Any) -> Any:
        before, here.number = getattr(here, "number", ""), str(next(numbers))
        try:
            return converse(self, *conversation, **more)
        finally:
            here.number = before

    def tell(self: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        request.headers[HEADER] = getattr(here, "number", "")
        return send(self, request, **more)

    def hear(self: Exchange, method: str, url: str, *rest: Any, **more: Any) -> Received:
        received = exchange(self, method, url, *rest, **more)
        if received.status < 300 and _is_json(received.content):
            told.add((getattr(here, "number", ""), method, urlsplit(url).path))
        return received

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "converse", numbered)
        patch.setattr(requests.Session, "send", tell)
        patch.setattr(Exchange, "send", hear)
        yield told


def _is_json(content: bytes | None) -> bool:
    try:
        json.loads(content or b"")
    except ValueError:
        return False
    return True
