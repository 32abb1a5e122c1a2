"""Numbers that a workbook shows with leading zeros: 2139 as 02139, by the cell's format alone.

The reader of workbooks gives values without formats, and so a postal code would lose its zeros. Only xlsx and xlsm are
looked into; elsewhere the loss is noted where it is likely.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from ctct_etl.sources.places import column_position

# Only zeros, and marks between them: 00000, 00000\-0000. The first section of a format is that of positive numbers.
_PADDED = re.compile(r"0+(?:[-/. ]?0+)*")
_ESCAPED = re.compile(r'\\(.)|"([^"]*)"')
_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})" s="([0-9]+)"')
_LONGEST_CELL = 64  # bytes of what the pattern above matches
_CHUNK = 1 << 22

Padded = Mapping[tuple[int, int], str]  # row and column, from 0 → the format, such as "00000-0000"


def find_padded_cells(data: bytes, sheet: str) -> Padded:
    """The cells of one sheet that are shown with leading zeros; none for a workbook that is not of the xlsx kind."""
    if not data.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        formats = _padded_styles(archive)
        part = _sheet_part(archive, sheet) if formats else None
        return dict(_matching_cells(archive, part, formats)) if part else {}


def show_padded(number: int, pattern: str) -> str:
    """The number as the pattern shows it: 10011234 by "00000-0000" is "01001-1234"."""
    digits = str(abs(number)).zfill(pattern.count("0"))
    head, tail = digits[: len(digits) - pattern.count("0")], iter(digits[len(digits) - pattern.count("0") :])
    return ("-" if number < 0 else "") + head + "".join(next(tail) if mark == "0" else mark for mark in pattern)


def _padded_styles(archive: zipfile.ZipFile) -> Mapping[int, str]:
    """Style number, as cells name it → format, for the styles that pad."""
    root = _parse(archive, "xl/styles.xml")
    if root is None:
        return {}
    codes = {number.get("numFmtId"): number.get("formatCode", "") for number in root.iterfind("{*}numFmts/{*}numFmt")}
    styles = enumerate(root.iterfind("{*}cellXfs/{*}xf"))
    plain = {style: _plain(codes.get(xf.get("numFmtId"), "")) for style, xf in styles}
    return {style: code for style, code in plain.items() if _PADDED.fullmatch(code) and code.count("0") > 1}


def _plain(code: str) -> str:
    return _ESCAPED.sub(lambda match: match[1] or match[2] or "", code.partition(";")[0])


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    book, links = _parse(archive, "xl/workbook.xml"), _parse(archive, "xl/_rels/workbook.xml.rels")
    if book is None or links is None:
        return None
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for found in book.iterfind("{*}sheets/{*}sheet"):
        if found.get("name") == sheet:
            link = next((value for key, value in found.attrib.items() if key.endswith("}id")), None)
            part = posixpath.normpath(posixpath.join("/xl", targets.get(link, ""))).lstrip("/")
            return part if part in archive.namelist() else None
    return None


def _matching_cells(
    archive: zipfile.ZipFile, part: str, formats: Mapping[int, str]
) -> Iterator[tuple[tuple[int, int], str]]:
    with archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            for match in _CELL.finditer(text):
                if pattern := formats.get(int(match[3])):
                    yield (int(match[2]) - 1, column_position(match[1].decode())), pattern
            rest = text[-_LONGEST_CELL:]


def _parse(archive: zipfile.ZipFile, name: str) -> ElementTree.Element | None:
    """A part of the workbook, None if it is missing, broken, or has a DTD, which no workbook needs."""
    try:
        text = archive.read(name)
        return None if b"<!DOCTYPE" in text else ElementTree.fromstring(text)
    except (KeyError, ElementTree.ParseError):
        return None
