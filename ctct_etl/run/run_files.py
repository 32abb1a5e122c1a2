"""What the files in a run's directory are called: nothing else of ours ever lies there."""

from __future__ import annotations

MANIFEST = "plan.json"
ACTION_LINES = "actions.jsonl"
ROWS = "rows.parquet"
PROBLEMS = "problems.parquet"
EDITS = "edits.parquet"
COLLISIONS = "collisions.parquet"
REPORT = "report.html"
REJECTS = "rejects.xlsx"
JOURNAL = "journal.sqlite"
OUTCOME_FILE = "outcome.json"
NOT_DONE_LINES = "not_done.jsonl"
REHEARSAL = "rehearsal.json"

RUN_FILES = frozenset(
    {
        MANIFEST, ACTION_LINES, ROWS, PROBLEMS, EDITS, COLLISIONS, REPORT, REJECTS, OUTCOME_FILE, NOT_DONE_LINES,
        REHEARSAL,
        *(JOURNAL + beside for beside in ("", "-wal", "-shm", "-journal")),
    }
)  # fmt: skip
