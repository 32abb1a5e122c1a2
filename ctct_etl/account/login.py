"""How a person lets this program in: by the authorization code (RFC 6749, 4.1; PKCE, RFC 7636) or by device (RFC 8628).

An application without a secret is a public client: its code is bound to this login by PKCE. One with a secret proves
itself by it. Nothing here waits for a browser or a keyboard: addresses go out, answers come in.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from ctct_etl.account.repeating import Again
from ctct_etl.account.token_host import Granted, Refused, TokenHost
from ctct_etl.errors import AccountError, Busy, Denied

SCOPES = "contact_data account_read offline_access"
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_SLOWER_S = 5.0  # RFC 8628, 3.5: what slow_down adds to the interval
_USUAL_INTERVAL_S = 5.0  # RFC 8628, 3.2
_FORM_CURE = "look at client_id and client_secret in accounts.yaml and at the application's redirect URIs"

T = TypeVar("T")


class AnotherLogin(AccountError):
    """An answer of the browser that belongs to another login than the one under way."""


@dataclass(frozen=True)
class Authorization:
    """A login under way. `address` is what the person opens; the browser comes back to `redirect_uri`."""

    address: str
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)  # "" for an application with a secret


def begin(host: TokenHost, redirect_uri: str) -> Authorization:
    state = secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(64) if host.is_public else ""
    asked = {
        "client_id": host.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": SCOPES,
        "state": state,
    }
    if verifier:
        digest = hashlib.sha256(verifier.encode()).digest()
        asked["code_challenge"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asked["code_challenge_method"] = "S256"
    return Authorization(f"{host.url}/authorize?{urlencode(asked)}", redirect_uri, state, verifier)


def read_redirect(authorization: Authorization, query: str) -> str:
    """Return the code that the browser brought back. Raises AnotherLogin; Denied where the person said no."""
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    if not secrets.compare_digest(given.get("state", "").encode(), authorization.state.encode()):
        raise AnotherLogin("the answer belongs to another login (its state is not ours) — use the newest address")
    if "error" in given:
        words = " ".join(given.get("error_description", "").split())[:200]
        raise Denied(f"the login was refused in the browser ({given['error'][:50]}{f': {words}' if words else ''}) — "
                     "log in as a user who may manage contacts, and consent")  # fmt: skip
    if not given.get("code"):
        raise AnotherLogin("the answer holds no code — use the newest address")
    return given["code"]


def read_pasted(authorization: Authorization, pasted: str) -> str:
    """Return the code of a pasted address, or a pasted code itself. Raises AnotherLogin, Denied."""
    pasted = pasted.strip()
    if "?" in pasted or "code=" in pasted:
        return read_redirect(authorization, urlsplit(pasted).query or pasted)
    if not authorization.verifier:  # nothing but the state in the address binds it to this login
        raise AnotherLogin("a code alone can't be told from that of another login — paste the whole address")
    return pasted


def finish(host: TokenHost, authorization: Authorization, code: str, keep: Callable[[Granted], T]) -> T:
    """Change the code for tokens, and return what `keep` makes of them. Raises Denied, Busy."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": authorization.redirect_uri}
    if authorization.verifier:
        form["code_verifier"] = authorization.verifier
    try:
        return host.ask(form, keep)
    except Refused as refused:
        if refused.error == "invalid_grant":
            raise Denied(f"{refused}: a code is good once and for 5 minutes — log in again") from None
        raise Denied(f"{refused} — {_FORM_CURE}") from None


@dataclass(frozen=True)
class Device:
    """A login by device under way: the person opens `address`, and types `user_code` if asked. Times in seconds."""

    address: str
    user_code: str
    code: str = field(repr=False)
    interval_s: float
    life_s: float


def begin_device(host: TokenHost) -> Device:
    """Raises Denied, Busy; AccountError for an answer that says too little."""
    try:
        told = host.ask_for_device(SCOPES)
    except Refused as refused:
        raise Denied(f"{refused} — {_FORM_CURE}; not every application may use the device flow") from None
    address = told.get("verification_uri_complete") or told.get("verification_uri")
    if not (address and told.get("device_code")):
        raise AccountError("the token host gave no code for a device — log in with a browser: leave --device out")
    interval, life = (_seconds(told.get(key)) for key in ("interval", "expires_in"))
    return Device(
        str(address),
        str(told.get("user_code") or ""),
        str(told["device_code"]),
        interval or _USUAL_INTERVAL_S,
        life or 600.0,
    )


def poll_device(
    host: TokenHost,
    device: Device,
    keep: Callable[[Granted], T],
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> T:
    """Ask until the person has said yes, and return what `keep` makes of the tokens. Raises Denied, Busy.

    clock: seconds, never set back.
    """
    form = {"grant_type": _DEVICE_GRANT, "device_code": device.code}
    interval, end = device.interval_s, clock() + device.life_s
    while clock() + interval <= end:
        sleep(interval)
        try:
            return host.ask_once(form, keep)
        except Again:  # RFC 8628, 3.5: after a lost answer, ask less often
            interval *= 2
        except Refused as refused:
            if refused.error == "slow_down":
                interval += _SLOWER_S
            elif refused.error != "authorization_pending":
                raise _explain_device(refused) from None
    raise Busy("nobody entered the code before it ran out — log in again")


def _explain_device(refused: Refused) -> AccountError:
    if refused.error == "expired_token":
        return Busy("nobody entered the code before it ran out — log in again")
    if refused.error == "access_denied":
        return Denied(f"{refused}: the login was refused in the browser — log in again, and consent")
    return Denied(f"{refused} — log in again; if it stays so, {_FORM_CURE}")


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 < value < 86_400 else None
