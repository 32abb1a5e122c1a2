"""The HTTP server: threads, HTTP/1.1 with connections kept open, loopback only, closed for good when closed."""

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .clock import Clock
from .connections import is_to_reset

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body go out in two writes; without this the second waits for the client's acknowledgement.
    disable_nagle_algorithm = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        """What the Date header says: the service's date."""
        server = self.server
        assert isinstance(server, Server), "the only server that this handler is given to"
        return super().date_time_string(server.clock.date() if timestamp is None else timestamp)

    def handle_expect_100(self) -> bool:
        """Go on without a word: werkzeug answers 100 to the same header, and once is enough."""
        return True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Print nothing: the window's record of requests is the log."""


class Server(ThreadedWSGIServer):
    """Serves in a thread of its own from `start` to `stop`."""

    def __init__(self, app: "WSGIApplication", port: int, clock: Clock) -> None:
        self.clock = clock
        super().__init__(HOST, port, app, _Handler)
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, then end the kept-open connections too: else their threads would go on serving."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with self._open_lock:
                if not self._open:
                    return
                for connection in self._open:
                    _hang_up(connection)
            time.sleep(0.005)

    def shutdown_request(self, request: Any) -> None:
        """Say goodbye in order, unless a reset is wanted: closing alone sends it."""
        if is_to_reset(request):
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._open_lock:
                self._open.discard(request)


def _hang_up(connection: socket.socket) -> None:
    """End reading only, so that an answer on its way is still sent."""
    with suppress(OSError):  # The client may have been faster.
        connection.shutdown(socket.SHUT_RD)
