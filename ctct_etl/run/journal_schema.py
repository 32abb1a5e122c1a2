"""The journal's tables, and how an older journal becomes a present one.

A journal's version is SQLite's `user_version`: MIGRATIONS[n] leads from version n to n + 1, together with the version
itself in one transaction. Steps that were published are never edited; a change is a new step.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ctct_etl.errors import StateError

MIGRATIONS = (
    """
    CREATE TABLE run (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        plan_digest TEXT NOT NULL,
        account TEXT NOT NULL,
        started TEXT NOT NULL,
        built TEXT,                        -- when all operations of the plan were recorded as intended
        ended TEXT,
        how TEXT,                          -- done, failed, quota, interrupted
        requests INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE operations (
        number INTEGER PRIMARY KEY,        -- the order in which they were intended
        id TEXT NOT NULL UNIQUE,
        phase INTEGER NOT NULL,
        route TEXT NOT NULL,
        addresses TEXT NOT NULL,           -- JSON
        payload TEXT NOT NULL,             -- JSON
        state TEXT NOT NULL CHECK (state IN ('intended', 'sent', 'answered')),
        generation INTEGER NOT NULL,       -- 0: of the plan; n + 1: follows one of generation n
        sendings INTEGER NOT NULL DEFAULT 0,
        checkpoint TEXT,                   -- JSON: what the conversation had learnt last
        intended_at TEXT NOT NULL,
        sent_at TEXT,
        answered_at TEXT
    ) STRICT;
    CREATE INDEX operations_left ON operations (phase, number) WHERE state != 'answered';
    CREATE TABLE results (
        address TEXT NOT NULL,
        operation TEXT NOT NULL,           -- '' when the contact was decided before any operation
        result TEXT NOT NULL,
        words TEXT NOT NULL,
        PRIMARY KEY (address, operation)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE images (                  -- contacts as they were just before a PUT changed them, for a revert
        address TEXT NOT NULL,
        operation TEXT NOT NULL,
        contact TEXT NOT NULL,             -- JSON
        PRIMARY KEY (address, operation)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE parts (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;  -- create, update, remove: recorded whole
    INSERT INTO parts SELECT value FROM json_each('["create", "update", "remove"]')
        WHERE EXISTS (SELECT 1 FROM run WHERE built IS NOT NULL);
    CREATE TABLE carried (                 -- who is in which operation: asked for by ranges of addresses
        address TEXT NOT NULL,
        operation INTEGER NOT NULL,        -- its number
        PRIMARY KEY (address, operation)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX carried_by ON carried (operation);
    INSERT OR IGNORE INTO carried SELECT value, number FROM operations, json_each(operations.addresses);
    CREATE INDEX results_not_done ON results (address) WHERE result != 'done';
    """,
)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the journal to the present version; pending steps only. Raises StateError for one from the future."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StateError(f"{path}: was written by a newer ctct-etl (version {version}) — use that one")
    for number in range(version, len(MIGRATIONS)):
        connection.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;")
