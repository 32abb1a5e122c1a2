"""What can happen to a connection under a client."""

import select
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_LINGER = struct.pack("ii", 1, 0)
_LOOK_S = 0.05


def cut(environ: "WSGIEnvironment") -> ConnectionError:
    """Close the connection in order; raise what is returned, the server takes it for a client that went away."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return ConnectionAbortedError("cut on purpose")


def reset(environ: "WSGIEnvironment") -> ConnectionError:
    """The same by a reset (RST). It goes out when the server closes the connection: see `is_to_reset`."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    connection.shutdown(socket.SHUT_RD)  # else the server would wait for the next request first
    return ConnectionResetError("reset on purpose")


def is_to_reset(connection: socket.socket) -> bool:
    """Whether `reset` was called; then an orderly goodbye must not come before."""
    size = len(_LINGER)
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, size) == _LINGER


def hang(environ: "WSGIEnvironment", released: threading.Event, seconds: float | None) -> ConnectionError:
    """Leave the client without an answer until it goes, `released` is set, or the time is over; then cut."""
    ends = float("inf") if seconds is None else time.monotonic() + seconds
    connection: socket.socket = environ["werkzeug.socket"]
    while time.monotonic() < ends and not released.wait(_LOOK_S):
        if _has_left(connection):
            break
    return cut(environ)


def _has_left(connection: socket.socket) -> bool:
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True
