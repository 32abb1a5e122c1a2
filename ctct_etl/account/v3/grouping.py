"""Which contacts and lists, or tags, one bulk job carries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from ctct_etl.account.grouping import Positions, sets_of, split_by
from ctct_etl.account.v3.costing import MOST_LISTS_A_JOB
from ctct_etl.account.v3.wire import PAGE_SIZE
from ctct_etl.columns import CONTACT, NAME

Group = tuple[tuple[str, ...], Positions]  # names, and the contacts that have them, in their order


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
