"""The export of v1: the contacts of a list or status group as a file, with the columns that were asked for."""

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator, Mapping

from ..catalog import Entry
from ..consent import Change
from ..documents import Document, load
from ..records import Contact
from .fields import read_fields, read_slots
from .lists import SYSTEM
from .numbered import find_list
from .standing import SOURCES, VISIBLE, choose_group
from .tables import ADDRESS, COUNTRY, STATE

SEPARATORS = {"CSV": ",", "TXT": "\t"}
SORTS = {"EMAIL_ADDRESS": "c.address_key", "DATE_DESC": "c.created_at DESC, c.seq DESC"}

_FILE = "v1 file "


def export_contacts(change: Change, payload: Document) -> Document:
    """Write the file. `payload`: `lists` (a number or word), `heads` and `names` of columns, `file`, `type`, `sort`."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=SEPARATORS[payload["type"]], lineterminator="\r\n")
    writer.writerow(payload["heads"].split("\n"))
    count = 0
    for number in payload["lists"]:
        for row in _read_rows(change, number, payload):
            writer.writerow(row)
            count += 1
    kept = (_FILE + payload["file"], text.getvalue())
    change.db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", kept)
    return {"status": {"person_count": count}}


def read_file(db: sqlite3.Connection, name: str) -> str | None:
    """The content of a result file, if there is one of this name."""
    row = db.execute("SELECT value FROM memory WHERE name = ?", (_FILE + name,)).fetchone()
    return None if row is None else str(row[0])


def _read_rows(change: Change, number: str, payload: Document) -> Iterator[list[str]]:
    db, slots, names = change.db, read_slots(change.db), payload["names"].split("\n")
    values: list[int] = []
    if number in SYSTEM:
        condition, list_name = choose_group(number, change.switches.v1_unconfirmed_group), SYSTEM[number]
    else:
        entry = find_list(db, number)
        if entry is None:
            return  # deleted since
        member = "EXISTS (SELECT 1 FROM membership x WHERE x.contact = c.seq AND x.list = ?)"
        condition, values, list_name = f"c.opted_out_at IS NULL AND {member}", [entry.no], entry.name
    columns = "c.core, c.custom_fields, c.phone_numbers, c.street_addresses, c.v1"
    sql = f"SELECT {columns} FROM contact c WHERE {VISIBLE} AND {condition} ORDER BY {SORTS[payload['sort']]}"
    for core, fields, phones, streets, only_v1 in db.execute(sql, values).fetchall():
        contact = Contact(load(core), load(fields), load(phones), load(streets), v1=load(only_v1))
        yield _write_row(contact, names, slots, list_name)


def _write_row(contact: Contact, names: list[str], slots: Mapping[str, Entry], list_name: str) -> list[str]:
    shown = read_fields(contact, slots) | {"ListName": list_name}
    return [_WRITTEN[name](contact, shown) if name in _WRITTEN else shown[name] for name in names]


_WRITTEN: Mapping[str, Callable[[Contact, Mapping[str, str]], str]] = {
    ADDRESS: lambda contact, shown: str(contact.address).lower(),
    STATE: lambda contact, shown: shown["StateCode"] or shown["StateName"],
    COUNTRY: lambda contact, shown: shown["CountryName"],
    "OptInSource": lambda contact, shown: SOURCES[contact.email["opt_in_source"]],
    "OptInTime": lambda contact, shown: str(contact.email["opt_in_date"]),
}
