"""Where the data of delimited text begins: its delimiter, its header, and the first byte of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ctct_etl.config.pipeline import Source
from ctct_etl.sources.cells import is_blank
from ctct_etl.sources.dialects import delimiter_name, find_delimiter, read_sep_line
from ctct_etl.sources.header import SAMPLE_ROWS, Header, find_header
from ctct_etl.sources.places import Place, count
from ctct_etl.sources.records import read_records

_SAMPLE_BYTES = 1 << 16


@dataclass(frozen=True)
class Body:
    """Where the data of a delimited file begins: below `header`, at the byte `start`."""

    data: bytes
    start: int
    delimiter: str
    header: Header
    place: Place


def find_body(data: bytes, spec: Source, place: Place) -> tuple[Body, int, tuple[str, ...]]:
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


def last_filled(record: Sequence[str]) -> int:
    """The number of cells up to the last one that is not blank."""
    return next((position for position in range(len(record), 0, -1) if not is_blank(record[position - 1])), 0)


def refuse_narrow_header(body: Body, long: Mapping[int, int], total: int, many: int | None = None) -> None:
    """A header that is narrower than most of its rows misses a name, and no row can be trusted to stand below it.

    long: row → cells of those that have more; where `many` says how many these are, the first will do.
    """
    many = len(long) if many is None else many
    if many * 2 > total and total > 1:
        row, cells = next(iter(long.items()))
        raise body.place.error(
            f"the header has {count(len(body.header.names), 'cell')}, but {many:,} of {count(total, 'row')} "
            f"have more (row {row:,} has {cells:,})",
            "name every column, or correct `header_row` or `delimiter`",
            f"row {body.header.row}",
        )
