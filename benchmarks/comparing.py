"""Did two programs make the same plan? One hash over what their output means, however it is written."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks import task


def hash_plan(out: Path) -> str:
    """SHA-256 of all actions (address, action, fields before → after, lists to add, origin rows) and of every row's
    address and outcome, each sorted.
    """
    hashed = hashlib.sha256()
    for line in (*sorted(_project_actions(out / task.ACTIONS)), *_project_rows(out / task.ROWS)):
        hashed.update(line.encode())
    return hashed.hexdigest()


def _project_actions(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            action = json.loads(line)
            changes = {
                field: [action["before"][field], text] for field, text in action["after"].items() if text is not None
            }
            origins = sorted(origin["row"] if isinstance(origin, dict) else origin for origin in action["origins"])
            known = [action["address"], action["action"], action["contact_id"], action["updated_at"]]
            yield json.dumps([*known, changes, sorted(action["lists"]["add"]), origins], sort_keys=True) + "\n"


def _project_rows(path: Path) -> Iterator[str]:
    """The rows in order. Where a row is rejected the address counts for nothing: programs show it as they like."""
    table = pq.read_table(path)
    names: dict[str, Any] = {name.removeprefix("@"): table[name] for name in table.column_names}
    order = pc.sort_indices(names["row"])
    columns = (names[name].take(order).to_pylist() for name in ("row", "email", "outcome"))
    for row, email, outcome in zip(*columns, strict=True):
        yield f"{row} {outcome} {email if outcome != 'rejected' else ''}\n"


if __name__ == "__main__":
    print(hash_plan(Path(sys.argv[1])))
