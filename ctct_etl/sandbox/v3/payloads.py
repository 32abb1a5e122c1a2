"""What is left of an import's payload: the first 4 MB and the first 40,000 contacts. The rest is dropped unsaid."""

import csv
import io
import json

from ..documents import Document
from .errors import invalid

BYTES = 4_000_000
"""A megabyte of 1,000,000 bytes is the harsher reading of "4 MB"."""
ROWS = 40_000

_KEY = '"import_data"'
_BLANK = " \t\r\n"


def read_json_rows(payload: bytes, rows: list[Document]) -> list[Document]:
    """Those rows that lie whole within the part of the payload that counts."""
    if len(payload) > BYTES:
        rows = rows[: _count_whole_rows(payload[:BYTES].decode("utf-8", "ignore"))]
    return rows[:ROWS]


def read_csv_rows(payload: bytes) -> tuple[list[Document], list[Document]]:
    """The header (as one row to be counted) and the rows of a CSV file; a row cut in two is dropped."""
    cut = len(payload) > BYTES
    lines = io.StringIO(payload[:BYTES].decode("utf-8-sig", "ignore"), newline="")
    reader = csv.DictReader(lines, strict=False)
    try:
        rows: list[Document] = [
            {
                key.strip(): _read_cell(key.strip(), value)
                for key, value in row.items()
                if key and isinstance(value, str)
            }
            for row in reader
        ]
    except csv.Error as problem:
        raise invalid(f"the file can not be read: {problem}") from None
    names = [name.strip() for name in reader.fieldnames or ()]
    if "email" not in names and "sms_number" not in names:
        raise invalid("the file has no column email or sms_number")
    if cut and rows:
        rows.pop()
    return [{}], rows[: ROWS - 1]


def _read_cell(name: str, text: str) -> object:
    return int(text) if name in ("birthday_month", "birthday_day") and text.isdecimal() and len(text) < 5 else text


def _count_whole_rows(text: str) -> int:
    decoder = json.JSONDecoder()
    place = text.find("[", text.find(_KEY)) + 1
    count = 0
    while True:
        while place < len(text) and text[place] in _BLANK + ",":
            place += 1
        try:
            _, place = decoder.raw_decode(text, place)
        except ValueError:
            return count
        count += 1
