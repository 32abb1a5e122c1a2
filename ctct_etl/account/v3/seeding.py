"""An account as a seed of the bundled sandbox: what reading a snapshot decodes, written back. Pure.

The sandbox then shows the snapshot's contacts under their own ids, with the fields, lists, tags and permissions that
the snapshot knows; what it does not know (notes, a second phone of a kind) no plan touches.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ctct_etl.account.v3.wire import WIRE_NAMES
from ctct_etl.columns import (
    BIRTHDAY,
    CONTACT,
    CONTACT_ID,
    CREATED_AT,
    CUSTOM_PREFIX,
    DELETED,
    DELETED_AT,
    DELETED_STATUS,
    EMAIL,
    IMPLICIT,
    KIND,
    LIST,
    NAME,
    OPT_IN_DATE,
    OPT_IN_SOURCE,
    OPT_OUT_DATE,
    OPT_OUT_SOURCE,
    STATUS,
    TAG,
    UPDATED_AT,
)
from ctct_etl.plan.snapshot import CustomField, Snapshot

_MAIL = {
    "opt_in_source": OPT_IN_SOURCE, "opt_in_date": OPT_IN_DATE,
    "opt_out_source": OPT_OUT_SOURCE, "opt_out_date": OPT_OUT_DATE,
}  # fmt: skip
_PLAIN = {name: place.key for name, place in WIRE_NAMES.items() if not place.part and name != BIRTHDAY}
_PARTS = {name: place for name, place in WIRE_NAMES.items() if place.part and name != EMAIL}

Row = Mapping[str, str]


def write_seed_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield the lines of the seed: definitions first, then every contact.

    An address that the account holds twice (it can't, but for its spelling) is seeded once: no plan touches it.
    """
    yield _line({"account": {key: value for key, value in snapshot.account.items() if value}})
    yield from (_line({"list": {"name": name}}) for name in snapshot.lists)
    yield from (_line({"tag": {"name": name}}) for name in snapshot.tags)
    yield from (_line({"custom_field": _define(custom)}) for custom in snapshot.custom_fields.values())
    held = {kind: _gather(snapshot, kind) for kind in (LIST, TAG)}
    once = ~(snapshot.contacts[EMAIL].duplicated() & (snapshot.contacts[EMAIL] != "")).to_numpy()
    columns = {str(name): values.tolist() for name, values in snapshot.contacts.items()}
    filled = {name: values for name, values in columns.items() if any(values)}
    for at in range(len(snapshot.contacts)):
        if once[at]:
            row = {name: value for name, values in filled.items() if (value := values[at])}
            contact = _contact(row, snapshot.custom_fields)
            yield _line(contact | {"list_memberships": held[LIST].get(at, []), "taggings": held[TAG].get(at, [])})


def _define(custom: CustomField) -> dict[str, Any]:
    named = {"name": custom.name} if custom.name else {}
    return {"label": custom.label, "type": custom.type, "choices": list(custom.choices), **named}


def _contact(row: Row, customs: Mapping[str, CustomField]) -> dict[str, Any]:
    contact: dict[str, Any] = {"contact_id": row[CONTACT_ID]}
    if EMAIL in row:
        mail = {key: row[column] for key, column in _MAIL.items() if column in row}
        status = row.get(STATUS, "")
        permission = row.get(DELETED_STATUS) or IMPLICIT if status in ("", DELETED) else status
        contact["email_address"] = {"address": row[EMAIL], "permission_to_send": permission, **mail}
    contact |= {column: row[column] for column in (CREATED_AT, UPDATED_AT, DELETED_AT) if column in row}
    contact |= {key: row[name] for name, key in _PLAIN.items() if name in row}
    if BIRTHDAY in row:
        month, _, day = row[BIRTHDAY].partition("-")
        contact |= {"birthday_month": int(month), "birthday_day": int(day)}
    contact |= _parts(row)
    values = {label: _value(row[f"{CUSTOM_PREFIX}{label}"], custom)
              for label, custom in customs.items() if f"{CUSTOM_PREFIX}{label}" in row}  # fmt: skip
    return contact | ({"custom_fields": values} if values else {})


def _parts(row: Row) -> dict[str, list[dict[str, str]]]:
    kinds: dict[tuple[str, str], dict[str, str]] = {}
    for name, place in _PARTS.items():
        if name in row:
            kinds.setdefault((place.part, place.kind), {"kind": place.kind})[place.key] = row[name]
    parts: dict[str, list[dict[str, str]]] = {}
    for (part, _), item in kinds.items():
        parts.setdefault(part, []).append(item)
    return parts


def _value(value: str, custom: CustomField) -> str | list[str]:
    if not custom.choices:
        return value
    chosen = value.split(";")  # as they were joined, in the account's order
    return [label for label in chosen if label in custom.choices] if set(chosen) <= custom.choices.keys() else [value]


def _gather(snapshot: Snapshot, kind: str) -> dict[int, list[str]]:
    """Position of the contact → names of its lists, or tags."""
    members = snapshot.memberships[(snapshot.memberships[KIND] == kind).to_numpy()]
    held: dict[int, list[str]] = defaultdict(list)
    for at, name in zip(members[CONTACT].tolist(), members[NAME].astype("str").tolist(), strict=True):
        held[at].append(name)
    return held


def _line(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
