"""Space requests evenly, whatever number of threads and processes sends them with one API key.

Only moments that are past are kept, never a place in a queue: a process that dies leaves nothing to wait for. Moments
are of the machine's monotonic clock, which its processes share and which nobody can set; one that lies in the future
is of an earlier boot, and means nothing.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from ctct_etl.account.key_table import KeyTable

# A hair slower than allowed. The service counts arrivals, which jitter: at 4.00 a second it sees 5 in some seconds.
_SHARE = 0.976
# What of that hair stays even when turns that came late are made up for.
_SLACK = 0.021
_MOST_MOMENTS = 16  # enough for any window at any pace

# When the service throttles, somebody else uses the key: half the pace, and back to all of it in a quarter of a minute.
_SLOWED_BY = 0.5
_SLOWEST = 1 / 8
_RECOVERY_S = 30.0
_ONE_SLOWING_S = 1.0  # refusals of one moment are one refusal

# Longer answers than this cost rate; shorter ones don't, since so many requests are under way at once.
_ANSWERED_WITHIN_S = 8.0
_AT_ONCE_WITHOUT_PACE = 8  # then this machine is the limit
_MOST_AT_ONCE = 64


@dataclass(frozen=True)
class _Past:
    """due: when the next request may be sent. moments: when the last ones were. slowed_to: a share, at slowed_at."""

    due: float = -math.inf
    moments: tuple[float, ...] = ()
    slowed_at: float = -math.inf
    slowed_to: float = 1.0


class Pace:
    """Hands out turns at even distance, with no burst after a pause. `per_second` None: no pace at all.

    table: where the turns of this key are kept, for all processes; None keeps them in this object.
    """

    def __init__(
        self,
        per_second: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        table: KeyTable | None = None,
    ) -> None:
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._table = table
        self._kept = _Past()
        self._first_in_line = threading.Lock()

    @property
    def at_once(self) -> int:
        """How many requests have to be under way together, so that the latency of the service costs no rate."""
        if self._per_second is None:
            return _AT_ONCE_WITHOUT_PACE
        return min(_MOST_AT_ONCE, max(1, math.ceil(self._per_second * _ANSWERED_WITHIN_S)))

    def wait_turn(self) -> None:
        """Return at the moment when this request is to be sent."""
        if not self._per_second:
            return
        # Of a process only the first in line looks for a turn, so that processes share evenly.
        with self._first_in_line:
            while (wait := self._take_turn(self._per_second)) > 0:
                self._sleep(wait)

    def slow_down(self) -> None:
        """The service throttles all the same: every process of the key goes slower for a while."""
        with self._alone():
            now = self._clock()
            past = self._recall(now)
            if now - past.slowed_at >= _ONE_SLOWING_S:
                slower = max(_SLOWEST, _share(past, now) * _SLOWED_BY)
                self._keep(replace(past, slowed_at=now, slowed_to=slower))

    def _take_turn(self, per_second: float) -> float:
        """Take the turn and return 0, if it is time; else the seconds until it may be."""
        count = max(1, min(_MOST_MOMENTS, math.floor(per_second)))
        with self._alone():
            now = self._clock()
            past = self._recall(now)
            distance = 1 / (per_second * _SHARE * _share(past, now))
            free = past.moments[-count] + count / per_second * (1 + _SLACK) if len(past.moments) >= count else now
            if (wait := max(past.due, free) - now) > 0:
                return wait
            # A turn that came late is made up for, a pause is not.
            following = (past.due if now - past.due < distance else now) + distance
            moments = (*past.moments, now)[-_MOST_MOMENTS:]
            self._keep(replace(past, due=following, moments=moments))
            return 0.0

    def _alone(self) -> AbstractContextManager[None]:
        return nullcontext() if self._table is None else self._table.changing()

    def _recall(self, now: float) -> _Past:
        if self._table is None:
            past = self._kept
        else:
            sql = "SELECT due, moments, slowed_at, slowed_to FROM pace WHERE key = ?"
            row = self._table.ask(sql, self._table.key)
            past = _read(row) if row else _Past()
        return _of_this_boot(past, now)

    def _keep(self, past: _Past) -> None:
        if self._table is None:
            self._kept = past
        else:
            values = (past.due, json.dumps(past.moments), past.slowed_at, past.slowed_to)
            self._table.ask("INSERT OR REPLACE INTO pace VALUES (?, ?, ?, ?, ?)", self._table.key, *values)


def _read(row: tuple[Any, ...]) -> _Past:
    due, moments, slowed_at, slowed_to = row
    return _Past(due, tuple(json.loads(moments)), slowed_at, slowed_to)


def _of_this_boot(past: _Past, now: float) -> _Past:
    """What is still known of the past: nothing that happens only later."""
    if max(*past.moments, past.slowed_at, -math.inf) > now:
        return _Past()
    return past


def _share(past: _Past, now: float) -> float:
    """Of the allowed pace, after a slowing that wears off."""
    return min(1.0, past.slowed_to + (now - past.slowed_at) / _RECOVERY_S)
