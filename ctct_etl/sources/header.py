"""Finding the header row of a table, and refusing headers that a mapping could not tell apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ctct_etl.columns import RESERVED_COLUMNS
from ctct_etl.sources.cells import clean_header, is_blank
from ctct_etl.sources.places import Place, column_letter, quote

SAMPLE_ROWS = 60  # a header that lies deeper has to be told by `header_row`
# A title of two or three cells must not pass for the header of a wide table, nor a gap in the header hide it.
_LEAST_SHARE = 0.7
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_VALUE = re.compile(r"[+-]?[\d.,]*\d%?|\d{4}-\d\d-\d\d.*|\d\d?[/.]\d\d?[/.]\d{2,4}.*")


@dataclass(frozen=True)
class Header:
    """The header: the row number that a person sees, and its cells, cleaned, without the blank ones at its end."""

    row: int
    names: tuple[str, ...]


def find_header(sample: Sequence[Sequence[str]], header_row: int | None, place: Place) -> Header | None:
    """The header among the first rows of a table, None for a table without a cell.

    Without `header_row` it is the first row that fills the table's width, or most of it without values; titles above
    it are passed over. Raises SourceError when the row asked for is blank or missing, or when the first full row
    holds an e-mail address among others: then the table has no header. A lone column is taken as it is.
    """
    if header_row is not None:
        if header_row < 1 or header_row > len(sample) or not _filled(sample[header_row - 1]):
            raise place.error("the header row is blank", "correct `header_row`", f"row {header_row}")
        return _header(sample, header_row - 1)
    filled = [_filled(row) for row in sample]
    widths = sorted((len(cells) for cells in filled if cells), reverse=True)
    if not widths:
        return None
    usual = widths[min(1, len(widths) - 1)]  # the second widest: one row with a cell too many is no measure
    position = next(position for position, cells in enumerate(filled) if _may_be_header(cells, usual))
    if usual > 1 and any(_ADDRESS.search(cell) for cell in filled[position]):
        raise place.error(
            "holds an e-mail address where the header should be",
            "put the names of the columns above the data, or say `header_row`",
            f"row {position + 1}",
        )
    return _header(sample, position)


def check_names(header: Header, first_values: Sequence[int | None], place: Place) -> dict[int, str]:
    """The columns to keep: position → name. A column without a value needs no name of its own, and may repeat one.

    first_values: for each position the row of its first value, None for a column without any; positions beyond the
    header's cells are columns without a name.
    """
    kept: dict[int, str] = {}
    seen: dict[str, int] = {}
    for position, first in enumerate(first_values):
        name = header.names[position] if position < len(header.names) else ""
        if name in RESERVED_COLUMNS:
            raise _at(
                place, header.row, position, f"the name {quote(name)} is used by the program", "rename the column"
            )
        if not name and first is not None:
            what = f"the column has no name but a value in row {first:,}"
            raise _at(place, header.row, position, what, "name it, or empty it")
        if not name:
            continue
        if name in seen and first is not None and first_values[seen[name]] is not None:
            what = f"the name {quote(name)} stands in column {column_letter(seen[name])} too"
            raise _at(place, header.row, position, what, "rename one of the two, or delete it")
        if name not in seen or first is not None:
            kept.pop(seen.get(name, -1), None)
            seen[name] = position
            kept[position] = name
    return kept


def _may_be_header(cells: Sequence[str], usual: int) -> bool:
    """A full row is, whatever it holds (a column may be named 2024); one with gaps only if it holds no values."""
    if len(cells) >= usual:
        return True
    return len(cells) >= _LEAST_SHARE * usual and not any(_VALUE.fullmatch(cell) for cell in cells)


def _header(sample: Sequence[Sequence[str]], position: int) -> Header:
    names = [clean_header(cell) for cell in sample[position]]
    while not names[-1]:
        names.pop()
    return Header(position + 1, tuple(names))


def _filled(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row if not is_blank(cell)]


def _at(place: Place, row: int, position: int, what: str, cure: str) -> Exception:
    return place.error(what, cure, f"row {row}", f"column {column_letter(position)}")
