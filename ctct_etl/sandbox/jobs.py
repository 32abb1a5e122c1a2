"""Bulk activities: queued at once, done later, in the order they came.

A job takes `activity_seconds` of the sandbox's clock, and its effect comes all at once when that time is
over. There is no thread: whoever next calls the sandbox finds the job done, so a test is never racing it.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from . import fates
from .clock import Clock
from .consent import Change
from .documents import Document, derive_id, dump, load
from .fates import Work
from .store import Store
from .switches import Switches

QUEUE_LIMIT = 1_000
KEPT_S = 10 * 86_400

_NEVER = 1e11
_ON_TIME = "@due"
"""Where a stalled job's document keeps when it would have been done; not shown."""


V1 = "v1_"
"""What the kinds of v1's activities begin with: either dialect shows its own alone."""


@dataclass(frozen=True)
class Job:
    """One activity as it is now. `state` is initialized, processing, or what it ended in; `told` what it says."""

    activity_id: str
    kind: str
    state: str
    created_at: str
    ended_at: str | None
    share: float
    told: Document


class QueueFull(Exception):
    """The account has too many unfinished activities."""


class Jobs:
    def __init__(self, store: Store, clock: Clock, switches: Switches, work: Mapping[str, Work]) -> None:
        self._store, self._clock, self._switches, self._work = store, clock, switches, work
        with store.reading() as db:
            self._next_due = _find_next_due(db)

    def queue(
        self, db: sqlite3.Connection, kind: str, payload: Document, fate: Document | None = None, **shown: object
    ) -> Document:
        """Take a job in. `shown` is what its document says from the start. Raises QueueFull."""
        waiting = db.execute("SELECT count(*) FROM job WHERE state = 'waiting'").fetchone()[0]
        if waiting >= QUEUE_LIMIT:
            raise QueueFull
        no = db.execute("SELECT coalesce(max(no), 0) + 1 FROM job").fetchone()[0]
        now = self._clock.now()
        due = now + self._switches.activity_seconds
        if fate:
            payload = payload | {fates.KEY: fate}
        if fate and fate["kind"] == "activity_stalled":
            shown[_ON_TIME] = due
            due = _NEVER if fate["seconds"] is None else due + fate["seconds"]
        activity_id = derive_id("activity", no, now)
        db.execute(
            "INSERT INTO job(no, activity_id, kind, payload, created, due, state, document) VALUES (?,?,?,?,?,?,?,?)",
            (no, activity_id, kind, dump(payload), now, due, "waiting", dump({"activity_errors": [], **shown})),
        )
        self._next_due = min(self._next_due, due)
        return _describe(self._select(db, "activity_id = ?", activity_id)[0])

    def find(self, db: sqlite3.Connection, activity_id: str) -> Document | None:
        """The activity as v3 shows it, unless it is unknown, v1's, or older than ten days."""
        found = self._select(db, f"activity_id = ? AND kind NOT GLOB '{V1}*'", activity_id)
        return _describe(found[0]) if found else None

    def read_all(self, db: sqlite3.Connection) -> list[Document]:
        """All activities of v3 of the last ten days, newest first."""
        return [_describe(job) for job in self._select(db, f"kind NOT GLOB '{V1}*' ORDER BY no DESC")]

    def look_at(self, db: sqlite3.Connection, activity_id: str) -> Job | None:
        """An activity of v1, unless it is unknown or older than ten days."""
        found = self._select(db, f"activity_id = ? AND kind GLOB '{V1}*'", activity_id)
        return found[0] if found else None

    def look_at_all(self, db: sqlite3.Connection) -> list[Job]:
        """All activities of v1 of the last ten days, newest first."""
        return self._select(db, f"kind GLOB '{V1}*' ORDER BY no DESC")

    def complete_due(self) -> None:
        """Do every job whose time has come. Cheap when there is none."""
        if self._clock.now() < self._next_due:
            return
        while self._complete_one():
            pass

    def release(self) -> None:
        """Let stalled jobs go on as if nothing had been."""
        on_time = f"json_extract(document, '$.\"{_ON_TIME}\"')"
        with self._store.writing() as db:
            db.execute(f"UPDATE job SET due = {on_time} WHERE state = 'waiting' AND {on_time} IS NOT NULL")
            self._next_due = _find_next_due(db)

    def _complete_one(self) -> bool:
        with self._store.writing() as db:
            sql = "SELECT no, kind, payload, due, document FROM job WHERE state = 'waiting' AND due <= ? ORDER BY no"
            row = db.execute(sql, (self._clock.now(),)).fetchone()
            if row is None:
                self._next_due = _find_next_due(db)  # under the write lock, as in queue: no job is overlooked
                return False
            no, kind, payload, due, text = row
            change = Change(db, self._switches, self._clock.stamp(due))
            state, told = fates.work_fatefully(self._work[kind], kind, change, load(payload))
            sql = "UPDATE job SET state = ?, payload = NULL, document = ? WHERE no = ?"
            db.execute(sql, (state, dump(load(text) | told), no))
        return True

    def _select(self, db: sqlite3.Connection, where: str, *values: object) -> list[Job]:
        oldest = self._clock.now() - KEPT_S
        sql = f"SELECT activity_id, kind, created, due, state, document FROM job WHERE created >= ? AND {where}"
        return [self._read(*row) for row in db.execute(sql, (oldest, *values)).fetchall()]

    def _read(self, activity_id: str, kind: str, created: float, due: float, state: str, text: str) -> Job:
        told: Document = load(text)
        has_ended = state != "waiting"
        lasts = max(told.pop(_ON_TIME, due) - created, 1e-9)
        share = 1.0 if has_ended else min(0.99, max(0.0, self._clock.now() - created) / lasts)
        # Documented states in their order; a tenth of the time is enough to be seen as only received.
        shown = state if has_ended else "processing" if share > 0.1 else "initialized"
        ended_at = self._clock.stamp(due) if has_ended else None
        return Job(activity_id, kind, shown, self._clock.stamp(created), ended_at, share, told)


def _describe(job: Job) -> Document:
    """The activity as v3 shows it."""
    document: Document = {
        "activity_id": job.activity_id,
        "state": job.state,
        "created_at": job.created_at,
        "updated_at": job.ended_at or job.created_at,
        "percent_done": int(job.share * 100),
    }
    if job.state != "initialized":
        document["started_at"] = job.created_at
    if job.state == "completed":
        document["completed_at"] = job.ended_at
    return document | job.told | {"_links": {"self": {"href": f"/v3/activities/{job.activity_id}"}}}


def _find_next_due(db: sqlite3.Connection) -> float:
    row = db.execute("SELECT min(due) FROM job WHERE state = 'waiting'").fetchone()
    return float("inf") if row[0] is None else float(row[0])
