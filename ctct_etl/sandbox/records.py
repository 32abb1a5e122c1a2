"""Contacts in the store: found, put in, saved, with their memberships and taggings."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .documents import Document, dump, load

CORE_PROPERTIES = (
    "first_name",
    "last_name",
    "job_title",
    "company_name",
    "birthday_month",
    "birthday_day",
    "anniversary",
)

ONLY_V1 = (
    *("EmailType", "MiddleName", "Addr2", "Addr3", "SubPostalCode", "Note"),
    *(f"CustomField{number}" for number in range(1, 16)),
)
"""What a contact has in v1 and v3 has no place for; of the custom fields, those that none of v3 stands behind."""

COLUMNS = (
    "contact_id, address_key, address, state, created_at, updated_at, opted_out_at, sms_state, "
    "core, custom_fields, phone_numbers, street_addresses, notes, sms_channel, v1"
)
PLACES = ", ".join("?" * 15)


@dataclass
class Contact:
    """One person. `core` is what the service always shows; the rest is shown when asked for."""

    core: Document
    custom_fields: list[Document] = field(default_factory=list)
    phone_numbers: list[Document] = field(default_factory=list)
    street_addresses: list[Document] = field(default_factory=list)
    notes: list[Document] = field(default_factory=list)
    sms_channel: Document | None = None
    v1: Document = field(default_factory=dict)
    """What only the v1 dialect can say, by its element names; keys that begin with @ are not shown."""
    seq: int = 0

    @property
    def contact_id(self) -> str:
        return str(self.core["contact_id"])

    @property
    def email(self) -> Document:
        """The e-mail part, empty for a contact that has only a telephone."""
        return self.core.get("email_address") or {}

    @property
    def address(self) -> str | None:
        return self.email.get("address")

    @property
    def is_deleted(self) -> bool:
        return self.core.get("deleted_at") is not None

    @property
    def is_unsubscribed(self) -> bool:
        return self.email.get("permission_to_send") == "unsubscribed"


def address_key(address: str) -> str:
    return address.lower()


def row_of(contact: Contact) -> tuple[Any, ...]:
    """The contact as values of COLUMNS."""
    core, email = contact.core, contact.email
    address = email.get("address")
    consents = (contact.sms_channel or {}).get("sms_channel_consents") or [{}]
    return (
        core["contact_id"],
        None if address is None else address_key(address),
        address,
        "deleted" if core.get("deleted_at") else email.get("permission_to_send", "no_address"),
        core["created_at"],
        core["updated_at"],
        email.get("opt_out_date"),
        consents[0].get("sms_consent_permission", "not_set"),
        dump(core),
        _dump_parts(contact.custom_fields),
        _dump_parts(contact.phone_numbers),
        _dump_parts(contact.street_addresses),
        _dump_parts(contact.notes),
        None if contact.sms_channel is None else dump(contact.sms_channel),
        dump(contact.v1) if contact.v1 else "{}",
    )


def _dump_parts(parts: list[Document]) -> str:
    return dump(parts) if parts else "[]"  # most are empty, and an encoder costs its setting up


def insert_contact(db: sqlite3.Connection, contact: Contact) -> None:
    row = (*row_of(contact), contact.core["updated_at"])
    cursor = db.execute(f"INSERT INTO contact({COLUMNS}, changed_at) VALUES ({PLACES}, ?)", row)
    contact.seq = int(cursor.lastrowid or 0)


def save_contact(db: sqlite3.Connection, contact: Contact) -> None:
    db.execute(f"UPDATE contact SET ({COLUMNS}) = ({PLACES}) WHERE seq = ?", (*row_of(contact), contact.seq))


def find_contact(db: sqlite3.Connection, contact_id: str) -> Contact | None:
    return _find(db, "contact_id = ?", contact_id)


def find_by_address(db: sqlite3.Connection, address: str) -> Contact | None:
    """The contact with this address in any letter case, deleted or not."""
    return _find(db, "address_key = ?", address_key(address))


def read_contact(db: sqlite3.Connection, seq: int) -> Contact | None:
    return _find(db, "seq = ?", seq)


def next_seq(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(seq), 0) + 1 FROM contact").fetchone()[0])


def _find(db: sqlite3.Connection, where: str, value: object) -> Contact | None:
    sql = "SELECT seq, core, custom_fields, phone_numbers, street_addresses, notes, sms_channel, v1 FROM contact WHERE "
    row = db.execute(sql + where, (value,)).fetchone()
    if row is None:
        return None
    seq, core, fields, phones, streets, notes, channel, v1 = row
    return Contact(
        core=load(core),
        custom_fields=load(fields),
        phone_numbers=load(phones),
        street_addresses=load(streets),
        notes=load(notes),
        sms_channel=load(channel) if channel else None,
        v1=load(v1),
        seq=seq,
    )


def read_lists(db: sqlite3.Connection, seq: int) -> list[int]:
    return [row[0] for row in db.execute("SELECT list FROM membership WHERE contact = ? ORDER BY list", (seq,))]


def add_to_lists(db: sqlite3.Connection, seq: int, lists: Iterable[int]) -> None:
    db.executemany("INSERT OR IGNORE INTO membership(contact, list) VALUES (?, ?)", [(seq, no) for no in lists])


def replace_lists(db: sqlite3.Connection, seq: int, lists: Iterable[int]) -> None:
    db.execute("DELETE FROM membership WHERE contact = ?", (seq,))
    add_to_lists(db, seq, lists)


def add_tags(db: sqlite3.Connection, seq: int, tags: Iterable[int]) -> None:
    db.executemany("INSERT OR IGNORE INTO tagging(contact, tag) VALUES (?, ?)", [(seq, no) for no in tags])


def replace_tags(db: sqlite3.Connection, seq: int, tags: Iterable[int]) -> None:
    db.execute("DELETE FROM tagging WHERE contact = ?", (seq,))
    add_tags(db, seq, tags)
