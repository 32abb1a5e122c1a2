"""A known snapshot under what has been read again: counted as the service counts, and told apart at the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from ctct_etl.account.dialect import Conversation
from ctct_etl.account.v3.fetching import Gathered
from ctct_etl.account.v3.paging import turn_pages
from ctct_etl.account.v3.wire import INCLUDES, PAGE_SIZE
from ctct_etl.columns import (
    CONTACT,
    CONTACT_ID,
    DELETED,
    EXPLICIT,
    IMPLICIT,
    KIND,
    LIST,
    NAME,
    PENDING,
    STATUS,
    TAG,
    UNSUBSCRIBED,
)
from ctct_etl.plan.changed import Changed, Mask, find_staying, rename_memberships
from ctct_etl.plan.snapshot import Snapshot

TOTAL: Final = "total"  # everyone who is not deleted
# What GET /contacts/counts calls the statuses that it counts.
COUNTED: Final = {"explicit": EXPLICIT, "implicit": IMPLICIT, "pending": PENDING, "unsubscribed": UNSUBSCRIBED}


class Table:
    """The known snapshot, and over it what has been read again so far.

    contacts, fresh: who was read again, and their memberships · stays: who of the known was not read again
    memberships: the known ones, under today's names · ended: which of them are no more, though their contact stays
    """

    def __init__(self, known: Snapshot, names: Snapshot) -> None:
        self.known, self.names = known, names
        self.memberships = rename_memberships(known, names)
        self.ended: Mask = np.zeros(len(self.memberships), dtype=np.bool_)
        self._gathered = Gathered(names.custom_fields)
        self._lay_over()

    def read(self, filters: Mapping[str, str]) -> Conversation[None]:
        """Read again whom `filters` select: whole, and whatever their status if they don't say."""
        query = {"status": "all", "limit": str(PAGE_SIZE), "include": INCLUDES, **filters}
        before = self._gathered.count
        yield from turn_pages("/contacts", "contacts", query, self._gathered.take)
        if self._gathered.count > before:
            del self.contacts, self.fresh, self.stays  # so that they are not held beside those that follow
            self._lay_over()

    def end_memberships(self, kind: str, ids: Collection[str]) -> None:
        """Every member of these lists (or tags) was read again: who was not, and is known as one, has left."""
        names = [name for name, id_ in self._ids(kind).items() if id_ in ids]
        held = self.memberships
        theirs = (held[KIND] == kind).to_numpy() & held[NAME].isin(names).to_numpy()
        self.ended |= theirs & self.stays[held[CONTACT].to_numpy()]

    def count_statuses(self) -> dict[str, int]:
        """By "status NAME", under the names by which the service counts them."""
        statuses = pd.concat([self.known.contacts[STATUS][self.stays], self.contacts[STATUS]]).value_counts()
        deleted = int(statuses.get(DELETED, 0))
        counts = {name: int(statuses.get(status, 0)) for name, status in COUNTED.items()}
        counts |= {TOTAL: int(statuses.sum()) - deleted, DELETED: deleted}
        return {f"{STATUS} {name}": count for name, count in counts.items()}

    def count_members(self) -> dict[str, int]:
        """By "list ID" and "tag ID", of those that the account names; 0 for one that nobody is on."""
        counts = {f"{kind} {id_}": 0 for kind in (LIST, TAG) for id_ in self._ids(kind).values()}
        staying = self.memberships[self.stays[self.memberships[CONTACT].to_numpy()] & ~self.ended]
        for held in (staying, self.fresh):
            for kind in (LIST, TAG):
                ids = self._ids(kind)
                numbers = held[NAME][(held[KIND] == kind).to_numpy()].value_counts()
                for name, number in numbers.items():
                    if id_ := ids.get(str(name)):
                        counts[f"{kind} {id_}"] += int(number)
        return counts

    def has_lost_deleted(self) -> bool:
        """Is one of the known deleted not among those read again?"""
        return bool((self.known.contacts[STATUS][self.stays] == DELETED).any())

    def changed(self, excess: Mapping[str, int]) -> Changed:
        now = replace(self.names, contacts=self.contacts, memberships=self.fresh, excess=excess)
        return Changed(now, self.ended)

    def _ids(self, kind: str) -> Mapping[str, str]:
        return self.names.lists if kind == LIST else self.names.tags

    def _lay_over(self) -> None:
        self.contacts, self.fresh = self._gathered.tables(self.names.lists, self.names.tags)
        self.stays: Mask = find_staying(self.known.contacts[CONTACT_ID], self.contacts[CONTACT_ID])
