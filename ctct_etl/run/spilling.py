"""Tables on their way from one worker to another: files of a scratch directory beside the plan, gone when it ends.

Arrow files: written as the columns lie in memory, and mapped into it again, so that of a long table only what is looked
at is read. Each takes its name when it is whole: a task that is killed, or done twice, leaves what one leaves that was
done once.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa

from ctct_etl.run.durable_files import PRIVATE_FILE, explain_disk_faults, make_private_directory


@contextmanager
def open_scratch(beside: Path) -> Iterator[Path]:
    """A private directory next to `beside`, for the length of the block. Raises StateError."""
    make_private_directory(beside.parent)
    with explain_disk_faults(beside):
        scratch = Path(tempfile.mkdtemp(dir=beside.parent, prefix=f".{beside.name}.", suffix=".scratch"))  # 0700
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def spill(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame, its index aside. Raises StateError."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    _write(path, table.schema, [table], None)


def spill_shares(path: Path, shares: Sequence[pa.Table]) -> None:
    """Write tables of one kind, each to be read by itself. Raises StateError."""
    _write(path, shares[0].schema, shares, "lz4")


def load(path: Path) -> pd.DataFrame:
    """Read what `spill` wrote. Raises StateError."""
    return to_frame([map_rows(path)])


def map_rows(path: Path) -> pa.RecordBatch:
    """The same as rows in the file's own memory: what is not looked at is not read."""
    with explain_disk_faults(path):
        return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)


def to_frame(rows: Sequence[pa.RecordBatch]) -> pd.DataFrame:
    """Rows of one kind, one after the other, as a frame. None at all keep their dtypes, for there are batches."""
    frame: pd.DataFrame = pa.Table.from_batches(rows).to_pandas()
    return frame


def load_share(path: Path, number: int) -> pa.Table:
    """Read one of the tables that `spill_shares` wrote. Raises StateError."""
    with explain_disk_faults(path), pa.memory_map(str(path)) as mapped:
        return pa.Table.from_batches([pa.ipc.open_file(mapped).get_batch(number)])


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """A new file to write to, which only its owner can read. Raises StateError."""
    with explain_disk_faults(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as stream:
            yield stream


def _write(path: Path, schema: pa.Schema, tables: Sequence[pa.Table], codec: str | None) -> None:
    """One batch a table, an empty one too."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with explain_disk_faults(path):
        with private_file(part) as stream:
            options = pa.ipc.IpcWriteOptions(compression=codec)
            with pa.ipc.new_file(stream, schema, options=options) as writer:
                for table in tables:
                    writer.write_batch(_one_batch(table))
        part.replace(path)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    """What `to_batches` does not: no rows are a batch too, and keep the words of their categories."""
    columns = [
        column.combine_chunks() if column.num_chunks > 1 else column.chunk(0) if column.num_chunks
        else pa.array([], column.type)
        for column in table.columns
    ]  # fmt: skip
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)
