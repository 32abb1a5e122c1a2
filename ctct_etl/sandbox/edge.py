"""The outermost layer: reads each request whole, records it, and lets the faults strike."""

import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .clock import Clock
from .faults import Fault, Faults
from .recording import Entry, Recording

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WINDOW = "/_sandbox/"

_ANSWERS = {
    "throttled": ("429 TOO MANY REQUESTS", {"error_key": "throttled", "error_message": "Too Many Requests"}),
    "quota_exceeded": ("429 TOO MANY REQUESTS", {"error_key": "quota_exceeded", "error_message": "Limit Exceeded"}),
    "500": ("500 INTERNAL SERVER ERROR", [{"error_message": "There was a problem with our internal service."}]),
    "503": ("503 SERVICE UNAVAILABLE", [{"error_message": "Our internal service is temporarily unavailable."}]),
}
_PAGE = b"<!DOCTYPE html>\n<html><body><h1>Please sign in to this network</h1></body></html>\n"
_NOISE = b'{"contacts": [{"contact_id": \x00 not JSON'


class Edge:
    """WSGI middleware round the sandbox."""

    def __init__(self, app: "WSGIApplication", clock: Clock, faults: Faults, recording: Recording) -> None:
        self._app, self._clock, self._faults, self._recording = app, clock, faults, recording

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        body = _take_body(environ)
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path.startswith(WINDOW):
            return self._app(environ, start)
        now = self._clock.now()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
        entry = self._recording.begin(stamp, method, path, environ.get("QUERY_STRING", ""), _headers(environ), body)
        fault = self._faults.pick(method, path)
        if fault is None:
            return self._app(environ, _noting_status(start, entry))
        return self._strike(fault, entry, environ, start)

    def _strike(
        self, fault: Fault, entry: Entry, environ: "WSGIEnvironment", start: "StartResponse"
    ) -> Iterable[bytes]:
        start = _noting_status(start, entry)
        if fault.kind == "latency":
            time.sleep(fault.seconds)
            return self._app(environ, start)
        if fault.kind in _ANSWERS:
            status, document = _ANSWERS[fault.kind]
            return _answer(start, status, json.dumps(document).encode(), "application/json")
        if fault.kind == "html_200":
            return _answer(start, "200 OK", _PAGE, "text/html")
        if fault.kind == "drop_before":
            raise _cut(environ)
        status, headers, content = _run(self._app, environ)
        if fault.kind == "drop_after":
            raise _cut(environ)
        if fault.kind == "non_json":
            return _answer(start, status, _NOISE, "application/json")
        start(status, headers)
        return _send_half(content, environ)


def _take_body(environ: "WSGIEnvironment") -> bytes:
    """Read the body to its end (a rest would be taken for the next request) and put it back."""
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise _cut(environ)  # nobody can say where the next request begins
    try:
        body: bytes = stream.read() if environ.get("wsgi.input_terminated") else stream.read(int(length))
    except OSError:  # chunks that are none, or a client that went away
        raise _cut(environ) from None
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


def _answer(start: "StartResponse", status: str, body: bytes, kind: str) -> list[bytes]:
    start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


def _run(app: "WSGIApplication", environ: "WSGIEnvironment") -> tuple[str, list[tuple[str, str]], bytes]:
    """Let the request have its whole effect, keeping the answer back."""
    kept: list[Any] = []

    def keep(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
        kept[:] = [status, headers]
        return lambda _: None

    answer = app(environ, keep)
    content = b"".join(answer)
    close = getattr(answer, "close", None)
    if close:
        close()
    return kept[0], kept[1], content


def _cut(environ: "WSGIEnvironment") -> ConnectionError:
    """Close the connection under the client; the server takes the error for a client that went away."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return ConnectionAbortedError("cut on purpose")


def _send_half(content: bytes, environ: "WSGIEnvironment") -> Iterator[bytes]:
    yield content[: len(content) // 2]
    raise _cut(environ)
