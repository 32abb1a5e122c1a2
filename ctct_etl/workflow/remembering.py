"""The memory of an account: recalled as one before a plan is made, and added to by what was seen and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ctct_etl.columns import ADD, CHANGE, CONTACT, DONE, EMAIL, KIND, LIST, NAME, REMOVE_FROM, RESULT
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PlanTables
from ctct_etl.run.memory import OFF, SINCE, newest_version, read_memberships, remember_memberships
from ctct_etl.run.state import StateDirectory


def recall(state: StateDirectory, name: str, snapshot: Snapshot) -> Remembered:
    """Return all that is remembered of the account of `snapshot`, each list under its name there. Raises StateError."""
    held = read_memberships(state, name, snapshot.account)
    return Remembered(memberships=_named(held, snapshot), version=newest_version(held))


def recall_since(state: StateDirectory, name: str, snapshot: Snapshot, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Return EMAIL, NAME of the memberships that entered the memory after the plan of `manifest` was made.

    What was known before, that plan has weighed: it asks for none of it, unless the mapping says `readd: true`.
    Raises StateError.
    """
    held = read_memberships(state, name, snapshot.account)
    newer = held if held is None else held[(held[SINCE] > manifest.get("memory", {}).get("version", 0)).to_numpy()]
    named = _named(newer, snapshot)
    return named if named is not None else _pairs(pd.Series([], dtype="str"), pd.Series([], dtype="str"))


def remember_seen(state: StateDirectory, name: str, snapshot: Snapshot) -> None:
    """Remember every list membership of `snapshot`. Raises StateError."""
    remember_memberships(state, name, snapshot.account, _by_id(_seen(snapshot), snapshot), ids=snapshot.lists)


class AppliedMemory:
    """Collects what an apply wrote, a window of the plan at a time, and adds it to the memory at once.

    An action that is not done adds nothing: had its request an effect after all, the next snapshot shows it. So a run
    that is killed before it could save loses no membership; a removal of its own it does lose, and whom it took off
    counts as one who left, and is not put back.
    """

    def __init__(self, state: StateDirectory, name: str, snapshot: Snapshot, manifest: Mapping[str, Any]) -> None:
        """manifest: of the plan that is applied. snapshot: as the apply saw the account when it began."""
        self._state = state
        self._name = name
        self._snapshot = snapshot
        self._run = str(manifest["run"])
        self._held = [_seen(snapshot)]
        self._taken: list[pd.DataFrame] = []

    def add(self, tables: PlanTables, results: pd.DataFrame) -> None:
        """Take in a part of the plan and what became of it: EMAIL, RESULT str, of at least its writing actions."""
        done = results[EMAIL][(results[RESULT] == DONE).to_numpy()]
        self._held.append(_changed(tables, ADD, done))
        self._taken.append(_changed(tables, REMOVE_FROM, done))

    def save(self) -> None:
        """Write the memory. Raises StateError."""
        held, taken = (
            _by_id(pd.concat(parts, ignore_index=True), self._snapshot) if parts else None
            for parts in (self._held, self._taken)
        )
        assert held is not None
        remember_memberships(
            self._state, self._name, self._snapshot.account, held, taken, by=self._run, ids=self._snapshot.lists
        )


def _seen(snapshot: Snapshot) -> pd.DataFrame:
    lists = snapshot.memberships[(snapshot.memberships[KIND] == LIST).to_numpy()]
    held = _pairs(snapshot.contacts[EMAIL].take(lists[CONTACT].to_numpy()), lists[NAME])
    return held[(held[EMAIL] != "").to_numpy()]


def _changed(tables: PlanTables, change: str, done: pd.Series) -> pd.DataFrame:
    """The memberships of lists that done actions put on, or took off."""
    members = tables.memberships
    lists = members[((members[KIND] == LIST) & (members[CHANGE] == change)).to_numpy()]
    written = _pairs(tables.actions[EMAIL].take(lists[CONTACT].to_numpy()), lists[NAME])
    return written[written[EMAIL].isin(done).to_numpy()]


def _by_id(memberships: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """EMAIL, LIST: by id, since a list that is renamed is still the one that people left.

    One made in this run keeps its name until it is seen with its id.
    """
    return pd.DataFrame({EMAIL: memberships[EMAIL], LIST: _translate(memberships[NAME], snapshot.lists)})


def _named(held: pd.DataFrame | None, snapshot: Snapshot) -> pd.DataFrame | None:
    if held is None:
        return None
    held = held[~held[OFF].to_numpy()]
    names = {identity: each for each, identity in snapshot.lists.items()}
    return _pairs(held[EMAIL], _translate(held[LIST], names))


def _translate(names: pd.Series, words: Mapping[str, str]) -> pd.Series:
    """Lists are few and memberships many: a word is looked up once for each list. What has none stays as it is."""
    categories = names.astype("category")
    return categories.cat.rename_categories([words.get(each, each) for each in categories.cat.categories]).astype("str")


def _pairs(addresses: pd.Series, names: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({EMAIL: addresses.astype("str").array, NAME: names.astype("str").array})
