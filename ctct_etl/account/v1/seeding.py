"""An account as a seed of the bundled sandbox, to be spoken to by v1. Pure.

The sandbox numbers its contacts itself: they are told apart by their addresses. What v3 has no place for stands in a
part of its own, custom fields by their numbers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ctct_etl.account.v1.wire import CUSTOM_ELEMENT, WIRE_NAMES
from ctct_etl.columns import (
    ADDRESS_PREFIX,
    COMPANY_NAME,
    CONTACT,
    CREATED_AT,
    CUSTOM_PREFIX,
    EMAIL,
    FIRST_NAME,
    JOB_TITLE,
    KIND,
    LAST_NAME,
    LIST,
    NAME,
    ONLY_V1,
    OPT_OUT_DATE,
    PHONE_PREFIX,
    STATUS,
    UNREADABLE,
    UPDATED_AT,
)
from ctct_etl.plan.snapshot import CustomField, Snapshot

_PLAIN = (FIRST_NAME, LAST_NAME, JOB_TITLE, COMPANY_NAME, CREATED_AT, UPDATED_AT)
_HOME = f"{ADDRESS_PREFIX}home."
_SHARED_PARTS = tuple(field for field in WIRE_NAMES if field.startswith(_HOME) and field not in ONLY_V1)
_OWN = tuple(field for field in WIRE_NAMES if field in ONLY_V1)

Row = Mapping[str, str]


def write_seed_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield the lines of the seed: lists first, then every contact, an address once; none of whom nothing is known."""
    yield from (_line({"list": {"name": name}}) for name in snapshot.lists)
    members = snapshot.memberships[(snapshot.memberships[KIND] == LIST).to_numpy()]
    held: dict[int, list[str]] = defaultdict(list)
    for at, name in zip(members[CONTACT].tolist(), members[NAME].astype("str").tolist(), strict=True):
        held[at].append(name)
    emails, unread = snapshot.contacts[EMAIL], snapshot.contacts[STATUS] == UNREADABLE
    once = ~(emails.duplicated() | (emails == "") | unread).to_numpy()
    for at, contact in enumerate(snapshot.contacts.to_dict("records")):
        if once[at]:
            row = {str(name): str(value) for name, value in contact.items() if value}
            yield _line(_contact(row, snapshot.custom_fields) | {"list_memberships": held[at]})


def _contact(row: Row, customs: Mapping[str, CustomField]) -> dict[str, Any]:
    mail = {"address": row[EMAIL], "permission_to_send": row[STATUS]}
    if OPT_OUT_DATE in row:
        mail["opt_out_date"] = row[OPT_OUT_DATE]
    contact: dict[str, Any] = {"email_address": mail} | {name: row[name] for name in _PLAIN if name in row}
    contact["phone_numbers"] = [
        {"kind": kind, "phone_number": row[f"{PHONE_PREFIX}{kind}"]}
        for kind in ("home", "work")
        if f"{PHONE_PREFIX}{kind}" in row
    ]
    if parts := {field.removeprefix(_HOME): row[field] for field in _SHARED_PARTS if field in row}:
        contact["street_addresses"] = [{"kind": "home", **parts}]
    own = {WIRE_NAMES[field]: row[field] for field in _OWN if field in row}
    own |= {f"{CUSTOM_ELEMENT}{one.id}": row[column] for label, one in customs.items()
            if (column := f"{CUSTOM_PREFIX}{label}") in row}  # fmt: skip
    return contact | ({"v1": own} if own else {})


def _line(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
