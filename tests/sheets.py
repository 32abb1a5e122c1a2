"""Sources, mappings and cleaned rows for tests, written as the tables that they are."""

from __future__ import annotations

from collections.abc import Mapping as Values
from typing import Any

import numpy as np
import pandas as pd

from ctct_etl import columns as c
from ctct_etl.config.mapping import Mapping
from ctct_etl.plan.snapshot import Capabilities

FIELDS = {c.EMAIL: 80, **dict.fromkeys([f for f in c.CONTACT_FIELDS if f != c.EMAIL], 50), c.CUSTOM_PREFIX: 255}
CAPABILITIES = Capabilities("test", FIELDS, {c.LIST: 50, c.TAG: 50, "custom": 25, "phone": 3})


def sheet(text: str) -> pd.DataFrame:
    """A source as read: one line a row, cells between bars, the first line the header; a blank cell is NaN.

    Row numbers count from 2, as in a workbook whose header is on row 1.
    """
    header, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return source({name: [line[at] or None for line in lines] for at, name in enumerate(header)})


def source(cells: Values[str, list[str | None]]) -> pd.DataFrame:
    """A source as read, from its columns: for cells that a table in a test can't show."""
    size = max((len(column) for column in cells.values()), default=0)
    undecided = pd.Series([np.nan] * size, dtype="str")
    origin = {
        c.ORIGIN_FILE: pd.Categorical(["members.xlsx"] * size),
        c.ORIGIN_SHEET: pd.Categorical(["Members"] * size),
        c.ORIGIN_ROW: np.arange(2, size + 2),
        c.OUTCOME: undecided,
        c.REASON: undecided,
    }
    return pd.DataFrame(origin | {name: pd.Series(column, dtype="str") for name, column in cells.items()})


def mapping(fields: Values[str, Any] | None = None, **parts: Any) -> Mapping:
    """A mapping of the column E-mail and these fields."""
    return Mapping.model_validate({"fields": {"email": "E-mail", **(fields or {})}, **parts})


def cells(column: pd.Series) -> list[str | None]:
    """The values of a column, None for NaN."""
    return [None if pd.isna(value) else value for value in column]


def decided(rows: pd.DataFrame) -> dict[int, str | None]:
    """Row number → "outcome: reason", None while undecided."""
    return {
        int(row): None if pd.isna(outcome) else f"{outcome}: {reason}"
        for row, outcome, reason in zip(rows[c.ORIGIN_ROW], rows[c.OUTCOME], rows[c.REASON], strict=True)
    }


def said(problems: pd.DataFrame) -> list[tuple[int, str, str, str]]:
    """(position of the row, field, severity, problem) of every problem."""
    wanted = [c.ROW, c.FIELD, c.SEVERITY, c.PROBLEM]
    return [tuple(line) for line in problems[wanted].astype(object).itertuples(index=False)]
