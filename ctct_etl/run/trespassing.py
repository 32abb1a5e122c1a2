"""Did anything change that a plan does not name? Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, PlanTables
from ctct_etl.run.refreshing import keep_actions

WAS, IS = "was", "is"
_COLUMNS = [c.EMAIL, c.FIELD, WAS, IS]
# What the service itself keeps of a contact; and the address, by which contacts are laid against one another.
_OWN = {*c.READ_ONLY_FIELDS, c.EMAIL} - {c.STATUS}
_JOINT = "\x1f"  # between the parts of a key; no address and no name holds it


class Trespasses:
    """Holds the account after an apply against what it was before. Listens to `total_up` for what the plan names."""

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._whole: set[str] = set()

    def __call__(self, tables: PlanTables, results: pd.DataFrame) -> None:
        """Take in a window of the plan, and what became of it: what was not done may change nothing."""
        done = results[c.EMAIL][(results[c.RESULT] == c.DONE).to_numpy()]
        kept = keep_actions(tables, tables.actions[c.EMAIL].isin(done).to_numpy(dtype=bool))
        address = kept.actions[c.EMAIL].to_numpy(dtype=object)
        for table, what in ((kept.changes, (c.FIELD,)), (kept.memberships, (c.KIND, c.NAME))):
            parts = [table[column].astype("str").tolist() for column in what]
            keys = zip(address[table[c.CONTACT].to_numpy()].tolist(), *parts, strict=True)
            self._named.update(map(_JOINT.join, keys))
        changes = kept.changes
        gone = changes[c.CONTACT][((changes[c.FIELD] == c.STATUS) & (changes[c.AFTER] == c.DELETED)).to_numpy()]
        self._whole.update(address[gone.to_numpy()].tolist())
        self._whole.update(kept.actions[c.EMAIL][(kept.actions[ACTION] == c.CREATE).to_numpy()].tolist())

    def find(self, before: Snapshot, after: Snapshot) -> pd.DataFrame:
        """EMAIL · FIELD · WAS · IS, str, of all that changed and is not named by an action that was done.

        FIELD is a contact field, `status`, "list" or "tag", or `email` for a contact that came or went. Contacts are
        the same by their ids. Needs: both snapshots of one account, with the same ids.
        """
        parts = [
            *_came_or_went(before.contacts, after.contacts),
            *_changed_fields(before.contacts, after.contacts),
            *_changed_memberships(before, after),
        ]
        nothing = pd.DataFrame(columns=_COLUMNS)
        found = pd.concat([part for part in parts if len(part)] or [nothing], ignore_index=True)[_COLUMNS].astype("str")
        name = found[c.EMAIL] + _JOINT + found[c.FIELD]
        listed = found[c.FIELD].isin((c.LIST, c.TAG))
        key = name.where(~listed, name + _JOINT + found[WAS] + found[IS])
        fine = key.isin(self._named) | found[c.EMAIL].isin(self._whole)
        return found[~fine].sort_values(_COLUMNS, ignore_index=True)


def _came_or_went(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for one, other, column in ((old, new, WAS), (new, old, IS)):
        addresses = one[c.EMAIL][~one[c.CONTACT_ID].isin(other[c.CONTACT_ID]).to_numpy()].to_numpy()
        blank: dict[str, Any] = {c.EMAIL: addresses, c.FIELD: c.EMAIL, WAS: "", IS: ""}
        yield pd.DataFrame(blank | {column: addresses})


def _changed_fields(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[pd.DataFrame]:
    there = pd.Index(new[c.CONTACT_ID]).get_indexer(pd.Index(old[c.CONTACT_ID]))
    here = np.flatnonzero(there >= 0)
    there = there[here]
    for field in dict.fromkeys([*old, *new]):
        if field in _OWN:
            continue
        was, is_ = _values(old, field, here), _values(new, field, there)
        if len(at := np.flatnonzero(was != is_)):
            addresses = old[c.EMAIL].take(here[at]).array
            yield pd.DataFrame({c.EMAIL: addresses, c.FIELD: field, WAS: was[at], IS: is_[at]})


def _values(contacts: pd.DataFrame, field: Any, at: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """A custom field that is there on one side only is empty on the other."""
    if field not in contacts:
        return np.full(len(at), "", dtype=object)
    values: npt.NDArray[np.object_] = contacts[field].to_numpy(dtype=object)[at]
    return values


def _changed_memberships(before: Snapshot, after: Snapshot) -> Iterator[pd.DataFrame]:
    sides = [_memberships(each) for each in (before, after)]
    keys = [pd.MultiIndex.from_frame(each[[c.CONTACT_ID, c.KIND, c.NAME]]) for each in sides]
    for this, column in ((0, WAS), (1, IS)):
        lone = sides[this][~keys[this].isin(keys[1 - this])]
        blank: dict[str, Any] = {c.EMAIL: lone[c.EMAIL], c.FIELD: lone[c.KIND], WAS: "", IS: ""}
        yield pd.DataFrame(blank | {column: lone[c.NAME]})


def _memberships(snapshot: Snapshot) -> pd.DataFrame:
    members = snapshot.memberships
    who = snapshot.contacts[[c.CONTACT_ID, c.EMAIL]].take(members[c.CONTACT].to_numpy()).reset_index(drop=True)
    return who.assign(**{column: members[column].astype("str").to_numpy() for column in (c.KIND, c.NAME)})
