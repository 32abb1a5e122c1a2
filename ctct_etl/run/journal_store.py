"""The journal's file: SQLite, one writer at a time, a commit that survives a power cut."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ctct_etl.errors import StateError

_WAIT_S = 30.0  # for a reader that holds the file, such as `history`


class JournalStore:
    """Transactions and questions. Any thread may use it."""

    def __init__(self, connection: sqlite3.Connection, path: Path, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._path = path
        self._now = now
        self._lock = threading.RLock()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block is committed when it ends, nothing of it when it raises."""
        with self._lock, explain_faults(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled it back already
                    self._connection.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock, explain_faults(self._path):
            return self._connection.execute(query, values).fetchall()

    def _value(self, query: str, *values: Any) -> Any:
        return self._rows(query, *values)[0][0]

    def _time(self) -> str:
        return f"{self._now().astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def connect(path: Path) -> sqlite3.Connection:
    with explain_faults(path):
        return sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)


@contextmanager
def explain_faults(path: Path) -> Iterator[None]:
    """Turn SQLite's faults into a StateError that names the file and the cure."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        raise StateError(
            f"{path}: can't be written ({fault}) — free space on its disk and look at its rights"
        ) from fault
    except sqlite3.DatabaseError as fault:
        raise StateError(
            f"{path}: is torn ({fault}) — restore it, or move it away, look at the account and plan again"
        ) from fault


def dump(value: Any) -> str:
    # ASCII, since a contact may hold half of a surrogate pair, which SQLite does not take
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
