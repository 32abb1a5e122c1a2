"""A long table of the page: its first rows as they are printed, and all of it as compact data for the script.

Every column is a dictionary of its different words and one number a row: addresses, reasons and places repeat, so the
page stays small, and the script searches each word once instead of each cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ctct_etl.report.cells import show_cells

PAGE = 200  # rows that stand in the page as a real table, and that the script shows at once
MOST = 200_000  # rows that a page holds; the rest stands in the plan's own files
LONGEST = 300  # characters of a cell


@dataclass(frozen=True)
class Column:
    """One column: what it is called, how it looks ("before", "after", "value", "") and whether one can pick by it.

    hidden: it is searched, picked by and saved, but takes no room in the table.
    """

    title: str
    look: str = ""
    pick: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Grid:
    """id: of its section. total: rows there are; data holds at most MOST of them."""

    id: str
    caption: str
    columns: tuple[Column, ...]  # that are seen
    total: int
    held: int
    first: tuple[tuple[str, ...], ...]
    data: dict[str, Any]


def lay_out_grid(
    id: str, caption: str, table: pd.DataFrame, columns: Sequence[Column], total: int | None = None
) -> Grid:
    """Lay out a table of `str` columns, in the order of `columns`; `total`: rows there are, if more than here."""
    held = table.head(MOST)
    shown = [show_cells(held[name], LONGEST) for name in held]
    seen = [values.head(PAGE) for values, column in zip(shown, columns, strict=True) if not column.hidden]
    first = tuple(zip(*seen, strict=True))
    coded = [_code_column(values, column) for values, column in zip(shown, columns, strict=True)]
    return Grid(
        id,
        caption,
        tuple(column for column in columns if not column.hidden),
        len(table) if total is None else total,
        len(held),
        first,
        {"page": PAGE, "columns": coded},
    )


def _code_column(values: pd.Series, column: Column) -> dict[str, Any]:
    codes, words = pd.factorize(values)
    told = {"title": column.title, "look": column.look, "pick": column.pick, "hidden": column.hidden}
    return told | {"words": words.tolist(), "codes": codes.tolist()}
