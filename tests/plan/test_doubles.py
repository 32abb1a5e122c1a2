from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.plan.doubles import find_doubles


@given(st.lists(st.sampled_from(["", "a", "b", "é", "ab"]), max_size=12))
def test_whoever_is_there_twice_is_found_at_all_places_and_blanks_are_not(texts: list[str]) -> None:
    expected = [at for at, text in enumerate(texts) if text and texts.count(text) > 1]
    column = pd.Series(texts, dtype="str")
    assert find_doubles(column).tolist() == expected
    chunks = pd.concat([column, column.iloc[:0], pd.Series(["ab"], dtype="str")], ignore_index=True)
    assert find_doubles(chunks).tolist() == [
        at for at, text in enumerate([*texts, "ab"]) if text and [*texts, "ab"].count(text) > 1
    ]
