"""Render a preview: contacts as they would be sent, rejects and wrong cells, for a terminal or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Protocol

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ctct_etl.columns import PROBLEM, REASON
from ctct_etl.report.cells import show_cell

LONGEST = 40
SENTENCES = (REASON, PROBLEM)  # ours, and short; they are the point of the table


class Previewed(Protocol):
    """What a preview has: tables of text, counts by outcome, and notes on how the source was read."""

    @property
    def contacts(self) -> pd.DataFrame: ...
    @property
    def rejects(self) -> pd.DataFrame: ...
    @property
    def problems(self) -> pd.DataFrame: ...
    @property
    def counts(self) -> Mapping[str, int]: ...
    @property
    def notes(self) -> Sequence[str]: ...


def render_preview(previewed: Previewed, *, width: int) -> str:
    """Render for a terminal of `width` columns. No opinion shows as "·", a value that is cleared as two quotes."""
    out = StringIO()
    console = Console(file=out, width=width, no_color=True, highlight=False, markup=False, emoji=False)
    counts = ", ".join(f"{count:,} {what}" for what, count in previewed.counts.items())
    console.print(Text(counts))
    for title, table in (
        ("First contacts", previewed.contacts.T),
        ("First rejects", previewed.rejects),
        ("First cells that are wrong", previewed.problems),
    ):
        if table.size:
            console.print(Text(f"\n{title}"))
            console.print(_lay_out(table, fields_in_rows=title == "First contacts"))
    for note in previewed.notes:
        console.print(Text(f"note: {note}"))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _lay_out(table: pd.DataFrame, *, fields_in_rows: bool) -> Table:
    laid = Table(box=None, pad_edge=False, show_header=not fields_in_rows, header_style="none")
    if fields_in_rows:
        laid.add_column(no_wrap=True)
    for column in table.columns:
        laid.add_column(Text(str(column).lstrip("@")), overflow="fold")
    for name, row in zip(table.index, table.itertuples(index=False), strict=True):
        cells = [Text(_say(value, capped=column not in SENTENCES)) for column, value in zip(table, row, strict=True)]
        laid.add_row(*([Text(str(name))] if fields_in_rows else []), *cells)
    return laid


def _say(value: object, *, capped: bool) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return "·"
    if value == "":
        return '""'
    return show_cell(str(value), LONGEST) if capped else str(value)


def render_preview_json(previewed: Previewed) -> str:
    """Counts, contacts, rejects, problems and notes; null is no opinion, "" clears."""
    tables = {"contacts": previewed.contacts, "rejects": previewed.rejects, "problems": previewed.problems}
    plain = {name: table.astype(object).where(table.notna(), None).to_dict("records") for name, table in tables.items()}
    document = {"counts": dict(previewed.counts), "notes": list(previewed.notes), **plain}
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, default=str)
