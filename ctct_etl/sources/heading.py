"""The columns of a source, told by the first rows of each file: what a check of a mapping needs.

It gives what reading everything would find there, without the libraries that reading everything takes: a check is
answered before they would be loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from ctct_etl.config.pipeline import Source
from ctct_etl.sources.body import find_body, last_filled, refuse_narrow_header
from ctct_etl.sources.cells import cell_text, is_blank
from ctct_etl.sources.content import Content, open_content
from ctct_etl.sources.decoding import to_utf8
from ctct_etl.sources.files import load_files
from ctct_etl.sources.header import check_names
from ctct_etl.sources.places import Place
from ctct_etl.sources.records import read_records
from ctct_etl.sources.sheets import read_sheets

_SAMPLE = 200  # rows that tell whether a column without a name is in use


def read_header(spec: Source, now: datetime) -> tuple[str, ...]:
    """The source's columns, in the order in which they first appear.

    Raises SourceError as `read_source` does for what can be seen in the first rows; `fresh_within` is left to it.
    """
    names: dict[str, None] = {}
    for data, shown, _ in load_files(spec.model_copy(update={"fresh_within": None}), now):
        for columns in _columns_of(open_content(data, shown), spec, shown):
            names |= dict.fromkeys(columns)
    return tuple(names)


def _columns_of(content: Content, spec: Source, shown: str) -> Iterator[Sequence[str]]:
    if not content.is_workbook:
        yield _columns_of_text(content.data, spec, Place(shown))
        return
    for sheet in read_sheets(content.data, spec, shown, _SAMPLE):
        rows = [[cell_text(cell) for cell in row] for row in sheet.rows]
        first = _first_values(rows, sheet.width, sheet.header.row + 1)
        yield [*check_names(sheet.header, first, sheet.place).values()]


def _columns_of_text(data: bytes, spec: Source, place: Place) -> Sequence[str]:
    data, _ = to_utf8(data, spec.encoding, place)
    body, _, _ = find_body(data, spec, place)
    width, first = len(body.header.names), body.header.row + 1
    records = [record for record, _ in islice(read_records(data, body.start, body.delimiter, first, place), _SAMPLE)]
    cells = {row: last_filled(record) for row, record in enumerate(records, first)}
    refuse_narrow_header(body, {row: count for row, count in cells.items() if count > width}, len(records))
    return [*check_names(body.header, _first_values(records, width, first), place).values()]


def _first_values(rows: Sequence[Sequence[str]], width: int, first: int) -> list[int | None]:
    """For each position the row of its first value."""
    firsts: list[int | None] = [None] * width
    for row, cells in reversed([*enumerate(rows, first)]):
        for position, cell in enumerate(cells[:width]):
            if not is_blank(cell):
                firsts[position] = row
    return firsts
