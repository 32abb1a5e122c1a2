"""Keeping a workbook from filling the memory: how large it unpacks, and how far its cells reach."""

from __future__ import annotations

import io
import re
import zipfile

from ctct_etl.errors import SourceError
from ctct_etl.sources.content import DAMAGED, swell_limit
from ctct_etl.sources.places import column_position

MAX_CELLS = 60_000_000  # of one sheet, from A1 to its last row and column: a reader sets aside room for each
_CHUNK = 1 << 22
_FAR_CELL = re.compile(rb' r="(?:[A-Z]{3}|[B-Z][A-Z])[0-9]')  # column BA or further
_CELL = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"')


def check_expansion(data: bytes, shown: str) -> None:
    """Refuse a workbook that unpacks beyond measure, or has a cell so far out that no memory holds the sheet."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            limit = swell_limit(len(data))
            if sum(member.file_size for member in members) > limit:
                raise SourceError(f"{shown}: unpacks to more than {limit >> 20:,} MiB — it is no workbook of people")
            for member in members:
                if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                    _check_reach(archive, member, shown)
    except DAMAGED as error:
        raise SourceError(f"{shown}: the workbook is damaged or cut off — fetch or export it again") from error


def _check_reach(archive: zipfile.ZipFile, member: zipfile.ZipInfo, shown: str) -> None:
    """Look closely only when some cell lies right of column AZ: up to there even the last row of Excel fits."""
    with archive.open(member) as sheet:
        is_far, tail = False, b""
        while not is_far and (part := sheet.read(_CHUNK)):
            is_far = _FAR_CELL.search(tail + part) is not None
            tail = part[-16:]
    if not is_far:
        return
    last_column = last_row = 0
    with archive.open(member) as sheet:
        tail = b""
        while part := sheet.read(_CHUNK):
            for match in _CELL.finditer(tail + part):
                last_column = max(last_column, column_position(match[1].decode()) + 1)
                last_row = max(last_row, int(match[2]))
            tail = part[-16:]
    if last_column * last_row > MAX_CELLS:
        raise SourceError(
            f"{shown}: a sheet reaches to row {last_row:,} and column {last_column:,} — "
            "delete the stray cells far right of and below the table"
        )
