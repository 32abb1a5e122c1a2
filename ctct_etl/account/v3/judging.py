"""Judge the contacts of an import as they are read back, page by page; what a page showed is then forgotten. Pure.

A job answers no row by row. What it did is seen by reading: who is as promised is done, who shows something else has
moved, and what did not take goes again by a route that tells why.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ctct_etl.account.comparing import unmet_values
from ctct_etl.account.dialect import Answer, Operation, Result
from ctct_etl.account.entries import Entry, Load, make_operation
from ctct_etl.account.moments import shift
from ctct_etl.account.v3.comparing import has_left, unmet_lists
from ctct_etl.account.v3.costing import POST_COST, PUT_COST, import_cost
from ctct_etl.account.v3.finding import Contact, address_of
from ctct_etl.account.v3.memory import Memory
from ctct_etl.account.v3.reading import decode_contacts, status_of
from ctct_etl.columns import CONFLICT, DONE
from ctct_etl.plan.tables import ADD_LISTS, JSON_IMPORT, POST_CONTACT, PUT_CONTACT


@dataclass(frozen=True)
class _Verdict:
    words: str = ""  # of a conflict
    operations: tuple[Operation, ...] = ()  # that must follow
    listing: Operation | None = None  # that follows, if it was the job that put them on no list
    unlisted: bool = False  # on fewer lists than the job was to put them on
    absent: bool = False  # nothing of the import shows

    @property
    def in_full(self) -> tuple[Operation, ...]:
        return (*self.operations, *((self.listing,) if self.listing else ()))


_ABSENT = _Verdict(absent=True)


class Judge:
    """Takes pages of contacts, and knows of each entry of `load` what they showed last.

    unlisted: how many the job may have put on no list. Are there more who are not on its lists, then somebody has left
    them since, nobody can tell who, and none of them is put back: they were on them, and so they are done.
    ended: when the job can have written last, "" for not known. Who was changed after it, and is not as promised, was
    edited back, and is not overwritten.
    """

    def __init__(self, load: Load, phase: int, memory: Memory, *, unlisted: int, ended: str = "") -> None:
        self._load = load
        self._phase = phase
        self._memory = memory
        self._unlisted = unlisted
        self._ended = ended
        self._entries = {entry.address: entry for entry in load.entries}
        self._verdicts: dict[str, _Verdict] = {}

    def take(self, page: Sequence[dict[str, Any]]) -> None:
        ours = [contact for contact in page if address_of(contact) in self._entries]
        columns = decode_contacts(ours, self._load.customs).columns
        for at, contact in enumerate(ours):
            entry = self._entries[address_of(contact)]
            now = {field: columns[field][at] for field in entry.after}
            self._learn(entry, contact)
            self._verdicts[entry.address] = self._judge(entry, contact, now)

    @property
    def absent(self) -> list[Entry]:
        """Entries of which nothing shows."""
        return [entry for entry in self._load.entries if self._verdicts.get(entry.address, _ABSENT).absent]

    @property
    def missing(self) -> int:
        """How many contacts were on no page."""
        return len(self._entries) - len(self._verdicts)

    @property
    def unseen(self) -> list[Entry]:
        """Entries of contacts that were on no page."""
        return [entry for entry in self._load.entries if entry.address not in self._verdicts]

    def answer(self, *, without: Iterable[Entry] = ()) -> Answer:
        """What became of everybody but `without`; of whom nothing shows goes again."""
        out = {entry.address for entry in without}
        may_list = sum(verdict.unlisted for verdict in self._verdicts.values()) <= self._unlisted
        results: list[Result] = []
        followers: list[Operation] = []
        images: dict[str, Contact] = {}
        for entry in self._load.entries:
            verdict = self._verdicts.get(entry.address, _ABSENT)
            if entry.address in out or verdict.absent:
                continue
            if operations := verdict.in_full if may_list else verdict.operations:
                followers += operations
            else:
                results.append(Result(entry.address, CONFLICT if verdict.words else DONE, verdict.words))
            if verdict.words and not self._load.watched:  # they were on its lists, if only for a moment
                images[entry.address] = {"list_memberships": list(self._load.lists)}
        again = [entry for entry in self.absent if entry.address not in out]
        shown = {entry.address: self._verdicts.get(entry.address, _ABSENT).in_full for entry in again}
        return Answer(tuple(results), images, fallback=(*followers, *send_again(again, self._load, self._phase, shown)))

    def _learn(self, entry: Entry, contact: Contact) -> None:
        if entry.contact_id:
            return
        if entry.address not in self._verdicts:
            self._memory.count_created(1)
        self._memory.learn(entry.address, str(contact.get("contact_id")))

    def _is_touched(self, entry: Entry, contact: Contact) -> bool:
        if not self._ended or not entry.contact_id:
            return False
        with contextlib.suppress(ValueError):  # a time that can't be read tells nothing
            return shift(str(contact.get("updated_at")), timedelta()) > self._ended
        return False

    def _judge(self, entry: Entry, contact: Contact, now: Mapping[str, str]) -> _Verdict:
        load = self._load
        if has_left(contact):
            words = f"changed in the account since the plan: now {status_of(contact)}"
            return _Verdict(words, unlisted=not load.watched)
        unmet = unmet_values(now, entry, load.customs)
        touched = self._is_touched(entry, contact)
        if strange := [field for field in unmet if touched or now[field] != entry.before.get(field, "")]:
            return _Verdict(f"not as promised after the import: {', '.join(strange)}")
        seen = Entry(entry.address, str(contact.get("contact_id")), status_of(contact), ours=entry.ours)
        operations = []
        if unmet:
            before = {field: now[field] for field in unmet}
            put = replace(seen, before=before, after={field: entry.after[field] for field in unmet})
            operations.append(_one(PUT_CONTACT, put, load))
        # Who is off a list that they were on has left it meanwhile, and is not put back.
        missing = () if load.watched else tuple(unmet_lists(contact, load.lists))
        listing = _one(ADD_LISTS, seen, load, missing) if missing else None
        absent = bool(entry.contact_id and unmet) and len(unmet) == len(entry.after)
        return _Verdict("", tuple(operations), listing, bool(missing) and not absent, absent)


def send_again(
    entries: Sequence[Entry], load: Load, phase: int, shown: Mapping[str, tuple[Operation, ...]] | None = None
) -> tuple[Operation, ...]:
    """What must follow for contacts that an import did not reach, in whatever way it failed them.

    Few go single, where each gets the service's own words. Many are halved, so that the one on which a whole job
    stumbles ends up alone in few steps, and the others arrive. shown: by address, what must follow for those who were
    seen as they were before.
    """
    known = shown or {}
    singly = sum(PUT_COST if entry.contact_id else POST_COST for entry in entries)
    if singly <= import_cost(len(entries)):
        return tuple(one for entry in entries for one in known.get(entry.address) or single_operations(entry, load))
    middle = len(entries) // 2
    halves = (tuple(entries[:middle]), tuple(entries[middle:]))
    return tuple(make_operation(JSON_IMPORT, replace(load, entries=half), phase) for half in halves)


def single_operations(entry: Entry, load: Load) -> list[Operation]:
    """What an import would have done for one contact, as single operations."""
    if not entry.contact_id:
        return [_one(POST_CONTACT, replace(entry, lists=load.lists), load)]
    operations = [_one(PUT_CONTACT, entry, load)] if entry.after else []
    if not load.watched:
        operations.append(_one(ADD_LISTS, replace(entry, before={}, after={}), load, load.lists))
    return operations


def _one(route: str, entry: Entry, load: Load, lists: tuple[str, ...] = ()) -> Operation:
    return make_operation(route, replace(load, entries=(entry,), lists=lists, watched=()))
