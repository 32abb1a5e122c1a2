"""An operation's payload: one entry a contact, plain JSON data, from which the bodies are written when it is sent.

payload
    contacts  entries, in the order of `addresses`
    customs   label → definition, of the custom fields that the entries name
    since     the snapshot's moment
    recent    how many contacts of the snapshot were created shortly before it
    watched   ids of lists that the contacts of an import are on already, and may leave before it is sent; else none
    rule      what a PUT, or an import over members of a list, rests on (account/dialect.py), its lists by id; {} for
              nothing
    prove     a PUT that is read back whole
              (the last five are not part of the id)
    lists     ids of the lists that the whole operation is about (import, add, remove)
    tags      ids of the tags that the whole operation is about
entry
    address · contact_id, status ("" for a create) · before, after: field → value · lists, tags: ids to be on; of a
        contact that is deleted the ids that it has, and `updated_at` is among `before`
    ours: ids of the lists that the plan puts a known contact on: it does not rest on being off them
    off: ids of the lists that a PUT takes a known contact off, where a PUT holds lists at all (v1); else not there
    permission, opt_in_source: for creates
    evidence: day and place of the consent, of creates and revivals that have it
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ctct_etl.account.dialect import Operation
from ctct_etl.account.encoding import encode_body
from ctct_etl.columns import CUSTOM_PREFIX, custom_label, is_custom
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.plan.tables import (
    ADD_CONTACTS,
    ADD_LISTS,
    ADD_TAGS,
    DELETE_CONTACT,
    JSON_IMPORT,
    POST_CONTACT,
    PUT_CONTACT,
    PUT_WHOLE,
    REMOVE_FROM_LISTS,
    REMOVE_LISTS,
    REVIVE_CONTACT,
    WINDOW,
)

# Imports first, each in a phase of its own: what is read before and after one is then not another's. Creates before the
# changes of lists and tags that need their ids. Some PUTs go ahead of the others: they prove that the service keeps
# what an update leaves out.
IMPORT_PHASE = 1
PHASES = {
    JSON_IMPORT: IMPORT_PHASE,
    ADD_CONTACTS: 50_000_000,
    POST_CONTACT: 100_000_000,
    PUT_CONTACT: 300_000_000,
    PUT_WHOLE: 300_000_000,
    ADD_LISTS: 400_000_000,
    REMOVE_LISTS: 500_000_000,
    REMOVE_FROM_LISTS: 500_000_000,
    ADD_TAGS: 600_000_000,
    REVIVE_CONTACT: 700_000_000,
    DELETE_CONTACT: 800_000_000,
}
FIRST_PUT_PHASE = 200_000_000
IMPORT_PHASES_A_WINDOW = WINDOW  # more jobs than contacts there are not


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
    ours: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


_TUPLES = ("lists", "tags", "ours", "evidence", "off")


@dataclass(frozen=True)
class Load:
    """A payload, read."""

    entries: tuple[Entry, ...]
    customs: Mapping[str, CustomField]
    since: str
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    recent: int = 0
    rule: Mapping[str, Sequence[str]] = field(default_factory=dict)
    prove: bool = False


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
    outside = {
        "since": load.since,
        "watched": list(load.watched),
        "recent": load.recent,
        "rule": dict(load.rule),
        "prove": load.prove,
    }
    return Operation(digest, route, PHASES[route] if phase is None else phase, addresses, content | outside)


def read_load(operation: Operation) -> Load:
    payload = operation.payload
    return Load(
        entries=tuple(_entry(item) for item in payload["contacts"]),
        customs={label: CustomField(**definition) for label, definition in payload["customs"].items()},
        since=payload["since"],
        lists=tuple(payload["lists"]),
        tags=tuple(payload["tags"]),
        watched=tuple(payload["watched"]),
        recent=payload["recent"],
        rule=payload["rule"],
        prove=payload["prove"],
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
    data = {**vars(entry), **{name: [*getattr(entry, name)] for name in _TUPLES}}
    if not entry.off:
        del data["off"]
    return data


def _entry(item: Mapping[str, Any]) -> Entry:
    return Entry(**{**item, **{name: tuple(item.get(name, ())) for name in _TUPLES}})


def _label(name: str) -> str:
    return custom_label(name) if is_custom(name) else ""


def custom_of(name: str, customs: Mapping[str, CustomField]) -> CustomField:
    """The definition of a field `custom.<label>`."""
    return customs[name.removeprefix(CUSTOM_PREFIX)]
