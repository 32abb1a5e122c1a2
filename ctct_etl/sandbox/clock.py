"""The sandbox's own clock: real time plus what a test has advanced it by."""

import threading
import time
from datetime import UTC, datetime
from functools import lru_cache


class Clock:
    def __init__(self, advanced_s: float = 0.0) -> None:
        self._advanced_s = advanced_s
        self._lock = threading.Lock()

    @property
    def advanced_s(self) -> float:
        return self._advanced_s

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._advanced_s

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._advanced_s += seconds

    def stamp(self) -> str:
        """Now, as the service writes dates: UTC, whole seconds (so two changes may bear one stamp)."""
        return write_stamp(self.now())


def write_stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4096)  # a seed of a million lines names few moments
def read_stamp(text: str) -> str:
    """Bring any ISO 8601 date or time to the form the store keeps and compares.

    Raises ValueError for anything else. A time without an offset is taken as UTC.
    """
    if len(text) == 20 and text[10] == "T" and text[19] == "Z":
        datetime.fromisoformat(text)
        return text
    moment = datetime.fromisoformat(text)
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as problem:
        raise ValueError(f"{text} is beyond the calendar") from problem
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
