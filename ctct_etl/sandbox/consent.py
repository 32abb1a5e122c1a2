"""What may happen to a person in the account: opted out, deleted, brought back, welcomed.

These rules belong to the account, not to a dialect. Each function changes the contact and, where told,
its memberships; saving the contact is the caller's.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from .catalog import Entry
from .mails import list_mail
from .records import Contact, replace_lists
from .switches import Switches


@dataclass(frozen=True)
class Change:
    """One transaction on the account: everything in it happens at one moment."""

    db: sqlite3.Connection
    switches: Switches
    stamp: str

    def __post_init__(self) -> None:
        """Tell the store's triggers the moment to which they date what changes."""
        self.db.execute("INSERT OR REPLACE INTO memory VALUES ('moment', ?)", (self.stamp,))


def start_email(change: Change, address: str, permission: str, source: str) -> dict[str, object]:
    """The e-mail part of a new contact, opted in by `source` (Contact or Account)."""
    stored = address.lower() if change.switches.stored_case == "lower" else address
    return {
        "address": stored,
        "permission_to_send": permission,
        "created_at": change.stamp,
        "updated_at": change.stamp,
        "opt_in_source": source,
        "opt_in_date": change.stamp,
        "confirm_status": "pending" if permission == "pending_confirmation" else "off",
    }


def unsubscribe(change: Change, contact: Contact, source: str, reason: str | None = None) -> None:
    """Withdraw consent. Of the dates only those of the address move: the contact's `updated_at` stays."""
    email = contact.core["email_address"]
    email.update(
        permission_to_send="unsubscribed",
        opt_out_source=source,
        opt_out_date=change.stamp,
        updated_at=change.stamp,
    )
    if reason is not None:
        email["opt_out_reason"] = reason
    if change.switches.unsubscribe_clears_lists:
        replace_lists(change.db, contact.seq, ())


def opt_in_again(change: Change, contact: Contact, permission: str, source: str) -> None:
    """Take an unsubscribed contact back."""
    email = contact.core["email_address"]
    for name in ("opt_out_source", "opt_out_date", "opt_out_reason"):
        email.pop(name, None)
    email.update(permission_to_send=permission, opt_in_source=source, opt_in_date=change.stamp, updated_at=change.stamp)


def delete(change: Change, contact: Contact) -> None:
    """Hide the contact and take it off its lists. Nothing is erased, consent is as it was."""
    contact.core["deleted_at"] = change.stamp[:10]
    if change.switches.delete_moves_updated_at:
        contact.core["updated_at"] = change.stamp
    replace_lists(change.db, contact.seq, ())


def revive(contact: Contact) -> None:
    """Bring a deleted contact back; who had unsubscribed before is unsubscribed still."""
    contact.core.pop("deleted_at", None)


def welcome(change: Change, address: str | None, lists: Iterable[Entry], cause: str) -> None:
    """List the welcome mail if one of the lists has that feature on ("*": all have)."""
    wanted = change.switches.welcome_lists
    if address and any("*" in wanted or entry.name in wanted for entry in lists):
        list_mail(change.db, change.stamp, "welcome", address, cause)
