"""The tables of bulk activities: comma-separated text whose first line names the columns [D-ADDACT, RB]."""

import csv
import io

from ..documents import Document
from .errors import invalid
from .fields import CUSTOM

MOST_ROWS = 20_000
"""So many contacts in one job, by a product manager's answer [F-LIMITS]; more are refused here."""

ADDRESS = "EmailAddress"
STATE, COUNTRY = "State", "Country"
"""Columns that hold a code or a name, where a contact has an element for each."""

COLUMNS = {
    "EMAIL ADDRESS": ADDRESS,
    "FIRST NAME": "FirstName",
    "MIDDLE NAME": "MiddleName",
    "LAST NAME": "LastName",
    "JOB TITLE": "JobTitle",
    "COMPANY NAME": "CompanyName",
    "WORK PHONE": "WorkPhone",
    "HOME PHONE": "HomePhone",
    **{f"ADDRESS LINE {number}": f"Addr{number}" for number in (1, 2, 3)},
    "CITY": "City",
    "STATE": STATE,
    "STATE/PROVINCE (US/CANADA)": STATE,
    "COUNTRY": COUNTRY,
    "POSTAL CODE": "PostalCode",
    "SUB POSTAL CODE": "SubPostalCode",
    **{f"CUSTOM FIELD {number}": name for number, name in enumerate(CUSTOM, start=1)},
}
"""Names of columns, in any letter case [D-ADDACT, D-EXPORT, ISV]. For Note there is none."""


def read_table(text: str) -> list[Document]:
    """Rows as `{line, address, values}`, lines counted as a person does. Raises a 400 for no such table."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(reader, [])
        names = [name_column(cell) for cell in header]
        rows = [_read_row(reader.line_num, names, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as problem:
        raise invalid(f"data can not be read: {problem}") from None
    if ADDRESS not in names or len(set(names)) < len(names):
        raise invalid("data must have a column EMAIL ADDRESS, and each column once")
    if len(rows) > MOST_ROWS:
        raise invalid(f"data has more than {MOST_ROWS} contacts")
    return rows


def name_column(text: str) -> str:
    """The element of a column. Raises a 400 for an unknown one."""
    name = COLUMNS.get(" ".join(text.lstrip("\ufeff").upper().split()))
    if name is None:
        raise invalid(f"{text[:50]} is no known column")
    return name


def _read_row(line: int, names: list[str], cells: list[str]) -> Document:
    """Cells that are missing at the end of a row are blank; more than columns is a fault of the row."""
    padded = [*cells, *[""] * (len(names) - len(cells))]
    values = {name: cell.strip() for name, cell in zip(names, padded, strict=False)}
    address = values.pop(ADDRESS, "")
    extra = {"fault": "has more values than columns"} if len(cells) > len(names) else {}
    return {"line": line, "address": address, "values": values, **extra}
