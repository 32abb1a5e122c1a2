"""Is a contact as an entry promises, as the plan found it, or has it moved? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctct_etl.account.comparing import Customs, moved_values, unmet_values
from ctct_etl.account.entries import Entry
from ctct_etl.account.v3.reading import decode_contact, ids_of, status_of
from ctct_etl.account.v3.wire import ADDRESSES, CUSTOMS, PHONES, WIRE_NAMES
from ctct_etl.columns import DELETED, UNSUBSCRIBED

Contact = Mapping[str, Any]

ARRAYS = ("list_memberships", "taggings", PHONES, ADDRESSES, CUSTOMS)


def moved_fields(contact: Contact, entry: Entry, customs: Customs) -> list[str]:
    """Fields to be changed that are no longer as the plan found them, to the letter."""
    return moved_values(decode_contact(contact, customs), entry, customs)


def unmet_fields(contact: Contact, entry: Entry, customs: Customs) -> list[str]:
    """Fields that are not (yet) as the entry promises."""
    return unmet_values(decode_contact(contact, customs), entry, customs)


def unmet_lists(contact: Contact, lists: tuple[str, ...]) -> list[str]:
    return sorted(set(lists) - ids_of(contact, "list_memberships"))


def has_left(contact: Contact) -> bool:
    return status_of(contact) in (DELETED, UNSUBSCRIBED)


def lost_by_update(before: Contact, now: Contact, entry: Entry, customs: Customs) -> list[str]:
    """What an update took with it that it was not to touch: names of properties, lists or tags.

    A service that drops a part leaves nothing of it. What became something else, or one list of several that is gone,
    is the doing of a person who edits or leaves at the same moment.
    """
    lost = [key for key in ("list_memberships", "taggings") if ids_of(before, key) and not ids_of(now, key)]
    was, is_ = decode_contact(before, customs), decode_contact(now, customs)
    untouched = [field for field in was if field in WIRE_NAMES and field not in entry.after]
    lost += [field for field in untouched if was[field] and not is_[field]]
    others = {str(item.get("custom_field_id")) for item in before.get("custom_fields") or ()}
    ours = {custom.id for custom in customs.values()}
    left = {str(item.get("custom_field_id")) for item in now.get("custom_fields") or ()}
    if (others - ours) - left:
        lost.append("custom_fields")
    if status_of(before) != status_of(now):
        lost.append("permission_to_send")
    return lost


def at_stake(before: Contact, body: Mapping[str, Any]) -> set[str]:
    """What a PUT of `body` leaves to the service: the permission that it echoes, and every array that it leaves out.

    An array that the contact does not have proves nothing about the next contact's.
    """
    arrays = {part for part in ARRAYS if before.get(part) and part not in body}
    return arrays | {f"permission {status_of(before)}"}
