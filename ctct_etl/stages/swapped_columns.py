"""Columns whose values stand in each other's place, told once for the two and not cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import FIRST_NAME, LAST_NAME
from ctct_etl.stages.arrow import TEXT, Mask, by_distinct, present, take, truths
from ctct_etl.stages.given_names import GIVEN_NAMES
from ctct_etl.stages.misplaced_values import has_a_place, suspect_places

_LEAST, _LEAST_SHARE = 3, 0.05  # rows in which two columns are swapped, and their share of those that have both
_LEAST_NAMES, _LEAST_SHARE_OF_NAMES = 5, 0.2  # a few people are called Pedro Anna
_MOST_OF_A_COLUMN, _ROWS_OF_A_COLUMN = 0.5, 10  # a column that the mapping takes for another
_THIN = 5_000
_CURE = "see whether the mapping names the right columns, or rows of the file are shifted"


def suspect_swaps(cells: Mapping[str, pa.Array], columns: Mapping[str, str]) -> Iterator[str]:
    """Yield what is said of columns that look swapped, and of such that look like another one's.

    cells: field → its column's cells, trimmed, null where blank. columns: field → what the column is called.
    """
    likely = (
        field for field, values in cells.items() if has_a_place(field) and _is_misplaced(_thin(values), field).any()
    )
    faulty = {field: _is_misplaced(cells[field], field) for field in likely}
    told: set[str] = set()
    for one, other in combinations(faulty, 2):
        swapped = faulty[one] & faulty[other]
        swapped &= ~_is_misplaced(cells[one], other) & ~_is_misplaced(cells[other], one)
        both = present(cells[one]) & present(cells[other])
        if swapped.sum() >= max(_LEAST, _LEAST_SHARE * both.sum()):
            told |= {one, other}
            yield _say_pair(columns[one], columns[other], int(swapped.sum()), int(both.sum()))
    for field, mask in faulty.items():
        filled = int(present(cells[field]).sum())
        if field not in told and filled >= _ROWS_OF_A_COLUMN and mask.sum() >= _MOST_OF_A_COLUMN * filled:
            share = _share(int(mask.sum()), filled)
            yield f'column "{columns[field]}": {share} of its values look like those of another column — {_CURE}'
    if FIRST_NAME in cells and LAST_NAME in cells and not {FIRST_NAME, LAST_NAME} & told:
        first, last = cells[FIRST_NAME], cells[LAST_NAME]
        if _are_swapped(*_count_names(_thin(first), _thin(last))) and _are_swapped(*_count_names(first, last)):
            wrong, right = _count_names(first, last)
            which = " in which it can be seen"
            yield _say_pair(columns[FIRST_NAME], columns[LAST_NAME], wrong, wrong + right, which)


def _count_names(first: pa.Array, last: pa.Array) -> tuple[int, int]:
    """Rows with a known first name in the place of the last name alone, and in that of the first name alone."""
    both = present(first) & present(last)
    given, given_last = _is_given(first) & both, _is_given(last) & both
    return int((given_last & ~given).sum()), int((given & ~given_last).sum())


def _are_swapped(wrong: int, right: int) -> bool:
    return wrong >= _LEAST_NAMES and wrong >= _LEAST_SHARE_OF_NAMES * (wrong + right)


def _thin(cells: pa.Array) -> pa.Array:
    """Some of the cells, evenly: what a twentieth of the rows has shows among these too, at a fraction of the time."""
    step = len(cells) // _THIN or 1
    return take(cells, np.arange(0, len(cells), step))


def _is_misplaced(cells: pa.Array, field: str) -> Mask:
    faults, at = by_distinct(cells, lambda texts: suspect_places(texts, field))
    return present(faults.take(at))


def _is_given(cells: pa.Array) -> Mask:
    return truths(pc.is_in(pc.utf8_lower(cells), value_set=pa.array(GIVEN_NAMES, TEXT)))


def _say_pair(one: str, other: str, count: int, whole: int, which: str = "") -> str:
    return f'columns "{one}" and "{other}" look swapped in {_share(count, whole)} of the rows{which} — {_CURE}'


def _share(count: int, whole: int) -> str:
    return f"{count / whole:.0%} ({count:,} of {whole:,})"
