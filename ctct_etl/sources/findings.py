"""What a person should know of tables that were read without an error."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.sources.cells import clean_header
from ctct_etl.sources.places import Place, count
from ctct_etl.sources.table import Table

_POSTAL = re.compile(r"\b(zip|zips|zipcode|postal|postcode|plz)\b|postal_?code|zip_?code", re.IGNORECASE)
_SHORT_CODE, _USUAL_CODE = r"^\d{3,4}(-\d{4})?$", r"^\d{5}(-\d{4})?$"
_MOST_NAMED = 5


class Outlined(Protocol):
    """A table as far as its place and the names of its columns."""

    @property
    def place(self) -> Place: ...

    @property
    def columns(self) -> Collection[str]: ...


class Look(NamedTuple):
    """What is told of a column. filled: its values. short: postal codes with fewer than five digits, usual: with five;
    at: the row of the first short one, 0 for none.
    """

    filled: int
    short: int = 0
    usual: int = 0
    at: int = 0

    def join(self, below: Look) -> Look:
        """What is told of this column and of the one that goes on below it."""
        return Look(self.filled + below.filled, self.short + below.short, self.usual + below.usual, self.at or below.at)


def look_at_columns(names: Mapping[str, str], table: Table) -> dict[str, Look]:
    """Look at every column of a table; names: key of the column in the table → what it is called."""
    return {key: _look_at(names[key], cells, table) for key, cells in table.columns.items()}


def find_table_notes(table: Table) -> list[str]:
    """Columns without any value, and postal codes that have lost their leading zeros."""
    looks = look_at_columns({name: name for name in table.columns}, table)
    return tell_columns(table.place, len(table.rows), looks)


def tell_columns(place: Place, rows: int, looks: Mapping[str, Look]) -> list[str]:
    """The same of a table of so many rows that was looked at in parts."""
    if not rows:
        return [f"{place.name()}: has a header and no rows"]
    why = " — formulas that were never calculated read as blank" if place.sheet else ""
    notes = [f"{place.column(name)}: no value in any row{why}" for name, look in looks.items() if not look.filled]
    return [*notes, *(_tell_zeros(place, name, look) for name, look in looks.items() if _lost_zeros(look))]


def find_union_notes(tables: Sequence[Outlined]) -> list[str]:
    """Columns that some tables of the source have and others lack, with the likely reason."""
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    plain: dict[tuple[str, ...], list[str]] = {}
    notes = []
    for name in names:
        without = tuple(table.place.name() for table in tables if name not in table.columns)
        alike = [other for other in names if other != name and _letters(other) == _letters(name)]
        if without and alike:
            hint = f'it differs from "{alike[0]}" in writing only: name them alike'
            notes.append(f'column "{name}" is missing from {_listed(without)} ({hint})')
        elif without:
            plain.setdefault(without, []).append(f'"{name}"')
    for without, missing in plain.items():
        verb = "column {} is" if len(missing) == 1 else "columns {} are"
        notes.append(f"{verb.format(_listed(missing))} missing from {_listed(without)}")
    return notes


def _look_at(name: str, cells: pa.LargeStringArray, table: Table) -> Look:
    filled = len(cells) - cells.null_count
    if not filled or not _POSTAL.search(name):
        return Look(filled)
    written = cells.dictionary_encode()
    of_kind = (pc.match_substring_regex(written.dictionary, pattern) for pattern in (_SHORT_CODE, _USUAL_CODE))
    short, usual = (pc.fill_null(kind.take(written.indices), False) for kind in of_kind)
    few, many = (int(pc.sum(each).as_py() or 0) for each in (short, usual))
    return Look(filled, few, many, at=int(table.rows[pc.index(short, True).as_py()]) if few else 0)


def _lost_zeros(look: Look) -> bool:
    """A spreadsheet has kept 01001 as the number 1001; if most are like that, they are codes of another country."""
    return 0 < look.short <= look.usual


def _tell_zeros(place: Place, name: str, look: Look) -> str:
    return (
        f"{place.column(name)}: {count(look.short, 'code')} shorter than five digits (the first in row "
        f"{look.at:,}), leading zeros were lost before this file was read — say `transform: [{{zfill: 5}}]`"
    )


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", clean_header(name)).casefold()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (
        f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    )
