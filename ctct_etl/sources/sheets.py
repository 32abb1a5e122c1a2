"""The sheets of a workbook (xlsx, xlsm, xls, xlsb, ods) as rows of typed cells, each with its header."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    WorksheetNotFound,
)

from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.cells import cell_text
from ctct_etl.sources.content import DAMAGED
from ctct_etl.sources.expansion import check_expansion
from ctct_etl.sources.header import SAMPLE_ROWS, Header, find_header
from ctct_etl.sources.number_formats import Padded, find_padded_cells, show_padded
from ctct_etl.sources.places import Place


@dataclass(frozen=True)
class Sheet:
    """One sheet: its header, and the rows below it; every row has `width` cells."""

    place: Place
    header: Header
    rows: list[list[Any]]
    width: int


def read_sheets(data: bytes, spec: Source, shown: str, limit: int | None = None) -> list[Sheet]:
    """The sheets that `spec.sheet` asks for, in that order; all rows, or no more than are needed to see `limit`.

    Hidden sheets can be asked for like any other. Raises SourceError for a workbook that is damaged, has a password or
    is too large, and for a sheet that it does not have.
    """
    check_expansion(data, shown)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = _choose_sheets(workbook, spec.sheet, shown)
        sheets = [(workbook.get_sheet_by_name(name), find_padded_cells(data, name)) for name in names]
    except PasswordError as error:
        raise SourceError(f"{shown}: the workbook has a password — save it without one") from error
    except (CalamineError, OSError, WorksheetNotFound, *DAMAGED) as error:
        if _ENCRYPTED in data:  # calamine tells it from a damaged one only by the name of a file
            raise SourceError(f"{shown}: the workbook has a password — save it without one") from error
        raise SourceError(f"{shown}: the workbook is damaged ({error}) — open it and save it again") from error
    return [_read_sheet(sheet, padded, spec, Place(shown, sheet.name), limit) for sheet, padded in sheets]


# The name of the stream that an encrypted workbook consists of (MS-OFFCRYPTO 2.3.1), as a compound file writes it.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def _choose_sheets(workbook: CalamineWorkbook, wanted: Sequence[str], shown: str) -> list[str]:
    names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if not names:
        raise SourceError(f"{shown}: the workbook has no sheet with cells — save it again")
    if not wanted:
        return names[:1]
    return list(dict.fromkeys(_choose_sheet(names, one, shown) for one in wanted))


def _choose_sheet(names: Sequence[str], wanted: str, shown: str) -> str:
    """By name, by name whatever its case and outer spaces, or by number (1 is the first): a name goes before."""
    if wanted in names:
        return wanted
    alike = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise SourceError(f'{shown}: there is no sheet "{wanted}", it has: {", ".join(names)} — correct `sheet`')


def _read_sheet(sheet: CalamineSheet, padded: Padded, spec: Source, place: Place, limit: int | None) -> Sheet:
    depth = max(SAMPLE_ROWS, spec.header_row or 0)
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False, nrows=None if limit is None else depth + limit)
    for (row, column), pattern in padded.items():
        if row < len(rows) and column < len(rows[row]) and _is_whole(rows[row][column]):
            rows[row][column] = show_padded(int(rows[row][column]), pattern)
    sample = [[cell_text(cell) for cell in row] for row in rows[:depth]]
    header = find_header(sample, spec.header_row, place)
    if header is None:
        raise place.error("the sheet is empty", "correct `sheet`, or see why the export wrote nothing")
    del rows[: header.row]
    return Sheet(place, header, rows, len(sample[0]))


def _is_whole(cell: object) -> bool:
    return type(cell) is int or (type(cell) is float and cell.is_integer())
