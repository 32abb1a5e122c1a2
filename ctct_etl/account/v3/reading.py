"""Contacts as the service tells them → columns of canonical text. Never strict: old accounts hold odd values.

Seen in the wild: nulls anywhere, values longer than today's limits, phones without a number, contacts without an
address, custom fields that are no longer defined (fact sheet 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ctct_etl.account import moments
from ctct_etl.account.addresses import canonical_address as canonical
from ctct_etl.account.v3.wire import ADDRESSES, CUSTOMS, PHONES, WIRE_NAMES
from ctct_etl.columns import (
    BIRTHDAY,
    CONTACT_ID,
    CREATED_AT,
    CUSTOM_PREFIX,
    DELETED,
    DELETED_AT,
    DELETED_STATUS,
    EMAIL,
    OPT_IN_DATE,
    OPT_IN_SOURCE,
    OPT_OUT_DATE,
    OPT_OUT_SOURCE,
    READ_ONLY_FIELDS,
    STATUS,
    UPDATED_AT,
)
from ctct_etl.plan.snapshot import CustomField

_TIMES = {CREATED_AT: "created_at", UPDATED_AT: "updated_at", DELETED_AT: "deleted_at"}
_MAIL_TIMES = {OPT_IN_DATE: "opt_in_date", OPT_OUT_DATE: "opt_out_date"}
_MAIL_TEXTS = {OPT_IN_SOURCE: "opt_in_source", OPT_OUT_SOURCE: "opt_out_source"}
_PLAIN = {name: place.key for name, place in WIRE_NAMES.items() if not place.part and name != BIRTHDAY}
_BY_PLACE = {(p.part, p.kind, p.key): name for name, p in WIRE_NAMES.items()}
_ADDRESS_KEYS = tuple(dict.fromkeys(p.key for p in WIRE_NAMES.values() if p.part == ADDRESSES))


@dataclass
class Page:
    """Contacts as columns of equal length; memberships as pairs of position and id."""

    columns: dict[str, list[str]]
    in_lists: tuple[list[int], list[str]] = field(default_factory=lambda: ([], []))
    with_tags: tuple[list[int], list[str]] = field(default_factory=lambda: ([], []))
    surplus: int = 0  # phones and addresses of a kind that the contact has already: the first one counts


def column_names(customs: Mapping[str, CustomField]) -> list[str]:
    return [*READ_ONLY_FIELDS, *WIRE_NAMES, *(f"{CUSTOM_PREFIX}{label}" for label in customs)]


def decode_contacts(contacts: Sequence[Mapping[str, Any]], customs: Mapping[str, CustomField]) -> Page:
    """Decode contacts that were read with all includes; every column of `column_names` is set."""
    page = Page({name: [""] * len(contacts) for name in column_names(customs)})
    columns = page.columns
    mails = [mail if isinstance(mail := contact.get("email_address"), dict) else {} for contact in contacts]
    columns[CONTACT_ID] = [_text(contact.get("contact_id")) for contact in contacts]
    for name, key in _PLAIN.items():
        columns[name] = [_text(contact.get(key)) for contact in contacts]
    for name, key in _TIMES.items():
        columns[name] = [utc_text(contact.get(key)) for contact in contacts]
    for name, key in _MAIL_TIMES.items():
        columns[name] = [utc_text(mail.get(key)) for mail in mails]
    for name, key in _MAIL_TEXTS.items():
        columns[name] = [_text(mail.get(key)) for mail in mails]
    columns[EMAIL] = [canonical_address(mail.get("address")) for mail in mails]
    columns[BIRTHDAY] = [_birthday(contact) for contact in contacts]
    columns[STATUS] = [status_of(contact) for contact in contacts]
    columns[DELETED_STATUS] = [permission_of(one) if one.get("deleted_at") else "" for one in contacts]
    _decode_kinds(contacts, page)
    _decode_customs(contacts, customs, columns)
    _decode_ids(contacts, "list_memberships", page.in_lists)
    _decode_ids(contacts, "taggings", page.with_tags)
    return page


def decode_contact(contact: Mapping[str, Any], customs: Mapping[str, CustomField]) -> dict[str, str]:
    return {name: values[0] for name, values in decode_contacts([contact], customs).columns.items()}


def status_of(contact: Mapping[str, Any]) -> str:
    return DELETED if contact.get("deleted_at") else permission_of(contact)


def permission_of(contact: Mapping[str, Any]) -> str:
    """What it is allowed to be sent, deleted or not; "" for a contact without an address."""
    mail = contact.get("email_address")
    return _text(mail.get("permission_to_send")) if isinstance(mail, dict) else ""


def ids_of(contact: Mapping[str, Any], key: str) -> set[str]:
    """The ids in `list_memberships` or `taggings` of a contact."""
    return {str(one) for one in contact.get(key) or () if one}


def canonical_address(address: Any) -> str:
    return canonical(_text(address))


def utc_text(time: Any) -> str:
    return moments.utc_text(_text(time))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _birthday(contact: Mapping[str, Any]) -> str:
    month, day = contact.get("birthday_month"), contact.get("birthday_day")
    if not month or not day:
        return ""
    return f"{_text(month).zfill(2)}-{_text(day).zfill(2)}"


def _decode_kinds(contacts: Sequence[Mapping[str, Any]], page: Page) -> None:
    for position, contact in enumerate(contacts):
        for part, keys in ((PHONES, ("phone_number",)), (ADDRESSES, _ADDRESS_KEYS)):
            seen: set[str] = set()
            for item in contact.get(part) or ():
                kind = item.get("kind") if isinstance(item, dict) else None
                if (part, kind, keys[0]) not in _BY_PLACE:
                    continue
                if kind in seen:
                    page.surplus += 1
                    continue
                seen.add(str(kind))
                for key in keys:
                    if value := item.get(key):
                        page.columns[_BY_PLACE[part, str(kind), key]][position] = _text(value)


def _decode_customs(
    contacts: Sequence[Mapping[str, Any]], customs: Mapping[str, CustomField], columns: Mapping[str, list[str]]
) -> None:
    by_id = {one.id: (columns[f"{CUSTOM_PREFIX}{label}"], one) for label, one in customs.items()}
    labels = {one.id: {str(id_): label for label, id_ in one.choices.items()} for one in customs.values()}
    for position, contact in enumerate(contacts):
        for item in contact.get(CUSTOMS) or ():
            known = by_id.get(str(item.get("custom_field_id"))) if isinstance(item, dict) else None
            if known is None:
                continue
            column, custom = known
            if custom.choices:
                chosen = {str(one) for one in item.get("choice_ids") or ()}
                column[position] = ";".join(label for id_, label in labels[custom.id].items() if id_ in chosen)
            else:
                column[position] = _text(item.get("value"))


def _decode_ids(contacts: Sequence[Mapping[str, Any]], key: str, into: tuple[list[int], list[str]]) -> None:
    positions, ids = into
    for position, contact in enumerate(contacts):
        if some := contact.get(key):
            unique = ids_of(contact, key) if len(some) > 1 else {str(some[0])}
            positions.extend([position] * len(unique))
            ids.extend(sorted(unique))
