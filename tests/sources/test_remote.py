"""Sources at web addresses, on a server of this machine."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest
import requests

from ctct_etl.errors import SourceError
from ctct_etl.sources import remote
from tests.sources.conftest import NOW

PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/a.csv": (200, {"Last-Modified": format_datetime(NOW - timedelta(hours=3), usegmt=True)}, b"email\na@x.org\n"),
    "/undated.csv": (200, {}, b"email\na@x.org\n"),
    "/moved": (302, {"Location": "/a.csv"}, b""),
    "/loop": (302, {"Location": "/loop"}, b""),
    "/open": (302, {"Location": "http://example.com/a.csv"}, b""),
    "/private": (403, {}, b"no"),
    "/short": (200, {"Content-Length": "999"}, b"email\n"),
}

UNREACHED = "see that the server is up and the address right"


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = PAGES[self.path.partition("?")[0]]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_is_read_and_shown_without_what_may_be_secret(site, read):
    table = read(f"http://{site}/a.csv?token=secret")
    assert table.rows["email"].tolist() == ["a@x.org"]
    assert table.rows["@file"].tolist() == [f"http://{site}/a.csv"]
    assert table.files[0].modified_at == "2026-03-01T03:00:00+00:00"


def test_a_redirect_is_followed(site, read):
    assert len(read(f"http://{site}/moved").rows) == 1


def test_a_fresh_file_passes_and_an_old_one_does_not(site, read):
    assert len(read(f"http://{site}/a.csv", fresh_within="4h").rows) == 1
    with pytest.raises(SourceError, match=rf"^http://{site}/a\.csv: the file is 3h old"):
        read(f"http://{site}/a.csv", fresh_within="2h")


@pytest.mark.parametrize(
    ("address", "what", "cure"),
    [
        ("http://SITE/private?key=secret", "the server answered 403 Forbidden", "open the address in a browser"),
        ("http://SITE/loop", "redirects without end", "give the address of the file itself"),
        ("http://SITE/short", "can't be fetched (ChunkedEncodingError)", UNREACHED),
        ("http://127.0.0.1:1/a.csv", "can't be fetched (ConnectionError)", UNREACHED),
        ("s3://bucket/a.csv", 'addresses of kind "s3" are not built yet', "use a file or https"),
    ],
)
def test_what_can_not_be_fetched_is_told_without_secrets(site, read, address, what, cure):
    address = address.replace("SITE", site)
    with pytest.raises(SourceError) as raised:
        read(address)
    assert str(raised.value) == f"{address.partition('?')[0]}: {what} — {cure}"


def test_an_option_that_no_file_can_obey_is_told_without_secrets(site, read):
    with pytest.raises(SourceError) as raised:
        read(f"http://{site}/a.csv?token=secret", sheet="Members")
    assert str(raised.value) == f"http://{site}/a.csv: is delimited text, which has no sheets — leave out `sheet`"


def test_no_redirect_leads_to_an_open_wire(site, read):
    with pytest.raises(SourceError) as raised:
        read(f"http://{site}/open")
    assert str(raised.value) == "http://example.com/a.csv: people's data must not travel over plain http — use https"


def test_freshness_that_the_server_does_not_tell_is_an_error(site, read):
    with pytest.raises(SourceError) as raised:
        read(f"http://{site}/undated.csv", fresh_within="2h")
    assert str(raised.value) == (
        f"http://{site}/undated.csv: the server does not say when the file was changed — leave out `fresh_within`"
    )


def test_a_page_that_never_ends_is_cut(site, read, monkeypatch):
    monkeypatch.setattr(remote, "MAX_BYTES", 5)
    with pytest.raises(SourceError, match=rf"^http://{site}/a\.csv: is larger than 0 GiB — load it in parts$"):
        read(f"http://{site}/a.csv")


def test_certificates_are_verified(read, monkeypatch):
    asked = {}

    def refuse(address, **options):
        asked.update(options)
        raise requests.exceptions.SSLError(f"certificate of {address}")

    monkeypatch.setattr(requests, "get", refuse)
    with pytest.raises(SourceError) as raised:
        read("https://me:word@example.com/a.csv?token=secret")
    assert asked.get("verify", True) is True
    assert str(raised.value) == (
        "https://example.com/a.csv: can't be fetched (TLS can't be verified) — "
        "see that the server is up and the address right"
    )
