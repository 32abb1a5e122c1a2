"""How a routed window of a plan is sent: its activities and single requests, in their order. Pure.

The one description from which operations are built and requests are forecast, so that the two can't differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.account.grouping import Positions, sets_of, split_by
from ctct_etl.account.v1.routing import memberships_of
from ctct_etl.account.v1.wire import BULK_MOST, BULK_MOST_BYTES
from ctct_etl.columns import ADD, AFTER, CONTACT, EMAIL, REMOVE_FROM, STATUS
from ctct_etl.plan.tables import ADD_CONTACTS, POST_CONTACT, PUT_WHOLE, REMOVE_FROM_LISTS, ROUTE, PlanTables

Sizes = npt.NDArray[np.int64]
_ENCODED = 3  # a byte of a form is three at the most


@dataclass(frozen=True)
class Job:
    lists: tuple[str, ...]  # names
    contacts: Positions


@dataclass(frozen=True)
class Layout:
    """Contacts by position in the window's actions. proofs: the PUTs that are read back, the first of each status."""

    additions: tuple[Job, ...]
    posts: Positions
    proofs: Positions
    puts: Positions
    removals: tuple[Job, ...]


def lay_out(tables: PlanTables) -> Layout:
    """Lay the window out, its jobs in the order of their lists."""
    routes = tables.actions[ROUTE].to_numpy(dtype=object)
    sizes = _sizes(tables)
    puts = np.flatnonzero(routes == PUT_WHOLE)
    proofs = puts[np.unique(tables.actions[STATUS].to_numpy(dtype=object)[puts].astype(str), return_index=True)[1]]
    return Layout(
        additions=tuple(_jobs(memberships_of(tables, ADD), routes == ADD_CONTACTS, sizes)),
        posts=np.flatnonzero(routes == POST_CONTACT),
        proofs=np.sort(proofs),
        puts=puts[~np.isin(puts, proofs)],
        removals=tuple(_jobs(memberships_of(tables, REMOVE_FROM), routes == REMOVE_FROM_LISTS, sizes)),
    )


def _jobs(memberships: pd.DataFrame, chosen: npt.NDArray[np.bool_], sizes: Sizes) -> Iterator[Job]:
    """Contacts for the same lists together, no more than an activity takes."""
    of, sets = sets_of(memberships[chosen[memberships[CONTACT].to_numpy()]], len(chosen))
    groups = [(sets[number], contacts) for number, contacts in split_by(np.where(chosen, of, -1)) if number > 0]
    for lists, contacts in sorted(groups, key=lambda group: group[0]):
        for part in _cut(sizes[contacts]):
            yield Job(lists, contacts[part])


def _cut(sizes: Sizes) -> Iterator[slice]:
    ends = np.concatenate([[0], np.cumsum(sizes)])
    start = 0
    while start < len(sizes):
        stop = int(np.searchsorted(ends, ends[start] + BULK_MOST_BYTES, side="right")) - 1
        stop = min(max(stop, start + 1), start + BULK_MOST, len(sizes))
        yield slice(start, stop)
        start = stop


def _sizes(tables: PlanTables) -> Sizes:
    """Bytes of each contact as a row of an activity's form: no fewer than it takes."""
    changes = tables.changes
    values = np.bincount(changes[CONTACT], weights=_lengths(changes[AFTER]) + 3, minlength=len(tables.actions))
    return (_lengths(tables.actions[EMAIL]) + 1 + values.astype(np.int64)) * _ENCODED


def _lengths(texts: pd.Series[str]) -> Sizes:
    values = pa.array(texts, pa.large_string(), from_pandas=True)
    return np.asarray(pc.binary_length(values), dtype=np.int64)
