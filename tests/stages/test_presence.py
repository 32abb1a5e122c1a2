"""Whom the source still has: every address that can be read in any row."""

from __future__ import annotations

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.stages.presence import find_present


def present(*cells: str | None, torn: tuple[int, ...] = ()) -> tuple[set[str], int]:
    outcome = pd.Series(["rejected" if at in torn else None for at in range(len(cells))], dtype="str")
    found = find_present(pd.DataFrame({c.EMAIL: pd.Series(cells, dtype="str"), c.OUTCOME: outcome}))
    return set(found.addresses.to_pylist()), found.unreadable


@pytest.mark.parametrize(
    "cell", ["ann@example.com", " ANN@Example.com ", "mailto:ann@example.com", "Ann Lee <ann@example.com>",
             "ann\u200b@example.com"],
)  # fmt: skip
def test_an_address_is_present_in_whatever_way_it_is_written(cell: str) -> None:
    assert present(cell) == ({"ann@example.com"}, 0)


def test_an_international_domain_is_present_in_its_ascii_form() -> None:
    assert present("zoe@bücher.example.com") == ({"zoe@xn--bcher-kva.example.com"}, 0)


@pytest.mark.parametrize("cell", ["ann@example.com; bob@example.com", "Ann <ann@example.com>, bob@example.com"])
def test_each_of_several_addresses_in_one_cell_is_present_and_hides_nobody(cell: str) -> None:
    assert present(cell) == ({"ann@example.com", "bob@example.com"}, 0)


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        (None, set()),
        ("   ", set()),
        ("nobody", set()),
        ("ann@@example.com", set()),
        ("ann@example.com, bob", {"ann@example.com"}),
        ("ann@example.com, bob@", {"ann@example.com"}),
    ],
)
def test_a_cell_that_cannot_be_read_whole_may_hide_anybody(cell: str | None, read: set[str]) -> None:
    assert present(cell, "zoe@example.com") == ({"zoe@example.com", *read}, 1)


def test_every_row_that_hides_somebody_counts_though_two_are_alike() -> None:
    assert present("nobody", "nobody", None) == (set(), 3)


def test_a_torn_row_hides_somebody_even_where_it_shows_an_address() -> None:
    assert present("ann@example.com", "bob@example.com", torn=(1,)) == ({"ann@example.com", "bob@example.com"}, 1)


def test_an_empty_source_has_nobody() -> None:
    assert present() == (set(), 0)
