"""The account on disk: one SQLite file, many readers, one writer at a time.

Rows are kept so that a page of contacts is ready-made JSON (`core` and the sub-resources are text that is
sent as it stands) and every filter of the service has an index. Memberships and taggings live in tables of
their own, and nowhere else: deleting a list is one statement. Nothing here knows HTTP or a dialect.
"""

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TABLES = """
CREATE TABLE contact(
    seq INTEGER PRIMARY KEY,
    contact_id TEXT NOT NULL,
    address_key TEXT,           -- the address in lower case: what is unique
    address TEXT,               -- as stored and shown
    state TEXT NOT NULL,        -- 'deleted', else permission_to_send, else 'no_address'
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    opted_out_at TEXT,
    sms_state TEXT NOT NULL,
    core TEXT NOT NULL,
    custom_fields TEXT NOT NULL,
    phone_numbers TEXT NOT NULL,
    street_addresses TEXT NOT NULL,
    notes TEXT NOT NULL,
    sms_channel TEXT,
    v1 TEXT NOT NULL DEFAULT '{}',          -- what only the v1 dialect can say
    changed_at TEXT NOT NULL DEFAULT ''     -- the last change of any kind, lists included (triggers keep it)
);
CREATE TABLE list(
    no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT, document TEXT NOT NULL, deleted INTEGER DEFAULT 0
);
CREATE TABLE tag(
    no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT, document TEXT NOT NULL, deleted INTEGER DEFAULT 0
);
CREATE TABLE custom_field(
    no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT, document TEXT NOT NULL, deleted INTEGER DEFAULT 0
);
CREATE TABLE membership(
    contact INTEGER NOT NULL, list INTEGER NOT NULL, PRIMARY KEY (contact, list)
) WITHOUT ROWID;
CREATE TABLE tagging(contact INTEGER NOT NULL, tag INTEGER NOT NULL, PRIMARY KEY (contact, tag)) WITHOUT ROWID;
CREATE TABLE job(
    no INTEGER PRIMARY KEY, activity_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, payload TEXT,
    created REAL NOT NULL, due REAL NOT NULL, state TEXT NOT NULL, document TEXT NOT NULL
);
CREATE TABLE mail(no INTEGER PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE token(token TEXT PRIMARY KEY, kind TEXT NOT NULL, document TEXT NOT NULL);
CREATE TABLE memory(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_INDEXES = """
CREATE UNIQUE INDEX IF NOT EXISTS contact_by_id ON contact(contact_id);
CREATE UNIQUE INDEX IF NOT EXISTS contact_by_address ON contact(address_key) WHERE address_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_by_state ON contact(state);
CREATE INDEX IF NOT EXISTS contact_by_creation ON contact(created_at);
CREATE INDEX IF NOT EXISTS contact_by_update ON contact(updated_at);
CREATE INDEX IF NOT EXISTS contact_by_opt_out ON contact(opted_out_at) WHERE opted_out_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_by_change ON contact(changed_at);
CREATE INDEX IF NOT EXISTS membership_by_list ON membership(list, contact);
CREATE INDEX IF NOT EXISTS tagging_by_tag ON tagging(tag, contact);
"""

_INDEX_NAMES = tuple(line.split(" IF NOT EXISTS ")[1].split()[0] for line in _INDEXES.strip().splitlines())

_NOW = "(SELECT value FROM memory WHERE name = 'moment')"
_PARTS = ("core", "custom_fields", "phone_numbers", "street_addresses", "notes", "v1")
_DIFFERS = " OR ".join(f"old.{part} IS NOT new.{part}" for part in _PARTS)
_DATE = f"BEGIN UPDATE contact SET changed_at = {_NOW} WHERE changed_at <> {_NOW} AND seq ="
_TRIGGERS = {
    "contact_changed": f"UPDATE OF {', '.join(_PARTS)} ON contact WHEN {_DIFFERS} {_DATE} new.seq",
    "list_joined": f"INSERT ON membership {_DATE} new.contact",
    "list_left": f"DELETE ON membership {_DATE} old.contact",
}
"""What moves `changed_at`, whoever changes a contact and by whichever dialect, to the moment of the `Change`."""

_LATER = {"v1": "TEXT NOT NULL DEFAULT '{}'", "changed_at": "TEXT NOT NULL DEFAULT ''"}
"""Columns of `contact` that a file made by an earlier version lacks."""


class StoreFault(Exception):
    """The account's file can't be used; the message says why, and how to mend it."""


@contextmanager
def explaining(path: Path | None) -> Iterator[None]:
    """Tell what is wrong with the file of an account that is opened, filled or closed."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        raise StoreFault(
            f"{path}: the sandbox can't be kept there ({fault}) — free space on its disk, look at its rights"
        ) from fault
    except sqlite3.DatabaseError as fault:
        raise StoreFault(
            f"{path}: is torn, or no sandbox's database ({fault}) — restore it, or move it and its -wal and -shm away: "
            "it is filled from its seed again"
        ) from fault


