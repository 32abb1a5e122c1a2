"""The plan directory (design 6): written whole or not at all, and refused when anything in it was edited.

    plan.json           the manifest, plus what this module adds: schema_version, files, digest
    actions.jsonl       the actions: action_lines.py
    rows.parquet        every source row's outcome and reason
    problems.parquet    what was wrong with cells
    edits.parquet       what people wrote in the account, and keep
    collisions.parquet  where rows of one address differ
    report.html         for people: written by the caller, again after an apply, and so not part of the digest

`files` holds the SHA-256 of the other files, `digest` that of the manifest without itself: so one digest stands for
the whole plan, and the journal knows its plan by it.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ctct_etl.errors import PlanRefused, UsageError
from ctct_etl.plan.tables import SCHEMA_VERSION, Plan, PlanTables, no_collisions, no_edits
from ctct_etl.run.action_lines import read_action_lines, read_windows, write_action_lines
from ctct_etl.run.durable_files import explain_disk_faults, new_directory, write_durably
from ctct_etl.run.filed_plan import FiledPlan
from ctct_etl.run.row_parts import read_row_parts
from ctct_etl.run.run_files import ACTION_LINES, COLLISIONS, EDITS, MANIFEST, PROBLEMS, REPORT, ROWS

_BLOCK = 1 << 20


def write_plan(directory: Path, plan: Plan | FiledPlan, pages: Mapping[str, bytes]) -> str:
    """Write `plan` and the `pages` for people (name → content) as `directory`; return its digest.

    Raises UsageError if `directory` holds anything already, StateError if the disk refuses.
    """
    refuse_filled(directory)
    contents = plan.contents() if isinstance(plan, FiledPlan) else _contents(plan)
    with new_directory(directory) as part:
        with ThreadPoolExecutor(2) as pool:
            digests = pool.map(partial(_write_hashed, part), contents, contents.values())
            files = dict(zip(contents, digests, strict=True))
        manifest = {**plan.manifest, "files": files, "schema_version": SCHEMA_VERSION}
        manifest["digest"] = _digest(manifest)
        write_durably(part / MANIFEST, _dump(manifest))
        for name, page in pages.items():
            write_durably(part / name, page)
    return str(manifest["digest"])


def _write_hashed(part: Path, name: str, chunks: Iterable[bytes]) -> str:
    hashed = hashlib.sha256()
    write_durably(part / name, _hashing(chunks, hashed))
    return hashed.hexdigest()


def refuse_filled(directory: Path) -> None:
    """Raise UsageError if `directory` holds anything, StateError if the disk refuses."""
    with explain_disk_faults(directory):
        if directory.is_dir() and any(directory.iterdir()):
            raise UsageError(f"{directory}: is not empty — choose a new directory for the plan, or empty this one")


def _contents(plan: Plan) -> dict[str, Iterable[bytes]]:
    return {
        ACTION_LINES: write_action_lines(plan.tables),
        ROWS: _parquet(plan.rows),
        PROBLEMS: _parquet(plan.problems),
        EDITS: _parquet(plan.edits),
        COLLISIONS: _parquet(plan.collisions),
    }


def write_page(directory: Path, page: bytes, name: str = REPORT) -> None:
    """Replace a page for people in a plan's directory. Raises StateError."""
    write_durably(directory / name, page)


@dataclass(frozen=True)
class StoredPlan:
    """A plan in its directory, found whole: its actions are read a window at a time, its rows when they are asked for.

    manifest: `plan.json`, with `digest`, `files` and `schema_version`.
    """

    directory: Path
    manifest: Mapping[str, Any]

    def windows(self) -> Iterator[PlanTables]:
        """Yield the tables of some actions at a time, in the plan's order. Raises PlanRefused."""
        with _refusing(self.directory), (self.directory / ACTION_LINES).open("rb") as lines:
            yield from read_windows(lines)

    def row_parts(self) -> Iterator[pd.DataFrame]:
        """Yield the rows some at a time, their index the one that they have in all. Raises PlanRefused."""
        with _refusing(self.directory):
            yield from read_row_parts(self.directory / ROWS)

    @property
    def rows(self) -> pd.DataFrame:
        return self._table(ROWS)

    @property
    def problems(self) -> pd.DataFrame:
        return self._table(PROBLEMS)

    @property
    def edits(self) -> pd.DataFrame:
        """None in a plan of a version that did not tell them."""
        return self._table(EDITS) if EDITS in self.manifest["files"] else no_edits()

    @property
    def collisions(self) -> pd.DataFrame:
        """None in a plan of a version that did not tell them."""
        return self._table(COLLISIONS) if COLLISIONS in self.manifest["files"] else no_collisions()

    def _table(self, name: str) -> pd.DataFrame:
        with _refusing(self.directory):
            return pd.read_parquet(self.directory / name)


