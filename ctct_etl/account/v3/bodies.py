"""The bodies of requests, written from entries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ctct_etl.account.entries import Entry, custom_of
from ctct_etl.account.v3.reading import ids_of
from ctct_etl.account.v3.wire import (
    ACCOUNT,
    ADDRESSES,
    CONTACT_ITSELF,
    CORE_PROPERTIES,
    CUSTOMS,
    IMPORT_NAMES,
    PHONES,
    WIRE_NAMES,
)
from ctct_etl.columns import BIRTHDAY, EXPLICIT, IMPLICIT, is_custom
from ctct_etl.plan.snapshot import CustomField

Customs = Mapping[str, CustomField]


class UnknownChoice(ValueError):
    """A choice that the account's custom field does not have (any more)."""


def import_row(entry: Entry, customs: Customs) -> dict[str, str]:
    """One contact of a JSON import. What is blank is left out: whether it would clear is documented nowhere."""
    row = {"email": entry.address}
    for field, value in entry.after.items():
        name = f"cf:{custom_of(field, customs).name}" if is_custom(field) else IMPORT_NAMES[field]
        row[name] = value
    return row


def import_body(entries: Iterable[Entry], lists: Iterable[str], customs: Customs) -> dict[str, Any]:
    return {"import_data": [import_row(entry, customs) for entry in entries], "list_ids": list(lists)}


def post_body(entry: Entry, customs: Customs) -> dict[str, Any]:
    """A new contact, whole: fields, lists and tags."""
    explicit = entry.permission == EXPLICIT
    body: dict[str, Any] = {
        "email_address": {"address": entry.address, "permission_to_send": EXPLICIT if explicit else IMPLICIT},
        "create_source": CONTACT_ITSELF if entry.opt_in_source == "contact" else ACCOUNT,
    }
    body |= _core({}, entry.after)
    body |= _changed_parts({}, entry.after, customs)
    if entry.lists:
        body["list_memberships"] = list(entry.lists)
    if entry.tags:
        body["taggings"] = list(entry.tags)
    return body


def put_body(contact: Mapping[str, Any], entry: Entry, customs: Customs) -> dict[str, Any]:
    """The contact as just read, plus the changes.

    A PUT nulls every core property that it leaves out, and replaces every array that it holds. So all core properties
    are echoed as they were read, and an array is sent only when the change lies in it, and then complete. Lists and
    tags are never sent: an old array would put a contact back on a list that it left a moment ago.
    """
    mail = contact["email_address"]
    echo = {key: mail[key] for key in ("address", "permission_to_send") if mail.get(key) is not None}
    body: dict[str, Any] = {"email_address": echo, "update_source": ACCOUNT}
    body |= _core(contact, entry.after)
    body |= _changed_parts(contact, entry.after, customs)
    return body


def whole_body(contact: Mapping[str, Any], entry: Entry, customs: Customs) -> dict[str, Any]:
    """A PUT with every array that the contact had, but lists and tags: to mend what an update took with it."""
    arrays = {part: items for part in _WRITABLE if (items := _writable(contact, part))}
    return arrays | put_body(contact, entry, customs)


def revival_body(contact: Mapping[str, Any], entry: Entry, customs: Customs) -> dict[str, Any]:
    """The whole contact as just read, the changes, and the lists that the mapping wants: no lists, no revival.

    The one PUT that carries lists and tags. What it had on its old lists is gone: they went with the deletion.
    """
    tags = {"taggings": sorted(held)} if (held := ids_of(contact, "taggings") | set(entry.tags)) else {}
    return whole_body(contact, entry, customs) | {"list_memberships": list(entry.lists)} | tags


def _core(contact: Mapping[str, Any], after: Mapping[str, str]) -> dict[str, Any]:
    """Core properties; one that is cleared is left out, which clears it."""
    core = {key: contact[key] for key in CORE_PROPERTIES if contact.get(key) is not None}
    for field, value in after.items():
        if is_custom(field) or WIRE_NAMES[field].part:
            continue
        keys = ("birthday_month", "birthday_day") if field == BIRTHDAY else (WIRE_NAMES[field].key,)
        values: list[Any] = [int(part) for part in value.split("-")] if field == BIRTHDAY and value else [value]
        for key in keys:
            core.pop(key, None)
        if value:
            core |= dict(zip(keys, values, strict=True))
    return core


def _changed_parts(contact: Mapping[str, Any], after: Mapping[str, str], customs: Customs) -> dict[str, Any]:
    """The arrays that hold a change, each complete."""
    parts: dict[str, Any] = {}
    kinds: dict[tuple[str, str], dict[str, str]] = {}
    for field, value in after.items():
        if not is_custom(field) and (place := WIRE_NAMES[field]).part in (PHONES, ADDRESSES):
            kinds.setdefault((place.part, place.kind), {})[place.key] = value
    for (part, kind), changes in kinds.items():
        items = parts[part] if part in parts else _writable(contact, part)
        parts[part] = _merge_kind(items, kind, changes)
    chosen = {field: value for field, value in after.items() if is_custom(field)}
    if chosen:
        parts[CUSTOMS] = _merge_customs(_writable(contact, CUSTOMS), chosen, customs)
    return parts


_WRITABLE = {
    PHONES: ("kind", "phone_number"),
    ADDRESSES: ("kind", *dict.fromkeys(place.key for place in WIRE_NAMES.values() if place.part == ADDRESSES)),
    CUSTOMS: ("custom_field_id", "value", "choice_ids"),
}


def _writable(contact: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    """The items of an array as read, without what is read-only."""
    items = [item for item in contact.get(part) or () if isinstance(item, dict)]
    return [{key: item[key] for key in _WRITABLE[part] if item.get(key) is not None} for item in items]


def _merge_kind(items: list[dict[str, Any]], kind: str, changes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Lay `changes` over the first item of `kind`; an item of which nothing is left is dropped."""
    at = next((number for number, item in enumerate(items) if item.get("kind") == kind), len(items))
    old = items[at] if at < len(items) else {"kind": kind}
    new = {key: value for key, value in {**old, **changes}.items() if value != "" or key not in changes}
    kept = [new] if new.keys() - {"kind"} else []
    return [*items[:at], *kept, *items[at + 1 :]]


def _merge_customs(items: list[dict[str, Any]], chosen: Mapping[str, str], customs: Customs) -> list[dict[str, Any]]:
    new = {custom_of(field, customs).id: _custom_item(custom_of(field, customs), value)
           for field, value in chosen.items()}  # fmt: skip
    merged = [new.pop(item["custom_field_id"]) if item.get("custom_field_id") in new else item for item in items]
    return [item for item in (*merged, *new.values()) if item]


def _custom_item(custom: CustomField, value: str) -> dict[str, Any]:
    """The item of one custom field; {} for one that is cleared."""
    if value == "":
        return {}
    if not custom.type.endswith("_select"):
        return {"custom_field_id": custom.id, "value": value}
    labels = value.split(";") if custom.type == "multi_select" else [value]
    unknown = [label for label in labels if label not in custom.choices]
    if unknown:
        raise UnknownChoice(f'custom field "{custom.label}" has no choice "{unknown[0][:50]}"')
    return {"custom_field_id": custom.id, "choice_ids": [custom.choices[label] for label in labels]}
