"""Delete one contact that a run of ours has created, if it still is as that run left it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ctct_etl.account.dialect import Answer, Conversation, Operation, Request, Response, Result
from ctct_etl.account.entries import Entry, Load, make_operation, read_load
from ctct_etl.account.v3.finding import read_contact
from ctct_etl.account.v3.reading import decode_contact, ids_of, status_of
from ctct_etl.account.v3.singles import why_untouched
from ctct_etl.account.v3.wire import CUSTOMS, WIRE_NAMES
from ctct_etl.account.v3.words import words_of
from ctct_etl.columns import (
    CONFLICT,
    CONTACT,
    CONTACT_ID,
    DELETED,
    DONE,
    EMAIL,
    FAILED,
    KIND,
    LIST,
    NAME,
    STATUS,
    TAG,
    UPDATED_AT,
    is_custom,
)
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import DELETE_CONTACT

_SECONDS = len("2026-11-23T22:00:00")  # a time may come with milliseconds, or without
_MADE_BY_SERVICE = {STATUS, UPDATED_AT, EMAIL}


def build_deletions(
    entries: Mapping[int, Entry], actions: pd.DataFrame, load: Load, snapshot: Snapshot
) -> list[Operation]:
    """One operation a contact. entries: by position in the plan's actions.

    It rests on all that the contact is: its values in the plan, the moment of its last change, its lists and tags.
    """
    held = {kind: _held(entries.values(), snapshot, kind) for kind in (LIST, TAG)}
    whole = (
        replace(
            entry,
            before={**entry.before, UPDATED_AT: str(actions[UPDATED_AT].iloc[contact])},
            lists=held[LIST].get(entry.contact_id, ()),
            tags=held[TAG].get(entry.contact_id, ()),
        )
        for contact, entry in entries.items()
    )
    return [make_operation(DELETE_CONTACT, replace(load, entries=(entry,))) for entry in whole]


def send_delete(operation: Operation) -> Conversation[Answer]:
    """204 is done. The contact is read just before: who was touched since the plan stays, and is a conflict."""
    load = read_load(operation)
    (entry,) = load.entries
    now = yield from read_contact(entry.contact_id)
    words = why_untouched(now, entry, load)
    if not words and (touched := _touched(now or {}, entry, load)):
        words = f"changed in the account since the plan: {', '.join(touched)}"
    if words:
        return _answer(entry, CONFLICT, words)
    response: Response = yield Request("DELETE", f"/contacts/{entry.contact_id}", rests_on_read=True)
    return _answer(entry, DONE) if response.ok else _answer(entry, FAILED, words_of(response))


def settle_delete(operation: Operation) -> Conversation[Answer]:
    """Deleted: done. Else it is sent again, which reads the contact once more."""
    (entry,) = read_load(operation).entries
    now = yield from read_contact(entry.contact_id)
    if now is not None and status_of(now) == DELETED:
        return _answer(entry, DONE)
    return Answer((), fallback=(operation,))


def _touched(contact: Mapping[str, Any], entry: Entry, load: Load) -> list[str]:
    """What is not as the plan found it, an empty value that is filled now among it."""
    now = decode_contact(contact, load.customs)
    fields = [field for field in now if field in WIRE_NAMES or is_custom(field)]
    touched = [f for f in fields if f not in _MADE_BY_SERVICE and now[f] != entry.before.get(f, "")]
    known = {custom.id for custom in load.customs.values()}
    if any(isinstance(item, dict) and item.get("custom_field_id") not in known for item in contact.get(CUSTOMS) or ()):
        touched.append("a custom field")
    touched += [key for key, ids in (("list_memberships", entry.lists), ("taggings", entry.tags))
                if ids_of(contact, key) != set(ids)]  # fmt: skip
    later = now[UPDATED_AT][:_SECONDS] != entry.before[UPDATED_AT][:_SECONDS]
    return touched or ([UPDATED_AT] if later else [])


def _held(entries: Iterable[Entry], snapshot: Snapshot, kind: str) -> dict[str, tuple[str, ...]]:
    """Contact id → ids of its lists, or tags, in the snapshot."""
    ids = snapshot.lists if kind == LIST else snapshot.tags
    members = snapshot.memberships[(snapshot.memberships[KIND] == kind).to_numpy()]
    contact = snapshot.contacts[CONTACT_ID].take(members[CONTACT].to_numpy())
    mine = contact.isin([entry.contact_id for entry in entries]).to_numpy()
    held: dict[str, tuple[str, ...]] = {}
    for id_, name in zip(contact[mine].tolist(), members[NAME][mine].astype("str").tolist(), strict=True):
        held[id_] = (*held.get(id_, ()), ids.get(name, name))
    return held


def _answer(entry: Entry, result: str, words: str = "") -> Answer:
    return Answer((Result(entry.address, result, words),))
