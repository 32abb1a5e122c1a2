"""What a person should know of tables that were read without an error."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.sources.cells import clean_header
from ctct_etl.sources.places import count
from ctct_etl.sources.table import Table

_POSTAL = re.compile(r"\b(zip|zips|zipcode|postal|postcode|plz)\b|postal_?code|zip_?code", re.IGNORECASE)
_MOST_NAMED = 5


def find_table_notes(table: Table) -> list[str]:
    """Columns without any value, and postal codes that have lost their leading zeros."""
    if not len(table.rows):
        return [f"{table.place.name()}: has a header and no rows"]
    empty = [name for name, cells in table.columns.items() if cells.null_count == len(cells)]
    why = " — formulas that were never calculated read as blank" if table.place.sheet else ""
    notes = [f"{table.place.column(name)}: no value in any row{why}" for name in empty]
    for name, cells in table.columns.items():
        if name not in empty and _POSTAL.search(name):
            notes += _lost_zeros(table, name, cells)
    return notes


def find_union_notes(tables: Sequence[Table]) -> list[str]:
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


def _lost_zeros(table: Table, name: str, cells: pa.LargeStringArray) -> list[str]:
    """US postal codes with fewer than five digits: a spreadsheet has kept 01001 as the number 1001."""
    short = pc.fill_null(pc.match_substring_regex(cells, r"^\d{3,4}(-\d{4})?$"), False)
    usual = pc.fill_null(pc.match_substring_regex(cells, r"^\d{5}(-\d{4})?$"), False)
    number = pc.sum(short).as_py() or 0
    if not number or number > (pc.sum(usual).as_py() or 0):
        return []  # or codes of a country that has four digits
    row = int(table.rows[np.flatnonzero(short.to_numpy(zero_copy_only=False))[0]])
    return [
        f"{table.place.column(name)}: {count(number, 'code')} shorter than five digits (the first in row "
        f"{row:,}), leading zeros were lost before this file was read — say `transform: [{{zfill: 5}}]`"
    ]


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", clean_header(name)).casefold()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (
        f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    )