class Store:
    """Lends connections. `path` None: a file of its own, gone when closed."""

    def __init__(self, path: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ctct-sandbox-") if path is None else None
        self.path = Path(self._folder.name) / "account.sqlite" if self._folder else Path(path or "")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._idle: list[sqlite3.Connection] = []
        self._all: list[sqlite3.Connection] = []
        self._pool_lock = threading.Lock()
        self._write_lock = threading.RLock()
        try:
            with self.writing() as db:
                if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    _run_script(db, _TABLES)
                _add_later_columns(db)
                build_indexes(db)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with; what it sees changes only between its transactions."""
        db = self._borrow()
        try:
            yield db
        finally:
            with self._pool_lock:
                self._idle.append(db)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept when the block ends, none of it when the block raises."""
        with self._write_lock, self.reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                if db.in_transaction:  # a full disk has rolled it back already
                    db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def loading(self) -> Iterator[sqlite3.Connection]:
        """Write very many rows: there are no indexes and triggers meanwhile, which is many times faster.

        The caller ends with `build_indexes`, which finds what came twice.
        """
        with self.writing() as db:
            for name in _INDEX_NAMES:
                db.execute(f"DROP INDEX IF EXISTS {name}")
            for name in _TRIGGERS:
                db.execute(f"DROP TRIGGER IF EXISTS {name}")
            yield db

    def is_empty(self) -> bool:
        tables = ("contact", "list", "tag", "custom_field")
        with self.reading() as db:
            return not any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in tables)

    def recall(self, name: str) -> str | None:
        with self.reading() as db:
            row = db.execute("SELECT value FROM memory WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, name: str, value: str) -> None:
        with self.writing() as db:
            db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", (name, value))

    def close(self) -> None:
        with self._write_lock, self._pool_lock:
            while self._all:
                self._all.pop().close()
            self._idle.clear()
        if self._folder:
            self._folder.cleanup()

    def _borrow(self) -> sqlite3.Connection:
        with self._pool_lock:
            if self._idle:
                return self._idle.pop()
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=60)
        with self._pool_lock:
            self._all.append(db)
        # A sandbox may lose its last transactions in a power cut, not in a crash of its own: OFF is enough.
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "temp_store=MEMORY", "cache_size=-65536"):
            db.execute(f"PRAGMA {pragma}")
        return db


def build_indexes(db: sqlite3.Connection) -> None:
    """Raises sqlite3.IntegrityError when an address or id is there twice."""
    _run_script(db, _INDEXES)
    for name, text in _TRIGGERS.items():
        db.execute(f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {text}; END")


def _add_later_columns(db: sqlite3.Connection) -> None:
    known = {row[1] for row in db.execute("PRAGMA table_info(contact)")}
    missing = [name for name in _LATER if name not in known]
    for name in missing:
        db.execute(f"ALTER TABLE contact ADD COLUMN {name} {_LATER[name]}")
    if "changed_at" in missing:
        db.execute("UPDATE contact SET changed_at = max(updated_at, coalesce(opted_out_at, ''))")


def _run_script(db: sqlite3.Connection, script: str) -> None:
    """Like executescript, which would commit the open transaction."""
    for statement in script.split(";"):
        if statement.strip():
            db.execute(statement)
