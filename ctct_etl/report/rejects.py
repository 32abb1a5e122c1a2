"""Write the rejected rows as the analyst's own workbook: her columns, in her order, and beside each row why.

Mended, it loads by the same pipeline: it has the same columns, its header stands where `header_row` says, and its
sheets are called as `sheet` says. Columns of ours come after hers; no mapping names them, so nothing reads them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ctct_etl.columns import (
    ORIGIN_FILE,
    ORIGIN_ROW,
    ORIGIN_SHEET,
    OUTCOME,
    PROBLEM,
    REASON,
    REJECT,
    REJECTED,
    ROW,
    SEVERITY,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SHEET = "Rejected"
OURS = ("Reason", "All that is wrong", "File", "Sheet", "Row")
MOST_ROWS = 1_048_576  # of a sheet, and characters of a cell: what Excel holds
LONGEST_CELL = 32_767
_WIDTHS = {"Reason": 60, "All that is wrong": 40}
_TAKEN = "{} (ctct-etl)"
# Text stays text: a value is no formula, no link and no number, whatever it looks like.
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


@dataclass(frozen=True)
class Layout:
    """How the source is laid out. sheets: names, or numbers from 1, as the pipeline has them · header_row: from 1."""

    sheets: tuple[str, ...] = ()
    header_row: int = 1


def write_rejects(
    rows: pd.DataFrame, problems: pd.DataFrame, cells: pd.DataFrame, columns: Sequence[str], layout: Layout
) -> bytes | None:
    """Return a workbook (xlsx) of the rejected rows; None when there are none.

    Needs: rows OUTCOME, REASON, ORIGIN_* of every source row · problems ROW, PROBLEM, SEVERITY · cells: the source's
    `columns` as read, str, NaN where blank, rows as in `rows`.
    """
    rejected = rows.index[(rows[OUTCOME] == REJECTED).to_numpy()]
    if rejected.empty:
        return None
    table = _beside(rows.loc[rejected], problems, cells.loc[rejected, list(columns)])
    return _write(table, layout, len(columns))


def _beside(rows: pd.DataFrame, problems: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Her columns, then ours."""
    faults = problems[((problems[SEVERITY] == REJECT) & problems[ROW].isin(rows.index)).to_numpy()]
    every = faults.groupby(ROW, sort=False)[PROBLEM].agg("\n".join).reindex(rows.index)
    texts = (rows[REASON], every, rows[ORIGIN_FILE], rows[ORIGIN_SHEET], rows[ORIGIN_ROW])
    names = [_TAKEN.format(name) if name in cells else name for name in OURS]
    ours = {name: text.astype("str") for name, text in zip(names, texts, strict=True)}
    return cells.assign(**ours).fillna("")


def _write(table: pd.DataFrame, layout: Layout, hers: int) -> bytes:
    from xlsxwriter import Workbook  # only where rows were rejected

    stream = io.BytesIO()
    with Workbook(stream, _OPTIONS) as book:
        text = book.add_format({"num_format": "@"})
        bold, ours = (
            book.add_format({"bold": True, "num_format": "@", "bg_color": colour}) for colour in ("#DDE7F0", "#F5E3C8")
        )
        heads = [bold] * hers + [ours] * (len(table.columns) - hers)
        for name, part in _sheets(table, layout):
            sheet = book.add_worksheet(name)
            if part is not None:
                _fill(sheet, part, layout.header_row - 1, heads, text)
    return stream.getvalue()


def _sheets(table: pd.DataFrame, layout: Layout) -> Iterator[tuple[str, pd.DataFrame | None]]:
    """Each sheet's name, and its rows; None for one that only stands where a number counts to."""
    wanted = _placed(layout.sheets)
    most = MOST_ROWS - layout.header_row
    sheet_of = table.iloc[:, -2]
    left = table
    for at, name in enumerate(wanted):
        if name is None:
            yield f"Nothing here {at + 1}", None
            continue
        is_last = at == len(wanted) - 1
        part = left if is_last else left[(sheet_of.loc[left.index] == name).to_numpy()]
        left = left.drop(part.index)
        yield name, part.iloc[:most]
        for start in range(most, len(part), most):
            yield f"{name[:20]} ({start // most + 1})", part.iloc[start : start + most]


def _placed(sheets: Sequence[str]) -> list[str | None]:
    """The sheets in order, so that each number is that of its sheet; None for one that nobody reads."""
    numbers = {int(sheet): None for sheet in sheets if sheet.isdecimal()}
    placed: list[str | None] = [None] * max(numbers, default=0)
    for number in numbers:
        placed[number - 1] = SHEET if len(numbers) == 1 else f"{SHEET} {number}"
    placed += [sheet for sheet in sheets if not sheet.isdecimal()]
    return placed or [SHEET]


def _fill(sheet: Worksheet, part: pd.DataFrame, header: int, heads: Sequence[Format], text: Format) -> None:
    sheet.set_column(0, len(part.columns) - 1, 18, text)
    for at, (name, head) in enumerate(zip(part.columns, heads, strict=True)):
        sheet.write_string(header, at, name, head)
        if name in _WIDTHS:
            sheet.set_column(at, at, _WIDTHS[name], text)
    sheet.freeze_panes(header + 1, 0)
    for at, name in enumerate(part.columns):
        values: list[Any] = part[name].tolist()
        for row, value in enumerate(values, start=header + 1):
            if value:
                sheet.write_string(row, at, _fitting(value), text)


def _fitting(value: str) -> str:
    """Nothing is cut: what a cell can't hold is left to the file that it came from."""
    if len(value) <= LONGEST_CELL:
        return value
    return f"({len(value):,} characters, more than a cell of a workbook holds: see the source)"
