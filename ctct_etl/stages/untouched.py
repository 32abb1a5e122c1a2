"""Which contacts that a run created still are as it left them, and what their deletion takes away. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PERMISSION, PlanTables
from ctct_etl.stages.keys import comparison_key

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]


def find_untouched(tables: PlanTables, created: Mask, at: Positions, snapshot: Snapshot, since: str | None) -> Mask:
    """Of the contacts `created` those that the account made at `since` (ISO 8601, UTC) or later, and nobody touched.

    None of them where `since` is None.

    Every field, empty ones too, is as the run left it; they are on no list and have no tag that it did not give, and
    their permission is what it was created with.
    """
    if since is None:
        return np.zeros(len(at), dtype=bool)
    now = snapshot.contacts
    made = now[c.CREATED_AT].reindex(at).fillna("").to_numpy(dtype=object)
    status = now[c.STATUS].reindex(at).fillna("").to_numpy(dtype=object)
    permission = tables.actions[PERMISSION].replace("", c.IMPLICIT).to_numpy(dtype=object)
    whole: Mask = created & (made >= since) & (status == permission)
    for field in _writable(now):
        if not whole.any():
            break
        custom = snapshot.custom_fields.get(c.custom_label(field)) if c.is_custom(field) else None
        left = np.full(len(at), "", dtype=object)
        mine = tables.changes[(tables.changes[c.FIELD] == field).to_numpy()]
        left[mine[c.CONTACT].to_numpy()] = mine[c.AFTER].to_numpy(dtype=object)
        where = np.flatnonzero(whole)
        is_ = comparison_key(field, now[field].take(at[where]).reset_index(drop=True), custom)
        was = comparison_key(field, pd.Series(left[where], dtype="str"), custom)
        whole[where[(is_ != was).to_numpy()]] = False
    return whole & ~_have_more(tables, whole, at, snapshot)


def undo_creates(whole: Mask, at: Positions, snapshot: Snapshot) -> tuple[pd.DataFrame, pd.DataFrame]:
    """CONTACT, FIELD, BEFORE, AFTER and CONTACT, KIND, NAME, CHANGE of what goes with contacts that are deleted.

    The status goes from what it is to `deleted`, every value to nothing, and they leave their lists.
    """
    where = np.flatnonzero(whole)
    now = snapshot.contacts.take(at[where]).reset_index(drop=True)
    parts = [pd.DataFrame({c.CONTACT: where, c.FIELD: c.STATUS, c.BEFORE: now[c.STATUS], c.AFTER: c.DELETED})]
    for field in _writable(now):
        filled = (now[field] != "").to_numpy()
        values = now[field][filled].to_numpy()
        parts.append(pd.DataFrame({c.CONTACT: where[filled], c.FIELD: field, c.BEFORE: values, c.AFTER: ""}))
    held = _held(whole, at, snapshot)
    lists = held[(held[c.KIND] == c.LIST).to_numpy()].assign(**{c.CHANGE: c.REMOVE_FROM})
    return pd.concat(parts, ignore_index=True).astype({c.BEFORE: "str", c.AFTER: "str"}), lists


def _have_more(tables: PlanTables, whole: Mask, at: Positions, snapshot: Snapshot) -> Mask:
    """Who is on a list, or has a tag, that the run did not give."""
    held = _held(whole, at, snapshot)
    given = tables.memberships[(tables.memberships[c.CHANGE] == c.ADD).to_numpy()]
    names = [c.CONTACT, c.KIND, c.NAME]
    ours = pd.MultiIndex.from_frame(given[names].astype({c.KIND: "str", c.NAME: "str"}))
    foreign = held[~pd.MultiIndex.from_frame(held[names]).isin(ours)]
    more = np.zeros(len(at), dtype=bool)
    more[foreign[c.CONTACT].to_numpy(dtype=np.int64)] = True
    return more


def _held(mask: Mask, at: Positions, snapshot: Snapshot) -> pd.DataFrame:
    """CONTACT (position in the window), KIND, NAME str of what the contacts of a mask hold now."""
    window = np.full(len(snapshot.contacts), -1, dtype=np.int64)
    window[at[mask]] = np.flatnonzero(mask)
    members = snapshot.memberships
    contact = window[members[c.CONTACT].to_numpy()]
    chosen = members.assign(**{c.CONTACT: contact})[contact >= 0]
    held: pd.DataFrame = chosen[[c.CONTACT, c.KIND, c.NAME]].astype({c.KIND: "str", c.NAME: "str"})
    return held.reset_index(drop=True)


def _writable(contacts: pd.DataFrame) -> list[str]:
    return [str(field) for field in contacts if field not in c.READ_ONLY_FIELDS and field != c.EMAIL]
