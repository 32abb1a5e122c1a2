"""The one file that knows HTTP: it drives conversations, and owns token, timeouts, pace, budget and repeats.

What is repeated: reads, whatever went wrong; anything that was refused with 429, or never left this machine. A write
whose answer was lost is never sent again: it is raised inside the conversation as Unsettled.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import tenacity
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from ctct_etl.account.budget import Budget, used_up
from ctct_etl.account.dialect import Checkpoint, Conversation, Request, Response
from ctct_etl.account.encoding import encode_body
from ctct_etl.account.pace import Pace
from ctct_etl.errors import AccountError, Busy, Denied, Unsettled

log = logging.getLogger(__name__)

T = TypeVar("T")

_TIMEOUTS = (10, 60)  # seconds to connect, to wait for bytes
_CONNECTIONS = 16
_LARGEST_ANSWER = 64 * 1024 * 1024  # a page of 500 contacts with everything is about 2 MB


@dataclass(frozen=True)
class Patience:
    """How often a request is sent, and how long it waits between: exponential, with jitter."""

    attempts: int = 8
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    jitter_s: float = 1.0


class _Again(Exception):
    """This attempt decided nothing: repeat it."""


def _repeat(patience: Patience, sleep: Callable[[float], None]) -> tenacity.Retrying:
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_Again),
        stop=tenacity.stop_after_attempt(patience.attempts),
        wait=tenacity.wait_exponential(patience.first_wait_s, patience.longest_wait_s)
        + tenacity.wait_random(0, patience.jitter_s),
        sleep=sleep,
        reraise=True,
    )


class _Bearer(AuthBase):
    """Sets the token last, so that no ~/.netrc takes its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        prepared.headers["Authorization"] = f"Bearer {self._token}"
        return prepared


class Session:
    """Talks to one account. Threads may share it: each drives its own conversations."""

    def __init__(
        self,
        base_url: str,
        token: str,
        pace: Pace,
        budget: Budget,
        patience: Patience = Patience(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(base_url)
        self._root = f"{parts.scheme}://{parts.netloc}"
        self._base_path = parts.path.rstrip("/")
        self._pace = pace
        self._budget = budget
        self._retrying = _repeat(patience, sleep)
        self._now = now
        self._sleep = sleep
        self._sent = 0
        self._sent_lock = threading.Lock()
        self._http = requests.Session()
        self._http.auth = _Bearer(token)
        self._http.headers.update({"Accept": "application/json", "User-Agent": "ctct_etl"})
        self._http.mount(f"{parts.scheme}://", HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=0))

    @property
    def requests_sent(self) -> int:
        """Requests that left, repeats included."""
        return self._sent

    def close(self) -> None:
        self._http.close()
        self._budget.close()

    def converse(self, conversation: Conversation[T], on_checkpoint: Callable[[Checkpoint], None] | None = None) -> T:
        """Drive a conversation to its end and return its value.

        Raises Denied, Busy, QuotaUsedUp, and whatever the conversation raises: Unsettled too, unless it settles.
        """
        answer: Response | None = None
        lost: Unsettled | None = None
        try:
            while True:
                step = conversation.throw(lost) if lost is not None else conversation.send(answer)
                answer, lost = None, None
                if isinstance(step, Checkpoint):
                    if on_checkpoint is not None:
                        on_checkpoint(step)
                    continue
                try:
                    answer = self._ask(step)
                except Unsettled as unsettled:
                    lost = unsettled
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            conversation.close()

    def _ask(self, request: Request) -> Response:
        if request.wait_s > 0:
            self._sleep(request.wait_s)
        try:
            return self._retrying(self._attempt, request)
        except _Again as again:
            raise Busy(f"the service does not answer {request.method} {_shown(request)}: {again} — try later") from None

    def _attempt(self, request: Request) -> Response:
        """Send once. Raises _Again when it may be sent again, Unsettled for a write whose answer was lost."""
        url = self._url(request)
        self._pace.wait_turn()
        self._budget.spend()
        with self._sent_lock:
            self._sent += 1
        started = time.monotonic()
        status = 0
        try:
            with self._send(request, url) as answer:
                status = answer.status_code
                content = _read(answer)
        except (
            ValueError
        ) as fault:  # refused by requests, urllib3 or http.client themselves: to repeat it would not help
            raise AccountError(
                f"{request.method} {_shown(request)} can't be sent ({type(fault).__name__}) — look at base_url and "
                "access_token in accounts.yaml: a token with a line break, a host or a port that can't be?"
            ) from None
        except (requests.RequestException, HTTPError, OSError) as fault:
            # The fault's own text holds the address asked for, query and all: only its kind is told.
            raise self._lost(request, type(fault).__name__, _never_left(fault)) from None
        finally:
            milliseconds = (time.monotonic() - started) * 1000
            log.info("%s %s %d %.0f ms", request.method, _shown(request), status, milliseconds)
        return self._judge(request, status, content)

    def _send(self, request: Request, url: str) -> requests.Response:
        body = None if request.body is None else encode_body(request.body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self._http.request(
            request.method,
            url,
            params=dict(request.query) or None,
            data=body,
            headers=headers,
            timeout=_TIMEOUTS,
            allow_redirects=False,
            stream=True,
        )

    def _url(self, request: Request) -> str:
        path = request.path if request.from_root else self._base_path + request.path
        if not path.startswith(f"{self._base_path}/"):
            raise AccountError("the service links to a place outside its own API; stopped")
        return self._root + path

    def _judge(self, request: Request, status: int, content: bytes | None) -> Response:
        if status == 401:
            raise Denied("the account refuses the access token (HTTP 401) — renew access_token in accounts.yaml")
        if status == 403:
            raise Denied(
                "the account forbids this (HTTP 403) — the token needs the scopes contact_data and account_read, its "
                "user the right to manage contacts, and the application must be active"
            )
        body, is_json = _parse(content)
        if status == 429:
            if isinstance(body, dict) and body.get("error_key") == "quota_exceeded":
                raise used_up(self._now())
            raise _Again("it throttles (HTTP 429)")
        if 300 <= status < 400:
            raise AccountError(f"the account answers with a redirect (HTTP {status}) — check base_url in accounts.yaml")
        if status >= 500 or status == 408:
            raise self._lost(request, f"HTTP {status}")
        if 200 <= status < 300 and not is_json:
            raise self._lost(request, f"HTTP {status} with a body that is no JSON, or too large")
        return Response(status, body)

    def _lost(self, request: Request, how: str, never_left: bool = False) -> Exception:
        """The error for an attempt without an understandable answer."""
        if request.method == "GET" or never_left:
            return _Again(how)
        return Unsettled(f"the answer to {request.method} {_shown(request)} was lost ({how})")


def _read(answer: requests.Response) -> bytes | None:
    """The whole body; None for one beyond all reason."""
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_content(64 * 1024):
        size += len(chunk)
        if size > _LARGEST_ANSWER:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _parse(content: bytes | None) -> tuple[Any, bool]:
    """The body, and whether it is JSON; an empty one is None, and fine."""
    if content is None:
        return None, False
    if not content.strip():
        return None, True
    try:
        return json.loads(content), True
    except ValueError:
        return None, False


def _never_left(fault: BaseException) -> bool:
    """Did the connection not even come about? Then no write can have arrived."""
    reason = getattr(fault.args[0], "reason", None) if fault.args else None
    return isinstance(fault, requests.ConnectionError) and isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _shown(request: Request) -> str:
    """The path without its query: that may hold an address."""
    return request.path.partition("?")[0]
