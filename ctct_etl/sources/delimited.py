"""Reading delimited text (CSV and its kin) as a table.

The row number of a record is the one that a spreadsheet program shows: a record is one row whatever line breaks its
quoted cells hold, an empty line is a row too, and Excel's `sep=;` line is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow.compute as pc

from ctct_etl.config.pipeline import Source
from ctct_etl.sources.body import Body, find_body, refuse_narrow_header
from ctct_etl.sources.decoding import to_utf8
from ctct_etl.sources.parsing import Parsed, parse_fast, parse_slowly, tell_long
from ctct_etl.sources.places import Place, count
from ctct_etl.sources.table import Table, build_table

# Fewer columns than this, and a line of prose may have as many commas as a record of the file.
_TELLING_WIDTH = 4
CUT_OFF = "the file ends in the middle of this row — fetch or export it again"


def read_delimited(data: bytes, spec: Source, place: Place) -> Table:
    """The table of a delimited file.

    Raises SourceError for a wrong encoding, a header that can't be used, and a quote that is never closed.
    """
    data, notes = to_utf8(data, spec.encoding, place)
    body, width, found = find_body(data, spec, place)
    parsed = parse_fast(body, width) or parse_slowly(body)
    refuse_narrow_header(body, parsed.long, parsed.records)
    faults = {**tell_long(body, parsed.long), **find_swallowed(body, parsed), **_cut_off(body, parsed)}
    table = build_table(place, body.header, parsed.cells, faults, notes + found)
    short = find_short(table, parsed.short)
    return replace(table, notes=table.notes + tell_short(place, short[:1], len(short)))


def find_swallowed(body: Body, parsed: Parsed) -> Mapping[int, str]:
    """Rows with a cell that holds whole records: its closing quote is missing, and the rows within would be lost."""
    width = len(body.header.names)
    if width < _TELLING_WIDTH or not parsed.lines_within:
        return {}
    faults = {}
    for name, column in zip(body.header.names, parsed.cells, strict=True):
        positions = pc.indices_nonzero(pc.fill_null(pc.match_substring(column, "\n"), False))
        for position, cell in zip(positions.to_pylist(), column.take(positions).to_pylist(), strict=True):
            lines = cell.splitlines()[1:-1]
            records = sum(line.count(body.delimiter) == width - 1 for line in lines)
            if records:
                faults[position + body.header.row + 1] = (
                    f'the cell in column "{name}" holds {count(records, "whole line")} of the file — '
                    "close the quote that opens it"
                )
    return faults


def _cut_off(body: Body, parsed: Parsed) -> Mapping[int, str]:
    """The last row, if it alone is short and the file does not end with its line: half of a row may read as another."""
    rows = len(parsed.cells[0])
    last = body.header.row + rows
    is_cut = rows > 1 and list(parsed.short) == [last] and not body.data.endswith((b"\n", b"\r"))
    return {last: CUT_OFF} if is_cut else {}


def find_short(table: Table, short: Sequence[int]) -> list[int]:
    """The rows with fewer cells than the header that are there, and have no other fault."""
    present = set(table.rows.tolist()) if short else set()
    return [row for row in short if row in present and row not in table.faults]


def tell_short(place: Place, first: Sequence[int], many: int) -> tuple[str, ...]:
    if not many:
        return ()
    return (
        f"{place.name()}: {count(many, 'row')} with fewer cells than the header (the first is row "
        f"{first[0]:,}); the missing cells count as blank",
    )
