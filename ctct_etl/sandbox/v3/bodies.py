"""Checks of a contact sent by POST or PUT: every violation, in the order of the properties."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from .. import values
from ..catalog import Kind, find_entries, find_entry
from ..documents import Document
from ..switches import Switches

ADDRESS_LENGTH = 80
IDENTITY = ("first_name", "last_name", "email_address", "sms_channel")


def find_violations(db: sqlite3.Connection, body: Document, source: str, switches: Switches) -> list[str]:
    """What is wrong with the body; `source` is the property that must say who acts."""
    return [
        *_check_source(body, source),
        *_check_email(body.get("email_address")),
        *_check_texts(body, values.TEXT_LENGTHS),
        *_check_dates(body),
        *check_custom_fields(db, body.get("custom_fields"), switches),
        *_check_phones(body.get("phone_numbers"), switches),
        *check_streets(body.get("street_addresses"), switches),
        *_check_entries(db, body, "list_memberships", "list", values.LISTS),
        *_check_entries(db, body, "taggings", "tag", values.TAGS),
        *_check_notes(body.get("notes")),
        *_check_sms(body.get("sms_channel")),
    ]


def is_blank(value: object) -> bool:
    return value is None or value == ""


def _check_source(body: Document, name: str) -> Iterator[str]:
    if is_blank(body.get(name)):
        yield f"{name} is missing"
    if body.get(name) not in values.SOURCES:
        yield f"{name} does not have a valid value"


def _check_email(email: Any) -> Iterator[str]:
    if email is None:
        return
    if not isinstance(email, dict):
        yield "email_address must be an object"
        return
    address = email.get("address")
    if is_blank(address):
        yield "email_address.address is missing"
    elif not isinstance(address, str) or not values.is_address(address):
        yield "email_address.address is not a valid email address"
    elif len(address) > ADDRESS_LENGTH:
        yield f"email_address.address is longer than {ADDRESS_LENGTH} characters"
    permission = email.get("permission_to_send")
    if not is_blank(permission) and permission not in values.PERMISSIONS:
        yield "email_address.permission_to_send does not have a valid value"
    yield from _check_texts(email, {"opt_out_reason": 255}, "email_address.")


def _check_texts(document: Document, lengths: dict[str, int], prefix: str = "") -> Iterator[str]:
    for name, longest in lengths.items():
        value = document.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            yield f"{prefix}{name} must be a string"
        elif len(value) > longest:
            yield f"{prefix}{name} is longer than {longest} characters"


def _check_dates(body: Document) -> Iterator[str]:
    fault = values.find_birthday_fault(body.get("birthday_month"), body.get("birthday_day"))
    if fault:
        yield fault
    anniversary = body.get("anniversary")
    if not is_blank(anniversary) and (not isinstance(anniversary, str) or values.read_date(anniversary) is None):
        yield "anniversary is not a valid date"


def _read_array(part: Any, name: str, most: int) -> tuple[list[Document], list[str]]:
    """The items of an array of objects, or what is wrong with the array."""
    if part is None:
        return [], []
    if not isinstance(part, list) or not all(isinstance(item, dict) for item in part):
        return [], [f"{name} must be an array of objects"]
    return part, [f"{name} has more than {most} items"] if len(part) > most else []


def check_custom_fields(
    db: sqlite3.Connection, part: Any, switches: Switches, most: int = values.CUSTOM_FIELDS
) -> Iterator[str]:
    items, faults = _read_array(part, "custom_fields", most)
    yield from faults
    ids = [str(item.get("custom_field_id")) for item in items]
    if len(set(ids)) < len(ids):
        yield "custom_fields names a field more than once"
    for item, field_id in zip(items, ids, strict=True):
        entry = find_entry(db, "custom_field", field_id)
        if entry is None:
            yield "custom_fields.custom_field_id does not exist"
        elif values.takes_choices(entry.document):
            yield from _check_choices(item, entry.document)
        else:
            yield from _check_value(item, entry.document, switches)


def _check_choices(item: Document, definition: Document) -> Iterator[str]:
    chosen = item.get("choice_ids")
    known = {str(choice["choice_id"]) for choice in definition.get("choices") or ()}
    if not isinstance(chosen, list) or not all(isinstance(choice, str) for choice in chosen):
        yield "custom_fields.choice_ids must be an array of strings"
    elif not known.issuperset(chosen):
        yield "custom_fields.choice_ids does not have a valid value"
    elif definition["type"] == "single_select" and len(chosen) > 1:
        yield "custom_fields.choice_ids has more than 1 items"


def _check_value(item: Document, definition: Document, switches: Switches) -> Iterator[str]:
    value = item.get("value")
    if is_blank(value):
        return
    if not isinstance(value, str):
        yield "custom_fields.value must be a string"
    elif switches.custom_values == "checked":
        fault = values.find_value_fault(definition, value)
        if fault:
            yield f"custom_fields.value {fault}"
    elif len(value) > values.VALUE_LENGTH:
        yield f"custom_fields.value is longer than {values.VALUE_LENGTH} characters"


def _check_kinds(items: list[Document], name: str, allowed: tuple[str, ...], switches: Switches) -> Iterator[str]:
    kinds = [item.get("kind") for item in items]
    if any(kind not in allowed for kind in kinds):
        yield f"{name}.kind does not have a valid value"
    if switches.repeated_kinds == "refused" and len(set(map(str, kinds))) < len(kinds):
        yield f"{name} has a kind more than once"


def _check_phones(part: Any, switches: Switches) -> Iterator[str]:
    items, faults = _read_array(part, "phone_numbers", values.PHONES)
    yield from faults
    yield from _check_kinds(items, "phone_numbers", values.PHONE_KINDS, switches)
    for item in items:
        yield from _check_texts(item, {"phone_number": 25}, "phone_numbers.")


def check_streets(part: Any, switches: Switches) -> Iterator[str]:
    items, faults = _read_array(part, "street_addresses", values.STREETS)
    yield from faults
    yield from _check_kinds(items, "street_addresses", values.STREET_KINDS, switches)
    for item in items:
        yield from _check_texts(item, values.STREET_LENGTHS, "street_addresses.")


def _check_entries(db: sqlite3.Connection, body: Document, name: str, kind: Kind, most: int) -> Iterator[str]:
    ids = body.get(name)
    if ids is None:
        return
    if not isinstance(ids, list) or not all(isinstance(part, str) for part in ids):
        yield f"{name} must be an array of ids"
        return
    if len(ids) > most:
        yield f"{name} has more than {most} items"
    if len(find_entries(db, kind, ids)) < len(set(ids)):
        yield f"{name} has an id that does not exist"


def _check_notes(part: Any) -> Iterator[str]:
    items, faults = _read_array(part, "notes", values.NOTES)
    yield from faults
    for item in items:
        yield from _check_texts(item, {"content": 2_000}, "notes.")


def _check_sms(channel: Any) -> Iterator[str]:
    if channel is None:
        return
    if not isinstance(channel, dict) or is_blank(channel.get("full_sms_address")):
        yield "sms_channel.full_sms_address is missing"
        return
    yield from _check_texts(channel, {"full_sms_address": 25}, "sms_channel.")
    consents, faults = _read_array(channel.get("sms_channel_consents"), "sms_channel.sms_channel_consents", 1_000)
    yield from faults or (["sms_channel.sms_channel_consents is missing"] if not consents else [])
    for consent in consents:
        yield from _check_texts(consent, {"sms_consent_permission": 50, "consent_type": 50}, "sms_channel_consents.")
