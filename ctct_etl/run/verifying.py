"""Is the account as the plan promised, of what the journal says was done? Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PlanTables
from ctct_etl.run.refreshing import keep_actions
from ctct_etl.stages.keys import comparison_key
from ctct_etl.stages.locating import locate

PROMISED, FOUND = "promised", "found"
_COLUMNS = [c.EMAIL, c.FIELD, PROMISED, FOUND]


@dataclass(frozen=True)
class Verified:
    """checked: contacts looked at. broken: EMAIL · FIELD · PROMISED · FOUND str, one row a thing that is otherwise;
    FIELD is a contact field, "list" or "tag", or "email" for a contact that is not there, or that can't be read.
    """

    checked: int
    broken: pd.DataFrame


def verify_window(tables: PlanTables, results: pd.DataFrame, snapshot: Snapshot) -> Verified:
    """Compare the done actions of a window with the account as it is now.

    Needs: results EMAIL, RESULT str, of the window's writing actions. Values are compared by what they mean, as in the
    diff: the service may write a phone number or a date in its own way.
    """
    done = results[c.EMAIL][(results[c.RESULT] == c.DONE).to_numpy()]
    kept = keep_actions(tables, tables.actions[c.EMAIL].isin(done).to_numpy(dtype=bool))
    at = _find(kept.actions, snapshot)
    deleted = _promised_deleted(kept)
    status = snapshot.contacts[c.STATUS].reindex(at).fillna("").to_numpy(dtype=object)
    readable = np.where(status == c.UNREADABLE, -1, at)  # of the others a blank would pass for a cleared field
    parts = [
        *_find_absent(kept, at, status, deleted),
        *_find_fields(kept, readable, snapshot, deleted),
        *_find_memberships(kept, readable, snapshot),
    ]
    broken = pd.concat([part for part in parts if len(part)] or [pd.DataFrame(columns=_COLUMNS)], ignore_index=True)
    return Verified(len(kept.actions), broken.astype("str").sort_values([c.EMAIL, c.FIELD], ignore_index=True))


def _find(actions: pd.DataFrame, snapshot: Snapshot) -> npt.NDArray[np.int64]:
    """The position of each contact, by its address: what is promised is promised of an address. -1 for none."""
    return locate(actions[c.EMAIL], snapshot.contacts[c.EMAIL])


def _promised_deleted(tables: PlanTables) -> npt.NDArray[np.bool_]:
    """Whose deletion the plan promises: of them nothing but that counts, whatever the service keeps in its store."""
    changes = tables.changes
    gone = ((changes[c.FIELD] == c.STATUS) & (changes[c.AFTER] == c.DELETED)).to_numpy()
    deleted = np.zeros(len(tables.actions), dtype=bool)
    deleted[changes[c.CONTACT].to_numpy()[gone]] = True
    return deleted


def _find_absent(
    tables: PlanTables,
    at: npt.NDArray[np.int64],
    status: npt.NDArray[np.object_],
    deleted: npt.NDArray[np.bool_],
) -> Iterator[pd.DataFrame]:
    gone = ((at < 0) | (status == c.DELETED) | (status == c.UNREADABLE)) & ~deleted
    addresses = tables.actions[c.EMAIL].array[gone]
    yield pd.DataFrame({c.EMAIL: addresses, c.FIELD: c.EMAIL, PROMISED: addresses, FOUND: status[gone]})


def _find_fields(
    tables: PlanTables, at: npt.NDArray[np.int64], snapshot: Snapshot, deleted: npt.NDArray[np.bool_]
) -> Iterator[pd.DataFrame]:
    changes = tables.changes
    changes = changes[~deleted[changes[c.CONTACT].to_numpy()] | (changes[c.FIELD] == c.STATUS).to_numpy()]
    fields = changes[c.FIELD].astype("str")
    for field in fields.unique():
        rows = changes[(fields == field).to_numpy() & (at[changes[c.CONTACT].to_numpy()] >= 0)]
        contact = rows[c.CONTACT].to_numpy()
        custom = snapshot.custom_fields.get(c.custom_label(field)) if c.is_custom(field) else None
        promised = rows[c.AFTER].reset_index(drop=True).astype("str")
        # A custom field that was removed since is nobody's: everybody's is empty.
        column = snapshot.contacts.get(field, pd.Series([""] * len(snapshot.contacts), dtype="str"))
        found = column.take(at[contact]).reset_index(drop=True).astype("str")
        differs = (comparison_key(field, promised, custom) != comparison_key(field, found, custom)).to_numpy()
        yield pd.DataFrame(
            {c.EMAIL: tables.actions[c.EMAIL].array[contact[differs]], c.FIELD: field,
             PROMISED: promised[differs].array, FOUND: found[differs].array}
        )  # fmt: skip


def _find_memberships(tables: PlanTables, at: npt.NDArray[np.int64], snapshot: Snapshot) -> Iterator[pd.DataFrame]:
    asked = tables.memberships
    asked = asked[(at[asked[c.CONTACT].to_numpy()] >= 0)]
    if asked.empty:
        return
    place = at[asked[c.CONTACT].to_numpy()]
    held = snapshot.memberships[snapshot.memberships[c.CONTACT].isin(place).to_numpy()]
    there = pd.MultiIndex.from_arrays([held[c.CONTACT], held[c.KIND].astype("str"), held[c.NAME].astype("str")])
    kind, name = asked[c.KIND].astype("str"), asked[c.NAME].astype("str")
    on = pd.MultiIndex.from_arrays([place, kind, name]).isin(there)
    adds = (asked[c.CHANGE] == c.ADD).to_numpy(dtype=bool)
    wrong = on != adds
    blank = np.full(len(asked), "", dtype=object)
    names = name.to_numpy(dtype=object)
    addresses = tables.actions[c.EMAIL].array[asked[c.CONTACT].to_numpy()]
    yield pd.DataFrame(
        {c.EMAIL: addresses[wrong], c.FIELD: kind.array[wrong], PROMISED: np.where(adds, names, blank)[wrong],
         FOUND: np.where(adds, blank, names)[wrong]}
    )  # fmt: skip
