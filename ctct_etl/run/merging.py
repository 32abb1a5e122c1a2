"""Sorted parts read as one table, some rows at a time: no more of each part than these rows is ever held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import CONTACT, EMAIL
from ctct_etl.plan.tables import PlanTables, merge_by_address
from ctct_etl.run.spilling import load, map_rows, spill, to_frame

Numbers = npt.NDArray[np.int64]

LONG = ("changes", "memberships", "origins", "wanted")
_AHEAD = 1.3  # how much more of a part is looked at than is its share


def spill_tables(place: Path, tables: PlanTables) -> None:
    """Write a plan's tables into the directory `place`. Raises StateError."""
    place.mkdir(mode=0o700, exist_ok=True)
    for name in ("actions", *LONG):
        spill(place / name, getattr(tables, name))


def load_tables(place: Path) -> PlanTables:
    """Read what `spill_tables` wrote. Raises StateError."""
    return PlanTables(*(load(place / name) for name in ("actions", *LONG)))


def merge_tables(places: Sequence[Path], size: int) -> Iterator[PlanTables]:
    """Yield the tables of `size` actions at a time, in the order of addresses; one empty window for none at all.

    places: of parts that `spill_tables` wrote, each in that order; no address is in two of them. Raises StateError.
    """
    parts = [_Part(place) for place in places]
    addresses = [part.addresses for part in parts]
    starts = [0] * len(parts)
    left = sum(map(len, addresses))
    while True:
        stops = _find_stops(addresses, starts, size)
        cut = [part.cut(start, stop) for part, start, stop in zip(parts, starts, stops, strict=True) if stop > start]
        yield merge_by_address(cut or [parts[0].cut(0, 0)])
        left -= sum(stops) - sum(starts)
        starts = stops
        if not left:
            return


class _Part:
    """One part's tables, in the memory of their files."""

    def __init__(self, place: Path) -> None:
        self._actions = map_rows(place / "actions")
        self._long = [map_rows(place / name) for name in LONG]
        self._contact = [_numbers(rows, CONTACT) for rows in self._long]
        self.addresses = self._actions[EMAIL]

    def cut(self, start: int, stop: int) -> PlanTables:
        """The tables of the actions from `start` to `stop`; CONTACT counts from `start`."""
        long = []
        for rows, contact in zip(self._long, self._contact, strict=True):
            first, last = np.searchsorted(contact, [start, stop])
            frame = to_frame([rows.slice(first, last - first)])
            long.append(frame.assign(**{CONTACT: contact[first:last] - start}))
        return PlanTables(to_frame([self._actions.slice(start, stop - start)]), *long)


def _find_stops(addresses: Sequence[pa.Array], starts: Sequence[int], size: int) -> list[int]:
    """Where each part stands when the next `size` addresses of all are taken in their order."""
    left = [len(array) - start for array, start in zip(addresses, starts, strict=True)]
    if sum(left) <= size:
        return [len(array) for array in addresses]
    step = int(_AHEAD * size / len(addresses)) + 1
    while True:
        ahead = [
            array.slice(start, min(step, rest)) for array, start, rest in zip(addresses, starts, left, strict=True)
        ]
        # Beyond the least of the last ones that are looked at, a part may have more that come before others.
        bounds = [each[-1].as_py() for each, rest in zip(ahead, left, strict=True) if step < rest]
        sure = [each.slice(0, _count_to(each, min(bounds))) for each in ahead] if bounds else ahead
        if sum(map(len, sure)) >= size:
            together = pa.concat_arrays(sure)
            last = together[pc.sort_indices(together)[size - 1].as_py()].as_py()
            return [start + _count_to(each, last) for start, each in zip(starts, sure, strict=True)]
        step *= 2


def _count_to(addresses: pa.Array, last: str) -> int:
    return pc.sum(pc.less_equal(addresses, last)).as_py() or 0


def merge_rows(paths: Sequence[Path], key: str, size: int, whole: int) -> Iterator[pd.DataFrame]:
    """Yield the rows whose number in column `key` is below `size`, then below twice `size`, and so on up to `whole`.

    paths: of frames, each ordered by `key`, a number from 0 to `whole`. Rows of one number stay in their order; they
    are of one part. Raises StateError.
    """
    parts = [map_rows(path) for path in paths]
    numbers = [_numbers(rows, key) for rows in parts]
    for start in range(0, max(whole, 1), size):
        shares = []
        for rows, number in zip(parts, numbers, strict=True):
            first, last = np.searchsorted(number, [start, start + size])
            shares.append(rows.slice(first, last - first))
        together = to_frame(shares)
        yield together.iloc[np.argsort(together[key].to_numpy(), kind="stable")].reset_index(drop=True)


def _numbers(rows: pa.RecordBatch, column: str) -> Numbers:
    numbers: Numbers = rows[column].to_numpy()
    return numbers
