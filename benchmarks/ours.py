"""The product's own stages at the work of `task.py`: `python -m benchmarks.ours DATA OUT [--checks]`.

With `--checks` the default checks, which look for odd cells and which no rival does, are on as they are in a run.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import task
from ctct_etl.columns import CONTACT, CUSTOM_PREFIX, EMAIL, KIND, LIST, NAME, TAG
from ctct_etl.config.mapping import Mapping
from ctct_etl.config.pipeline import Pipeline, Source
from ctct_etl.plan.snapshot import Capabilities, CustomField, Snapshot
from ctct_etl.run.action_lines import write_action_lines
from ctct_etl.sources.reading import read_source
from ctct_etl.workflow.allocating import choose_allocator
from ctct_etl.workflow.deriving import derive_plan, desire_contacts

MAPPING = {
    "fields": {
        EMAIL: task.EMAIL,
        **task.COLUMNS,
        task.FIRST_NAME: {"column": task.COLUMNS[task.FIRST_NAME], "transform": ["title_case"]},
        task.JOINED: {"column": task.COLUMNS[task.JOINED], "format": task.DAY_FORMAT},
    },
    "lists": [task.NEWSLETTER, {"column": task.INTERESTS, "split": ";"}],
    "dedupe": {"prefer": {"newest": task.UPDATED}, "merge": "fill_blanks"},
}
FIELDS = dict.fromkeys([*task.COLUMNS, CUSTOM_PREFIX], 255) | {EMAIL: 80}
CAPABILITIES = Capabilities("benchmark", FIELDS, {LIST: 50, TAG: 50, "custom": 25, "phone": 3})
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read_account(place: Path) -> Snapshot:
    file = pq.ParquetFile(place / task.CONTACTS)
    with ThreadPoolExecutor(2) as pool:
        columns = dict(
            zip(
                file.schema_arrow.names,
                pool.map(partial(_read_text, place / task.CONTACTS), file.schema_arrow.names),
                strict=True,
            )
        )
    contacts = pd.DataFrame(columns, copy=False)
    labels = [field.removeprefix(CUSTOM_PREFIX) for field in task.CUSTOM]
    return Snapshot(
        contacts=contacts,
        memberships=_read_memberships(place / task.MEMBERSHIPS),
        lists={},
        tags={},
        custom_fields={label: CustomField(id=label, label=label, type="string") for label in labels},
        account={},
        fetched_at=NOW.isoformat(),
    )


def _read_text(path: Path, name: str) -> pd.Series:
    column = pq.read_table(path, columns=[name], use_threads=False)[name]
    return pd.Series(column.combine_chunks().cast(pa.large_string()), dtype="str")


def _read_memberships(path: Path) -> pd.DataFrame:
    table = pq.read_table(path, read_dictionary=["name"])
    names = table["name"].unify_dictionaries().combine_chunks()
    index = pd.Index(names.dictionary.to_pylist(), dtype="str")
    kinds = pd.Categorical.from_codes(np.zeros(len(table), dtype=np.int8), categories=pd.Index([LIST], dtype="str"))
    name = pd.Categorical.from_codes(names.indices.to_numpy(), categories=index)
    return pd.DataFrame({CONTACT: table["contact"].to_numpy(), KIND: kinds, NAME: name}, copy=False)


def main(place: Path, out: Path, checks: bool) -> None:
    choose_allocator()
    mapping = Mapping.model_validate(MAPPING if checks else MAPPING | {"checks": "off"})
    source = Source(path=str(place / task.SOURCE))
    pipeline = Pipeline(name="benchmark", account="benchmark", source=source, mapping=str(place))
    desire = desire_contacts(read_source(source, NOW).rows, mapping, None, CAPABILITIES, None)
    snapshot = read_account(place)
    derived = derive_plan(desire, snapshot, CAPABILITIES, pipeline, mapping, {}, NOW.date().isoformat())
    del desire, snapshot
    with ThreadPoolExecutor(1) as aside, (out / task.ACTIONS).open("wb") as stream:
        filing = aside.submit(derived.rows.to_parquet, out / task.ROWS, index=False)
        for lines in write_action_lines(derived.tables):
            stream.write(lines)
        filing.result()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), "--checks" in sys.argv)
