"""The requests of a calendar day, counted on disk: they belong to the API key, not to a process."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ctct_etl.errors import QuotaUsedUp, StateError


class Budget:
    """Counts each request before it is sent. `per_day` None: counted, but without a limit."""

    def __init__(self, path: Path, client_id: str, per_day: int | None, now: Callable[[], datetime]) -> None:
        self._key = hashlib.sha256(client_id.encode()).hexdigest()
        self._per_day = per_day
        self._now = now
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=True)
            self._rows = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._rows.execute("PRAGMA journal_mode=WAL")
            # Outlives the process, if not a power cut: a request is not worth waiting for the disk.
            self._rows.execute("PRAGMA synchronous=NORMAL")
            self._rows.execute(
                "CREATE TABLE IF NOT EXISTS requests (key TEXT, day TEXT, sent INTEGER, PRIMARY KEY (key, day))"
            )
        except (OSError, sqlite3.Error) as fault:
            raise StateError(f"the count of requests can't be kept in {path}: {fault} — mend the directory") from fault

    def spend(self) -> None:
        """Count one request. Raises QuotaUsedUp, counting nothing, when the day's are used up."""
        limit = self._per_day if self._per_day is not None else 2**62
        sql = (
            "INSERT INTO requests VALUES (?, ?, 1) "
            "ON CONFLICT (key, day) DO UPDATE SET sent = sent + 1 WHERE sent < ? RETURNING sent"
        )
        if not limit or self._ask(sql, self._key, self._day(), limit) is None:
            raise used_up(self._now())

    def used(self) -> int:
        """Requests counted today."""
        row = self._ask("SELECT sent FROM requests WHERE key = ? AND day = ?", self._key, self._day())
        return int(row[0]) if row else 0

    def left(self) -> int | None:
        """Requests left today; None without a limit."""
        return None if self._per_day is None else max(0, self._per_day - self.used())

    def close(self) -> None:
        self._rows.close()

    def _ask(self, sql: str, *values: str | int) -> tuple[int] | None:
        """The first row, if there is one."""
        try:
            with self._lock:
                row: tuple[int] | None = self._rows.execute(sql, values).fetchone()
        except sqlite3.Error as fault:
            raise StateError(f"the count of requests can't be kept: {fault} — mend the state directory") from fault
        return row

    def _day(self) -> str:
        return self._now().astimezone(UTC).date().isoformat()


def used_up(now: datetime) -> QuotaUsedUp:
    """The error for a spent day: it begins anew at midnight UTC, and not 24 hours later."""
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    resume_at = f"{tomorrow.isoformat()}T00:00:00Z"
    return QuotaUsedUp(f"the requests of this day are used up — resume after {resume_at}", resume_at)
