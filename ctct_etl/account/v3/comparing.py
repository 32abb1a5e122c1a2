"""Is a contact as an entry promises, as the plan found it, or has it moved? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctct_etl.account.v3.entries import Entry
from ctct_etl.account.v3.reading import decode_contact, ids_of, status_of
from ctct_etl.account.v3.wire import ADDRESSES, CUSTOMS, PHONES, WIRE_NAMES
from ctct_etl.columns import (
    DELETED,
    IF_IN,
    IF_IN_NO_LIST,
    IF_NOT_IN,
    PHONE_PREFIX,
    UNSUBSCRIBED,
    custom_label,
    is_custom,
)
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.plan.tables import RestsOn

Customs = Mapping[str, CustomField]
Contact = Mapping[str, Any]

ARRAYS = ("list_memberships", "taggings", PHONES, ADDRESSES, CUSTOMS)


def same_value(field: str, one: str, other: str) -> bool:
    """Equal as the service may write them: it may set a phone's punctuation in its own way."""
    if one == other:
        return True
    if field.startswith(PHONE_PREFIX):
        return bool(digits := _digits(one)) and digits == _digits(other)
    return False


def moved_fields(contact: Contact, entry: Entry, customs: Customs) -> list[str]:
    """Fields to be changed that are no longer as the plan found them, to the letter."""
    now = decode_contact(contact, customs)
    return [
        field
        for field, before in entry.before.items()
        if _held(field, now[field], customs) != _held(field, before, customs)
    ]


def unmet_fields(contact: Contact, entry: Entry, customs: Customs) -> list[str]:
    """Fields that are not (yet) as the entry promises."""
    return unmet_values(decode_contact(contact, customs), entry, customs)


def unmet_values(now: Mapping[str, str], entry: Entry, customs: Customs) -> list[str]:
    """The same of a contact that is decoded already."""
    return [
        field
        for field, after in entry.after.items()
        if not same_value(field, _held(field, now[field], customs), _held(field, after, customs))
    ]


def unmet_lists(contact: Contact, lists: tuple[str, ...]) -> list[str]:
    return sorted(set(lists) - ids_of(contact, "list_memberships"))


def breaks_rule(contact: Contact, entry: Entry, rule: RestsOn) -> bool:
    """Is the contact, by its lists, one that the plan's rule leaves alone? Lists that the plan adds don't count."""
    held = ids_of(contact, "list_memberships") - set(entry.ours)
    if IF_IN_NO_LIST in rule:
        return bool(held)
    return (IF_IN in rule and not held & set(rule[IF_IN])) or bool(held & set(rule.get(IF_NOT_IN, ())))


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


def _held(field: str, value: str, customs: Customs) -> str:
    """Several choices in the order of their names: the account's own order is a matter of display."""
    custom = customs.get(custom_label(field)) if is_custom(field) else None
    return ";".join(sorted(value.split(";"))) if custom and custom.type == "multi_select" else value


def _digits(text: str) -> str:
    digits = "".join(filter(str.isdigit, text))
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
