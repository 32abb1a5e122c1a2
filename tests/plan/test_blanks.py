from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.plan.blanks import TEXT, blank_texts, chunks_of, is_blank, join_texts, share_blank


def texts(*values: str | None) -> pa.Array:
    return pa.array(values, TEXT)


@pytest.mark.parametrize(
    ("values", "blank"),
    [(["", ""], True), (["", "a"], False), (["", None], False), ([], False)],
)
def test_blank_is_what_has_texts_and_nothing_in_them(values: list[str | None], blank: bool):
    assert is_blank(texts(*values)) is blank


def test_a_slice_is_judged_by_itself():
    whole = texts("a", "", "", "b")
    assert is_blank(whole.slice(1, 2)) and not is_blank(whole.slice(1)) and not is_blank(whole.slice(0, 2))


def test_columns_without_a_text_are_one_and_the_same():
    assert share_blank(texts("", "", "")) is share_blank(texts("", "", "")) is blank_texts(3)
    assert blank_texts(3).to_pylist() == ["", "", ""]
    assert share_blank(held := texts("", "a")) is held


@given(st.lists(st.lists(st.sampled_from(["", "", "a", "häß"]), max_size=4), max_size=5))
def test_joined_texts_are_those_of_the_parts_in_their_order(parts: list[list[str]]):
    joined = join_texts([texts(*part) for part in parts])
    assert joined.to_pylist() == [each for part in parts for each in part] and joined.type == TEXT


def test_a_column_comes_as_it_lies_in_memory():
    column = pd.Series(["a", "", "c"], dtype="str")
    assert [each for chunk in chunks_of(column) for each in chunk.to_pylist()] == ["a", "", "c"]
    assert [each for chunk in chunks_of(column[[True, False, True]]) for each in chunk.to_pylist()] == ["a", "c"]
