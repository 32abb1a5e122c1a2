"""An operation's payload: one entry a contact, plain JSON data, from which the bodies are written when it is sent.

payload
    contacts  entries, in the order of `addresses`
    customs   label → definition, of the custom fields that the entries name
    since     the snapshot's moment
    members   list id → members in the snapshot, of an import over contacts that are on these lists already; else {}
    deleted   how many contacts were deleted in the snapshot
              (since, members and deleted are not part of the id)
    lists     ids of the lists that the whole operation is about (import, add, remove)
    tags      ids of the tags that the whole operation is about
entry
    address · contact_id, status ("" for a create) · before, after: field → value · lists, tags: ids to be on
    permission, opt_in_source: for creates
    evidence: day and place of the consent, of creates and revivals that have it
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ctct_etl.account.dialect import Operation
from ctct_etl.account.encoding import encode_body
from ctct_etl.columns import CUSTOM_PREFIX, custom_label, is_custom
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.plan.tables import (
    ADD_LISTS,
    ADD_TAGS,
    JSON_IMPORT,
    POST_CONTACT,
    PUT_CONTACT,
    REMOVE_LISTS,
    REVIVE_CONTACT,
)

# Creates before the changes of lists and tags that need their ids. Imports over contacts that are on the list already
# go first, while the list still has the members of the snapshot. One PUT goes ahead of the others: it proves that the
# service keeps what an update leaves out.
KEPT_IMPORT_PHASE = 1
PHASES = {
    JSON_IMPORT: 2,
    POST_CONTACT: 3,
    PUT_CONTACT: 5,
    ADD_LISTS: 6,
    REMOVE_LISTS: 7,
    ADD_TAGS: 8,
    REVIVE_CONTACT: 9,
}
FIRST_PUT_PHASE = 4


@dataclass(frozen=True)
class Entry:
    address: str
    contact_id: str = ""
    status: str = ""
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    permission: str = ""
    opt_in_source: str = ""
    evidence: tuple[str, ...] = ()


_TUPLES = ("lists", "tags", "evidence")


@dataclass(frozen=True)
class Load:
    """A payload, read."""

    entries: tuple[Entry, ...]
    customs: Mapping[str, CustomField]
    since: str
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    members: Mapping[str, int] = field(default_factory=dict)
    deleted: int = 0


def make_operation(route: str, load: Load, phase: int | None = None) -> Operation:
    """Name the operation by its content, so that the same plan gives the same operation."""
    named = {label for entry in load.entries for field_ in entry.after if (label := _label(field_))}
    content = {
        "contacts": [_data(entry) for entry in load.entries],
        "customs": {label: asdict(load.customs[label]) for label in sorted(named) if label in load.customs},
        "lists": list(load.lists),
        "tags": list(load.tags),
    }
    digest = hashlib.sha256(encode_body([route, content])).hexdigest()[:32]
    addresses = tuple(entry.address for entry in load.entries)
    outside = {"since": load.since, "members": dict(load.members), "deleted": load.deleted}
    return Operation(digest, route, phase or PHASES[route], addresses, content | outside)


def read_load(operation: Operation) -> Load:
    payload = operation.payload
    return Load(
        entries=tuple(_entry(item) for item in payload["contacts"]),
        customs={label: CustomField(**definition) for label, definition in payload["customs"].items()},
        since=payload["since"],
        lists=tuple(payload["lists"]),
        tags=tuple(payload["tags"]),
        members=payload["members"],
        deleted=payload["deleted"],
    )


def take_out(operation: Operation, addresses: Collection[str]) -> Operation | None:
    """The same operation without `addresses`; None when nobody is left."""
    left = [item for item in operation.payload["contacts"] if item["address"] not in addresses]
    if not left:
        return None
    payload = {**operation.payload, "contacts": left}
    return replace(operation, addresses=tuple(item["address"] for item in left), payload=payload)


def _data(entry: Entry) -> dict[str, Any]:
    """What dataclasses.asdict gives, without its deep copies: a plan may hold a million entries."""
    return {**vars(entry), **{name: list(getattr(entry, name)) for name in _TUPLES}}


def _entry(item: Mapping[str, Any]) -> Entry:
    return Entry(**{**item, **{name: tuple(item[name]) for name in _TUPLES}})


def _label(name: str) -> str:
    return custom_label(name) if is_custom(name) else ""


def custom_of(name: str, customs: Mapping[str, CustomField]) -> CustomField:
    """The definition of a field `custom.<label>`."""
    return customs[name.removeprefix(CUSTOM_PREFIX)]
