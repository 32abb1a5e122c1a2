from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ctct_etl.stages.arrow import arrow
from ctct_etl.stages.swapped_columns import suspect_swaps

COLUMNS = {"first_name": "First", "last_name": "Last", "address.home.city": "City", "address.home.postal_code": "ZIP"}
NAMES = {"first_name": ["Anna", "Peter", "Susan", "Quentin"] * 50, "last_name": ["Lee", "Stone", "Blake", "James"] * 50}
PLACES = {"address.home.city": ["Salem", "Boston"] * 100, "address.home.postal_code": ["01970", "02108"] * 100}


def told(cells: dict[str, list[str | None]]) -> list[str]:
    arrays: dict[str, pa.Array] = {field: arrow(pd.Series(texts, dtype="str")) for field, texts in cells.items()}
    return list(suspect_swaps(arrays, COLUMNS))


def swap(cells: dict[str, list[str]], share: float) -> dict[str, list[str | None]]:
    (one, first), (other, second) = cells.items()
    turned = np.arange(len(first)) < share * len(first)
    pairs = [(b, a) if turn else (a, b) for a, b, turn in zip(first, second, turned, strict=True)]
    return {one: [pair[0] for pair in pairs], other: [pair[1] for pair in pairs]}


def test_columns_in_order_are_told_nothing() -> None:
    assert told({**NAMES, **PLACES}) == []
    assert told({field: [None] * 9 for field in COLUMNS}) == []
    assert told({"first_name": []}) == []


def test_first_and_last_names_that_are_swapped_are_told_once_with_their_share() -> None:
    (fault,) = told(swap(NAMES, 0.4))
    assert fault.startswith('columns "First" and "Last" look swapped in 40% (60 of 150) of the rows in which it can be')


def test_a_few_people_who_are_called_by_two_first_names_are_no_swap() -> None:
    assert told(swap(NAMES, 0.1)) == []
    few = {field: names[:4] for field, names in NAMES.items()}
    assert told(swap(few, 1.0)) == []


def test_values_that_are_right_in_each_others_place_are_told_for_the_two_columns() -> None:
    (fault,) = told(swap(PLACES, 0.25))
    assert fault.startswith('columns "City" and "ZIP" look swapped in 25% (50 of 200) of the rows — see')
    assert told(swap(PLACES, 0.02)) == []  # single rows are told cell by cell


def test_a_column_that_the_mapping_takes_for_another_is_told_once() -> None:
    (fault,) = told({**PLACES, "first_name": [f"person{at}@example.com" for at in range(20)] + [None] * 180})
    assert fault.startswith('column "First": 100% (20 of 20) of its values look like those of another column')


@pytest.mark.parametrize("size", [200, 20_000])
def test_a_large_source_is_told_as_a_small_one(size: int) -> None:
    many = {field: (texts * (size // 200))[:size] for field, texts in PLACES.items()}
    (fault,) = told(swap(many, 0.25))
    assert f"25% ({size // 4:,} of {size:,})" in fault
