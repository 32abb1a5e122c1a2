"""Contacts and lists by their numbers: small integers, unique in the account [REC]."""

import sqlite3

from ..catalog import Entry
from ..documents import load
from ..records import Contact, read_contact
from .errors import not_found


def find_list(db: sqlite3.Connection, number: str) -> Entry | None:
    """The owner's list of this number, unless it is deleted or there is none."""
    no = _read(number)
    row = None if no is None else db.execute("SELECT no, id, document FROM list WHERE no = ? AND NOT deleted", (no,))
    found = row.fetchone() if row else None
    return Entry(found[0], found[1], load(found[2])) if found else None


def require_list(db: sqlite3.Connection, number: str) -> Entry:
    entry = find_list(db, number)
    if entry is None:
        raise not_found("the list")
    return entry


def require_contact(db: sqlite3.Connection, number: str) -> Contact:
    """The contact of this number; one without an address is nobody in v1."""
    no = _read(number)
    contact = None if no is None else read_contact(db, no)
    if contact is None or contact.address is None:
        raise not_found("the contact")
    return contact


def _read(number: str) -> int | None:
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
