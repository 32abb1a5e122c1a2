"""The report for machines: one JSON document, keys sorted, the same numbers as on console and page.

Changes are counted here, not listed: each one stands in the plan's actions.jsonl. Rejected rows are listed, since they
are what a scheduler forwards.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

import pandas as pd

from ctct_etl.report.shapes import Report

SCHEMA_VERSION = 1
_COUNTED_ONLY = ("skips", "merges", "cautions", "edits")


def render_json(report: Report, **more: str | list[str]) -> str:
    """Render the report as JSON text; `changes`, `skips`, `merges`, `cautions`, `edits` and `collisions` are
    counts.

    more: what the caller knows beside it, such as where the page lies.
    """
    data = {each.name: getattr(report, each.name) for each in fields(report)}
    data |= {name: len(data[name]) for name in _COUNTED_ONLY}
    data |= {"changes": data.pop("change_count"), "collisions": data.pop("collision_count")}
    data |= {"schema_version": SCHEMA_VERSION, **more}
    return json.dumps(_as_plain(data), sort_keys=True, ensure_ascii=False, indent=2) + "\n"


def _as_plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _as_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, pd.DataFrame):
        return value.to_dict("records")
    if isinstance(value, dict):
        return {key: _as_plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_as_plain(each) for each in value]
    return value
