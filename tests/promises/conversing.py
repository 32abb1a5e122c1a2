"""Which requests belong together, the reads before a write and the write; and which of them were answered.

The threads of an apply talk at once, so that the order at the service does not tell whose read a read was. Here every
request says so itself, in a header that the sandbox does not look at: the number of the conversation
(`Session.converse`) that it is a part of, and its own. Nothing else about the program is touched.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from ctct_etl.account.dialect import Request
from ctct_etl.account.exchange import Exchange, Received
from ctct_etl.account.session import Session

HEADER, ATTEMPT = "X-Conversation", "X-Attempt"
_ATOM = "{http://www.w3.org/2005/Atom}"
Told = set[str]
"""Of all attempts those whose whole answer the program could read: a request is repeated until there is one."""


@contextmanager
def numbered_conversations() -> Iterator[Told]:
    """Let every request of this process bear the number of its conversation, for the length of the block."""
    numbers, attempts, here, told = itertools.count(1), itertools.count(1), threading.local(), Told()
    converse, send, exchange = Session.converse, requests.Session.send, Exchange.send
    ask, ask_all, asked_beside = Session._ask, Session._ask_all, dict[int, str]()

    def numbered(self: Session, *conversation: Any, **more: Any) -> Any:
        before, here.number = getattr(here, "number", ""), str(next(numbers))
        try:
            return converse(self, *conversation, **more)
        finally:
            here.number = before

    def numbered_all(self: Session, together: Sequence[Request]) -> Any:
        asked_beside.update((id(one), here.number) for one in together)
        return ask_all(self, together)

    def numbered_one(self: Session, request: Request) -> Any:
        """In a thread of its own, where reads go side by side."""
        here.number = asked_beside.pop(id(request), getattr(here, "number", ""))
        return ask(self, request)

    def tell(self: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        here.attempt = str(next(attempts))
        request.headers.update({HEADER: getattr(here, "number", ""), ATTEMPT: here.attempt})
        return send(self, request, **more)

    def hear(self: Exchange, *request: Any, **more: Any) -> Received:
        received = exchange(self, *request, **more)
        if received.status < 300 and (received.status == 204 or _is_whole(received.content)):
            told.add(here.attempt)
        return received

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "converse", numbered)
        patch.setattr(Session, "_ask_all", numbered_all)
        patch.setattr(Session, "_ask", numbered_one)
        patch.setattr(requests.Session, "send", tell)
        patch.setattr(Exchange, "send", hear)
        yield told


def _is_whole(content: bytes | None) -> bool:
    """Is it a document of the service, JSON or Atom, to its end?"""
    try:
        if (content or b"").lstrip().startswith(b"<"):
            return ElementTree.fromstring(content or b"").tag.startswith(_ATOM)
        json.loads(content or b"")
    except (ValueError, ElementTree.ParseError):
        return False
    return True
