"""The end of a browser's way back: a page on this machine alone, served for the length of one login (RFC 8252, 7.3)."""

from __future__ import annotations

import html
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from ctct_etl.errors import UsageError

PATH = "/ctct-etl"
_LONGEST_SENDING_S = 2.0
_LONGEST_ANSWER_S = 150.0  # so long a browser waits for the page while its code is changed for tokens

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>ctct-etl</title>
<body style="font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem">
<h1 style="font-size: 1.5rem">{title}</h1><p>{text}</p></body></html>
"""


class Visit:
    """One browser that came back and waits for its page. `query` is what it brought."""

    def __init__(self, query: str) -> None:
        self.query = query
        self._page: queue.Queue[tuple[str, str]] = queue.Queue(1)
        self.sent = threading.Event()

    def answer(self, title: str, text: str) -> None:
        """Show the page, and wait a moment for it to leave: the program may end right after."""
        self._page.put((title, text))
        self.sent.wait(_LONGEST_SENDING_S)

    def await_page(self) -> tuple[str, str]:
        try:
            return self._page.get(timeout=_LONGEST_ANSWER_S)
        except queue.Empty:
            return "No answer", "The program has ended, or is still at work: look at its window."


class _Handler(BaseHTTPRequestHandler):
    timeout = 60  # a connection that a browser opens ahead and never uses
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != PATH or not self._is_local():
            self.send_error(404)
            return
        visit = Visit(parts.query)
        self.server.visits.put(visit)
        try:
            self._send_page(*visit.await_page())
        finally:
            visit.sent.set()

    def _send_page(self, title: str, text: str) -> None:
        page = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
        self.send_response(200)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),  # the address holds the code
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def _is_local(self) -> bool:
        """Does the browser believe that it talks to this machine? Else a page elsewhere has been led here."""
        return (self.headers.get("Host") or "").rpartition(":")[0] in ("localhost", "127.0.0.1")

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the address holds the code."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # Else a second login on the same port would share it, on systems that take this for permission.
    allow_reuse_port = False

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.visits: queue.Queue[Visit] = queue.Queue()


class Listener:
    """Where the browser comes back to."""

    def __init__(self, server: _Server) -> None:
        self._server = server

    def wait(self, seconds: float) -> Visit | None:
        """The next browser that comes back; None when none does in time."""
        try:
            return self._server.visits.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None


def redirect_uri(port: int) -> str:
    """What has to be registered for the application, letter by letter."""
    return f"http://localhost:{port}{PATH}"


@contextmanager
def listen(port: int) -> Iterator[Listener]:
    """Serve the page for the length of the block. Raises UsageError for a port that can't be had."""
    try:
        server = _Server(port)
    except OSError as fault:
        raise UsageError(
            f"port {port} of this machine can't be used ({fault.strerror or fault}) — end what uses it, or choose "
            f"another by --port and register its redirect URI; or --paste"
        ) from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Listener(server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
