"""Put contacts with the same set of names together: what one bulk job can carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.account.v3.costing import MOST_LISTS_A_JOB
from ctct_etl.account.v3.wire import PAGE_SIZE
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


def jobs_of(sets: Mapping[str, Sequence[str]]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Lay out as few bulk jobs as may be: names → contacts, at most 500 contacts and 50 names a job.

    `sets`: contact → its names. Either contacts of one set of names together, or a job for each name: whichever is
    fewer jobs; in the order of names, then of contacts.
    """
    by_set: dict[tuple[str, ...], list[str]] = defaultdict(list)
    by_name: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for contact, names in sets.items():
        for chunk in _chunks(sorted(names), MOST_LISTS_A_JOB):
            by_set[tuple(chunk)].append(contact)
        for name in names:
            by_name[(name,)].append(contact)
    cheaper = min((by_set, by_name), key=lambda groups: count_jobs(map(len, groups.values())))
    return [(names, list(chunk)) for names in sorted(cheaper) for chunk in _chunks(sorted(cheaper[names]), PAGE_SIZE)]


def count_jobs(sizes: Iterable[int]) -> int:
    return sum(ceil(size / PAGE_SIZE) for size in sizes)


def _chunks(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
