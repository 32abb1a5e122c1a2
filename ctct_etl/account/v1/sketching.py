"""Contacts of whom exports tell enough, so that no request has to be spent on each.

An export is one job and one file for any number of contacts. What it does not show is their ids, the note and the
times [D-EXPORT]; which status groups and lists they are in is told by whose export they stand in. Ids come from the
search that found them. So a sketch is made of those alone who are Active and, by the export, already are as the source
wishes: nothing will be sent for them. Whoever differs in anything, a mere way of writing included, is read by their id:
no plan's action, no comparison with the plan and no PUT ever rests on an export.

A sketch is known by its missing LastUpdateTime, which every contact by id has [REC].
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from math import ceil
from typing import Any

import numpy as np

from ctct_etl.account.dialect import Conversation, Wanted, Wish
from ctct_etl.account.v1.atom import Entry
from ctct_etl.account.v1.exporting import EXPORT_COSTS, export_addresses, export_contacts
from ctct_etl.account.v1.fetching import ACTIVE_GROUP, Side, read_members
from ctct_etl.account.v1.reading import Contact, Customs, decode_contact
from ctct_etl.account.v1.wire import BULK_FROM, COUNTRY, COUNTRY_FIELD, EMAIL_ELEMENT, PAGE_SIZE, STATUS_ELEMENT
from ctct_etl.columns import CONTACT, CONTACT_ID, EMAIL, NAME, NOTE, UPDATED_AT
from ctct_etl.plan.snapshot import Snapshot

ACTIVE = "Active"
_CODE = 2  # letters
_WORTH = 2  # an export has to save as many requests as it costs, even if half of the contacts turn out to differ


def sketch_contacts(
    side: Side, names: Snapshot, wanted: Wanted, found: Mapping[str, Entry]
) -> Conversation[list[Contact]]:
    """Sketch those of `found` who are as wished; nobody where no export is allowed, worth it, or understood."""
    wishes = wanted.wishes
    active = {one: entry for one, entry in found.items() if entry.values.get(STATUS_ELEMENT, "").strip() == ACTIVE}
    if wishes is None or not wanted.may_export or len(active) <= max(BULK_FROM, _WORTH * _cost(names)):
        return []
    group = side.memory.list_ids.get(ACTIVE_GROUP, "")
    shown = (yield from export_contacts(group, side.customs)) if group else None
    if shown is None:
        return []
    lists: dict[str, list[str]] = defaultdict(list)
    for name, number in names.lists.items():
        members = yield from _members_of(side, names, name)
        if members is None:
            return []
        for address in members:
            lists[address].append(number)
    held = {number: name for name, number in names.lists.items()}
    sketches = []
    for address, entry in sorted(active.items()):
        if address not in shown or address not in wishes:
            continue
        row = shown[address]
        country = row[COUNTRY] if len(row[COUNTRY]) == _CODE else ""  # a name is none that a contact by id would show
        values = {**row, EMAIL_ELEMENT: address, STATUS_ELEMENT: ACTIVE, COUNTRY: country}
        sketch = Contact(Entry(entry.edit, entry.id, entry.kind, values, tuple(lists[address])), entry.edit)
        if is_as_wished(decode_contact(sketch, side.customs), [held[one] for one in sketch.lists], wishes[address]):
            sketches.append(sketch)
    return sketches


def is_as_wished(row: Mapping[str, str], lists: Collection[str], wish: Wish) -> bool:
    """Is a sketch as wished, letter by letter? row: its values, by field. lists: those that it is on, by name."""
    fields = wish.fields
    if NOTE in fields or fields.get(COUNTRY_FIELD) == "":  # of neither a sketch tells that it is blank
        return False
    return all(row.get(field) == value for field, value in fields.items()) and set(wish.lists) <= set(lists)


def find_outdated(known: Snapshot, names: Snapshot, wanted: Wanted) -> list[str]:
    """Numbers of the known sketches that are wanted, and not known to be as wished: they have to be read whole."""
    contacts = known.contacts
    at = np.flatnonzero(
        (contacts[UPDATED_AT] == "").to_numpy() & contacts[EMAIL].isin(wanted.addresses or ()).to_numpy()
    )
    sketches = contacts.take(at)
    if wanted.wishes is None or _ids(known.custom_fields) != _ids(names.custom_fields):
        return sketches[CONTACT_ID].astype("str").tolist()
    lists = known.memberships[known.memberships[CONTACT].isin(at).to_numpy()]
    held: dict[int, list[str]] = defaultdict(list)
    for place, name in zip(lists[CONTACT].tolist(), lists[NAME].astype("str").tolist(), strict=True):
        held[place].append(name)
    nothing = Wish({NOTE: ""})  # of whom nobody says what is wanted
    rows = zip(at.tolist(), sketches.to_dict("records"), strict=True)
    return [
        str(row[CONTACT_ID])
        for place, row in rows
        if not is_as_wished(_texts(row), held[place], wanted.wishes.get(row[EMAIL], nothing))
    ]


def _texts(row: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in row.items()}


def _cost(names: Snapshot) -> int:
    return EXPORT_COSTS + sum(min(EXPORT_COSTS, _pages(names, name)) for name in names.lists)


def _pages(names: Snapshot, name: str) -> int:
    """Of a list's members; its own count may be missing [D-LISTCOLL]."""
    return max(1, ceil((names.counted or {}).get(name, 0) / PAGE_SIZE))


def _members_of(side: Side, names: Snapshot, name: str) -> Conversation[Collection[str] | None]:
    """Addresses on a list, by the cheaper way; None where no file came of it."""
    number = names.lists[name]
    if _pages(names, name) > EXPORT_COSTS:
        return (yield from export_addresses(side.memory.list_ids[number]))
    members = yield from read_members(number)
    return members.values()


def _ids(customs: Customs) -> dict[str, str]:
    return {label: custom.id for label, custom in customs.items()}
