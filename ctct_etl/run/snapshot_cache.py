"""The snapshot of an account, kept from one run to the next so that only what changed has to be read.

    accounts/NAME/snapshot/current.json        what the cache is: schema, account, names, digests, generation
    accounts/NAME/snapshot/GENERATION/         contacts.parquet, memberships.parquet

A generation is written whole beside the current one, then takes its place by the renaming of one file: whoever reads
meanwhile goes on reading the old one, and a crash leaves it as it was. The cache is a convenience: what is torn, edited
or of another program is refused with its reason, and the account is read whole instead.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from ctct_etl.columns import CONTACT, CONTACT_ID, KIND, NAME
from ctct_etl.errors import StateError
from ctct_etl.plan.blanks import TEXT, join_texts
from ctct_etl.plan.snapshot import CustomField, Snapshot
from ctct_etl.run.durable_files import (
    PRIVATE_FILE,
    explain_disk_faults,
    make_private_directory,
    new_directory,
    write_durably,
)
from ctct_etl.run.state import StateDirectory

SCHEMA_VERSION = 1
CARD = "current.json"
CONTACTS = "contacts.parquet"
MEMBERSHIPS = "memberships.parquet"

_GENERATION = "g-"
_ROWS_A_GROUP = 131_072
_BLOCK = 1 << 20
_LONGEST_WAIT_S = 60
_TRIES = 5  # the generation that a card names may go while it is opened: then there is a newer card
_STRANGE = (KeyError, TypeError, ValueError, AttributeError)


class CacheRefused(Exception):
    """The cache can't be used; its words say why, without any contact's data."""


@dataclass(frozen=True)
class Age:
    """full_at: when the account was last read whole (ISO 8601, UTC) · refreshes: how many refreshes ago that was."""

    full_at: str
    refreshes: int


class CachedSnapshot:
    """A cache that was found whole. It stays readable though another process replaces it.

    fetched_at, account, contacts: the moment of its snapshot, whose it is, how many it has · age: see `Age`
    checked: whether it was compared with the service's counts, without which it can't be refreshed
    """

    def __init__(self, card: Mapping[str, Any], files: Mapping[str, pa.NativeFile]) -> None:
        self._card, self._files = card, files
        try:
            self.fetched_at = str(card["fetched_at"])
            self.account: Mapping[str, str] = card["account"]
            self.contacts = int(card["contacts"])
            self.checked = card["excess"] is not None
            self.age = Age(str(card["full_at"]), int(card["refreshes"]))
        except _STRANGE as fault:
            raise _refuse(fault) from fault

    def load(self, columns: Collection[str] | None = None) -> Snapshot:
        """Return the snapshot; with `columns` its contacts have their ids and these only. Raises CacheRefused."""
        card = self._card
        try:
            held = pq.ParquetFile(self._files[MEMBERSHIPS]).read().to_pandas()
            return Snapshot(
                contacts=self._load_contacts(columns),
                memberships=held[[CONTACT, KIND, NAME]].astype({KIND: "category", NAME: "category"}),
                lists=card["lists"],
                tags=card["tags"],
                custom_fields={label: CustomField(**field) for label, field in card["custom_fields"].items()},
                account=self.account,
                fetched_at=self.fetched_at,
                excess=card["excess"],
            )
        except (OSError, pa.ArrowException, *_STRANGE) as fault:
            raise _refuse(fault) from fault

    def columns(self, wanted: Collection[str] | None) -> Mapping[str, pd.Series]:
        """Return the wanted columns of its contacts, None for all, each of which is read when it is asked for.

        Raises CacheRefused, then too.
        """
        return StoredColumns(self._files[CONTACTS], wanted)

    def _load_contacts(self, columns: Collection[str] | None) -> pd.DataFrame:
        """One column after the other: read all at once, the account would be held twice."""
        wanted = None if columns is None else {*columns, CONTACT_ID}
        return pd.DataFrame(dict(self.columns(wanted)), copy=False)


class StoredColumns(Mapping[str, pd.Series]):
    """The wanted columns of a parquet file, None for all, each read when it is asked for. Raises CacheRefused."""

    def __init__(self, file: pa.NativeFile, wanted: Collection[str] | None) -> None:
        try:
            self._file = pq.ParquetFile(file)
        except (OSError, pa.ArrowException) as fault:
            raise _refuse(fault) from fault
        names = self._file.schema_arrow.names
        self._names = dict.fromkeys(name for name in names if wanted is None or name in wanted)

    def __getitem__(self, name: str) -> pd.Series:
        if name not in self._names:
            raise KeyError(name)
        try:
            chunks = self._file.read([name]).column(0).cast(TEXT).chunks
        except (OSError, pa.ArrowException) as fault:
            raise _refuse(fault) from fault
        return pd.Series(join_texts(chunks), dtype="str")

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def open_cache(state: StateDirectory, name: str, dialect: str) -> CachedSnapshot | None:
    """Return the account's cache, None if there is none. Raises CacheRefused for one that is not as it was written."""
    place = _place(state, name)
    for _ in range(_TRIES):
        card = _read_card(place)
        if card is None:
            return None
        if card.get("schema") != SCHEMA_VERSION:
            raise CacheRefused("another version of this program wrote it")
        if card.get("dialect") != dialect:
            raise CacheRefused(f"it was read by dialect {card.get('dialect')}")
        generation = place / str(card.get("generation"))
        try:
            files = {each: pa.OSFile(str(generation / each)) for each in (CONTACTS, MEMBERSHIPS)}
        except FileNotFoundError:
            continue
        except OSError as fault:
            raise _refuse(fault) from fault
        if card.get("files") != {each: _digest_of(file) for each, file in files.items()}:
            raise CacheRefused("a file of it was changed")
        return CachedSnapshot(card, files)
    raise CacheRefused("a file of it is missing")


