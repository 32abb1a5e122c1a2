"""The night as a dlt pipeline with a custom destination: `python -m benchmarks.night_dlt URL SHEET [--search]`.

dlt hands a custom destination rows, and knows nothing of what the account holds: what is to be written the destination
finds out itself. In its best form it gets the whole load as one parquet file, reads the account once, and imports what
differs; with `--search` it does what a destination that gets batches of rows does first: a search for each row.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

# Read when dlt is imported: no word to its makers, nothing into the home directory.
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from benchmarks.night_client import Account, in_parallel, search_then_write

BATCH = 5_000


def main(url: str, sheet: Path, search: bool) -> None:
    account = Account(url)
    list_id = account.find_list("Newsletter")
    destination = make_searching(account, list_id) if search else make_comparing(account, list_id)
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline("members", destination=destination, pipelines_dir=folder)
        pipeline.run(dlt.resource(read_sheet(sheet), name="members"), loader_file_format="parquet")


def read_sheet(sheet: Path) -> Iterator[pa.Table]:
    """As Arrow, which dlt passes on without taking rows apart."""
    text = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(("E-mail", "First", "Last"), pa.string()))
    yield pyarrow.csv.read_csv(sheet, convert_options=text).rename_columns(["email", "first", "last"])


def make_comparing(account: Account, list_id: str) -> Callable[..., Any]:
    @dlt.destination(batch_size=0, loader_file_format="parquet", naming_convention="direct")
    def compare_and_import(path: str, table: Any) -> None:
        known = {each.email: each for each in account.read_all()}
        people = list_people(pyarrow.parquet.read_table(path))
        same = {each for each in people if each[0] in known and known[each[0]].is_like(*each[1:], list_id)}
        account.import_people([each for each in people if each not in same], list_id)

    return compare_and_import


def make_searching(account: Account, list_id: str) -> Callable[..., Any]:
    @dlt.destination(batch_size=BATCH, loader_file_format="parquet", naming_convention="direct")
    def search_and_write(items: pa.Table, table: Any) -> None:
        in_parallel(partial(search_then_write, account, list_id), list_people(items))

    return search_and_write


def list_people(items: pa.Table | pa.RecordBatch) -> list[tuple[str, str, str]]:
    columns = (items.column(name).to_pylist() for name in ("email", "first", "last"))
    rows = ([(cell or "").strip() for cell in cells] for cells in zip(*columns, strict=True))
    return [(email.lower(), first, last) for email, first, last in rows]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), "--search" in sys.argv)
