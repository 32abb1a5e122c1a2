"""The account, and what is remembered of it, shared among the parts of the plan: everybody by the address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ctct_etl.columns import CONTACT, EMAIL, VALUE
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.run.spilling import load, spill
from ctct_etl.stages.arrow import TEXT, Positions, series
from ctct_etl.stages.partitioning import part_addresses
from ctct_etl.workflow.parts.scratch import Scratch

_NOBODY = pd.DataFrame()
_REMEMBERED = ("memberships", "refusals", "values")


def share_account(scratch: Scratch, snapshot: Snapshot, parts: int) -> Snapshot:
    """Lay the contacts of each part and their memberships into its directory; return the snapshot without them."""
    part = part_addresses(snapshot.contacts[EMAIL], parts)
    held = snapshot.memberships.assign(**{CONTACT: _count_within(part)[snapshot.memberships[CONTACT].to_numpy()]})
    part_of_held = part[snapshot.memberships[CONTACT].to_numpy()]
    for number, contacts in enumerate(_cut(snapshot.contacts, part, parts)):
        spill(scratch.part(number) / "account-contacts", contacts)
    for number, memberships in enumerate(_cut(held, part_of_held, parts)):
        spill(scratch.part(number) / "account-memberships", memberships)
    # A slice of no rows would still carry all of its columns' memory along when it is sent.
    return replace(snapshot, contacts=_NOBODY, memberships=_NOBODY, seen=None, counted=None, glimpsed=0)


def load_account(scratch: Scratch, number: int, bare: Snapshot) -> Snapshot:
    """The snapshot of one part. bare: as `share_account` returns it."""
    place = scratch.part(number)
    return replace(bare, contacts=load(place / "account-contacts"), memberships=load(place / "account-memberships"))


def share_memory(scratch: Scratch, remembered: Remembered, parts: int) -> Remembered:
    """The same with what is remembered. A memory that there is not, before a first run, is left so."""
    for name in _REMEMBERED:
        table: pd.DataFrame | None = getattr(remembered, name)
        if table is not None:
            for number, share in enumerate(_cut(table, part_addresses(table[EMAIL], parts), parts)):
                spill(scratch.part(number) / f"remembered-{name}", share)
    bare: dict[str, Any] = {name: _NOBODY for name in _REMEMBERED if getattr(remembered, name) is not None}
    return replace(remembered, **bare)


def load_memory(scratch: Scratch, number: int, bare: Remembered) -> Remembered:
    place = scratch.part(number)
    known: dict[str, Any] = {
        name: load(place / f"remembered-{name}") for name in _REMEMBERED if getattr(bare, name) is not None
    }
    return replace(bare, **known)


def share_suppressed(scratch: Scratch, suppressed: Mapping[str, str], parts: int) -> None:
    """The same with the addresses that no run may touch, and the file that names each."""
    table = pd.DataFrame({EMAIL: series(pa.array(suppressed.keys(), TEXT)),
                          VALUE: series(pa.array(suppressed.values(), TEXT))})  # fmt: skip
    for number, share in enumerate(_cut(table, part_addresses(table[EMAIL], parts), parts)):
        spill(_suppressed(scratch, number), share)


def load_suppressed(scratch: Scratch, number: int) -> dict[str, str]:
    table = load(_suppressed(scratch, number))
    return dict(zip(table[EMAIL].tolist(), table[VALUE].tolist(), strict=True))


def _suppressed(scratch: Scratch, number: int) -> Path:
    return scratch.part(number) / "suppressed"


def _cut(table: pd.DataFrame, part: Positions, parts: int) -> Iterator[pd.DataFrame]:
    """The rows of each part, in their order."""
    order = np.argsort(part, kind="stable")
    ends = np.searchsorted(part[order], np.arange(parts + 1))
    for start, stop in pairwise(ends.tolist()):
        yield table.take(order[start:stop]).reset_index(drop=True)


def _count_within(part: Positions) -> Positions:
    """Say of each element how many of its part stand before it."""
    order = np.argsort(part, kind="stable")
    ordered = part[order]
    within = np.empty(len(part), dtype=np.int64)
    within[order] = np.arange(len(part)) - np.searchsorted(ordered, ordered)
    return within
