"""Faults on demand: which request is hit, and by what."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Literal, get_args

Kind = Literal[
    "latency",
    "throttled",
    "quota_exceeded",
    "500",
    "503",
    "drop_before",
    "drop_after",
    "truncated",
    "html_200",
    "non_json",
]
KINDS: tuple[str, ...] = get_args(Kind)

_KEYS = {"kind", "match", "after", "times", "seed", "share", "seconds"}


@dataclass
class Fault:
    """Hits requests that match: not the first `after`, then `times` of them (None: for ever).

    With `seed`, each of those is hit with the chance `share`, by a generator of that seed.
    """

    kind: str
    method: str = "*"
    path: str = "*"
    after: int = 0
    times: int | None = 1
    share: float = 1.0
    seconds: float = 1.0
    random: Random = field(default_factory=Random)
    hits: int = 0

    def strikes(self, method: str, path: str) -> bool:
        if self.times is not None and self.hits >= self.times:
            return False
        if not (fnmatchcase(method, self.method) and fnmatchcase(path, self.path)):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.random.random() >= self.share:
            return False
        self.hits += 1
        return True


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, wish: Mapping[str, Any]) -> Fault:
        """Take a fault as the window is given it. Raises ValueError for one that makes no sense."""
        unknown = wish.keys() - _KEYS
        if unknown:
            raise ValueError(f"unknown keys {sorted(unknown)}, known are {sorted(_KEYS)}")
        kind = str(wish.get("kind"))
        if kind not in KINDS:
            raise ValueError(f"kind {kind!r} is not one of {', '.join(KINDS)}")
        match = wish.get("match") or {}
        seed = wish.get("seed")
        fault = Fault(
            kind,
            method=match.get("method") or "*",
            path=match.get("path") or "*",
            after=int(wish.get("after") or 0),
            times=None if wish.get("times", 1) is None else int(wish.get("times", 1)),
            share=float(wish.get("share", 1.0 if seed is None else 0.5)),
            seconds=float(wish.get("seconds", 1.0)),
            random=Random(seed),
        )
        with self._lock:
            self._faults.append(fault)
        return fault

    def pick(self, method: str, path: str) -> Fault | None:
        """The first fault that strikes this request."""
        with self._lock:
            return next((fault for fault in self._faults if fault.strikes(method, path)), None)

    def show(self) -> list[dict[str, Any]]:
        """The faults there are, each with how often it has struck."""
        with self._lock:
            return [
                {
                    "kind": fault.kind,
                    "match": {"method": fault.method, "path": fault.path},
                    "after": fault.after,
                    "times": fault.times,
                    "hits": fault.hits,
                }
                for fault in self._faults
            ]

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
