"""Put contacts with the same set of names together: what one bulk job can carry. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.account.v3.costing import MOST_LISTS_A_JOB
from ctct_etl.account.v3.wire import PAGE_SIZE
from ctct_etl.columns import CONTACT, NAME

Positions = npt.NDArray[np.int64]
Group = tuple[tuple[str, ...], Positions]  # names, and the contacts that have them, in their order


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


def jobs_of(memberships: pd.DataFrame, count: int) -> list[Group]:
    """Lay out as few bulk jobs as may be: names → contacts, at most 500 contacts and 50 names a job.

    memberships: CONTACT, NAME of `count` contacts. Either contacts of one set of names together, or a job for each
    name: whichever is fewer jobs; in the order of names, then of contacts.
    """
    if memberships.empty:
        return []
    cheaper = min((_by_set(memberships, count), _by_name(memberships)), key=_count_jobs)
    return [
        (names, contacts[start : start + PAGE_SIZE])
        for names, contacts in sorted(cheaper, key=lambda group: group[0])
        for start in range(0, len(contacts), PAGE_SIZE)
    ]


def _by_set(memberships: pd.DataFrame, count: int) -> list[Group]:
    of, sets = sets_of(memberships, count)
    groups: dict[tuple[str, ...], list[Positions]] = {}
    for number, contacts in split_by(of):
        for chunk in _chunks(sets[number], MOST_LISTS_A_JOB):
            groups.setdefault(tuple(chunk), []).append(contacts)
    return [(names, np.sort(np.concatenate(parts))) for names, parts in groups.items()]


def _by_name(memberships: pd.DataFrame) -> list[Group]:
    names = memberships[NAME].astype("category")
    at = memberships[CONTACT].to_numpy(dtype=np.int64)
    codes = names.cat.codes.to_numpy(dtype=np.int64)
    return [((str(names.cat.categories[code]),), np.sort(at[rows])) for code, rows in split_by(codes)]


def _count_jobs(groups: Iterable[Group]) -> int:
    return sum(ceil(len(contacts) / PAGE_SIZE) for _, contacts in groups)


def _chunks(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
