"""Where a run is told: addresses in the form of the library Apprise, which this file alone knows.

A plain https:// address is one of a service that the library recognises (Slack, Discord, Teams …), or gets a POST of
JSON. What would carry a secret in the clear is refused; nothing is sent to any address but the one that stands there,
and so no redirect is followed. The library says what it does in its log, with parts of the address: it is silenced.
"""

from __future__ import annotations

import logging
import re
import warnings
from functools import cache
from typing import Any, Protocol

_HERE = re.compile(r"localhost|127(\.[0-9]+){3}|::1|\[::1\]")
_WEB = {"http": "json", "https": "jsons"}
_CURE = "write https://…, mailtos://… or another address that Apprise knows (docs/notices.md)"
_TALKATIVE = ("apprise", "requests_oauthlib", "oauthlib", "MARKDOWN")


class TargetRefused(ValueError):
    """An address that can't be told, or not safely; no part of it is in the words."""

    def __init__(self, what: str, cure: str) -> None:
        self.what, self.cure = what, cure
        super().__init__(f"{what} — {cure}")


class Target(Protocol):
    """One address. `notify` returns whether the notice was taken; it may take long, and may raise anything."""

    service_name: Any

    def notify(self, *, body: str, title: str, notify_type: str, body_format: str) -> bool: ...


def open_target(address: str) -> Target:
    """Return what tells `address`; nothing is sent yet. Raises TargetRefused."""
    scheme, found, _ = address.partition("://")
    if not found:
        raise TargetRefused("this is no address", _CURE)
    scheme = scheme.lower()
    target: Target | None = _instantiate(address)
    if target is None and scheme in _WEB:
        scheme = _WEB[scheme]
        target = _instantiate(scheme + address[address.index("://") :])
    if target is None:
        raise TargetRefused("this is no address of a service that can be told", _CURE)
    if _is_in_the_clear(target, scheme):
        raise TargetRefused(
            "this address would be told in the clear", f"write https://… or {_secured(target, scheme)}://…"
        )
    return target


def _instantiate(address: str) -> Any:
    """None for what the library does not know."""
    return _library().Apprise.instantiate(address, asset=_asset(), suppress_exceptions=True)


@cache
def _library() -> Any:
    """Import it and its services, which takes 0.3 s: only where a pipeline tells anybody."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of imghdr, on Python 3.11 and 3.12
            import apprise

            apprise.Apprise.instantiate("json://localhost")
    except ImportError as fault:
        cure = 'install it: pip install "ctct-etl[notify]"'
        raise TargetRefused('"notify" needs the package apprise', cure) from fault
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.WARNING)
    return apprise


@cache
def _asset() -> Any:
    return _library().AppriseAsset(app_id="ctct-etl", async_mode=False, http_redirects=False, storage_mode="memory")


def _is_in_the_clear(target: Any, scheme: str) -> bool:
    if scheme not in _names(target.protocol) or target.secure or not _names(target.secure_protocol):
        return False
    if _HERE.fullmatch(str(target.host or "")):
        return False
    # A mail relay of one's own house has no TLS, often, and is told no secret.
    return scheme != "mailto" or bool(target.password)


def _secured(target: Any, scheme: str) -> str:
    names = _names(target.secure_protocol)
    return f"{scheme}s" if f"{scheme}s" in names else names[0]


def _names(protocols: Any) -> tuple[str, ...]:
    return (protocols,) if isinstance(protocols, str) else tuple(protocols or ())
