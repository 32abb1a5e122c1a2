"""Space requests evenly, whatever number of threads sends them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# A hair slower than allowed: at 4.00 a second the service, which sees arrivals jitter, counts 5 in some seconds.
_MARGIN = 0.98


class Pace:
    """Hands out moments at even distance, with no burst after a pause. `per_second` None: no pace at all."""

    def __init__(
        self,
        per_second: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._distance = 1 / (per_second * _MARGIN) if per_second else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next = float("-inf")
        self._lock = threading.Lock()

    def wait_turn(self) -> None:
        """Return when this request may be sent."""
        if not self._distance:
            return
        with self._lock:
            moment = max(self._clock(), self._next)
            self._next = moment + self._distance
        if (wait := moment - self._clock()) > 0:
            self._sleep(wait)
