"""A workbook with the same bytes every time: openpyxl stamps the hour of saving into it, so that is taken out."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from .cells import Cell

SAVED = dt.datetime(2026, 11, 20, 9, 0, 0)
SAVED_TEXT = SAVED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def write_workbook(path: Path, sheets: dict[str, list[list[Cell]]]) -> None:
    """Write the sheets in their order; a sheet that begins with a row of one cell has a title over all columns."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        _fill(book.create_sheet(name), rows)
    book.properties.creator = "Riverside Walking Club"
    book.properties.created = SAVED
    draft = io.BytesIO()
    book.save(draft)
    _pack_anew(draft, path)


def _fill(sheet: Worksheet, rows: list[list[Cell]]) -> None:
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(number, column, value)
    if len(rows[0]) == 1:
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=max(map(len, rows)))
        sheet["A1"].font = Font(bold=True, size=14)


def _pack_anew(draft: io.BytesIO, path: Path) -> None:
    with zipfile.ZipFile(draft) as old, zipfile.ZipFile(path, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", SAVED_TEXT, content)
            entry = zipfile.ZipInfo(name, SAVED.timetuple()[:6])
            new.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)
