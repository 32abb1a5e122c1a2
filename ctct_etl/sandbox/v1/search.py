"""Which contacts a collection shows: all, by address, changed since a moment, or the members of a list."""

import sqlite3
from typing import Any

from ..catalog import Entry
from ..clock import read_stamp
from ..documents import load
from ..records import Contact
from ..switches import Switches
from .errors import Refusal, invalid
from .numbered import find_list
from .paging import Asked, read_seqs
from .standing import GROUPS, VISIBLE, choose_group

ADDRESSES = 50
"""As many can be asked for at once [F-BULK]; more are refused here."""

_COLUMNS = "c.core, c.v1, EXISTS (SELECT 1 FROM membership x WHERE x.contact = c.seq)"

Found = list[tuple[Contact, bool]]
"""Contacts with their core and `v1` parts, and whether they are on a list."""


def find_contacts(db: sqlite3.Connection, asked: Asked, switches: Switches) -> tuple[Found, str | None]:
    """The contacts of this page, and the token of the next."""
    addresses = asked.get_all("email")
    if addresses:
        return _find_addresses(db, addresses, switches), None
    condition, values = _read_condition(db, asked, switches)
    sql = f"SELECT c.seq, {_COLUMNS} FROM contact c WHERE {VISIBLE} AND {condition}"
    rows, token = read_seqs(db, asked, "c.seq", sql, values)
    return [_load(row) for row in rows], token


def find_members(db: sqlite3.Connection, asked: Asked, entry: Entry) -> tuple[Found, str | None]:
    """The members of one of the owner's lists; who opted out is on none [D-OPTOUT]."""
    sql = f"SELECT m.contact, {_COLUMNS} FROM membership m JOIN contact c ON c.seq = m.contact "
    sql += f"WHERE m.list = ? AND {VISIBLE} AND c.opted_out_at IS NULL"
    rows, token = read_seqs(db, asked, "m.contact", sql, [entry.no])
    return [_load(row) for row in rows], token


def find_group(db: sqlite3.Connection, asked: Asked, name: str, switches: Switches) -> tuple[Found, str | None]:
    """The members of a system list: a status group."""
    condition = choose_group(name, switches.v1_unconfirmed_group)
    sql = f"SELECT c.seq, {_COLUMNS} FROM contact c WHERE {VISIBLE} AND {condition}"
    rows, token = read_seqs(db, asked, "c.seq", sql, [])
    return [_load(row) for row in rows], token


def _find_addresses(db: sqlite3.Connection, addresses: list[str], switches: Switches) -> Found:
    """Kept in lower case, compared letter by letter; of several, unknown ones are skipped [D-EMAIL]."""
    if len(addresses) > ADDRESSES:
        raise invalid(f"no more than {ADDRESSES} addresses can be searched at once")
    found: Found = []
    for address in dict.fromkeys(addresses):
        sql = f"SELECT c.seq, {_COLUMNS} FROM contact c WHERE c.address_key = ?"
        row = db.execute(sql, (address,)).fetchone()
        if row:
            found.append(_load(row))
    if not found and switches.v1_unknown_email == 500:
        raise Refusal(500, "the contact was not found")
    return found


def _read_condition(db: sqlite3.Connection, asked: Asked, switches: Switches) -> tuple[str, list[Any]]:
    since = asked.get_one("updatedsince")
    if since is None:
        return "true", []
    try:
        # A blank where the offset stands is a plus sign that was not percent-encoded.
        stamp = read_stamp(since)
    except ValueError:
        raise invalid("updatedsince is not a valid time") from None
    sign = ">" if switches.v1_updatedsince == "exclusive" else ">="
    which, values = _read_whom(db, asked, switches)
    return f"c.changed_at {sign} ? AND {which}", [stamp, *values]


def _read_whom(db: sqlite3.Connection, asked: Asked, switches: Switches) -> tuple[str, list[Any]]:
    """`listtype` or `listid`, one of which must be there [D-SYNC]."""
    group, number = asked.get_one("listtype"), asked.get_one("listid")
    if group in GROUPS:
        return choose_group(group, switches.v1_unconfirmed_group), []
    entry = find_list(db, number) if number else None
    if entry is None:
        raise invalid("updatedsince needs a listtype of active, removed or do-not-mail, or the listid of a list")
    member = "EXISTS (SELECT 1 FROM membership x WHERE x.contact = c.seq AND x.list = ?)"
    return f"c.opted_out_at IS NULL AND {member}", [entry.no]


def _load(row: tuple[Any, ...]) -> tuple[Contact, bool]:
    seq, core, only_v1, is_on_list = row
    contact = Contact(load(core), v1=load(only_v1), seq=seq)
    return contact, bool(is_on_list) and not contact.is_unsubscribed
