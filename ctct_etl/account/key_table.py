"""What every process of this machine knows of one API key: one SQLite file, keyed by a hash of the client id.

    requests    key · day (YYYY-MM-DD, UTC) · sent: the requests counted on that day
    used_up     key · day: the service itself has said that the day's requests are used up
    pace        key · due, moments (JSON), slowed_at: seconds of the machine's monotonic clock · slowed_to: a share

The file survives a process that dies at any instant. A power cut may lose the last seconds of it, and never tears it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ctct_etl.errors import StateError

_TABLES = (
    "CREATE TABLE IF NOT EXISTS requests (key TEXT, day TEXT, sent INTEGER, PRIMARY KEY (key, day))",
    "CREATE TABLE IF NOT EXISTS used_up (key TEXT, day TEXT, PRIMARY KEY (key, day))",
    "CREATE TABLE IF NOT EXISTS pace (key TEXT PRIMARY KEY, due REAL, moments TEXT, slowed_at REAL, slowed_to REAL)",
)
_WAIT_S = 30.0  # for another process, whose transactions take less than a millisecond


class KeyTable:
    """The rows of one key. Threads may share it. Everything raises StateError where the file can't be used."""

    def __init__(self, path: Path, client_id: str) -> None:
        self.key = hashlib.sha256(client_id.encode()).hexdigest()
        self._path = path
        self._lock = threading.RLock()
        with self._explaining():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=True)
            self._rows = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except BaseException:
            self._rows.close()
            raise

    def ask(self, sql: str, *values: Any) -> Any:
        """The first row of the answer; None if there is none."""
        with self._lock, self._explaining():
            return self._rows.execute(sql, values).fetchone()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction, alone among all processes: what `ask` does within is kept whole, or not at all."""
        with self._lock:
            self.ask("BEGIN IMMEDIATE")
            try:
                yield
                self.ask("COMMIT")
            except BaseException:
                if self._rows.in_transaction:  # a full disk has rolled it back already
                    self._rows.execute("ROLLBACK")
                raise

    def write_back(self) -> None:
        """Bring what was written since into the file itself: at a time of our choosing, since it waits for the disk."""
        self.ask("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        self._rows.close()

    def _prepare(self) -> None:
        if self.ask("PRAGMA journal_mode")[0] != "wal":
            self.ask("PRAGMA journal_mode=WAL")
        # Outlives the process, if not a power cut: a request is not worth waiting for the disk.
        self.ask("PRAGMA synchronous=NORMAL")
        self.ask("PRAGMA wal_autocheckpoint=0")  # else it comes between a turn and its request, see `write_back`
        with self.changing():
            for table in _TABLES:
                self.ask(table)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.OperationalError) as fault:
            raise StateError(
                f"{self._path}: the requests can't be counted ({fault}) — free space on its disk, look at its rights, "
                "or choose another state directory"
            ) from fault
        except sqlite3.DatabaseError as fault:
            raise StateError(
                f"{self._path}: the count of requests is torn ({fault}) — move it and its -wal and -shm away; it is "
                "begun anew then, and the service still stops what goes beyond the day's requests"
            ) from fault
