"""Wrong files, one by one: each message names the place, what is wrong, and how to mend it."""

from __future__ import annotations

import errno
import gzip
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from ctct_etl.errors import SourceError
from ctct_etl.sources import content, expansion


def _zip(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


OLE_WITH_PASSWORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600

WRONG_TEXT = {
    "empty file": ("a.csv", b"", {}, "a.csv: the file is empty — see why the export wrote nothing"),
    "nothing but line ends": ("a.csv", b"\n\r\n \n", {}, "a.csv: the file is empty — see why the export wrote nothing"),
    "blank rows": (
        "a.csv", b",,\n,,\n", {}, "a.csv: holds nothing but blank rows — see why the export wrote nothing",
    ),
    "no header": (
        "a.csv", b"a@x.org,Ann\nb@x.org,Bo\n", {},
        "a.csv, row 1: holds an e-mail address where the header should be — put the names of the columns above the "
        "data, or say `header_row`",
    ),
    "header_row on a blank row": (
        "a.csv", b"email\n\na\n", {"header_row": "2"}, "a.csv, row 2: the header row is blank — correct `header_row`",
    ),
    "header_row past the end": (
        "a.csv", b"email\na\n", {"header_row": "9"}, "a.csv, row 9: the header row is blank — correct `header_row`",
    ),
    "doubled header": (
        "a.csv", b"email,name,email\na,b,c\n", {},
        'a.csv, row 1, column C: the name "email" stands in column A too — rename one of the two, or delete it',
    ),
    "header alike but for space": (
        "a.csv", "email,E\u00a0 mail,E mail \na,b,c\n".encode(), {},
        'a.csv, row 1, column C: the name "E mail" stands in column B too — rename one of the two, or delete it',
    ),
    "column without a name": (
        "a.csv", b"email,,name\na,,c\nb,x,d\n", {},
        "a.csv, row 1, column B: the column has no name but a value in row 3 — name it, or empty it",
    ),
    "name of our own": (
        "a.csv", b"email,@row\na,b\n", {},
        'a.csv, row 1, column B: the name "@row" is used by the program — rename the column',
    ),
    "header narrower than its rows": (
        "a.csv", b"email,first,last\na,b,1,x\nc,d,2,y\ne,f\n", {},
        "a.csv, row 1: the header has 3 cells, but 2 of 3 rows have more (row 2 has 4) — name every column, or correct "
        "`header_row` or `delimiter`",
    ),
    "quote never closed": (
        "a.csv", b'email,name\na,b\nc,"d\ne,f\n', {},
        "a.csv, row 3: a quote opens here and is never closed — close it, or double it if it belongs to the text",
    ),
    "cell without end": (
        "a.csv", b'email,name\na,b\nc,"d\n' + b"e,f\n" * 40_000 + b'g,"h"\n', {},
        "a.csv, row 3: a cell is longer than 131,072 characters, which looks like a quote that is never closed — "
        "close it, or double it if it belongs to the text",
    ),
    "byte that is not UTF-8": (
        "a.csv", "email\na\nZoë\n".encode("cp1252"), {"encoding": "utf-8"},
        "a.csv, line 3: the byte 0xeb (byte 11 of the file) is invalid in UTF-8 — correct `encoding: utf-8` or "
        "leave it out",
    ),
    "broken UTF-8 behind its mark": (
        "a.csv", b"\xef\xbb\xbfemail\na\xeb\n", {},
        "a.csv, line 2: the byte 0xeb (byte 8 of the file) is invalid in UTF-8 — fetch or export the file again, or "
        "say `encoding:`",
    ),
    "byte of no encoding tried": (
        "a.csv", b"email\na\nb\x81\n", {},
        "a.csv, line 3: the byte 0x81 (byte 10 of the file) is not of cp1252 — it is not UTF-8 either: say "
        "`encoding:`, or save it as CSV UTF-8",
    ),
    "sheet of a text file": (
        "a.csv", b"email\na\n", {"sheet": "Members"},
        "PATH: is delimited text, which has no sheets — leave out `sheet`",
    ),
    "damaged gzip": (
        "a.csv.gz", gzip.compress(b"email\na\n" * 99)[:-20], {},
        "a.csv.gz: the gzip file is damaged or cut off — fetch or export it again",
    ),
    "two files in a zip": (
        "a.zip", _zip({"a.csv": "x", "b.csv": "y"}), {},
        "a.zip: the zip file holds 2 files (a.csv, b.csv), expected one — pack one table a zip file",
    ),
    "no file in a zip": (
        "a.zip", _zip({"folder/": "", "__MACOSX/a": "x"}), {},
        "a.zip: the zip file holds 0 files (none), expected one — pack one table a zip file",
    ),
    "damaged zip": (
        "a.zip", _zip({"a.csv": "email\na\n"})[:-10], {},
        "a.zip: the zip file is damaged or cut off — fetch or export it again",
    ),
    "archive in an archive": (
        "a.csv.gz", gzip.compress(gzip.compress(b"email\na\n")), {},
        "a.csv.gz: is an archive within an archive — pack the table file itself",
    ),
    "PDF": (
        "a.xlsx", b"%PDF-1.7", {},
        "a.xlsx: is a PDF, not a workbook or delimited text — save it as .xlsx or as CSV UTF-8",
    ),
    "web page named xls": (
        "a.xls", b"\xef\xbb\xbf\n<HTML><table>", {},
        "a.xls: is a web page, not a workbook or delimited text — save it as .xlsx or as CSV UTF-8",
    ),
    "XML spreadsheet": (
        "a.xls", b'<?xml version="1.0"?><Workbook/>', {},
        "a.xls: is XML, not a workbook or delimited text — save it as .xlsx or as CSV UTF-8",
    ),
    "workbook that was cut off": (
        "a.xlsx", b"PK\x03\x04....[Content_Types].xml", {},
        "a.xlsx: the workbook is damaged or cut off — fetch or export it again",
    ),
    "workbook without its parts": (
        "a.xlsx", _zip({"[Content_Types].xml": ""}), {}, None,
    ),
    "damaged old workbook": ("a.xls", OLE_WITH_PASSWORD, {}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_TEXT)
def test_a_wrong_file_is_refused_with_place_and_cure(write, read, name):
    file, data, spec, message = WRONG_TEXT[name]
    path = write(file, data)
    with pytest.raises(SourceError) as raised:
        read(path, **spec)
    if message is None:  # the words are partly the library's
        assert str(raised.value).startswith(file) and " — " in str(raised.value)
    else:
        assert str(raised.value) == message.replace("PATH", str(path))


WRONG_SHEETS = {
    "sheet that is not there": (
        {"Members": [["email"]], "Archive": []}, {"sheet": "Member"},
        'a.xlsx: there is no sheet "Member", it has: Members, Archive — correct `sheet`',
    ),
    "number past the last sheet": (
        {"Members": [["email"]]}, {"sheet": "2"}, 'a.xlsx: there is no sheet "2", it has: Members — correct `sheet`',
    ),
    "empty sheet": (
        {"Members": []}, {},
        "a.xlsx, sheet Members: the sheet is empty — correct `sheet`, or see why the export wrote nothing",
    ),
    "doubled header below a title": (
        {"Members": [["The club"], ["email", "name", "email"], ["a", "b", "c"]]}, {},
        'a.xlsx, sheet Members, row 2, column C: the name "email" stands in column A too — rename one of the two, or '
        "delete it",
    ),
    "values right of the header": (
        {"Members": [["email", "name"], ["a", "b"], ["c", "d", "call back"]]}, {},
        "a.xlsx, sheet Members, row 1, column C: the column has no name but a value in row 3 — name it, or empty it",
    ),
    "encoding of a workbook": (
        {"Members": [["email"], ["a"]]}, {"encoding": "utf-8"},
        "PATH: is a workbook, which has no encoding — leave out `encoding`",
    ),
    "delimiter of a workbook": (
        {"Members": [["email"], ["a"]]}, {"delimiter": ";"},
        "PATH: is a workbook, which has no delimiter — leave out `delimiter`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_SHEETS)
def test_a_wrong_sheet_is_refused_with_place_and_cure(write_book, read, name):
    sheets, spec, message = WRONG_SHEETS[name]
    path = write_book("a.xlsx", sheets)
    with pytest.raises(SourceError) as raised:
        read(path, **spec)
    assert str(raised.value) == message.replace("PATH", str(path))


def test_a_file_that_swells_beyond_measure_is_refused(write, read, monkeypatch):
    monkeypatch.setattr(content, "SWELL_FLOOR", 1 << 20)
    monkeypatch.setattr(content, "MAX_SWELL", 10)
    text = "email\n" + "a\n" * (1 << 20)
    for path in (write("a.csv.gz", gzip.compress(text.encode())), write("a.zip", _zip({"a.csv": text}))):
        with pytest.raises(SourceError, match=r"unpacks to more than 1 MiB — it is no table, or load it in parts$"):
            read(path)


def test_a_workbook_that_swells_beyond_measure_is_refused(write_book, read, monkeypatch):
    path = write_book("a.xlsx", {"S": [["email"], *([["x" * 1000]] * 3)]})
    monkeypatch.setattr(content, "SWELL_FLOOR", 1 << 10)
    monkeypatch.setattr(content, "MAX_SWELL", 0)
    with pytest.raises(SourceError, match=r"^a\.xlsx: unpacks to more than 0 MiB — it is no workbook of people$"):
        read(path)


def test_a_stray_cell_in_the_last_corner_does_not_fill_the_memory(tmp_path, read):
    book = openpyxl.Workbook()
    book.active["A1"] = "email"
    book.active.cell(1_048_576, 16_384, "stray")
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(SourceError) as raised:
        read(tmp_path / "a.xlsx")
    assert str(raised.value) == (
        "a.xlsx: a sheet reaches to row 1,048,576 and column 16,384 — "
        "delete the stray cells far right of and below the table"
    )
    assert expansion.MAX_CELLS > 1_048_576 * 52  # so that what is not looked at closely has room


def test_a_file_that_nobody_may_read_is_refused(write, read, monkeypatch):
    path = write("a.csv", "email\na\n")

    def refuse(*_: object) -> None:  # the rights of the file itself do not stop an administrator
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError) as raised:
        read(path)
    assert str(raised.value) == f"{path}: can't be read (Permission denied) — see who may read it"


def test_a_folder_and_a_missing_file_are_refused(tmp_path, read):
    (tmp_path / "in").mkdir()
    with pytest.raises(SourceError) as raised:
        read(tmp_path / "in")
    assert str(raised.value) == f"{tmp_path}/in: is a folder — name a file in it, or a pattern such as in/*.xlsx"
    with pytest.raises(SourceError) as raised:
        read(tmp_path / "b.csv")
    assert str(raised.value) == (
        f"{tmp_path}/b.csv: there is no such file — correct the path, or see why it did not come"
    )
