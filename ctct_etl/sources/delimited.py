"""Reading delimited text (CSV and its kin) as a table.

The row number of a record is the one that a spreadsheet program shows: a record is one row whatever line breaks its
quoted cells hold, an empty line is a row too, and Excel's `sep=;` line is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.config.pipeline import Source
from ctct_etl.sources.decoding import to_utf8
from ctct_etl.sources.dialects import delimiter_name, find_delimiter, read_sep_line
from ctct_etl.sources.header import SAMPLE_ROWS, find_header
from ctct_etl.sources.parsing import Body, Parsed, parse_fast, parse_slowly
from ctct_etl.sources.places import Place, count
from ctct_etl.sources.records import read_records
from ctct_etl.sources.table import Table, build_table

_SAMPLE_BYTES = 1 << 16
# Fewer columns than this, and a line of prose may have as many commas as a record of the file.
_TELLING_WIDTH = 4
CUT_OFF = "the file ends in the middle of this row — fetch or export it again"


def read_delimited(data: bytes, spec: Source, place: Place, limit: int | None = None) -> Table:
    """The table of a delimited file, all of it or its first `limit` rows.

    Raises SourceError for a wrong encoding, a header that can't be used, and a quote that is never closed.
    """
    data, notes = to_utf8(data, spec.encoding, place)
    body, width, found = _find_body(data, spec, place)
    parsed = parse_slowly(body, limit) if limit is not None else parse_fast(body, width) or parse_slowly(body)
    faults = {**parsed.faults, **_swallowed(body, parsed.cells), **_cut_off(body, parsed)}
    table = build_table(place, body.header, parsed.cells, faults, notes + found)
    return replace(table, notes=table.notes + _short_notes(table, parsed.short, faults))


def _find_body(data: bytes, spec: Source, place: Place) -> tuple[Body, int, tuple[str, ...]]:
    """Where the rows begin, how many cells the header has as written, and how the cells are separated."""
    declared, start = read_sep_line(data)
    sample = data[start : start + _SAMPLE_BYTES]
    if len(sample) == _SAMPLE_BYTES:
        sample = sample[: sample.rfind(b"\n") + 1] or sample  # not the first half of a record
    delimiter = spec.delimiter or declared or find_delimiter(sample.decode(errors="ignore"))
    records = read_records(data, start, delimiter, 1, place)
    first = list(islice(records, max(SAMPLE_ROWS, spec.header_row or 0)))
    header = find_header([record for record, _ in first], spec.header_row, place)
    if header is None:
        raise place.error("holds nothing but blank rows", "see why the export wrote nothing")
    record, end = first[header.row - 1]
    is_plain = delimiter in (spec.delimiter, declared, ",")
    notes = () if is_plain else (f"{place.name()}: the cells are separated by {delimiter_name(delimiter)}s",)
    return Body(data, end, delimiter, header, place), len(record), notes


def _swallowed(body: Body, cells: Sequence[pa.LargeStringArray]) -> Mapping[int, str]:
    """Rows with a cell that holds whole records: its closing quote is missing, and the rows within would be lost."""
    width = len(body.header.names)
    # Without a line end within a cell there are as many as rows, and none has to be looked for.
    if width < _TELLING_WIDTH or body.data.count(b"\n", body.start) <= len(cells[0]):
        return {}
    faults = {}
    for name, column in zip(body.header.names, cells, strict=True):
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


def _short_notes(table: Table, short: Sequence[int], faults: Mapping[int, str]) -> tuple[str, ...]:
    present = set(table.rows.tolist()) if short else set()
    rows = [row for row in short if row in present and row not in faults]
    if not rows:
        return ()
    return (
        f"{table.place.name()}: {count(len(rows), 'row')} with fewer cells than the header (the first is row "
        f"{rows[0]:,}); the missing cells count as blank",
    )
