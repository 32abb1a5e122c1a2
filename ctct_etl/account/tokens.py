"""Where a session gets its access token from, and a new one when that has run out or is refused.

A refresh token may be good for one use only. So there is one refresher among all threads and processes of a machine,
what it got is on the disk before it is used, and who waited for it takes what it got.
"""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from ctct_etl.account.token_host import Granted, Refused, TokenHost
from ctct_etl.errors import AccountError, Busy, Denied

_EARLY_S = 300.0  # so long before its end a token is renewed,
_EARLY_SHARE = 0.1  # but not before the last tenth of its life
_FAULT_HOLDS_S = 60.0  # so long nobody asks again what could not be had


class Tokens(Protocol):
    """Any thread may ask. `cure` is what a person does when the account refuses whatever comes from here.

    scheme: of the header Authorization, before what `access` returns.
    """

    @property
    def cure(self) -> str: ...

    @property
    def scheme(self) -> str: ...

    def access(self) -> str:
        """Return an access token that is good, as far as this machine can know. Raises Denied, Busy, StateError."""
        ...

    def renew(self, refused: str) -> str:
        """Return another token than the one that the account refused. Raises Denied, Busy, StateError."""
        ...


class FixedToken:
    """A token that somebody wrote into the accounts file: there is no other."""

    cure = "renew access_token in accounts.yaml"
    scheme = "Bearer"

    def __init__(self, token: str) -> None:
        self._token = token

    def access(self) -> str:
        return self._token

    def renew(self, refused: str) -> str:
        raise Denied(f"the account refuses the access token (HTTP 401) — {self.cure}")


class BasicCredentials:
    """User and password of an account of dialect v1: the user is the API key, a percent sign, and the account's own
    [D-BASIC]. There is nothing to renew.
    """

    cure = "look at username, api_key and password in accounts.yaml"
    scheme = "Basic"

    def __init__(self, api_key: str, username: str, password: str) -> None:
        self._encoded = b64encode(f"{api_key}%{username}:{password}".encode()).decode("ascii")

    def access(self) -> str:
        return self._encoded

    def renew(self, refused: str) -> str:
        raise Denied(f"the account refuses its key, user or password (HTTP 401) — {self.cure}")


@dataclass(frozen=True)
class Held:
    """What a login or a refresh gave. `refresh_token` "" for none.

    obtained_at: seconds since 1970 by this machine's clock · expires_in: seconds, as received; None where not known.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    obtained_at: float
    expires_in: float | None

    @property
    def expires_at(self) -> float:
        return float("inf") if self.expires_in is None else self.obtained_at + self.expires_in

    def is_due(self, now: float) -> bool:
        """Is it time to renew it?"""
        early = 0.0 if self.expires_in is None else min(_EARLY_S, self.expires_in * _EARLY_SHARE)
        return now >= self.expires_at - early


class TokenStore(Protocol):
    """Where the tokens of one account are kept, for every process of this user."""

    def lock(self) -> AbstractContextManager[object]:
        """Keep all other processes and threads out. Raises Busy after a long wait."""
        ...

    def read(self) -> Held | None:
        """The tokens that are kept; None if nobody logged in. Raises StateError."""
        ...

    def write(self, held: Held) -> None:
        """Replace them, durably: they are what the next process reads. Raises StateError."""
        ...


def hold(granted: Granted, now: float, before: str = "") -> Held:
    """Date what was granted; `before` is the refresh token that stays good where no new one came."""
    return Held(granted.access_token, granted.refresh_token or before, now, granted.expires_in)


class LoginTokens:
    """The tokens of a login, renewed some minutes before they run out, or when the account refuses them."""

    scheme = "Bearer"

    def __init__(
        self,
        store: TokenStore,
        host: TokenHost,
        name: str,
        login: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """name: the account's, for messages · login: the command that a person runs to log in."""
        self._store = store
        self._host = host
        self._name = name
        self._login = login
        self._now = now
        self._turn = threading.Lock()
        self._held: Held | None = None
        self._fault: tuple[float, AccountError] | None = None

    @property
    def cure(self) -> str:
        return f"look at base_url and auth_url in accounts.yaml, then log in again: {self._login}"

    def access(self) -> str:
        try:
            return self._get(lambda held: not held.is_due(self._seconds())).access_token
        except Busy:  # the token host is down: what we hold may do until it is up again
            held = self._held
            if held is None or held.expires_at <= self._seconds():
                raise
            return held.access_token

    def renew(self, refused: str) -> str:
        return self._get(lambda held: held.access_token != refused).access_token

    def check_login(self) -> None:
        """Find out whether there is a login, without asking anybody. Raises Denied, StateError."""
        self._read()

    def _get(self, is_good: Callable[[Held], bool]) -> Held:
        if (held := self._held) is not None and is_good(held):
            return held
        with self._turn:
            if (held := self._held) is not None and is_good(held):  # another thread was faster
                return held
            self._raise_again()
            try:
                return self._get_alone(is_good)
            except AccountError as fault:
                self._fault = (time.monotonic(), fault)
                raise

    def _get_alone(self, is_good: Callable[[Held], bool]) -> Held:
        held = self._held = self._read()
        if is_good(held):
            return held
        with self._store.lock():
            held = self._held = self._read()  # another process may have been faster
            if not is_good(held):
                held = self._held = self._refresh(held)
            return held

    def _raise_again(self) -> None:
        """Who waited in vain must not wait a second time, thread after thread."""
        if self._fault is not None and time.monotonic() - self._fault[0] < _FAULT_HOLDS_S:
            raise self._fault[1]

    def _read(self) -> Held:
        held = self._store.read()
        if held is None:
            raise Denied(f'the account "{self._name}" has no login that serves its client_id — log in: {self._login}')
        return held

    def _refresh(self, held: Held) -> Held:
        if not held.refresh_token:
            raise self._needs_person("it came without a refresh token, and has run out")
        # The old token may be spent by what follows: a disk that is full or read-only has to show itself before.
        self._store.write(held)
        form = {"grant_type": "refresh_token", "refresh_token": held.refresh_token}
        try:
            return self._host.ask(form, lambda granted: self._keep(granted, held))
        except Refused as refused:
            raise self._explain(refused) from None

    def _keep(self, granted: Granted, before: Held) -> Held:
        renewed = hold(granted, self._seconds(), before.refresh_token)
        self._store.write(renewed)
        return renewed

    def _explain(self, refused: Refused) -> AccountError:
        if refused.error == "invalid_grant":
            lost = "; an answer was lost before, which may have used the old ones up" if refused.after_loss else ""
            return self._needs_person(f"{refused}{lost}")
        return Denied(f'the login of the account "{self._name}" can\'t be renewed: {refused} — {_CLIENT_CURE}')

    def _needs_person(self, why: str) -> Denied:
        return Denied(
            f'the login of the account "{self._name}" is not good any more: {why} — log in again: {self._login}'
        )

    def _seconds(self) -> float:
        return self._now().timestamp()


_CLIENT_CURE = (
    "look at client_id and client_secret in accounts.yaml, and whether the application is one with a secret or without"
)
