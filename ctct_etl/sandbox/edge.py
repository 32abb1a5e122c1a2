"""The outermost layer: reads each request whole, records it, and lets the faults strike."""

import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .connections import cut
from .faults import Asked
from .recording import Entry
from .service import Service
from .striking import strike

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WINDOW = "/_sandbox/"
ARRIVED = "sandbox.arrived"  # in the environment of a request: when it came, in seconds of the clock


class Edge:
    """WSGI middleware round the sandbox."""

    def __init__(self, app: "WSGIApplication", service: Service) -> None:
        self._app, self._service = app, service

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        environ[ARRIVED] = self._service.clock.now()
        body = _take_body(environ)
        path, method, query = environ["PATH_INFO"], environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
        if path.startswith(WINDOW):
            return self._app(environ, start)
        now = self._service.clock.date()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
        entry = self._service.recording.begin(stamp, method, path, query, _headers(environ), body)
        start = _noting_status(start, entry)
        asked = Asked(method, path, query, environ.get("CONTENT_TYPE", ""), body)
        strikes = self._service.faults.pick(asked)
        if strikes:
            return strike(self._service, self._app, strikes, environ, start)
        return self._app(environ, start)


def _take_body(environ: "WSGIEnvironment") -> bytes:
    """Read the body to its end (a rest would be taken for the next request) and put it back."""
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise cut(environ)  # nobody can say where the next request begins
    try:
        body: bytes = stream.read() if environ.get("wsgi.input_terminated") else stream.read(int(length))
    except OSError:  # chunks that are none, or a client that went away
        raise cut(environ) from None
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    headers = {key[5:].replace("_", "-").title(): value for key, value in environ.items() if key.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    return headers


def _noting_status(start: "StartResponse", entry: Entry) -> "StartResponse":
    def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        entry.status = int(status[:3])
        return start(status, headers, *rest)

    return note
