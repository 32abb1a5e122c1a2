"""Columns of a large account on disk while nobody needs them: a file without a name, gone when the process is."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ctct_etl.errors import StateError
from ctct_etl.run.durable_files import explain_disk_faults, make_private_directory
from ctct_etl.run.snapshot_cache import CacheRefused, StoredColumns
from ctct_etl.run.state import StateDirectory


@contextmanager
def set_aside(
    state: StateDirectory, name: str, contacts: pd.DataFrame, keep: Collection[str]
) -> Iterator[Mapping[str, pd.Series]]:
    """Take all columns but those to `keep` out of `contacts`; yield them, each read from disk when it is asked for.

    Raises StateError where the disk refuses: `contacts` is as it was then. What is yielded raises it too.
    """
    others = [column for column in map(str, contacts) if column not in keep]
    place = state.account(name)
    make_private_directory(place)
    with explain_disk_faults(place):
        stream = tempfile.TemporaryFile(dir=place)  # noqa: SIM115 (it is closed in silence: see below)
    try:
        with _telling(place), explain_disk_faults(place):
            table = pa.Table.from_pandas(contacts[others], preserve_index=False)
            pq.write_table(table, stream, compression="zstd", compression_level=1)
            stream.seek(0)
            stored = StoredColumns(pa.PythonFile(stream, mode="r"), others)
        del table
        for column in others:
            contacts.pop(column)
        with _telling(place):
            yield stored
    finally:
        with suppress(OSError):  # what a full disk did not take it does not take now
            stream.close()


@contextmanager
def _telling(place: Path) -> Iterator[None]:
    try:
        yield
    except CacheRefused as fault:
        words = f"{place}: what was set aside there is not as it was written ({fault})"
        raise StateError(f"{words} — look at the disk, then run again") from fault
