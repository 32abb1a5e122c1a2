from __future__ import annotations

import numpy as np
import pyarrow as pa

from ctct_etl.columns import COLUMN, REJECT, ROW, VALUE, WARN
from ctct_etl.config.mapping import FieldRule
from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.problems import join_problems, list_problems, named_origin, shorten
from tests.sheets import said

GIVEN = pa.array(["good", "bad", "worse"], TEXT)
FAULTS = pa.array([None, "is bad — mend it", "is worse"], TEXT)


def test_a_problem_is_a_sentence_that_quotes_the_value() -> None:
    found = list_problems("first_name", "First", WARN, GIVEN, FAULTS, np.ones(3, dtype=bool))
    assert said(found) == [
        (1, "first_name", "warn", '"bad" is bad — mend it'),
        (2, "first_name", "warn", '"worse" is worse'),
    ]
    assert found[COLUMN].tolist() == ["First", "First"] and found[VALUE].tolist() == ["bad", "worse"]


def test_a_row_that_is_decided_has_no_problems() -> None:
    found = list_problems("first_name", "First", WARN, GIVEN, FAULTS, np.array([True, True, False]))
    assert found[ROW].tolist() == [1]


def test_joined_problems_stand_by_row_and_then_in_the_order_given() -> None:
    everyone = np.ones(3, dtype=bool)
    first = list_problems("b", "B", WARN, GIVEN, FAULTS, everyone)
    second = list_problems("a", "A", REJECT, GIVEN, FAULTS, everyone)
    assert [line[:3] for line in said(join_problems([first, second]))] == [
        (1, "b", "warn"), (1, "a", "reject"), (2, "b", "warn"), (2, "a", "reject"),
    ]  # fmt: skip


def test_no_problems_are_a_table_too() -> None:
    nothing = join_problems([list_problems("a", "A", WARN, GIVEN, None, np.ones(3, dtype=bool))])
    assert len(nothing) == 0 and nothing[ROW].dtype == np.int64
    assert said(join_problems([nothing, nothing])) == []


def test_a_long_value_is_cut_and_control_characters_are_shown() -> None:
    shown = shorten(pa.array(["x" * 40, "x" * 41, "a\x00b\n"], TEXT)).to_pylist()
    assert shown == ["x" * 40, "x" * 39 + "…", "a�b�"]


def test_a_field_is_named_by_its_column_or_its_template() -> None:
    assert named_origin(FieldRule(column="First")) == "First"
    assert named_origin(FieldRule(template="{First} {Last}")) == "{First} {Last}"
