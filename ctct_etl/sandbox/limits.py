"""Limits of an API key: 4 requests a second, 10,000 a calendar day (UTC).

Every request with a known token counts, also one that is refused: the sources say that each request counts,
and nothing of exceptions.
"""

import threading
from bisect import insort
from collections import defaultdict, deque
from typing import Literal

from .clock import Clock
from .switches import Switches

PER_SECOND = 4
PER_DAY = 10_000
TOKENS_PER_SECOND = 1

Refusal = Literal["throttled", "quota_exceeded"]


class Limits:
    def __init__(self, clock: Clock, switches: Switches, enforced: bool, used_today: str | None = None) -> None:
        """`used_today` is what `describe_day` gave before, so that a restart forgives nothing."""
        self._clock, self._enforced = clock, enforced
        self._sliding = switches.throttle_window == "sliding"
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._day, self._used = "", defaultdict[str, int](int)
        if used_today:
            day, _, counts = used_today.partition(" ")
            self._day = day
            self._used.update((key, int(count)) for key, count in (pair.rsplit("=", 1) for pair in counts.split()))

    def judge(self, api_key: str, arrived: float | None = None) -> Refusal | None:
        """Count one request of this key, and say whether it is one too many.

        `arrived`: when its first byte was there, in seconds of the clock; None: now. How long this server then took
        to come to it is not the client's doing.
        """
        if not self._enforced:
            return None
        now = self._clock.now() if arrived is None else arrived
        with self._lock:
            today = self._clock.stamp(now)[:10]
            if today != self._day:
                self._day, self._used = today, defaultdict(int)
            self._used[api_key] += 1
            if self._used[api_key] > PER_DAY:
                return "quota_exceeded"
            return None if self._is_in_pace(api_key, now, PER_SECOND) else "throttled"

    def allows_token_request(self, client_id: str) -> bool:
        if not self._enforced:
            return True
        with self._lock:
            return self._is_in_pace(f"token {client_id}", self._clock.now(), TOKENS_PER_SECOND)

    def describe_day(self) -> str:
        with self._lock:
            return " ".join([self._day, *(f"{key}={count}" for key, count in self._used.items())])

    def _is_in_pace(self, key: str, now: float, most: int) -> bool:
        """Whether one more request fits into this second. A refused request takes no place in it."""
        recent = self._recent[key]
        start = now - 1 if self._sliding else float(int(now))
        while recent and (recent[0] <= start if self._sliding else recent[0] < start):
            recent.popleft()
        if len(recent) >= most:
            return False
        insort(recent, now)
        return True
