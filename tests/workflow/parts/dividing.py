"""The same plan made by one process and in parts, and what of the two differs."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineWorkbook

from ctct_etl.account.opening import OpenAccount
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.values import Limit
from ctct_etl.engine.pool import Engine, InProcess, Pool, Sizes
from ctct_etl.run.action_lines import write_action_lines
from ctct_etl.run.filed_plan import FiledPlan
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.parts.planning import make_plan_in_parts
from ctct_etl.workflow.planning import PlanMade, make_plan


@contextmanager
def in_process(shared: Path) -> Iterator[Pool]:
    yield InProcess()


def engine(block: int = 400, rows: int = 3) -> Engine:
    """Everything here, one after the other, in parts as small as that."""
    return Engine(in_process, Sizes(block, rows))


@dataclass(frozen=True)
class Content:
    """All that a plan says, to be compared with what another says."""

    actions: bytes
    rows: pd.DataFrame
    problems: pd.DataFrame
    manifest: Mapping[str, Any]
    agreed: Mapping[str, pd.DataFrame]
    rejects: list[list[Any]] | None  # cells: a workbook holds the moment of its making


def content_of(made: PlanMade) -> Content:
    lines = b"".join(line for window in made.plan.windows() for line in write_action_lines(window))
    agreed = {
        field: table.sort_values("email", ignore_index=True) if len(table) else table
        for field, table in made.agreed.items()
    }
    tables = [
        table if isinstance(made.plan, FiledPlan) else read_again(table)
        for table in (made.plan.rows, made.plan.problems)
    ]
    cells = None
    if made.rejects is not None:
        cells = CalamineWorkbook.from_filelike(io.BytesIO(made.rejects)).get_sheet_by_index(0).to_python()
    return Content(lines, *tables, made.plan.manifest, agreed, cells)


def read_again(table: pd.DataFrame) -> pd.DataFrame:
    """As it is read from where it was written."""
    return pd.read_parquet(io.BytesIO(table.to_parquet(index=False)))


def plan_both_ways(
    context: Context, config: LoadedConfig, account: OpenAccount, accepted: Mapping[str, Limit], using: Engine
) -> tuple[Content, Content]:
    """The plan of one process, and that of parts."""
    whole = content_of(make_plan(context, config, account, "run-1", accepted))
    with tempfile.TemporaryDirectory() as place:
        beside = Path(place, "plan")
        with make_plan_in_parts(
            replace(context, engine=using), using, config, account, "run-1", accepted, beside
        ) as made:
            lines = made.plan.contents()["actions.jsonl"]  # type: ignore[union-attr]
            parted = content_of(made)
            assert b"".join(lines) == parted.actions
        assert list(Path(place).iterdir()) == []
    return whole, parted


def assert_same(one: Content, other: Content) -> None:
    assert one.actions == other.actions
    pd.testing.assert_frame_equal(one.rows, other.rows)
    pd.testing.assert_frame_equal(one.problems, other.problems)
    assert _timeless(one.manifest) == _timeless(other.manifest)
    assert one.agreed.keys() == other.agreed.keys()
    for field, table in one.agreed.items():
        pd.testing.assert_frame_equal(table, other.agreed[field])
    assert one.rejects == other.rejects


def _timeless(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Without what differs between two plans of one process too: how the account was read, and what was left."""
    told = dict(manifest)
    told["snapshot"] = {k: v for k, v in manifest["snapshot"].items() if k in ("contacts", "by_status")}
    told["cost"] = {k: v for k, v in manifest["cost"].items() if k != "left_today"}
    told["guards"] = [guard for guard in manifest["guards"] if guard["guard"] != "budget"]
    return told
