from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.run.json_columns import escape, gather, glue, join_bytes, plain

TEXTS = st.lists(st.text() | st.text('"\\\n\x00\x1f\x7f\u2028é😀'))


@given(TEXTS)
def test_texts_are_escaped_as_the_json_module_does_it(texts: list[str]) -> None:
    expected = [json.dumps(text, ensure_ascii=False)[1:-1] for text in texts]
    assert escape(pd.Series(texts, dtype="str")).to_pylist() == expected
    assert escape(pd.Series(texts, dtype="str").astype("category")).to_pylist() == expected
    assert join_bytes(escape(pd.Series(texts, dtype="str"))) == "".join(expected).encode()


@given(TEXTS, st.integers(0, 5), st.integers(0, 5))
def test_a_slice_of_a_column_is_escaped_alike(texts: list[str], first: int, last: int) -> None:
    part = pd.Series(texts, dtype="str").iloc[first:last]
    assert escape(part).to_pylist() == [json.dumps(text, ensure_ascii=False)[1:-1] for text in texts[first:last]]
    assert join_bytes(plain(part)) == "".join(texts[first:last]).encode()


def test_missing_values_stay_missing() -> None:
    values = pd.Series(["a", None, '"'], dtype="str")
    assert escape(values).to_pylist() == escape(values.astype("category")).to_pylist() == ["a", None, '\\"']
    assert glue("<", escape(values), ">").to_pylist() == ["<a>", None, '<\\">']


def test_items_are_joined_by_owner_and_who_has_none_gets_an_empty_text() -> None:
    assert gather(4, pd.Series([0, 0, 2]), pa.array(["a", "b", "c"])).to_pylist() == ["a,b", "", "c", ""]
