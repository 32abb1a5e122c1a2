"""Who would hold more than the service can? Such a contact's rows are rejected, with that reason; nothing is cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ctct_etl.columns import AFTER, BEFORE, CONTACT, CUSTOM_PREFIX, FIELD, KIND, LIST, PHONE_PREFIX, TAG
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.stages.arrow import arrow
from ctct_etl.stages.matching import Match

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Overfull:
    contacts: npt.NDArray[np.bool_]
    reason: npt.NDArray[np.object_]


def find_overfull(
    size: int, match: Match, snapshot: Snapshot, changes: pd.DataFrame, added: pd.DataFrame, most: Mapping[str, int]
) -> Overfull:
    """Count what each contact would hold after the plan, and name the kinds that are too many.

    Needs: changes CONTACT, FIELD, BEFORE, AFTER · added memberships CONTACT, KIND · most by "list", "tag", "custom",
    "phone". Only contacts that gain something can newly overflow.
    """
    contacts = np.zeros(size, dtype=bool)
    reason = np.full(size, "", dtype=object)
    for kind, words in ((LIST, "lists"), (TAG, "tags"), ("custom", "custom fields"), ("phone", "phone numbers")):
        gained = _gained_memberships(added, kind, size) if kind in (LIST, TAG) else _gained_fields(changes, kind, size)
        gaining = np.flatnonzero(gained > 0)
        if not len(gaining):
            continue
        after = gained[gaining] + _held(snapshot, match.at[gaining], kind)
        over = gaining[after > most[kind]]
        contacts[over] = True
        for position, count in zip(over, after[after > most[kind]], strict=True):  # overfull contacts are rare
            reason[position] = f"it would have {count} {words}, and the service holds {most[kind]} — name fewer"
    return Overfull(contacts, reason)


def _gained_memberships(added: pd.DataFrame, kind: str, size: int) -> Counts:
    return np.bincount(added[CONTACT][added[KIND] == kind].to_numpy(), minlength=size).astype(np.int64)


def _gained_fields(changes: pd.DataFrame, kind: str, size: int) -> Counts:
    prefix = PHONE_PREFIX if kind == "phone" else CUSTOM_PREFIX
    fields = changes[FIELD].cat.categories
    chosen = np.array([field.startswith(prefix) for field in fields], dtype=bool)[changes[FIELD].cat.codes.to_numpy()]
    rows = changes[chosen]
    step: Counts = (rows[BEFORE] == "").to_numpy(dtype=np.int64) - (rows[AFTER] == "").to_numpy(dtype=np.int64)
    return np.bincount(rows[CONTACT].to_numpy(), weights=step, minlength=size).astype(np.int64)


def _held(snapshot: Snapshot, at: Counts, kind: str) -> Counts:
    held = np.zeros(len(at), dtype=np.int64)
    known = at >= 0
    if kind in (LIST, TAG):
        owners = snapshot.memberships[CONTACT][snapshot.memberships[KIND] == kind].to_numpy()
        held[known] = np.bincount(owners, minlength=len(snapshot.contacts))[at[known]]
        return held
    prefix = PHONE_PREFIX if kind == "phone" else CUSTOM_PREFIX
    for column in snapshot.contacts.columns:
        if column.startswith(prefix):
            values = arrow(snapshot.contacts[column]).take(pa.array(at[known]))
            held[known] += np.not_equal(values.to_numpy(zero_copy_only=False), "")
    return held
