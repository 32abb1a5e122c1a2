from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.stages.locating import locate


def texts(values: list[str]) -> pd.Series:
    return pd.Series(values, dtype="str")


def test_each_is_found_where_it_stands_first():
    assert locate(texts(["b", "x", "a"]), texts(["a", "b", "a", "b"])).tolist() == [1, -1, 0]


def test_what_is_empty_is_found_nowhere():
    assert locate(texts(["", "a", ""]), texts(["", "a"])).tolist() == [-1, 1, -1]


def test_nobody_wanted_and_nobody_known():
    assert locate(texts([]), texts(["a"])).tolist() == []
    assert locate(texts(["a"]), texts([])).tolist() == [-1]


@given(st.lists(st.text("abc", max_size=2), unique=True), st.lists(st.text("abcd", max_size=2)))
def test_it_is_what_a_search_one_by_one_finds(wanted: list[str], known: list[str]):
    expected = [known.index(each) if each and each in known else -1 for each in wanted]
    assert locate(texts(wanted), texts(known)).tolist() == expected
