"""Who is told, on this machine alone: a webhook and a mail server that keep what they get."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Webhook:
    """answer: the status that it gives. to: where a redirect leads. held: it answers once that is set."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answer: int = 200
    to: str = ""
    held: threading.Event | None = None


@contextmanager
def listening() -> Iterator[Webhook]:
    hook, one_by_one = Webhook(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with one_by_one:
                hook.paths.append(self.path)
                hook.got.append(body)
            if hook.held is not None:
                hook.held.wait(30)
            self.send_response(hook.answer)
            if hook.to:
                self.send_header("Location", hook.to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        hook.url = f"http://127.0.0.1:{server.server_port}/hook/t0ps3cret"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield hook
        if hook.held is not None:
            hook.held.set()
        server.shutdown()


@dataclass
class MailServer:
    port: int = 0
    mails: list[str] = field(default_factory=list)


@contextmanager
def receiving_mail() -> Iterator[MailServer]:
    """Speak as much of SMTP as one mail takes (RFC 5321)."""
    box = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                word = line[:4].upper()
                self.wfile.write({b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n"))
                if word == b"DATA":
                    box.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                    self.wfile.write(b"250 taken\r\n")
                if word == b"QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield box
        server.shutdown()
