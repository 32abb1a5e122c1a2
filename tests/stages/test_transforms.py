from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.config.mapping import FieldRule
from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.transforms import transform_text


def transformed(texts: list[str | None], *transforms: Any) -> list[str | None]:
    rule = FieldRule.model_validate({"column": "X", "transform": list(transforms)})
    made: list[str | None] = transform_text(pa.array(texts, TEXT), rule.transform).to_pylist()
    return made


@pytest.mark.parametrize(
    ("transform", "before", "after"),
    [
        ("trim", "\u00a0 Ann\t", "Ann"),
        ("squeeze", "Ann  \u00a0 Lee", "Ann Lee"),
        ("upper", "zoë", "ZOË"),
        ("lower", "ZOË", "zoë"),
        ("digits", "(415) 555-0100 x5", "41555501005"),
        ({"zfill": "5"}, "1001", "01001"),
        ({"zfill": "5"}, "02139-1234", "02139-1234"),
        ({"remove_prefix": "Dr. "}, "Dr. Lee", "Lee"),
        ({"remove_prefix": "Dr. "}, "Lee Dr. ", "Lee Dr. "),
        ({"remove_suffix": ", Esq."}, "Lee, Esq.", "Lee"),
        ({"remove_suffix": "é"}, "André", "Andr"),
    ],
)
def test_each_transform_does_what_its_name_says(transform: Any, before: str, after: str) -> None:
    assert transformed([before], transform) == [after]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ANN", "Ann"),
        ("ann-marie lee", "Ann-Marie Lee"),
        ("o'brien", "O'Brien"),
        ("D’ANGELO", "D’Angelo"),
        ("McDonald", "McDonald"),
        ("mcdonald", "Mcdonald"),
        ("ANN McDonald", "Ann McDonald"),
        ("aNN", "Ann"),
        ("ann's cafe", "Ann's Cafe"),
        ("3rd street", "3rd Street"),
        ("ÉLAN", "Élan"),
        ("мария иванова", "Мария Иванова"),
    ],
)
def test_title_case_capitalises_words_but_leaves_those_in_mixed_case(before: str, after: str) -> None:
    assert transformed([before], "title_case") == [after]


@given(st.lists(st.text("aBzé -'.McD3", max_size=8)))
def test_title_case_of_a_value_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    alone = [transformed([text], "title_case")[0] for text in texts]
    assert transformed(list(texts), "title_case") == alone


def test_transforms_run_in_turn() -> None:
    assert transformed(["Dr.  ann lee"], {"remove_prefix": "Dr."}, "trim", "upper") == ["ANN LEE"]
    assert transformed(["Dr.  ann lee"], "upper", {"remove_prefix": "Dr."}, "trim") == ["DR.  ANN LEE"]


def test_what_becomes_empty_is_blank_and_blank_stays_blank() -> None:
    assert transformed(["n/a", None], "digits") == [None, None]
    assert transformed([None], {"zfill": "5"}) == [None]
