"""Put contacts with the same set of names together. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.columns import CONTACT, NAME

Positions = npt.NDArray[np.int64]


def sets_of(memberships: pd.DataFrame, count: int) -> tuple[Positions, list[tuple[str, ...]]]:
    """Number the distinct sets of NAME of each of `count` contacts.

    Returns for each contact the number of its set, and the sets, each sorted. Set 0 is the empty one.
    """
    names = memberships[NAME].astype("category").cat.remove_unused_categories()
    order = np.argsort(names.cat.categories.to_numpy())  # rank of a category by name
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    codes = rank[names.cat.codes.to_numpy()] if len(order) else np.zeros(0, np.int32)
    contacts = memberships[CONTACT].to_numpy(dtype=np.int64)
    by_contact = np.lexsort((codes, contacts))
    contacts, codes = contacts[by_contact], codes[by_contact]
    starts = np.flatnonzero(np.diff(contacts, prepend=-1))
    ends = np.flatnonzero(np.diff(contacts, append=-1)) + 1
    numbers: dict[bytes, int] = {b"": 0}
    of = np.zeros(count, dtype=np.int64)
    ordered = codes.tobytes()
    width = codes.itemsize
    for contact, start, end in zip(contacts[starts].tolist(), starts.tolist(), ends.tolist(), strict=True):
        of[contact] = numbers.setdefault(ordered[start * width : end * width], len(numbers))
    known = [str(name) for name in names.cat.categories.to_numpy()[order]] if len(order) else []
    return of, [tuple(known[code] for code in np.frombuffer(key, np.int32)) for key in numbers]


def split_by(numbers: npt.NDArray[Any]) -> Iterator[tuple[int, Positions]]:
    """Each number and the positions that have it, in the order of numbers, then of positions."""
    order = np.argsort(numbers, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
        if len(part):
            yield int(numbers[part[0]]), part
