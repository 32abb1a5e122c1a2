"""Knows `requests`, as only connecting.py does beside it: sends one HTTP request, once, and hands over what came back.

Nothing is repeated and no redirect is followed here, so that a token goes nowhere else and every attempt is seen by
whoever counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from ctct_etl.account.connecting import TurnAdapter
from ctct_etl.account.dialect import Query

_TIMEOUTS = (10, 60)  # seconds to connect, to wait for bytes
_LARGEST_ANSWER = 64 * 1024 * 1024  # a page of 500 contacts with everything is about 2 MB


@dataclass(frozen=True)
class Received:
    """A whole answer; `content` is None for one beyond all reason, which was not read to its end.

    date: the header by which the service states its clock; None where it does not.
    """

    status: int
    content: bytes | None
    date: str = ""  # the header: the service's clock


class Lost(Exception):
    """No whole answer came. `how` is the kind of fault: its own text holds the address asked for, query and all.

    never_left: the connection did not even come about, so that nothing can have arrived.
    """

    def __init__(self, how: str, never_left: bool) -> None:
        super().__init__(how)
        self.how = how
        self.never_left = never_left


class Unsendable(Exception):
    """Refused by requests, urllib3 or http.client themselves, by this kind of fault: to repeat it would not help."""


class _Authorization(AuthBase):
    """Sets the header last, or none at all, so that no ~/.netrc takes its place."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value is not None:
            prepared.headers["Authorization"] = self._value
        return prepared


class Exchange:
    """Connections that are kept open, `connections` of them. Threads may share it.

    take_turn: called in the sending thread when all is ready to be sent, and returns at the moment to do so.
    accept: the format that is asked for.
    """

    def __init__(
        self,
        take_turn: Callable[[], None] = lambda: None,
        connections: int = 1,
        accept: str = "application/json",
    ) -> None:
        self._http = requests.Session()
        self._http.headers.update({"Accept": accept, "User-Agent": "ctct_etl"})
        for scheme in ("https://", "http://"):
            self._http.mount(scheme, TurnAdapter(take_turn, connections))

    def close(self) -> None:
        self._http.close()

    def send(
        self,
        method: str,
        url: str,
        authorization: str | None,
        query: Query = (),
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Received:
        """Send one request and read its whole answer. Raises Lost, Unsendable, and what `take_turn` does."""
        try:
            with self._http.request(
                method,
                url,
                params=[*(query.items() if isinstance(query, Mapping) else query)],
                data=body,
                headers={} if body is None else {"Content-Type": content_type},
                auth=_Authorization(authorization),
                timeout=_TIMEOUTS,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return Received(answer.status_code, _read(answer), answer.headers.get("Date", ""))
        except ValueError as fault:
            raise Unsendable(type(fault).__name__) from None
        except (requests.RequestException, HTTPError, OSError) as fault:
            raise Lost(type(fault).__name__, _never_left(fault)) from None


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


def _never_left(fault: BaseException) -> bool:
    """Did the connection not even come about? Then no write can have arrived."""
    reason = getattr(fault.args[0], "reason", None) if fault.args else None
    return isinstance(fault, requests.ConnectionError) and isinstance(reason, NewConnectionError | ConnectTimeoutError)
