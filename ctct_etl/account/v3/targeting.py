"""On which lists contacts could be imported: an import puts everyone in it on all lists that it names. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.account.grouping import Positions, sets_of, split_by
from ctct_etl.account.v3.costing import (
    NEWCOMER_READS,
    POST_COST,
    PUT_COST,
    departure_reads,
    import_cost,
    pages_of,
)
from ctct_etl.columns import ADD, CHANGE, CONTACT, CONTACT_ID, CREATE, DELETED, KIND, LIST, NAME, STATUS, UPDATE
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, PlanTables

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Target:
    """Contacts that share the lists on which an import could put them.

    lists: their names. kept: the contacts are on these lists already, or are put on the account's import list.
    watched: who left these lists since must not be put back, so that their members are read before.
    """

    contacts: Positions
    lists: tuple[str, ...]
    kept: bool = False
    watched: bool = False


class Targets:
    """The targets of one window of a plan, and what they cost.

    import_list: a list that nobody mails: it takes every update that adds no list, and has no leavers to mind. Without
    one these are imported onto a list that the mapping wants for them and that they are on.
    """

    def __init__(self, tables: PlanTables, snapshot: Snapshot, import_list: str | None) -> None:
        self._count = len(tables.actions)
        self._creates = (tables.actions[ACTION] == CREATE).to_numpy()
        rows = tables.memberships
        adds = rows[((rows[KIND] == LIST) & (rows[CHANGE] == ADD)).to_numpy()]
        self._adding = adds[[CONTACT, NAME]]
        self._adds = _holders(adds[CONTACT], self._count)
        self._plain = (tables.actions[ACTION] == UPDATE).to_numpy() & ~self._adds
        self._import_list = import_list if import_list in snapshot.lists else None
        self._kept = _kept_lists(tables, snapshot, self._plain) if self._import_list is None else None
        self.members = count_members(snapshot)
        self._departures = departure_reads(int((snapshot.contacts[STATUS] == DELETED).sum()))

    @property
    def reachable(self) -> Mask:
        """Which contacts have a list to be imported onto."""
        if self._kept is None:
            return self._adds | self._plain
        return self._adds | _holders(self._kept[CONTACT], self._count)

    def of(self, chosen: Mask) -> list[Target]:
        """The targets of the `chosen` contacts, those that are kept first, each in the order of its lists."""
        of, sets = sets_of(self._adding, self._count)
        joining = [
            Target(contacts, sets[number])
            for number, contacts in split_by(np.where(chosen & self._adds, of, -1))
            if number >= 0
        ]
        if self._kept is not None:
            keeping = self._spread(self._kept[chosen[self._kept[CONTACT].to_numpy()]])
        else:
            alike = np.flatnonzero(chosen & self._plain)
            keeping = [Target(alike, (str(self._import_list),), kept=True)] if len(alike) else []
        return [*sorted(keeping, key=lambda t: t.lists), *sorted(joining, key=lambda t: t.lists)]

    def bulk_cost(self, target: Target) -> int:
        return import_cost(len(target.contacts), self.reads(target))

    def single_cost(self, target: Target) -> int:
        news = int(self._creates[target.contacts].sum())
        return news * POST_COST + (len(target.contacts) - news) * PUT_COST

    def reads(self, target: Target) -> int:
        """Requests before each job of the target."""
        if target.watched:
            return sum(pages_of(self.members.get(name, 0)) for name in target.lists)
        return self._departures + (NEWCOMER_READS if self._creates[target.contacts].any() else 0)

    def _spread(self, kept: pd.DataFrame) -> list[Target]:
        """Choose one list for each contact that is on several: again and again the one that spares the most requests.

        A list costs the pages of its members, so neither the smallest nor the one that most of them share will do.
        """
        names = kept[NAME].astype("category").cat.remove_unused_categories()
        known = names.cat.categories.tolist()
        codes, contacts = names.cat.codes.to_numpy(dtype=np.int64), kept[CONTACT].to_numpy(dtype=np.int64)
        targets = []
        while len(codes):
            counts = np.bincount(codes, minlength=len(known)).tolist()
            spared = {
                number: count * PUT_COST - import_cost(count, pages_of(self.members.get(known[number], 0)))
                for number, count in enumerate(counts)
                if count
            }
            best = max(spared, key=lambda number: (spared[number], -number))
            taken = np.sort(contacts[codes == best])
            targets.append(Target(taken, (known[best],), kept=True, watched=True))
            left = ~np.isin(contacts, taken)
            codes, contacts = codes[left], contacts[left]
        return targets


def count_members(snapshot: Snapshot) -> dict[str, int]:
    """List → how many contacts are on it, of whatever status."""
    rows = snapshot.memberships
    counts = rows[NAME][(rows[KIND] == LIST).to_numpy()].value_counts()
    return {str(name): int(count) for name, count in counts.items() if count}


def locate_contacts(tables: PlanTables, snapshot: Snapshot) -> Positions:
    """For each contact of the snapshot its position in the plan's actions; -1 for none."""
    wanted = tables.actions[CONTACT_ID]
    values = pa.array(wanted.where(wanted != ""), pa.large_string(), from_pandas=True)
    known = pa.array(snapshot.contacts[CONTACT_ID], pa.large_string(), from_pandas=True)
    found = pc.index_in(known, value_set=values, skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1), dtype=np.int64)


def _kept_lists(tables: PlanTables, snapshot: Snapshot, chosen: Mask) -> pd.DataFrame:
    """CONTACT, NAME: lists that the mapping wants for a `chosen` contact and that it is on."""
    at = locate_contacts(tables, snapshot)
    held = snapshot.memberships
    place = np.where((held[KIND] == LIST).to_numpy(), at[held[CONTACT].to_numpy()], -1)
    on = place >= 0
    on[on] = chosen[place[on]]
    held = pd.DataFrame({CONTACT: place[on], NAME: held[NAME].array[on]}).astype({NAME: "str"})
    wanted = tables.wanted[(tables.wanted[KIND] == LIST).to_numpy()][[CONTACT, NAME]]
    wanted = wanted[chosen[wanted[CONTACT].to_numpy()]].astype({NAME: "str"})
    kept: pd.DataFrame = wanted.merge(held.drop_duplicates(), on=[CONTACT, NAME])
    return kept


def _holders(contacts: pd.Series[int], count: int) -> Mask:
    mask = np.zeros(count, dtype=bool)
    mask[contacts.to_numpy(dtype=np.int64)] = True
    return mask
