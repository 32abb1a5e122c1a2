"""Drives conversations with one account, and owns token, pace, budget and repeats.

What is repeated: reads, whatever went wrong; anything that was refused with 429, or with 401 once, by a new token; what
never left this machine. Of these, a write that rests on what was read just before is not repeated as it is: people
leave while it waits, so that it is raised inside the conversation as TurnedAway. A write whose answer was lost is never
sent again: it is raised there as Unsettled.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from ctct_etl.account.budget import Budget, meant_day, used_up
from ctct_etl.account.dialect import Checkpoint, Conversation, Garbled, Request, Response, Together
from ctct_etl.account.exchange import Exchange, Lost, Received, Unsendable
from ctct_etl.account.pace import Pace
from ctct_etl.account.repeating import USUAL, Again, Patience, repeat
from ctct_etl.account.tokens import Tokens
from ctct_etl.account.wire import JsonWire, NotUnderstood, Unreadable, Wire
from ctct_etl.errors import AccountError, Busy, Denied, TurnedAway, Unsettled

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_GARBLED = 3  # times in a row, in the same words: what is torn on the way is torn otherwise each time


class _Garble(Again):
    """The answer to a read was not understood."""


class _Attempted(threading.local):
    """What a thread is about to send: the day it is counted for, and when it left; None until then."""

    day: date = date.min
    left_at: float | None = None


class Session:
    """Talks to one account. Threads may share it: each drives its own conversations."""

    def __init__(
        self,
        base_url: str,
        tokens: Tokens,
        pace: Pace,
        budget: Budget,
        patience: Patience = USUAL,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        wire: Wire | None = None,
    ) -> None:
        """wire: the dialect's; None for JSON."""
        parts = urlsplit(base_url)
        self._root = f"{parts.scheme}://{parts.netloc}"
        self._base_path = parts.path.rstrip("/")
        self._pace = pace
        self._budget = budget
        self._retrying = repeat(patience, sleep)
        self._tokens = tokens
        self._now = now
        self._sleep = sleep
        self._sent = 0
        self._sent_lock = threading.Lock()
        self._attempted = _Attempted()
        self._wire = wire or JsonWire()
        self._http = Exchange(self._take_turn, self.at_once, self._wire.accept)

    @property
    def requests_sent(self) -> int:
        """Requests that left, repeats included."""
        return self._sent

    @property
    def at_once(self) -> int:
        """How many conversations have to be driven together, so that latency costs no rate."""
        return self._pace.at_once

    def close(self) -> None:
        self._http.close()
        self._budget.close()

    def converse(self, conversation: Conversation[T], on_checkpoint: Callable[[Checkpoint], None] | None = None) -> T:
        """Drive a conversation to its end and return its value.

        Raises Denied, Busy, QuotaUsedUp, and whatever the conversation raises: Unsettled too, unless it settles.
        """
        answer: Response | tuple[Response, ...] | None = None
        lost: Unsettled | TurnedAway | None = None
        try:
            while True:
                step = conversation.throw(lost) if lost is not None else conversation.send(answer)
                answer, lost = None, None
                if isinstance(step, Checkpoint):
                    if on_checkpoint is not None:
                        on_checkpoint(step)
                    continue
                try:
                    answer = self._ask_all(step.requests) if isinstance(step, Together) else self._ask(step)
                except (Unsettled, TurnedAway) as undone:
                    lost = undone
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            conversation.close()

    def _ask_all(self, requests: Sequence[Request]) -> tuple[Response, ...]:
        """Ask side by side, and answer in the order of `requests`; the first fault ends what has not begun."""
        with ThreadPoolExecutor(max(1, min(self.at_once, len(requests)))) as pool:
            asked = [pool.submit(self._ask, request) for request in requests]
            try:
                return tuple(one.result() for one in asked)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _ask(self, request: Request) -> Response:
        if request.wait_s > 0:
            self._sleep(request.wait_s)
        try:
            if request.rests_on_read:
                return self._attempt(request)
            return self._retrying(self._attempt_garbled() if request.may_be_garbled else self._attempt, request)
        except Again as again:
            words = f"the service does not answer {request.method} {_shown(request)}: {again} — try later"
            raise (TurnedAway if request.rests_on_read else Busy)(words) from None

    def _attempt_garbled(self) -> Callable[[Request], Response]:
        """Ask as `_attempt` does; what is not understood MOST_GARBLED times in a row, in the same words, is an answer.

        Planned downtime never is: it answers with web pages, and is over some time.
        """
        told: list[str] = []

        def attempt(request: Request) -> Response:
            try:
                return self._attempt(request)
            except _Garble as garble:
                told.append(str(garble))
                if len(told) < MOST_GARBLED or len(set(told[-MOST_GARBLED:])) > 1:
                    raise
            except Again:
                told.clear()
                raise
            log.warning("the answer to %s %s is left out: %s", request.method, _shown(request), told[-1])
            return Response(200, Garbled(told[-1]), place=self._place(request))

        return attempt

    def _attempt(self, request: Request) -> Response:
        """Ask once. Raises Again when it may be asked again, Unsettled for a write whose answer was lost."""
        url = self._url(request)
        token = self._tokens.access()
        received = self._send(request, url, token)
        if received.status == 401:  # refused, so that nothing was done: a write may be sent again too
            renewed = self._tokens.renew(token)
            if request.rests_on_read:
                raise Again("its access token had run out (HTTP 401)")
            received = self._send(request, url, renewed)
        return self._judge(request, received)

    def _send(self, request: Request, url: str, token: str) -> Received:
        body, content_type = (None, "") if request.body is None else self._wire.encode(request.body)
        self._attempted.left_at = None
        status = 0
        try:
            authorization = f"{self._tokens.scheme} {token}"
            received = self._http.send(request.method, url, authorization, request.query, body, content_type)
            status = received.status
            return received
        except Unsendable as fault:
            raise AccountError(
                f"{request.method} {_shown(request)} can't be sent ({fault}) — look at base_url and access_token in "
                "accounts.yaml: a token with a line break, a host or a port that can't be?"
            ) from None
        except Lost as lost:
            never_left = lost.never_left or self._attempted.left_at is None
            raise self._lost(request, lost.how, never_left) from None
        finally:
            if (left_at := self._attempted.left_at) is not None:
                milliseconds = (time.monotonic() - left_at) * 1000
                log.info("%s %s %d %.0f ms", request.method, _shown(request), status, milliseconds)

    def _take_turn(self) -> None:
        """Called by the connection, last of all before the bytes leave."""
        self._attempted.day = self._budget.spend()
        self._pace.wait_turn()
        with self._sent_lock:
            self._sent += 1
        self._attempted.left_at = time.monotonic()

    def _url(self, request: Request) -> str:
        path = self._place(request)
        if not path.lower().startswith(f"{self._base_path}/".lower()):
            raise AccountError("the service links to a place outside its own API; stopped")
        return self._root + path

    def _place(self, request: Request) -> str:
        return request.path if request.from_root else self._base_path + request.path

    def _judge(self, request: Request, received: Received) -> Response:
        status = received.status
        if status == 401:
            raise Denied(f"the account refuses even a new access token (HTTP 401) — {self._tokens.cure}")
        body = self._read(request, received)
        if status == 403 and self._wire.is_used_up(body):
            self._heed(body, received.date)
        if status == 403 and (meant := self._wire.explain_forbidden(request, body)) is not None:
            if isinstance(meant, Again):
                self._pace.slow_down()
            raise meant
        if status == 429:
            self._heed(body, received.date)
        if 300 <= status < 400:
            raise AccountError(f"the account answers with a redirect (HTTP {status}) — check base_url in accounts.yaml")
        if (status >= 500 or status == 408) and status not in request.may_mean:
            raise self._lost(request, f"HTTP {status}")
        return Response(status, body, received.date, self._place(request))

    def _read(self, request: Request, received: Received) -> Any:
        """What the answer says. Of a refusal that is too large nothing is known; of anything else it is lost then."""
        done = 200 <= received.status < 300
        try:
            if received.content is not None and done and request.is_file:
                return self._wire.decode_file(received.content)
            if received.content is not None:
                return self._wire.decode(received.content, received.status)
        except Unreadable as fault:
            how = f"HTTP {received.status} with {fault}"
            garbled = isinstance(fault, NotUnderstood) and request.may_be_garbled
            raise _Garble(how) if garbled else self._lost(request, how) from None
        if done:
            raise self._lost(request, f"HTTP {received.status} with a body that is too large")
        return None

    def _heed(self, body: Any, stated: str | None) -> NoReturn:
        """HTTP 429, or the like: nothing was done. What it means for the key is kept for every process that uses it."""
        if self._wire.is_used_up(body):
            day = meant_day(stated, self._now(), self._attempted.day)
            self._budget.use_up(day)
            raise used_up(day)
        self._pace.slow_down()
        raise Again("it throttles (HTTP 429)")

    def _lost(self, request: Request, how: str, never_left: bool = False) -> Exception:
        """The error for an attempt without an understandable answer."""
        if request.method == "GET" or never_left:
            return Again(how)
        return Unsettled(f"the answer to {request.method} {_shown(request)} was lost ({how})")


def _shown(request: Request) -> str:
    """The path without its query: that may hold an address."""
    return request.path.partition("?")[0]
