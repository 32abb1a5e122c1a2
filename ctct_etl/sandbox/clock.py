"""The sandbox's own clock: real time plus what a test has advanced it by, and a date that may be off."""

import threading
import time
from datetime import UTC, datetime
from functools import lru_cache


class Clock:
    """`now` counts time as it passes, `date` is what the service believes it to be: off by the skew.

    Whatever lasts (tokens, activities, pace) goes by `now`, so that a clock set wrong makes nothing last longer.
    """

    def __init__(self, advanced_s: float = 0.0, skew_s: float = 0.0) -> None:
        self._advanced_s, self.skew_s = advanced_s, skew_s
        self._lock = threading.Lock()

    @property
    def advanced_s(self) -> float:
        return self._advanced_s

    def now(self) -> float:
        """Seconds since 1970, by a clock that is right."""
        return time.time() + self._advanced_s

    def date(self) -> float:
        """Seconds since 1970, by the service's clock."""
        return self.now() + self.skew_s

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._advanced_s += seconds

    def stamp(self, moment: float | None = None) -> str:
        """A moment of `now`, or this one, as the service dates it: UTC, whole seconds (two changes may bear one)."""
        return write_stamp((self.now() if moment is None else moment) + self.skew_s)

    def show(self) -> dict[str, object]:
        return {"now": self.date(), "time": self.stamp(), "advanced_s": self._advanced_s, "skew_s": self.skew_s}


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
