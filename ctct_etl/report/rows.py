"""The report's lists of rows, from a plan's: gathered from some rows at a time, so that all of them are never held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.columns import EMAIL, MERGED, ORIGIN_COLUMNS, OUTCOME, REASON, REJECTED, ROW, SEVERITY, SKIP, WARN
from ctct_etl.report.tables import generalise, list_cautions, list_rejects, list_rows


@dataclass(frozen=True)
class Rows:
    """total: how many there are. tally: outcome → reason in general → rows. named: EMAIL and ORIGIN_COLUMNS of those
    that were asked for, by their index. The others: see report/tables.py.
    """

    total: int
    tally: Mapping[str, Mapping[str, int]]
    rejects: pd.DataFrame
    skips: pd.DataFrame
    merges: pd.DataFrame
    cautions: pd.DataFrame
    named: pd.DataFrame


def list_all_rows(parts: Iterable[pd.DataFrame], problems: pd.DataFrame, about: npt.NDArray[np.int64]) -> Rows:
    """List what became of rows. parts: one or more, of rows in their order; their index is that of `problems`.

    about: the rows that are asked for.
    """
    total, tally = 0, dict[str, Counter[str]]()
    lists: dict[str, list[pd.DataFrame]] = {"rejects": [], "skips": [], "merges": [], "cautions": []}
    named: list[pd.DataFrame] = []
    for rows in parts:
        faulty = problems[problems[ROW].isin(rows.index).to_numpy()]
        total += len(rows)
        counted = rows.groupby([OUTCOME, REASON]).size().reset_index(name="count")
        told = zip(counted[OUTCOME], generalise(counted[REASON]), counted["count"], strict=True)
        for outcome, reason, count in told:
            tally.setdefault(outcome, Counter())[reason] += int(count)
        lists["rejects"].append(list_rejects(rows, faulty, REJECTED))
        lists["skips"].append(list_rows(rows, SKIP))
        lists["merges"].append(list_rows(rows, MERGED))
        lists["cautions"].append(list_cautions(rows, faulty[(faulty[SEVERITY] == WARN).to_numpy()]))
        named.append(rows.loc[rows.index.isin(about), [EMAIL, *ORIGIN_COLUMNS]].astype({EMAIL: "str"}))
    joined = {name: pd.concat(tables, ignore_index=True) for name, tables in lists.items()}
    return Rows(total, tally, **joined, named=pd.concat(named))
