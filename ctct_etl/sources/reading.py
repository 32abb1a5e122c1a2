"""Reading a source: every row of every file as text, with its origin."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.content import Content, open_content
from ctct_etl.sources.delimited import read_delimited
from ctct_etl.sources.files import load_files
from ctct_etl.sources.findings import find_table_notes, find_union_notes
from ctct_etl.sources.places import Place
from ctct_etl.sources.remote import show_place
from ctct_etl.sources.table import Table, join_tables
from ctct_etl.sources.workbook import read_workbook


@dataclass(frozen=True)
class SourceFile:
    """A file that was read: its name as it is shown, and what it was at that moment."""

    path: str
    sha256: str
    size: int
    modified_at: str  # ISO 8601, UTC


@dataclass(frozen=True)
class SourceTable:
    """All rows of a source.

    rows: RangeIndex, by file, sheet and row. ORIGIN_FILE, ORIGIN_SHEET category · ORIGIN_ROW int64 · the source's
        columns, str, verbatim, NaN where blank · OUTCOME, REASON str: set on rows that can't be used as they stand (a
        cell too many, a file that ends within the row), NaN on all others.
    columns: the source's columns in order. blank_rows: wholly blank rows, which are no rows.
    notes: what a person should know of how the files were read.
    """

    rows: pd.DataFrame
    columns: tuple[str, ...]
    files: tuple[SourceFile, ...]
    blank_rows: int
    notes: tuple[str, ...]


def read_source(spec: Source, now: datetime) -> SourceTable:
    """Read every file that the source means. Raises SourceError naming file, place and cure."""
    files: list[SourceFile] = []
    tables: list[Table] = []
    notes: list[str] = []
    kinds: set[bool] = set()
    for data, shown, modified in load_files(spec, now):
        with ThreadPoolExecutor(1) as aside:
            describing = aside.submit(describe_file, data, shown, modified)
            content = open_content(data, shown)
            del data  # a large file is not held twice
            kinds.add(content.is_workbook)
            notes += content.notes
            tables += read_tables(content, spec, shown)
            files.append(describing.result())
    refuse_idle_options(spec, kinds)
    for table in tables:
        notes += [*table.notes, *find_table_notes(table)]
    rows, columns = join_tables(tables)
    blank_rows = sum(table.blank_rows for table in tables)
    return SourceTable(rows, columns, tuple(files), blank_rows, (*notes, *find_union_notes(tables)))


def describe_file(data: bytes, shown: str, modified: datetime) -> SourceFile:
    return SourceFile(shown, hashlib.sha256(data).hexdigest(), len(data), modified.isoformat(timespec="seconds"))


def read_tables(content: Content, spec: Source, shown: str) -> list[Table]:
    if content.is_workbook:
        return read_workbook(content.data, spec, shown)
    return [read_delimited(content.data, spec, Place(shown))]


def refuse_idle_options(spec: Source, kinds: set[bool]) -> None:
    """An option that no file of the source can obey is a mistake, not something to pass over."""
    place = show_place(spec.path)
    if spec.sheet and True not in kinds:
        raise SourceError(f"{place}: is delimited text, which has no sheets — leave out `sheet`")
    idle = [name for name in ("encoding", "delimiter") if getattr(spec, name) is not None]
    if idle and False not in kinds:
        raise SourceError(f"{place}: is a workbook, which has no {idle[0]} — leave out `{idle[0]}`")
