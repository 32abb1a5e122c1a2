"""The service's token host: forms in, tokens out. Its requests count neither for the pace nor for the day.

It answers as OAuth 2 says (RFC 6749, section 5): tokens, or `error` and `error_description`. What is neither (a page of
HTML, 429, 5xx, no answer at all) decided nothing and is asked again, never more than once a second.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from ctct_etl.account.exchange import Exchange, Lost, Unsendable
from ctct_etl.account.repeating import USUAL, Again, Patience, repeat
from ctct_etl.errors import AccountError, Busy

log = logging.getLogger(__name__)

T = TypeVar("T")

_BETWEEN_S = 1.0  # the service's staff: one request a second
_PASSING = ("temporarily_unavailable", "server_error")
_LONGEST_WORDS = 200
_SECRETS = ("refresh_token", "code", "code_verifier", "device_code")  # of a form
_TOKEN = re.compile(r"[!-~]+")


class Refused(AccountError):
    """The token host said no. `error` is its word for it (RFC 6749, 5.2; RFC 8628, 3.5).

    after_loss: an answer was lost before, which may have used up what this asked with.
    """

    def __init__(self, error: str, words: str, after_loss: bool = False) -> None:
        super().__init__(f"the token host refuses ({error}{f': {words}' if words else ''})")
        self.error = error
        self.after_loss = after_loss


class AnswerLost(Again):
    """It was asked, and may have granted something; nobody here knows what."""


@dataclass(frozen=True)
class Granted:
    """Tokens as they were given. `refresh_token` "" for none, `expires_in` in seconds, None where nothing was said."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: float | None
    scope: str


class TokenHost:
    """Asks for one application: with a secret by HTTP Basic, without one as a public client by its id alone."""

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str = "",
        patience: Patience = USUAL,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self.client_id = client_id
        self.is_public = not client_secret
        self._secret = client_secret
        self._retrying = repeat(patience, sleep)
        self._sleep = sleep
        self._turn = threading.Lock()
        self._last = float("-inf")

    def ask(self, form: Mapping[str, str], keep: Callable[[Granted], T]) -> T:
        """Ask until there is an answer that decides, and return what `keep` makes of it.

        Raises Refused and Busy; AccountError for a wrong address; whatever `keep` raises.
        """
        losses: list[str] = []
        try:
            kept: T = self._retrying(self._ask_noting, form, keep, losses)
            return kept
        except Refused as refused:
            refused.after_loss = bool(losses)
            raise
        except Again as again:
            raise Busy(f"the token host does not answer ({again}) — try later") from None

    def ask_once(self, form: Mapping[str, str], keep: Callable[[Granted], T]) -> T:
        """Ask once. Raises Refused; Again where nothing was decided."""
        # In a thread of its own, which is waited for: Ctrl-C between an answer and its keeping would cost the login.
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(lambda: keep(self._ask(form))).result()

    def ask_for_device(self, scope: str) -> Mapping[str, Any]:
        """Begin a login by the device flow; return the answer of RFC 8628, 3.2. Raises Refused and Busy."""
        form = {"client_id": self.client_id, "scope": scope}
        try:
            return self._retrying(self._post, "/device/authorize", form)
        except Again as again:
            raise Busy(f"the token host does not answer ({again}) — try later") from None

    def _ask_noting(self, form: Mapping[str, str], keep: Callable[[Granted], T], losses: list[str]) -> T:
        try:
            return self.ask_once(form, keep)
        except AnswerLost as lost:
            losses.append(str(lost))
            raise

    def _ask(self, form: Mapping[str, str]) -> Granted:
        granted = _read_grant(self._post("/token", form))
        if granted is None:
            raise AnswerLost("an answer without an access token")
        return granted

    def _post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """One request; the JSON object that answers it. Raises Refused and Again."""
        self._wait_turn()
        secret = base64.b64encode(f"{self.client_id}:{self._secret}".encode()).decode()
        sent = {**form, "client_id": self.client_id} if self.is_public else form
        exchange = Exchange()
        try:
            received = exchange.send(
                "POST",
                self.url + path,
                None if self.is_public else f"Basic {secret}",
                body=urlencode(sent).encode(),
                content_type="application/x-www-form-urlencoded",
            )
        except Unsendable as fault:
            raise AccountError(f"the token host can't be asked ({fault}) — look at auth_url in accounts.yaml") from None
        except Lost as lost:
            raise (Again if lost.never_left else AnswerLost)(lost.how) from None
        finally:
            exchange.close()
        log.info("POST %s %d", urlsplit(self.url).path + path, received.status)
        return self._judge(received.status, _parse(received.content), form)

    def _wait_turn(self) -> None:
        with self._turn:
            wait = self._last + _BETWEEN_S - time.monotonic()
            if wait > 0:
                self._sleep(wait)
            self._last = time.monotonic()

    def _judge(self, status: int, body: Any, form: Mapping[str, str]) -> dict[str, Any]:
        if 300 <= status < 400:
            raise AccountError(
                f"the token host answers with a redirect (HTTP {status}) — check auth_url in accounts.yaml"
            )
        if isinstance(body, dict):
            error = body.get("error")
            if 200 <= status < 300 and error is None:
                return body
            if isinstance(error, str) and status < 500 and status not in (408, 429) and error not in _PASSING:
                secrets = [form.get(name, "") for name in _SECRETS] + [self._secret]
                raise Refused(_cite(error, secrets), _cite(str(body.get("error_description") or ""), secrets))
        how = f"HTTP {status}" + ("" if isinstance(body, dict) else " with a body that is no JSON")
        raise (Again if 400 <= status < 500 else AnswerLost)(how)


def _read_grant(body: Mapping[str, Any]) -> Granted | None:
    """The tokens of an answer; None for one that holds none that a request could carry."""
    access, refresh, scope = (str(body.get(key) or "") for key in ("access_token", "refresh_token", "scope"))
    if not _TOKEN.fullmatch(access):
        return None
    return Granted(access, refresh if _TOKEN.fullmatch(refresh) else "", _read_seconds(body.get("expires_in")), scope)


def _read_seconds(value: Any) -> float | None:
    """Seconds from now; one library calls it a point in time, the service and all its clients do not."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < float("inf") else None


def _parse(content: bytes | None) -> Any:
    try:
        return json.loads(content or b"")
    except ValueError:
        return None


def _cite(words: str, secrets: list[str]) -> str:
    """The host's own words on one line, without anything that was sent to it."""
    for secret in filter(None, secrets):
        words = words.replace(secret, "…")
    return " ".join(words.split())[:_LONGEST_WORDS]
