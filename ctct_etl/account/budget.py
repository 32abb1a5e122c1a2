"""The requests of a calendar day, counted on disk: they belong to the API key, not to a process.

The day is the clock's, in UTC, but it never goes back: a clock that was set back, or comes back after it ran ahead by
mistake, goes on with the count that is there. If the latest day counted is tomorrow, requests are counted as
tomorrow's until that day is over; if it lies further ahead, its count is carried over to today. So at most a part of
one day's requests is given away, and none is ever counted as free.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from ctct_etl.account.key_table import KeyTable
from ctct_etl.errors import QuotaUsedUp

_ONE_DAY = timedelta(days=1)
_CLOCKS_AGREE = timedelta(hours=12)  # further apart, one of them is wrong by more than a time of day
_WRITTEN_BACK_EVERY = 500  # requests: some megabytes


class Budget:
    """Counts each request before it is sent. `per_day` None: counted, but without a limit.

    table: the file behind it, which the key's pace shares.
    """

    def __init__(self, path: Path, client_id: str, per_day: int | None, now: Callable[[], datetime]) -> None:
        self.table = KeyTable(path, client_id)
        self._per_day = per_day
        self._now = now
        self._spent = 0

    def spend(self) -> date:
        """Count one request, and return the day that it is counted for.

        Raises QuotaUsedUp, counting nothing, when that day's are used up.
        """
        with self.table.changing():
            day = self._settle_day()
            if self._left(day) == 0:
                raise used_up(day)
            self._count(day, 1)
            self._spent += 1
        if self._spent % _WRITTEN_BACK_EVERY == 0:
            self.table.write_back()
        return day

    def use_up(self, day: date) -> None:
        """Remember that the service has no more requests for `day`: until it is over, nobody sends one."""
        self.table.ask("INSERT OR IGNORE INTO used_up VALUES (?, ?)", self.table.key, str(day))

    def used(self) -> int:
        """Requests counted today."""
        with self.table.changing():
            return self._used(self._settle_day())

    def left(self) -> int | None:
        """Requests left today; None without a limit."""
        with self.table.changing():
            return self._left(self._settle_day())

    def close(self) -> None:
        self.table.close()

    def _settle_day(self) -> date:
        """The day to count for. Carries the count over when the latest day is one that the clock can't mean."""
        today = _utc_day(self._now())
        latest = self._latest_day()
        if latest is None or latest <= today:
            return today
        if latest - today <= _ONE_DAY:
            return latest
        self._carry_over(latest, today)
        return today

    def _latest_day(self) -> date | None:
        sql = "SELECT max(day) FROM (SELECT key, day FROM requests UNION SELECT key, day FROM used_up) WHERE key = ?"
        (latest,) = self.table.ask(sql, self.table.key)
        return date.fromisoformat(latest) if latest else None

    def _carry_over(self, latest: date, today: date) -> None:
        self._count(today, self._used(latest))
        if self._is_used_up(latest):
            self.use_up(today)
        for table in ("requests", "used_up"):
            self.table.ask(f"DELETE FROM {table} WHERE key = ? AND day > ?", self.table.key, str(today))

    def _count(self, day: date, requests: int) -> None:
        sql = "INSERT INTO requests VALUES (?, ?, ?) ON CONFLICT (key, day) DO UPDATE SET sent = sent + excluded.sent"
        self.table.ask(sql, self.table.key, str(day), requests)

    def _used(self, day: date) -> int:
        row = self.table.ask("SELECT sent FROM requests WHERE key = ? AND day = ?", self.table.key, str(day))
        return int(row[0]) if row else 0

    def _left(self, day: date) -> int | None:
        if self._is_used_up(day):
            return 0
        return None if self._per_day is None else max(0, self._per_day - self._used(day))

    def _is_used_up(self, day: date) -> bool:
        return self.table.ask("SELECT 1 FROM used_up WHERE key = ? AND day = ?", self.table.key, str(day)) is not None


def meant_day(stated: str | None, now: datetime, counted: date) -> date:
    """Tell which day's requests the service calls used up, in an answer whose Date header is `stated`.

    By the service's own clock, so that one of ours which runs some minutes ahead takes no whole day for spent at
    midnight; as the request was `counted` where it states none, or one that can't be.
    """
    try:
        theirs = parsedate_to_datetime(stated or "")
    except ValueError:
        return counted
    if theirs.tzinfo is None or abs(theirs - now) > _CLOCKS_AGREE:
        return counted
    return _utc_day(theirs)


def _utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def used_up(day: date) -> QuotaUsedUp:
    """The error for a spent day: the next begins at midnight UTC, and not 24 hours later."""
    resume_at = f"{day + _ONE_DAY}T00:00:00Z"
    return QuotaUsedUp(f"the requests of this day are used up — resume after {resume_at}", resume_at)
