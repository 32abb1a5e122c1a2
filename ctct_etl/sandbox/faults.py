"""Faults on demand: which request is hit, and by what.

Chance is no generator that every request turns on, but a hash of the seed and of the request itself: what is
asked, and for the how-manieth time. So threads that overtake each other are struck in the same places every time.
"""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote_plus

from .documents import Document
from .fault_wishes import CHAOS, Wish, read_fault

_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_ACTIVITY = re.compile(r"^(/v3|/ws/customers/[^/]*)/activities/[0-9a-zA-Z-]{36,}(?P<file>\.\w+)?$")
_TOKENS = "/oauth2/"


@dataclass(frozen=True)
class Asked:
    """What of a request the faults look at."""

    method: str
    path: str
    query: str = ""
    content_type: str = ""
    body: bytes = b""

    @cached_property
    def identity(self) -> bytes:
        """A hash of what is asked, the same in every run of the same story.

        Left out is what differs from run to run: moments, ids of activities, the boundary of a form, and of
        requests for tokens all but the path.
        """
        path = _ACTIVITY.sub(r"\1/activities/*\g<file>", self.path)
        query, body = unquote_plus(self.query).encode(), self.body
        if path.startswith(_TOKENS):
            query = body = b""
        boundary = self.content_type.partition("boundary=")[2].strip('"').encode()
        body = body.replace(boundary, b"") if boundary else body
        parts = (self.method.encode(), path.encode(), _MOMENT.sub(b"", query), _MOMENT.sub(b"", body))
        return blake2b(b"\x1f".join(parts), digest_size=16).digest()


@dataclass
class Fault:
    """A wish, and what came of it. `seen` counts requests that match, `misses` strikes that changed nothing."""

    wish: Wish
    seen: int = 0
    hits: int = 0
    misses: int = 0
    missed: str | None = None
    met: Counter[bytes] = field(default_factory=Counter)
    on_end: Counter[bytes] = field(default_factory=Counter)

    def strikes(self, asked: Asked) -> str | None:
        """The kind of the strike if this request is hit."""
        wish = self.wish
        if not (fnmatchcase(asked.method, wish.method) and fnmatchcase(asked.path, wish.path)):
            return None
        self.seen += 1
        is_over = wish.times is not None and self.hits + self.misses >= wish.times
        if is_over or self.seen <= wish.after:
            return None
        kind = wish.kind if wish.seed is None else self._draw(asked)
        self.hits += kind is not None
        return kind

    def _draw(self, asked: Asked) -> str | None:
        """Let chance decide: the kind of the strike if it is one."""
        wish, which = self.wish, asked.identity
        self.met[which] += 1
        turn = (wish.seed, wish.kind, which, self.met[which])
        is_enough = wish.in_a_row is not None and self.on_end[which] >= wish.in_a_row
        if is_enough or draw(*turn) >= wish.share:
            self.on_end[which] = 0
            return None
        self.on_end[which] += 1
        if wish.kind != CHAOS:
            return wish.kind
        kinds: list[str] = wish.own["kinds"]
        return kinds[int(draw("which", *turn) * len(kinds))]

    def show(self) -> Document:
        counts = {"seen": self.seen, "hits": self.hits, "misses": self.misses, "missed": self.missed}
        return self.wish.show() | counts


@dataclass(frozen=True)
class Strike:
    """One fault hitting one request. `kind` is the fault's own, or what chaos drew."""

    fault: Fault
    kind: str

    def is_deed(self, when: str) -> bool:
        return self.fault.wish.sort == "deed" and self.fault.wish.own.get("when", "before") == when


class Faults:
    """All faults there are.

    Of the faults of the answer the first that strikes has the request, and the later ones do not see it; so it
    is with fates. Deeds all see every request.
    """

    def __init__(self, when_cleared: Callable[[], None] = lambda: None) -> None:
        self._when_cleared = when_cleared
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._released = threading.Event()

    def add(self, wish: Mapping[str, Any]) -> Fault:
        """Take a fault as the window is given it. Raises ValueError for one that makes no sense."""
        fault = Fault(read_fault(wish))
        with self._lock:
            self._faults.append(fault)
        return fault

    def pick(self, asked: Asked) -> list[Strike]:
        """What strikes this request."""
        if not self._faults:
            return []
        strikes: list[Strike] = []
        with self._lock:
            for fault in self._faults:
                sort = fault.wish.sort
                if sort != "deed" and any(strike.fault.wish.sort == sort for strike in strikes):
                    continue
                kind = fault.strikes(asked)
                if kind is not None:
                    strikes.append(Strike(fault, kind))
        return strikes

    def note_miss(self, fault: Fault, why: str) -> None:
        """The strike changed nothing after all."""
        with self._lock:
            fault.hits -= 1
            fault.misses += 1
            fault.missed = why

    def show(self) -> list[Document]:
        """The faults there are, each with what came of it."""
        with self._lock:
            return [fault.show() for fault in self._faults]

    def clear(self) -> None:
        """Take all faults back, and let go whatever waits because of one: requests, and stalled activities."""
        with self._lock:
            self._faults.clear()
        self.let_go()
        self._when_cleared()

    def let_go(self) -> None:
        """End the waiting of all requests that hang in a fault now."""
        with self._lock:
            released, self._released = self._released, threading.Event()
        released.set()

    @property
    def released(self) -> threading.Event:
        """Set once whoever waits in a fault now is let go."""
        with self._lock:
            return self._released


def draw(*parts: object) -> float:
    """A number from 0 up to 1 that these parts always give."""
    digest = blake2b(_spell(parts), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _spell(parts: Iterable[object]) -> bytes:
    return b"\x1f".join(part if isinstance(part, bytes) else str(part).encode() for part in parts)
