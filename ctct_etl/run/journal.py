"""The journal: what was intended, what was sent, what came back — each durable before the next step (design 7).

Glossary
    intended    the operation is recorded; nothing of it has left this machine
    sent        a request of it may have left; what became of it is for the account to say
    answered    its results are recorded; it is never touched again
    follower    an operation that an answer asks for; recorded in the same transaction as that answer
    part        the creates, updates or removals of a plan: which of them have been recorded as operations, whole

An operation goes intended → sent → answered. If reading shows that a sent one had no effect, it goes back to intended.
A plan may hold a million actions: nothing here is read whole, but a window of addresses or an operation at a time.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ctct_etl.account.dialect import Answer, Operation, Result
from ctct_etl.errors import PlanRefused
from ctct_etl.run.durable_files import PRIVATE_FILE, explain_disk_faults
from ctct_etl.run.journal_reading import ANSWERED, INTENDED, SENT, Entry, JournalReader
from ctct_etl.run.journal_schema import migrate
from ctct_etl.run.journal_store import connect, dump, explain_faults
from ctct_etl.run.run_files import JOURNAL

__all__ = ["ANSWERED", "INTENDED", "JOURNAL", "SENT", "Entry", "Intent", "Journal", "open_journal"]

CLOSED = "closed"  # how a run ended that a later one has settled
UNDECIDED = ""  # the operation of results that were decided before any operation


@dataclass(frozen=True)
class Intent:
    """Some of a plan's actions: the operations that carry them, and who was decided without one."""

    operations: Iterable[Operation]
    decided: Iterable[Result] = ()


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
    connection = connect(path)
    try:
        with explain_faults(path):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut, not only a crash
            migrate(connection, path)
        journal = Journal(connection, path, now)
        journal.begin(plan_digest, account)
        yield journal
    finally:
        connection.close()


class Journal(JournalReader):
    """One run's journal. Any thread may call it; every method that writes has committed when it returns."""

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

    def end(self, how: str) -> None:
        with self._transaction() as write:
            write.execute("UPDATE run SET ended = ?, how = ?", (self._time(), how))

    def close(self) -> None:
        """Nothing more is ever sent for this plan."""
        self.end(CLOSED)

    def count_requests(self, count: int) -> None:
        with self._transaction() as write:
            write.execute("UPDATE run SET requests = requests + ?", (count,))

    # -- operations ----------------------------------------------------------------------------------------

    def intend(self, intents: Iterable[Intent], parts: Collection[str] = ()) -> None:
        """Record the operations of a plan, and what was decided without one, in one transaction.

        intents: made one after the other as they are recorded, and may ask this journal. parts: whole after this.
        """
        with self._transaction() as write:
            for intent in intents:
                self._insert(write, intent.operations, generation=0)
                self._record(write, UNDECIDED, intent.decided)
                del intent  # before the next is made: it holds the bodies of tens of thousands of contacts
            write.executemany("INSERT OR IGNORE INTO parts VALUES (?)", [(part,) for part in parts])
            write.execute("UPDATE run SET built = coalesce(built, ?), ended = NULL, how = NULL", (self._time(),))

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
                    self._put_in_place(write, left, "state = 'intended'")
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
            write.execute("UPDATE operations SET checkpoint = ? WHERE id = ?", (dump(detail), operation.id))

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
                [(address, operation.id, dump(contact)) for address, contact in answer.before.items()],
            )
            write.execute(
                "UPDATE operations SET state = 'answered', answered_at = ? WHERE id = ?", (self._time(), operation.id)
            )
            for follower in answer.fallback:
                if follower.id == operation.id:
                    self._put_in_place(write, follower)
                    write.execute(
                        "UPDATE operations SET state = 'intended', checkpoint = NULL, generation = generation + ?"
                        " WHERE id = ?",
                        (not again, operation.id),
                    )
                else:
                    self._insert(write, (follower,), entry.generation + (not again))
            write.execute("UPDATE run SET requests = requests + ?", (requests,))

    # -- SQLite --------------------------------------------------------------------------------------------

    def _insert(self, write: sqlite3.Connection, operations: Iterable[Operation], generation: int) -> None:
        for operation in operations:
            # An id says what an operation does: one that is there already is, or was, sent for its own sake.
            done = write.execute(
                "INSERT OR IGNORE INTO operations"
                " (id, phase, route, addresses, payload, state, generation, intended_at)"
                " VALUES (?, ?, ?, ?, ?, 'intended', ?, ?)",
                (operation.id, operation.phase, operation.route, dump(operation.addresses), dump(operation.payload),
                 generation, self._time()),
            )  # fmt: skip
            if done.rowcount:
                _carry(write, done.lastrowid, operation.addresses)

    def _put_in_place(self, write: sqlite3.Connection, operation: Operation, condition: str = "true") -> None:
        """Give an operation that is there other addresses and payload."""
        row = write.execute(
            f"UPDATE operations SET addresses = ?, payload = ? WHERE id = ? AND {condition} RETURNING number",
            (dump(operation.addresses), dump(operation.payload), operation.id),
        ).fetchone()
        if row is not None:
            write.execute("DELETE FROM carried WHERE operation = ?", row)
            _carry(write, row[0], operation.addresses)

    def _record(self, write: sqlite3.Connection, operation_id: str, results: Iterable[Result]) -> None:
        write.executemany(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)",
            ((result.address, operation_id, result.result, result.words) for result in results),
        )


def _carry(write: sqlite3.Connection, number: int | None, addresses: Iterable[str]) -> None:
    write.executemany("INSERT OR IGNORE INTO carried VALUES (?, ?)", ((address, number) for address in addresses))
