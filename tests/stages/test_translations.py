from __future__ import annotations

import pyarrow as pa

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.translations import look_up, translate

TIERS = {"G": "Gold", " s ": "Silver", "none": ""}
CELLS = pa.array(["g", "S", "NONE", None, "P"], TEXT)


def test_a_value_is_found_by_trimmed_text_whatever_its_letter_case() -> None:
    made, known = look_up(pa.array([" g", "S", "x", None], TEXT), TIERS)
    assert made.to_pylist() == ["Gold", "Silver", None, None]
    assert known.tolist() == [True, True, False, False]


def test_an_unmatched_value_without_a_default_is_at_fault_and_a_blank_one_is_not() -> None:
    found = translate(CELLS, TIERS, None)
    assert found.values.to_pylist() == ["Gold", "Silver", None, None, None]
    assert found.faults is not None
    assert found.faults.to_pylist()[:4] == [None] * 4
    assert "is none of the values that the mapping names: G,  s , none" in found.faults.to_pylist()[4]


def test_a_default_is_for_blank_and_unmatched_but_not_for_what_is_translated_to_nothing() -> None:
    found = translate(CELLS, TIERS, "Basic")
    assert found.values.to_pylist() == ["Gold", "Silver", None, "Basic", "Basic"]
    assert found.faults is None


def test_a_long_list_of_names_is_cut_in_the_message() -> None:
    found = translate(pa.array(["x"], TEXT), {f"v{n}": "" for n in range(20)}, None)
    assert found.faults is not None
    assert "v7, … — correct" in found.faults.to_pylist()[0]
