"""How a contact stands in the words of v1, for one person and as a condition of SQL.

The service's two dialects never met in documents, so the mapping is the sandbox's choice: unsubscribed is Do Not
Mail, pending is Unconfirmed, and of the others who is on a list is Active, and who is on none, or deleted, Removed.
A deleted person who had unsubscribed is Do Not Mail: nobody comes back by being deleted.
"""

import sqlite3

from ..records import Contact, read_lists

ACTIVE, UNCONFIRMED, REMOVED, DO_NOT_MAIL = "Active", "Unconfirmed", "Removed", "Do Not Mail"

SOURCES = {"Account": "ACTION_BY_CUSTOMER", "Contact": "ACTION_BY_CONTACT"}
SOURCES_BY_WORD = {word: source for source, word in SOURCES.items()}

_ON_A_LIST = "EXISTS (SELECT 1 FROM membership m WHERE m.contact = c.seq)"
_MAILABLE = "c.opted_out_at IS NULL AND c.state NOT IN ('deleted', 'pending_confirmation')"

VISIBLE = "c.address_key IS NOT NULL"
"""Whoever has only a telephone is nobody here: EmailAddress is required."""

GROUPS = {
    "active": f"{_MAILABLE} AND {_ON_A_LIST}",
    "removed": f"c.opted_out_at IS NULL AND (c.state = 'deleted' OR ({_MAILABLE} AND NOT {_ON_A_LIST}))",
    "do-not-mail": "c.opted_out_at IS NOT NULL",
}
UNCONFIRMED_TOO = "c.opted_out_at IS NULL AND c.state = 'pending_confirmation'"


def choose_group(name: str, unconfirmed: str) -> str:
    """The condition of a status group; where Unconfirmed contacts fall is not known."""
    if name == "active" and unconfirmed == "active":
        return f"(({GROUPS[name]}) OR ({UNCONFIRMED_TOO}))"
    return f"({GROUPS[name]})"


def tell_status(contact: Contact, is_on_list: bool) -> str:
    if contact.is_unsubscribed:
        return DO_NOT_MAIL
    if contact.is_deleted:
        return REMOVED
    if contact.email.get("permission_to_send") == "pending_confirmation":
        return UNCONFIRMED
    return ACTIVE if is_on_list else REMOVED


def read_shown_lists(db: sqlite3.Connection, contact: Contact) -> list[int]:
    """The lists that v1 shows of a contact. Who opted out is on none [D-OPTOUT], whatever v3 has kept."""
    return [] if contact.is_unsubscribed else read_lists(db, contact.seq)
