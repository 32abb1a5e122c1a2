"""Fetching a source from a web address: verified TLS, bounded size, http to this machine only."""

from __future__ import annotations

import ipaddress
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from ctct_etl.errors import SourceError
from ctct_etl.sources.content import MAX_BYTES
from ctct_etl.sources.locating import check_fresh

if TYPE_CHECKING:
    import requests  # imported by what fetches: nearly every source is a file

_TIMEOUT = (10, 60)  # seconds to connect, and between two bytes
_MOST_REDIRECTS = 5
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Page:
    """What an address answered; `shown` is the address without query and password, which may be secrets."""

    data: bytes
    shown: str
    modified: datetime


def fetch(address: str, now: datetime, fresh_within: timedelta | None) -> Page:
    """GET the address. Raises SourceError when it can't be had, is too large, or is older than `fresh_within`."""
    import requests

    shown = show_address(address)
    try:
        with _get(address) as answer, tempfile.TemporaryFile() as file:
            if answer.status_code != requests.codes.ok:
                status = f"{answer.status_code} {answer.reason or ''}".strip()
                raise SourceError(f"{shown}: the server answered {status} — open the address in a browser")
            modified = _last_modified(answer)
            size = 0
            for part in answer.iter_content(_CHUNK):
                size += file.write(part)
                if size > MAX_BYTES:
                    raise SourceError(f"{shown}: is larger than {MAX_BYTES >> 30} GiB — load it in parts")
            file.seek(0)
            data = file.read()
    except requests.RequestException as error:
        # The words of the exception hold the whole address, and with it what may be secret.
        what = "TLS can't be verified" if isinstance(error, requests.exceptions.SSLError) else type(error).__name__
        raise SourceError(
            f"{shown}: can't be fetched ({what}) — see that the server is up and the address right"
        ) from None
    if fresh_within is not None:
        if modified is None:
            raise SourceError(f"{shown}: the server does not say when the file was changed — leave out `fresh_within`")
        check_fresh(shown, modified, now, fresh_within)
    return Page(data, shown, modified or now)


def _get(address: str) -> requests.Response:
    """Follow redirects by hand, so that none leads to plain http elsewhere."""
    import requests

    for _ in range(_MOST_REDIRECTS + 1):
        _refuse_open_wire(address)
        answer = requests.get(address, timeout=_TIMEOUT, stream=True, allow_redirects=False)
        if not answer.is_redirect:
            return answer
        answer.close()
        address = urljoin(address, answer.headers["location"])
    raise SourceError(f"{show_address(address)}: redirects without end — give the address of the file itself")


def _refuse_open_wire(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        return
    if parts.scheme == "http":
        raise SourceError(f"{show_address(address)}: people's data must not travel over plain http — use https")
    raise SourceError(
        f'{show_address(address)}: addresses of kind "{parts.scheme}" are not built yet — use a file or https'
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def show_place(path: str) -> str:
    """What may be told of a source's path: of a web address neither password nor query."""
    return show_address(path) if "://" in path else path


def show_address(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _last_modified(answer: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.headers["last-modified"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None
