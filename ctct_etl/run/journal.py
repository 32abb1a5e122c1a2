"""The journal: what was intended, what was sent, what came back — each durable before the next step (design 7).

Glossary
    intended    the operation is recorded; nothing of it has left this machine
    sent        a request of it may have left; what became of it is for the account to say
    answered    its results are recorded; it is never touched again
    follower    an operation that an answer asks for; recorded in the same transaction as that answer

An operation goes intended → sent → answered. If reading shows that a sent one had no effect, it goes back to intended.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ctct_etl.account.dialect import Answer, Operation, Result
from ctct_etl.errors import PlanRefused, StateError
from ctct_etl.run.durable_files import PRIVATE_FILE, explain_disk_faults
from ctct_etl.run.journal_schema import migrate

JOURNAL = "journal.sqlite"
INTENDED, SENT, ANSWERED = "intended", "sent", "answered"
UNDECIDED = ""  # the operation of results that were decided before any operation

_WAIT_S = 30.0  # for a reader that holds the file, such as `history`


@dataclass(frozen=True)
class Entry:
    """An operation in the journal.

    detail: its last checkpoint, {} for none. generation: 0 for one of the plan, n + 1 for a follower of generation n.
    sendings: how often it was sent.
    """

    operation: Operation
    state: str
    detail: Mapping[str, Any]
    generation: int
    sendings: int


@contextmanager
def open_journal(
    directory: Path, plan_digest: str, account: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Journal]:
    """Open the journal of a plan's directory, made when it is not there (0600).

    Raises PlanRefused if it belongs to another plan or account, StateError if it can't be read or written.
    """
    path = directory / JOURNAL
    with explain_disk_faults(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))  # SQLite would use the umask
    with _explain_faults(path):
        connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        with _explain_faults(path):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut, not only a crash
            migrate(connection, path)
        journal = Journal(connection, path, now)
        journal.begin(plan_digest, account)
        yield journal
    finally:
        connection.close()


@contextmanager
def _explain_faults(path: Path) -> Iterator[None]:
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


class Journal:
    """One run's journal. Any thread may call it; every method that writes has committed when it returns."""

    def __init__(self, connection: sqlite3.Connection, path: Path, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._path = path
        self._now = now
        self._lock = threading.RLock()

    # -- the run -----------------------------------------------------------------------------------------

    def begin(self, plan_digest: str, account: str) -> None:
        with self._transaction() as write:
            known = write.execute("SELECT plan_digest, account FROM run").fetchone()
            if known is None:
                write.execute(
                    "INSERT INTO run (one, plan_digest, account, started) VALUES (1, ?, ?, ?)",
                    (plan_digest, account, self._time()),
                )
            elif known != (plan_digest, account):
                raise PlanRefused(f"{self._path}: is the journal of another plan or account — plan again")

    def is_begun(self) -> bool:
        """Have the plan's operations been recorded? Before that, nothing of them was sent."""
        return self._value("SELECT built FROM run") is not None

    def end(self, how: str) -> None:
        with self._transaction() as write:
            write.execute("UPDATE run SET ended = ?, how = ?", (self._time(), how))

    def how_it_ended(self) -> str | None:
        how = self._value("SELECT how FROM run")
        return None if how is None else str(how)

    def count_requests(self, count: int) -> None:
        with self._transaction() as write:
            write.execute("UPDATE run SET requests = requests + ?", (count,))

    def requests(self) -> int:
        return int(self._value("SELECT requests FROM run"))

    # -- operations ----------------------------------------------------------------------------------------

    def intend(self, operations: Iterable[Operation], decided: Iterable[Result] = ()) -> None:
        """Record all operations of the plan, and what was decided without one, in one transaction."""
        with self._transaction() as write:
            self._insert(write, operations, generation=0)
            self._record(write, UNDECIDED, decided)
            write.execute("UPDATE run SET built = ?, ended = NULL, how = NULL", (self._time(),))

    def replace(self, changes: Mapping[str, Operation | None], decided: Iterable[Result] = ()) -> None:
        """Narrow intended operations (id → what is left of it, None for nothing), and record why."""
        with self._transaction() as write:
            for operation_id, left in changes.items():
                if left is None:
                    write.execute(
                        "UPDATE operations SET state = 'answered', answered_at = ? WHERE id = ? AND state = 'intended'",
                        (self._time(), operation_id),
                    )
                else:
                    write.execute(
                        "UPDATE operations SET addresses = ?, payload = ? WHERE id = ? AND state = 'intended'",
                        (_dump(left.addresses), _dump(left.payload), operation_id),
                    )
            self._record(write, UNDECIDED, decided)

    def sent(self, operation: Operation) -> None:
        """Record that the operation is about to leave."""
        with self._transaction() as write:
            write.execute(
                "UPDATE operations SET state = 'sent', sent_at = ?, sendings = sendings + 1 WHERE id = ?",
                (self._time(), operation.id),
            )

    def checkpoint(self, operation: Operation, detail: Mapping[str, Any]) -> None:
        with self._transaction() as write:
            write.execute("UPDATE operations SET checkpoint = ? WHERE id = ?", (_dump(detail), operation.id))

    def answer(self, entry: Entry, answer: Answer, requests: int = 0, *, again: bool = False) -> None:
        """Record results, images and followers of an operation.

        again: the answer comes from settling, and its followers send what had no effect: they are of the same
        generation. One with the operation's own id takes its place.
        """
        operation = entry.operation
        with self._transaction() as write:
            self._record(write, operation.id, answer.results)
            write.executemany(
                "INSERT OR REPLACE INTO images VALUES (?, ?, ?)",
                [(address, operation.id, _dump(contact)) for address, contact in answer.before.items()],
            )
            write.execute(
                "UPDATE operations SET state = 'answered', answered_at = ? WHERE id = ?", (self._time(), operation.id)
            )
            for follower in answer.fallback:
                if follower.id == operation.id:
                    write.execute(
                        "UPDATE operations SET state = 'intended', checkpoint = NULL, addresses = ?, payload = ?,"
                        " generation = generation + ? WHERE id = ?",
                        (_dump(follower.addresses), _dump(follower.payload), not again, operation.id),
                    )
                else:
                    self._insert(write, (follower,), entry.generation + (not again))
            write.execute("UPDATE run SET requests = requests + ?", (requests,))

    def next_phase(self) -> list[Entry]:
        """The unfinished operations of the lowest phase that has any, as they were intended."""
        query = f"""
            SELECT {_ENTRY} FROM operations
            WHERE state != 'answered' AND phase = (SELECT min(phase) FROM operations WHERE state != 'answered')
            ORDER BY number"""
        return [_entry(*row) for row in self._rows(query)]

    def unfinished(self) -> list[Entry]:
        """Every operation that is not answered, by phase, then as they were intended."""
        query = f"SELECT {_ENTRY} FROM operations WHERE state != 'answered' ORDER BY phase, number"
        return [_entry(*row) for row in self._rows(query)]

    def waiting(self) -> set[str]:
        """Addresses that an unfinished operation carries."""
        return self._addresses("state != 'answered'")

    def touched(self) -> set[str]:
        """Addresses that an operation carries which was sent at least once."""
        return self._addresses("sendings > 0")

    def count(self) -> tuple[int, int]:
        """Answered operations, and all."""
        ((answered, total),) = self._rows("SELECT coalesce(sum(state = 'answered'), 0), count(*) FROM operations")
        return answered, total

    # -- results -------------------------------------------------------------------------------------------

    def results(self) -> list[Result]:
        """Every result of every address, an address as often as operations carried it."""
        query = "SELECT address, result, words FROM results ORDER BY address, operation"
        return [Result(*row) for row in self._rows(query)]

    def given_up(self) -> set[str]:
        """Addresses that failed or moved: nothing more is sent for them."""
        return {address for (address,) in self._rows("SELECT DISTINCT address FROM results WHERE result != 'done'")}

    def images(self) -> dict[str, Any]:
        """Address → the contact as it was before this run changed it."""
        query = "SELECT address, contact FROM images JOIN operations ON id = operation ORDER BY number DESC"
        return {address: json.loads(contact) for address, contact in self._rows(query)}  # the earliest stays

    # -- SQLite --------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _explain_faults(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled it back already
                    self._connection.execute("ROLLBACK")
                raise

    def _rows(self, query: str) -> list[Any]:
        with self._lock, _explain_faults(self._path):
            return self._connection.execute(query).fetchall()

    def _addresses(self, condition: str) -> set[str]:
        rows = self._rows(f"SELECT addresses FROM operations WHERE {condition}")
        return {address for (addresses,) in rows for address in json.loads(addresses)}

    def _value(self, query: str) -> Any:
        return self._rows(query)[0][0]

    def _insert(self, write: sqlite3.Connection, operations: Iterable[Operation], generation: int) -> None:
        # An id says what an operation does: one that is there already is, or was, sent for its own sake.
        write.executemany(
            "INSERT OR IGNORE INTO operations (id, phase, route, addresses, payload, state, generation, intended_at)"
            " VALUES (?, ?, ?, ?, ?, 'intended', ?, ?)",
            (
                (o.id, o.phase, o.route, _dump(o.addresses), _dump(o.payload), generation, self._time())
                for o in operations
            ),
        )

    def _record(self, write: sqlite3.Connection, operation_id: str, results: Iterable[Result]) -> None:
        write.executemany(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)",
            ((result.address, operation_id, result.result, result.words) for result in results),
        )

    def _time(self) -> str:
        return f"{self._now().astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


_ENTRY = "id, route, phase, addresses, payload, state, checkpoint, generation, sendings"


def _entry(
    id_: str, route: str, phase: int, addresses: str, payload: str, state: str, detail: str | None, generation: int,
    sendings: int,
) -> Entry:  # fmt: skip
    operation = Operation(id_, route, phase, tuple(json.loads(addresses)), json.loads(payload))
    return Entry(operation, state, json.loads(detail) if detail else {}, generation, sendings)


def _dump(value: Any) -> str:
    # ASCII, since a contact may hold half of a surrogate pair, which SQLite does not take
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