def keep_cache(state: StateDirectory, name: str, dialect: str, snapshot: Snapshot, age: Age) -> None:
    """Keep `snapshot`, with all its columns, in place of the cache that there is, unless that one is newer.

    Raises StateError.
    """
    place = _place(state, name)
    make_private_directory(place)
    with explain_disk_faults(place), _locked(place):
        if _is_newer(place, snapshot):
            return
        generation = f"{_GENERATION}{secrets.token_hex(8)}"
        with new_directory(place / generation) as part:
            files = {
                CONTACTS: _write(part / CONTACTS, snapshot.contacts),
                MEMBERSHIPS: _write(part / MEMBERSHIPS, snapshot.memberships),
            }
        about = {"schema": SCHEMA_VERSION, "dialect": dialect, "generation": generation, "files": files}
        card = about | asdict(age) | _describe(snapshot)
        write_durably(place / CARD, _dump(card | {"digest": _digest(card)}))
        for other in place.glob(f"*{_GENERATION}*"):  # older ones, and what a crash left half-written
            if other.name != generation:
                shutil.rmtree(other, ignore_errors=True)


def _place(state: StateDirectory, name: str) -> Path:
    return state.account(name) / "snapshot"


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Only writers wait for each other; readers never do."""
    try:
        with FileLock(place / "writing.lock", timeout=_LONGEST_WAIT_S, mode=PRIVATE_FILE):
            yield
    except Timeout as fault:
        raise StateError(f"{place}: another process has been writing there for {_LONGEST_WAIT_S} s") from fault


def _is_newer(place: Path, snapshot: Snapshot) -> bool:
    try:
        card = _read_card(place)
    except CacheRefused:
        return False
    return (
        card is not None
        and card.get("account") == dict(snapshot.account)
        and str(card.get("fetched_at")) > snapshot.fetched_at
    )


def _describe(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "fetched_at": snapshot.fetched_at,
        "contacts": len(snapshot.contacts),
        "account": dict(snapshot.account),
        "lists": dict(snapshot.lists),
        "tags": dict(snapshot.tags),
        "custom_fields": {label: asdict(field) for label, field in snapshot.custom_fields.items()},
        "excess": None if snapshot.excess is None else dict(snapshot.excess),
    }


def _read_card(place: Path) -> dict[str, Any] | None:
    """None where there is none. Raises CacheRefused."""
    try:
        card = json.loads((place / CARD).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        raise _refuse(fault) from fault
    if not isinstance(card, dict) or card.pop("digest", None) != _digest(card):
        raise CacheRefused("it was changed")
    return card


def _write(path: Path, frame: pd.DataFrame) -> str:
    """Write `frame` as `path`, 0600; return its SHA-256."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as stream:
        pq.write_table(table, stream, row_group_size=_ROWS_A_GROUP, compression="zstd", compression_level=1)
        stream.flush()
        os.fsync(stream.fileno())
    return _digest_of(pa.OSFile(str(path)))


def _digest_of(file: pa.NativeFile) -> str:
    hashed = hashlib.sha256()
    while block := file.read(_BLOCK):
        hashed.update(block)
    file.seek(0)
    return hashed.hexdigest()


def _digest(card: Mapping[str, Any]) -> str:
    return hashlib.sha256(_dump(card)).hexdigest()


def _dump(card: Mapping[str, Any]) -> bytes:
    return (json.dumps(card, ensure_ascii=True, indent=1) + "\n").encode()  # in order: so are choices and fields


def _refuse(fault: Exception) -> CacheRefused:
    return CacheRefused(f"it can't be read ({type(fault).__name__})")
