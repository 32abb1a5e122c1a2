from __future__ import annotations

import numpy as np
import pyarrow as pa

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.checked import Checked, check_distinct, check_each, check_rest, fault_where

SHEEP = pa.array(["ram", "ewe", None, "wolf", "ewe", "wolf"], TEXT)


def look(text: str) -> tuple[str | None, str | None]:
    return (None, "is no sheep") if text == "wolf" else (text.upper(), None)


def test_what_is_at_fault_has_no_value_and_what_is_blank_has_no_fault() -> None:
    found = check_each(SHEEP, look)
    assert found.values.to_pylist() == ["RAM", "EWE", None, None, "EWE", None]
    assert found.faults is not None
    assert found.faults.to_pylist() == [None, None, None, "is no sheep", None, "is no sheep"]


def test_where_nothing_is_wrong_there_are_no_faults_at_all() -> None:
    assert check_each(SHEEP.slice(0, 3), look).faults is None
    assert fault_where(SHEEP, np.zeros(6, dtype=bool), "is wrong") == Checked(SHEEP)


def test_each_distinct_value_is_checked_once() -> None:
    asked: list[str] = []

    def count(text: str) -> tuple[str | None, str | None]:
        asked.append(text)
        return look(text)

    found = check_distinct(SHEEP, lambda texts: check_each(texts, count))
    assert asked == ["ram", "ewe", "wolf"]
    assert found == check_each(SHEEP, look)


def test_only_what_the_fast_rule_left_open_is_checked() -> None:
    accepted = pa.array(["fast", None, None, None, None, None], TEXT)
    found = check_rest(accepted, SHEEP, lambda texts: check_each(texts, look))
    assert found.values.to_pylist() == ["fast", "EWE", None, None, "EWE", None]
    assert found.faults is not None
    assert found.faults.to_pylist() == [None, None, None, "is no sheep", None, "is no sheep"]


def test_a_fault_takes_the_value_away() -> None:
    found = fault_where(SHEEP, np.array([True] + [False] * 5), "is long")
    assert found.values.to_pylist()[:2] == [None, "ewe"]
    assert found.faults is not None and found.faults.to_pylist()[:2] == ["is long", None]
