from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.stages.arrow import (
    TEXT,
    arrow,
    by_distinct,
    bytes_in,
    has_bytes,
    join,
    leads_run,
    longest_bytes,
    series,
    sort_unique,
    trim,
    truths,
)

TEXTS = st.lists(st.none() | st.text(max_size=5))


@given(TEXTS)
def test_a_column_goes_to_arrow_and_back_as_it_was(texts: list[str | None]) -> None:
    column = pd.Series(texts, dtype="str")
    back = series(arrow(column))
    assert back.dtype == "str"
    pd.testing.assert_series_equal(back, column)


def test_a_column_of_several_chunks_becomes_one() -> None:
    chunks = pd.Series(pd.concat([pd.Series(["a"], dtype="str"), pd.Series([None, "b"], dtype="str")]), dtype="str")
    assert arrow(chunks).to_pylist() == ["a", None, "b"]


def test_a_slice_is_measured_by_its_own_values() -> None:
    long = pa.array(["long\x01value", "ab", None, "é"], TEXT)
    assert longest_bytes(long) == 10
    assert longest_bytes(long.slice(1)) == 2
    assert has_bytes(long, below=0x20, equal=0xEF)
    assert not has_bytes(long.slice(1), below=0x20, equal=0xEF)


def test_nothing_has_no_longest_value_and_no_bytes() -> None:
    assert longest_bytes(pa.array([], TEXT)) == 0
    assert not has_bytes(pa.nulls(3, TEXT), below=0x20, equal=0xEF)


@given(TEXTS)
def test_trimming_is_what_python_strips_and_leaves_nothing_blank(texts: list[str | None]) -> None:
    separators = "\x1c\x1d\x1e\x1f"  # Python strips these as white space; to a spreadsheet they are control characters
    plain = [text if text is None or not set(text) & set(separators) else "" for text in texts]
    expected = [None if text is None else text.strip() or None for text in plain]
    assert trim(pa.array(plain, TEXT)).to_pylist() == expected


def test_what_needs_no_trimming_is_not_copied() -> None:
    values = pa.array(["a", "b c", None], TEXT)
    assert trim(values) is values


@given(st.lists(st.integers(-5, 5)))
def test_sorting_out_doubles_is_numpys_unique(numbers: list[int]) -> None:
    array = np.array(numbers, dtype=np.int64)
    assert sort_unique(array).tolist() == np.unique(array).tolist()


@pytest.mark.parametrize(("numbers", "leads"), [([], []), ([3], [True]), ([1, 1, 2], [True, False, True])])
def test_the_first_of_a_run_leads_it(numbers: list[int], leads: list[bool]) -> None:
    assert leads_run(np.array(numbers, dtype=np.int64)).tolist() == leads


def test_joining_with_nothing_is_nothing() -> None:
    joined = join("<", pa.array(["a", None], TEXT), ">", between="-")
    assert joined.to_pylist() == ["<-a->", None]


def test_an_unknown_truth_is_false() -> None:
    assert truths(pa.array([True, None, False])).tolist() == [True, False, False]


def test_a_distinct_value_is_computed_once() -> None:
    seen: list[list[str]] = []
    made, at = by_distinct(pa.array(["b", "a", "b", None], TEXT), lambda texts: seen.append(texts.to_pylist()) or texts)
    assert seen == [["b", "a"]]
    assert made.take(at).to_pylist() == ["b", "a", "b", None]


@given(TEXTS, st.integers(0, 3))
def test_the_bytes_of_a_column_are_those_of_its_values(texts: list[str | None], start: int) -> None:
    part = pa.array(texts, TEXT)[start:]  # a slice keeps the whole text behind it
    wanted = {byte for text in texts[start:] if text is not None for byte in text.encode()}
    assert {int(byte) for byte in np.flatnonzero(bytes_in(part))} == wanted
