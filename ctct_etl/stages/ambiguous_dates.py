"""Dates that could be read two ways: 03/04/2020 is in March or in April, and no cell alone says which.

A column says it: of all its dates many have a day above 12. What is told here is a column whose dates speak against the
mapping's formats, or whose formats themselves leave it open; of a column in order nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import Mask, series
from ctct_etl.stages.dates import read_as, read_days

_LAST_MONTH = 12
# How many different dates have to agree before it is no chance: of days a third lies above 12.
_ENOUGH = 15
_ENOUGH_ONE_WAY = 8
_LEAST_OTHERS, _LEAST_SHARE = 3, 0.02  # of dates that only the other way round makes sense of
_CURE = "see which way round the file writes them, and name that format alone"


def suspect_dates(cells: pa.Array, formats: Sequence[str]) -> Iterator[str]:
    """Yield what is odd about a column of dates, to go on after its name. cells: trimmed, null where blank."""
    counted = pc.value_counts(cells.drop_null())
    texts, counts = counted.field(0), counted.field(1).to_numpy()
    if not len(texts):
        return
    own, iso = read_days(texts, formats)
    told = _Column(series(texts), counts, own, iso)
    yield from _two_formats(told, formats)
    turned = [(format, _turn(format)) for format in formats if _turn(format)]
    named = set(formats)
    for format, other in turned:
        if other not in named:
            yield from _other_way(told, format, read_as(told.texts, other))
    yield from _turned_by_a_program(told)


class _Column:
    """texts: different ones, and how many cells have each. own: as the mapping reads them. iso: by their ISO form."""

    def __init__(self, texts: pd.Series, counts: npt.NDArray[np.int64], own: pd.Series, iso: Mask) -> None:
        self.texts, self.counts, self.own, self.iso = texts, counts, own, iso
        self.total = int(counts.sum())

    def cells(self, which: Mask) -> int:
        return int(self.counts[which].sum())

    def example(self, which: Mask) -> str:
        return f'"{str(self.texts[which].iloc[0])[:40]}"'


def _turn(format: str) -> str:
    """The format with day and month the other way round; "" where that can't be mistaken."""
    if "%d" not in format or "%m" not in format:
        return ""
    return format.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _two_formats(column: _Column, formats: Sequence[str]) -> Iterator[str]:
    """Cells that two formats of the mapping read as different days."""
    for one, other in combinations(formats, 2):
        first, second = read_as(column.texts, one), read_as(column.texts, other)
        both = (first.notna() & second.notna() & (first != second)).to_numpy()
        if both.any():
            at = int(np.flatnonzero(both)[0])
            days = f"{first.iloc[at]:%Y-%m-%d} by {one}, {second.iloc[at]:%Y-%m-%d} by {other}"
            count = f"{column.cells(both):,} of {column.total:,} dates can be read two ways"
            yield f"{count}, such as {column.example(both)}: {days}; the former wins — {_CURE}"


def _other_way(column: _Column, format: str, turned: pd.Series) -> Iterator[str]:
    """A column whose dates speak for the other way round."""
    mine = column.own.notna().to_numpy() & ~column.iso
    theirs = turned.notna().to_numpy()
    only_theirs, only_mine, both = theirs & ~mine, mine & ~theirs, mine & theirs & (column.own != turned).to_numpy()
    sure, against = column.cells(only_mine), column.cells(only_theirs)
    if not both.any():
        return
    count, example = f"{column.cells(both):,}", column.example(both)
    if against >= _LEAST_OTHERS and against >= _LEAST_SHARE * (sure + against):
        yield (
            f"{against:,} of {column.total:,} dates, such as {column.example(only_theirs)}, are none by {format}, but "
            f"are with day and month the other way round; then {count} others, such as {example}, are read "
            f"wrong — {_CURE}"
        )
    elif not sure and not against and _is_no_chance(column.own[both]):
        yield (
            f"all {count} dates, such as {example}, can be read with day and month the other way round too, and by "
            f"{format} none has a day above {_LAST_MONTH} — {_CURE}"
        )


def _is_no_chance(days: pd.Series) -> bool:
    """Dates of which none has a day above 12: that many, or all of one month, which is then the first of each month."""
    dates = days.drop_duplicates()
    different, months = dates.dt.day.nunique(), dates.dt.month.nunique()
    if different < 2:
        return False
    return len(dates) >= _ENOUGH or (months == 1 and different >= _ENOUGH_ONE_WAY)


def _turned_by_a_program(column: _Column) -> Iterator[str]:
    """Date cells that all have a day up to 12 beside texts that all have one above: a program read what it could.

    It took 03/25/2020 for no date and left it as text, and 03/04/2020 for the third of April.
    """
    read = column.own.notna().to_numpy()
    early = (column.own.dt.day <= _LAST_MONTH).to_numpy()
    cells, texts = read & column.iso, read & ~column.iso
    if min(cells.sum(), texts.sum()) < _ENOUGH_ONE_WAY or (cells & ~early).any() or (texts & early).any():
        return
    yield (
        f"its {column.cells(cells):,} date cells all have a day up to {_LAST_MONTH}, and its {column.cells(texts):,} "
        f"other dates all one above, such as {column.example(texts)}: it looks as if a spreadsheet program took the "
        "month for the day wherever it could — export the file again, with the dates as texts"
    )
