"""Wrong spreadsheets and suppress files: a run ends with 1 and names the place; check tells it as a problem, with 2."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile

import openpyxl

from tests.cli.club import MAPPING, PIPELINE, Club
from tests.cli.wrong.case import Case

RUN = "run F/pipeline.yaml"
HEAD = "E-mail,First Name,Last Name\n"


def sheet(name: str, told: str, content: str | bytes | None, keys: str = "", words: str = RUN, **more: bool) -> Case:
    """members.csv with this content, and these keys of the source."""
    text = PIPELINE.replace("members.csv", f"members.csv{keys}")
    return Case(
        name, words, 2 if "check" in words else 1, told, {"members.csv": content, "pipeline.yaml": text}, **more
    )


def book(name: str, told: str, content: bytes, keys: str = "", words: str = RUN, **more: bool) -> Case:
    """members.xlsx with this content."""
    text = PIPELINE.replace("members.csv", f"members.xlsx{keys}")
    return Case(
        name, words, 2 if "check" in words else 1, told, {"members.xlsx": content, "pipeline.yaml": text}, **more
    )


def never(name: str, told: str, content: str | bytes, **more: bool) -> Case:
    """A suppress file with this content."""
    return Case(
        name, RUN, 1, told, {"never.csv": content, "pipeline.yaml": PIPELINE + "suppress: [never.csv]\n"}, **more
    )


def workbook(*rows: tuple[str, ...], title: str = "Members") -> bytes:
    made, packed = openpyxl.Workbook(), io.BytesIO()
    assert made.active is not None
    made.active.title = title
    for row in rows:
        made.active.append(row)
    made.save(packed)
    return packed.getvalue()


def packed(**files: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        for name, text in files.items():
            into.writestr(f"{name}.csv", text)
    return archive.getvalue()


def with_password() -> bytes:
    """A compound file as office programs write one round an encrypted workbook: a header, a table, and the names."""

    def entry(name: str, kind: int, child: int = -1, right: int = -1) -> bytes:
        written = name.encode("utf-16-le") + b"\0\0"
        return struct.pack(
            "<64sHBBiii16xI16xiQ", written, len(written) * (kind > 0), kind, 1, -1, right, child, 0, -2, 0
        )

    header = struct.pack(
        "<8s16xHHHHH6xIIiIIiIiI109i", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, -2,
        0, -2, 0, 0, *[-1] * 108,
    )  # fmt: skip
    names = entry("Root Entry", 5, child=1) + entry("EncryptionInfo", 2, right=2) + entry("EncryptedPackage", 2)
    return header + struct.pack("<128i", -3, -2, *[-1] * 126) + names + entry("", 0)


def make_inbox(club: Club) -> None:
    (club.folder / "inbox").mkdir()


GOOD = workbook(("E-mail", "First Name", "Last Name"), ("ann@example.com", "Ann", "Lee"))

STOPPING = MAPPING.replace(
    "lists:", "  birthday: {column: Last Name, type: date, format: '%d/%m', invalid: stop}\nlists:"
)

CASES = (
    sheet(
        "no file",
        "ctct-etl: F/members.csv: there is no such file — correct the path, or see why it did not come",
        None,
        started=True,
    ),
    sheet(
        "no file, found by check",
        "F/pipeline.yaml:3:16: F/members.csv: there is no such file — correct the path, or see why it did not come",
        None,
        words="check F/pipeline.yaml",
    ),
    Case(
        "a pattern that nothing matches",
        RUN,
        1,
        "ctct-etl: F/members-*.csv: no file matches — correct the pattern, or see why the file did not come",
        {"pipeline.yaml": PIPELINE.replace("members.csv", "members-*.csv")},
    ),
    Case(
        "a folder for a file",
        RUN,
        1,
        "ctct-etl: F/inbox: is a folder — name a file in it, or a pattern such as inbox/*.xlsx",
        {"pipeline.yaml": PIPELINE.replace("members.csv", "inbox")},
        prepare=make_inbox,
    ),
    sheet("an empty file", "ctct-etl: members.csv: the file is empty — see why the export wrote nothing", ""),
    sheet(
        "an empty file, found by check",
        "F/pipeline.yaml:3:16: members.csv: the file is empty — see why the export wrote nothing",
        "",
        words="check F/pipeline.yaml",
        started=True,
    ),
    sheet(
        "an empty file, found by preview",
        "ctct-etl: members.csv: the file is empty — see why the export wrote nothing",
        "",
        words="preview F/pipeline.yaml",
    ),
    sheet(
        "nothing but blank rows",
        "ctct-etl: members.csv: holds nothing but blank rows — see why the export wrote nothing",
        ",,\n,,\n",
    ),
    sheet(
        "no header",
        "ctct-etl: members.csv, row 1: holds an e-mail address where the header should be — put the names of the "
        "columns above the data, or say `header_row`",
        "ann@example.com,Ann,Lee\nbob@example.com,Bob,Stone\n",
    ),
    sheet(
        "a header row that is blank",
        "ctct-etl: members.csv, row 9: the header row is blank — correct `header_row`",
        HEAD + "ann@example.com,Ann,Lee\n",
        ", header_row: 9",
    ),
    sheet(
        "a doubled column",
        'ctct-etl: members.csv, row 1, column C: the name "First Name" stands in column B too — rename one of the '
        "two, or delete it",
        "E-mail,First Name,First Name,Last Name\na@example.com,A,B,C\n",
    ),
    sheet(
        "a column without a name",
        "ctct-etl: members.csv, row 1, column C: the column has no name but a value in row 2 — name it, or empty it",
        "E-mail,First Name,,Last Name\na@example.com,A,B,C\n",
    ),
    sheet(
        "a column of the program's own",
        'ctct-etl: members.csv, row 1, column D: the name "@row" is used by the program — rename the column',
        "E-mail,First Name,Last Name,@row\na@example.com,A,B,C\n",
    ),
    sheet(
        "more cells than columns",
        "ctct-etl: members.csv, row 1: the header has 3 cells, but 2 of 2 rows have more (row 2 has 4) — name every "
        "column, or correct `header_row` or `delimiter`",
        HEAD + "a@example.com,A,B,C\nb@example.com,A,B,C\n",
    ),
    sheet(
        "a quote that is never closed",
        "ctct-etl: members.csv, row 2: a quote opens here and is never closed — close it, or double it if it belongs "
        "to the text",
        HEAD + 'a@example.com,A,"B\nb@example.com,A,B\n',
    ),
    sheet(
        "a byte that is not UTF-8",
        "ctct-etl: members.csv, line 2: the byte 0xeb (byte 45 of the file) is invalid in UTF-8 — correct `encoding: "
        "utf-8` or leave it out",
        HEAD.encode() + "a@example.com,Zoë,B\n".encode("cp1252"),
        ", encoding: utf-8",
    ),
    sheet(
        "a byte of no encoding",
        "ctct-etl: members.csv, line 2: the byte 0x81 (byte 45 of the file) is not of cp1252 — it is not UTF-8 "
        "either: say `encoding:`, or save it as CSV UTF-8",
        HEAD.encode() + b"a@example.com,Zo\x81,B\n",
    ),
    sheet(
        "a sheet of a text file",
        "ctct-etl: F/members.csv: is delimited text, which has no sheets — leave out `sheet`",
        HEAD,
        ", sheet: Members",
    ),
    sheet(
        "a picture",
        "ctct-etl: members.csv: is a picture, not a workbook or delimited text — save it as .xlsx or as CSV UTF-8",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
    ),
    sheet(
        "a web page",
        "ctct-etl: members.csv: is a web page, not a workbook or delimited text — save it as .xlsx or as CSV UTF-8",
        "<!DOCTYPE html><html><body>Sign in</body></html>",
    ),
    sheet(
        "a damaged gzip",
        "ctct-etl: members.csv: the gzip file is damaged or cut off — fetch or export it again",
        gzip.compress(HEAD.encode() * 99)[:-9],
    ),
    sheet(
        "two tables in a zip",
        "ctct-etl: members.csv: the zip file holds 2 files (a.csv, b.csv), expected one — pack one table a zip file",
        packed(a=HEAD, b=HEAD),
    ),
    Case(
        "a value that must stop the run",
        RUN,
        1,
        'ctct-etl: members.csv, row 2, column "Last Name": "Lee": "Lee" is not a date such as 31/12 — correct the cell',
        {"mapping.yaml": STOPPING},
    ),
    book("an empty workbook", "ctct-etl: members.xlsx: the file is empty — see why the export wrote nothing", b""),
    book(
        "a workbook cut off",
        "ctct-etl: members.xlsx: the workbook is damaged or cut off — fetch or export it again",
        GOOD[:-200],
        started=True,
    ),
    book(
        "a workbook with a password",
        "ctct-etl: members.xlsx: the workbook has a password — save it without one",
        with_password(),
    ),
    book(
        "a workbook without a table",
        "ctct-etl: members.xlsx, sheet Members: the sheet is empty — correct `sheet`, or see why the export wrote "
        "nothing",
        workbook(),
    ),
    book(
        "a workbook without the sheet",
        'ctct-etl: members.xlsx: there is no sheet "Archive", it has: Members — correct `sheet`',
        GOOD,
        ", sheet: Archive",
    ),
    book(
        "a workbook without a sheet of that number",
        'F/pipeline.yaml:3:16: members.xlsx: there is no sheet "4", it has: Members — correct `sheet`',
        GOOD,
        ", sheet: 4",
        "check F/pipeline.yaml",
    ),
    book(
        "a PDF named as a workbook",
        "ctct-etl: members.xlsx: is a PDF, not a workbook or delimited text — save it as .xlsx or as CSV UTF-8",
        b"%PDF-1.7\n",
    ),
    never("an empty suppress file", "ctct-etl: never.csv: the file is empty — see why the export wrote nothing", ""),
    never(
        "a suppress file with what is no address",
        'ctct-etl: never.csv, row 2: "ann@@example.com" is not an e-mail address — a list of people who must never '
        "be touched has to be readable whole: correct the cell",
        "email\nann@@example.com\n",
        started=True,
    ),
    never(
        "a suppress file without an address column",
        "ctct-etl: never.csv: which column has the addresses? — name one column e-mail, or keep them alone in the file",
        "name,phone\nAnn,555\n",
    ),
    never(
        "a suppress file with two address columns",
        "ctct-etl: never.csv: which column has the addresses? — name one column e-mail, or keep them alone in the file",
        "email,e-mail 2\na@example.com,b@example.com\n",
    ),
    never(
        "a torn suppress file",
        "ctct-etl: never.csv, row 2: a quote opens here and is never closed — close it, or double it if it belongs "
        "to the text",
        'email\n"ann@example.com\nbob@example.com\n',
    ),
    never(
        "a suppress file that is a picture",
        "ctct-etl: never.csv: is a picture, not a workbook or delimited text — save it as .xlsx or as CSV UTF-8",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
    ),
)
