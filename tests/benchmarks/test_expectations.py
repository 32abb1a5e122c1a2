from __future__ import annotations

import pytest

from benchmarks.expectations import SUITE, WAYS, Failing, make_rows

ROWS = make_rows(2_000)


@pytest.fixture(scope="module")
def found() -> dict[str, Failing]:
    return {name: judge(ROWS) for name, judge in WAYS.items()}


def test_a_time_counts_only_where_all_ways_find_the_same_cells(found: dict[str, Failing]) -> None:
    first, *others = found.values()
    assert first and all(other == first for other in others)


def test_the_rows_have_something_for_most_expectations_to_find(found: dict[str, Failing]) -> None:
    positions = {position for position, _ in found["plain pandas masks"]}
    assert len(positions) >= len(SUITE) - 2


def test_blank_cells_and_repeated_ones_are_among_the_rows() -> None:
    assert ROWS["email"].isna().any() and ROWS["email"].duplicated().any() and ROWS["tier"].isna().any()
