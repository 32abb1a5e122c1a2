"""What people do meanwhile: the person behind an address, or the owner in the web pages.

A wish is `{"who": "person" | "owner", "do": ..., "address": ..., ...}` with `do` one of `unsubscribe`
(`reason`), `leave_list` and `join_list` (`list`, a name), `edit` (`fields`, core properties; `custom_fields`
by label), `delete`, `confirm` (a pending opt-in or resubscribe mail is answered).
"""

from collections.abc import Callable
from typing import Any

from . import consent
from .catalog import Entry, find_by_name, find_entries
from .consent import Change
from .documents import Document
from .records import CORE_PROPERTIES, Contact, add_to_lists, find_by_address, save_contact

SOURCES = {"person": "Contact", "owner": "Account"}


_OWN_KEYS = {"unsubscribe": {"reason"}, "leave_list": {"list"}, "join_list": {"list"}}
_EDIT_KEYS = {"fields", "custom_fields"}


def check_deed(wish: Document) -> None:
    """Raises ValueError, which says what is allowed, for a wish that no account could fulfil."""
    who, deed = wish.get("who"), wish.get("do")
    if who not in SOURCES or deed not in _DEEDS:
        raise ValueError(f"who is one of {', '.join(SOURCES)}; do is one of {', '.join(_DEEDS)}")
    own = _EDIT_KEYS if deed == "edit" else _OWN_KEYS.get(deed, set())
    unknown = wish.keys() - {"who", "do", "address"} - own
    if unknown:
        raise ValueError(f"{deed} knows who, do, address, {', '.join(sorted(own))}, not {', '.join(sorted(unknown))}")
    for key in own & (_EDIT_KEYS & wish.keys()):
        if not isinstance(wish[key], dict):
            raise ValueError(f"{key} must be an object of names and values")
    for key in ({"address"} | own) - _EDIT_KEYS:
        if not isinstance(wish.get(key), str) and key != "reason":
            raise ValueError(f"{deed} needs {key}, a text")
    strange = wish.get("fields", {}).keys() - set(CORE_PROPERTIES)
    if strange:
        raise ValueError(f"fields are {', '.join(CORE_PROPERTIES)}, not {sorted(strange)}")


def act(change: Change, wish: Document) -> None:
    """Do it. Raises ValueError for a wish that can't be done."""
    check_deed(wish)
    contact = find_by_address(change.db, wish["address"])
    if contact is None:
        raise ValueError(f"there is no contact {wish['address']!r}")
    _DEEDS[wish["do"]](change, contact, wish, SOURCES[wish["who"]])
    save_contact(change.db, contact)


def _unsubscribe(change: Change, contact: Contact, wish: Document, source: str) -> None:
    consent.unsubscribe(change, contact, source, wish.get("reason"))


def _leave_list(change: Change, contact: Contact, wish: Document, source: str) -> None:
    entry = _find_list(change, wish)
    change.db.execute("DELETE FROM membership WHERE contact = ? AND list = ?", (contact.seq, entry.no))
    _note_list_change(change, contact, source)


def _join_list(change: Change, contact: Contact, wish: Document, source: str) -> None:
    add_to_lists(change.db, contact.seq, [_find_list(change, wish).no])
    _note_list_change(change, contact, source)


def _edit(change: Change, contact: Contact, wish: Document, source: str) -> None:
    fields: dict[str, Any] = wish.get("fields", {})
    for name, value in fields.items():
        contact.core[name] = value
        if value in (None, ""):
            contact.core.pop(name)
    for label, value in wish.get("custom_fields", {}).items():
        entry = find_by_name(change.db, "custom_field", label)
        if entry is None:
            raise ValueError(f"there is no custom field {label!r}")
        kept = [part for part in contact.custom_fields if part["custom_field_id"] != entry.id]
        contact.custom_fields = [*kept, {"custom_field_id": entry.id, "value": value}] if value else kept
    contact.core.update(updated_at=change.stamp, update_source=source)


def _delete(change: Change, contact: Contact, wish: Document, source: str) -> None:
    consent.delete(change, contact)


def _confirm(change: Change, contact: Contact, wish: Document, source: str) -> None:
    asked = f"resubscribe {contact.contact_id}"
    row = change.db.execute("SELECT value FROM memory WHERE name = ?", (asked,)).fetchone()
    if contact.is_unsubscribed and row:
        lists = find_entries(change.db, "list", row[0].split(","))
        add_to_lists(change.db, contact.seq, (entry.no for entry in lists))
    elif contact.email.get("permission_to_send") != "pending_confirmation":
        raise ValueError("no mail waits for this contact's answer")
    consent.opt_in_again(change, contact, "explicit", "Contact")
    contact.core["email_address"]["confirm_status"] = "confirmed"


def _find_list(change: Change, wish: Document) -> Entry:
    entry = find_by_name(change.db, "list", wish["list"])
    if entry is None:
        raise ValueError(f"there is no list {wish['list']!r}")
    return entry


def _note_list_change(change: Change, contact: Contact, source: str) -> None:
    if change.switches.list_change_moves_updated_at:
        contact.core.update(updated_at=change.stamp, update_source=source)


_DEEDS: dict[str, Callable[[Change, Contact, Document, str], None]] = {
    "unsubscribe": _unsubscribe,
    "leave_list": _leave_list,
    "join_list": _join_list,
    "edit": _edit,
    "delete": _delete,
    "confirm": _confirm,
}