def open_plan(directory: Path) -> StoredPlan:
    """Open the plan that `write_plan` wrote. Raises PlanRefused, naming the file, if anything in it was edited."""
    manifest = _read_manifest(directory / MANIFEST)
    for name, digest in manifest["files"].items():
        if _digest_of(directory / name) != digest:
            raise PlanRefused(f"{directory / name}: was changed after the plan was made — plan again")
    return StoredPlan(directory, manifest)


def read_plan(directory: Path) -> Plan:
    """Read that plan into memory, whole. Raises PlanRefused for anything but what was written."""
    stored = open_plan(directory)
    with _refusing(directory), (directory / ACTION_LINES).open("rb") as lines:
        tables = read_action_lines(lines)
    return Plan(stored.manifest, tables, stored.rows, stored.problems, stored.edits, stored.collisions)


@contextmanager
def _refusing(directory: Path) -> Iterator[None]:
    """Turn what goes wrong while a plan is read into PlanRefused."""
    try:
        yield
    except OSError as fault:
        raise PlanRefused(f"{directory}: can't be read ({fault.strerror or fault}) — plan again") from fault
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise PlanRefused(f"{directory}: holds what this program did not write ({fault!r}) — plan again") from fault


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError as fault:
        raise PlanRefused(
            f"{path.parent}: is no plan (it has no {MANIFEST}) — name a directory that `plan` wrote"
        ) from fault
    except OSError as fault:
        raise PlanRefused(f"{path}: can't be read ({fault.strerror}) — name a directory that `plan` wrote") from fault
    except ValueError as fault:
        raise PlanRefused(f"{path}: was changed after the plan was made ({fault}) — plan again") from fault
    if not isinstance(manifest, dict) or "schema_version" not in manifest:
        raise PlanRefused(f"{path}: is not a plan of this program — name a directory that `plan` wrote")
    if manifest["schema_version"] != SCHEMA_VERSION:
        raise PlanRefused(
            f"{path}: has schema version {manifest['schema_version']}, and this program knows {SCHEMA_VERSION}"
            " — plan again with the program that shall apply it"
        )
    if manifest.get("digest") != _digest(manifest):
        raise PlanRefused(f"{path}: was changed after the plan was made — plan again")
    return manifest


def _digest_of(path: Path) -> str:
    hashed = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            for block in iter(lambda: stream.read(_BLOCK), b""):
                hashed.update(block)
    except FileNotFoundError as fault:
        raise PlanRefused(f"{path}: is missing — plan again") from fault
    except OSError as fault:
        raise PlanRefused(f"{path}: can't be read ({fault.strerror}) — plan again") from fault
    return hashed.hexdigest()


def _digest(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of the manifest as it is written, without its own digest."""
    return hashlib.sha256(_dump({key: value for key, value in manifest.items() if key != "digest"})).hexdigest()


def _dump(manifest: Mapping[str, Any]) -> bytes:
    return (json.dumps(manifest, sort_keys=True, ensure_ascii=False, indent=2) + "\n").encode()


def _hashing(chunks: Iterable[bytes], hashed: Any) -> Iterator[bytes]:
    for chunk in chunks:
        hashed.update(chunk)
        yield chunk


def _parquet(table: pd.DataFrame) -> Iterator[bytes]:
    """The table as one chunk, made when it is asked for: two files are written at a time."""
    stream = io.BytesIO()
    table.to_parquet(stream, index=False, compression="zstd")
    yield stream.getvalue()
