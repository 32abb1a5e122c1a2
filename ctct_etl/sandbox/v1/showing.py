"""A contact as v1 shows it: limited details in collections, full details by its number."""

import sqlite3
from collections.abc import Iterator

from ..records import Contact
from .access import BASE, USER
from .atom import (
    ATOM,
    CTCT,
    Element,
    add,
    add_all,
    make,
    make_entry,
    make_head,
    name_contact,
    name_list,
    show_reply_time,
    show_stamp,
)
from .fields import ORDER, read_fields, read_slots
from .standing import SOURCES, read_shown_lists, tell_status

OPT_INS = "@opt_ins"
"""Where a contact's `v1` part keeps who put it on a list, and when: number of the list to source and moment."""


def show_limited(contact: Contact, is_on_list: bool, with_dates: bool = False) -> Element:
    """An entry of a collection: these elements and no others [D-COLL, REC]; replies to a search have two more [REC]."""
    email = contact.email
    payload = make("Contact", CTCT, id=name_contact(contact.seq))
    add_all(payload, _begin(contact, is_on_list, _join_names(contact, last_first=True)))
    add(payload, "OptInTime", show_stamp(str(email["opt_in_date"])))
    add(payload, "OptInSource", SOURCES[email.get("opt_in_source", "Account")])
    if with_dates:
        add(payload, "Confirmed", _tell_confirmed(contact))
        add(payload, "InsertTime", show_stamp(contact.core["created_at"]))
    return _make_contact_entry(contact, show_reply_time(), payload)


def show_full(db: sqlite3.Connection, contact: Contact) -> Element:
    """The entry of one contact: all elements, also those without a value [REC]."""
    lists = read_shown_lists(db, contact)
    payload = make("Contact", CTCT, id=name_contact(contact.seq))
    add_all(payload, _begin(contact, bool(lists), _join_names(contact, last_first=False)))
    shown = read_fields(contact, read_slots(db))
    add_all(payload, ((name, shown[name]) for name in ORDER))
    _add_lists(payload, contact, lists)
    changed = show_stamp(_read_changed_at(db, contact))
    add(payload, "Confirmed", _tell_confirmed(contact))
    add(payload, "InsertTime", show_stamp(contact.core["created_at"]))
    add(payload, "LastUpdateTime", changed)
    add_all(payload, _tell_opt_out(contact))
    entry = _make_contact_entry(contact, changed, payload)
    entry.append(make_feed_head("source"))
    return entry


def make_feed_head(name: str = "feed") -> Element:
    """The head of the contacts' feed, or the `source` of an entry of it."""
    return make_head(name, "contacts", title_feed(), "contacts")


def title_feed() -> str:
    return f"Contacts for Customer: {USER}"


def name_last_first(contact: Contact) -> str:
    return _join_names(contact, last_first=True)


def _begin(contact: Contact, is_on_list: bool, name: str) -> Iterator[tuple[str, str]]:
    """What both views begin with. Addresses are kept in lower case [D-EMAIL]."""
    yield "Status", tell_status(contact, is_on_list)
    yield "EmailAddress", str(contact.address or "").lower()
    yield "EmailType", str(contact.v1.get("EmailType") or "HTML")
    yield "Name", name


def _join_names(contact: Contact, last_first: bool) -> str:
    """`Last, First` in a collection and `First Last` in full details [REC]."""
    first, last = (str(contact.core.get(name) or "") for name in ("first_name", "last_name"))
    return ", ".join(filter(None, (last, first))) if last_first else " ".join(filter(None, (first, last)))


def _tell_confirmed(contact: Contact) -> str:
    return "true" if contact.email.get("confirm_status") == "confirmed" else "false"


def _make_contact_entry(contact: Contact, updated: str, payload: Element) -> Element:
    title = f"Contact: {str(contact.address or '').lower()}"
    return make_entry(name_contact(contact.seq), f"{BASE}/contacts/{contact.seq}", title, updated, payload)


def _add_lists(payload: Element, contact: Contact, lists: list[int]) -> None:
    """Who opted the contact in, and when, stands with each list, not with the contact [REC, F-BRIEF]."""
    holder = add(payload, "ContactLists", "")
    email, opt_ins = contact.email, contact.v1.get(OPT_INS, {})
    for number in lists:
        source, moment = opt_ins.get(str(number)) or (email["opt_in_source"], email["opt_in_date"])
        shown = add(holder, "ContactList", id=name_list(number))
        link = make("link", ATOM, href=f"{BASE}/lists/{number}", rel="self")
        shown.append(link)
        add(shown, "OptInSource", SOURCES[source])
        add(shown, "OptInTime", show_stamp(moment))


def _tell_opt_out(contact: Contact) -> Iterator[tuple[str, str]]:
    """Known to clients, their place is not [NET, PERL]: here they come last."""
    if not contact.is_unsubscribed:
        return
    yield "OptOutSource", SOURCES[contact.email.get("opt_out_source", "Contact")]
    yield "OptOutTime", show_stamp(contact.email["opt_out_date"])
    yield "OptOutReason", str(contact.email.get("opt_out_reason") or "")


def _read_changed_at(db: sqlite3.Connection, contact: Contact) -> str:
    return str(db.execute("SELECT changed_at FROM contact WHERE seq = ?", (contact.seq,)).fetchone()[0])
