"""The report's lists of rows, from a plan's: gathered from some rows at a time, so that all of them are never held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ctct_etl.columns import MERGED, OUTCOME, REASON, REJECTED, ROW, SEVERITY, SKIP, WARN
from ctct_etl.report.tables import list_cautions, list_rejects, list_rows

# What differs from row to row within one reason: a quoted value, a row number, a date.
_COLUMNS = r'\bcolumn "([^"]*)"'
_VALUES = r'"[^"]*"|\b\d{4}-\d\d-\d\d\b'
_ROW_NUMBERS = r"\brow \d[\d,]*"


@dataclass(frozen=True)
class Rows:
    """total: how many there are. tally: outcome → reason in general → rows. The others: see report/tables.py."""

    total: int
    tally: Mapping[str, Mapping[str, int]]
    rejects: pd.DataFrame
    skips: pd.DataFrame
    merges: pd.DataFrame
    cautions: pd.DataFrame


def list_all_rows(parts: Iterable[pd.DataFrame], problems: pd.DataFrame) -> Rows:
    """List what became of rows. parts: one or more, of rows in their order; their index is that of `problems`."""
    total, tally = 0, dict[str, Counter[str]]()
    lists: dict[str, list[pd.DataFrame]] = {"rejects": [], "skips": [], "merges": [], "cautions": []}
    for rows in parts:
        about = problems[problems[ROW].isin(rows.index).to_numpy()]
        total += len(rows)
        counted: Any = rows.groupby([rows[OUTCOME], _generalise(rows[REASON])]).size()
        for (outcome, reason), count in counted.items():
            tally.setdefault(outcome, Counter())[reason] += int(count)
        lists["rejects"].append(list_rejects(rows, about, REJECTED))
        lists["skips"].append(list_rows(rows, SKIP))
        lists["merges"].append(list_rows(rows, MERGED))
        lists["cautions"].append(list_cautions(rows, about[(about[SEVERITY] == WARN).to_numpy()]))
    joined = {name: pd.concat(tables, ignore_index=True) for name, tables in lists.items()}
    return Rows(total, tally, **joined)


def _generalise(reasons: pd.Series) -> pd.Series:
    """Leave out of reasons what differs from row to row; the column that a reason names stays, in other quotes."""
    named = reasons.str.replace(_COLUMNS, r"column “\1”", regex=True)
    return named.str.replace(_VALUES, "…", regex=True).str.replace(_ROW_NUMBERS, "row …", regex=True)
