from __future__ import annotations

from ctct_etl.stages.templates import fill_template
from tests.sheets import sheet, source

NAMES = sheet("""
    First | Last
    Ann   | Lee
          | Lee
    Ann   |
          |
""")


def test_a_blank_part_is_dropped_and_all_blank_is_no_value() -> None:
    assert fill_template(NAMES, "{First} {Last}").to_pylist() == ["Ann Lee", "Lee", "Ann", None]


def test_a_separator_that_dangles_is_dropped_too() -> None:
    assert fill_template(NAMES, "{Last}, {First}").to_pylist() == ["Lee, Ann", "Lee", "Ann", None]


def test_text_around_the_columns_stays() -> None:
    assert fill_template(NAMES, "Member {Last}!").to_pylist() == ["Member Lee!", "Member Lee!", None, None]


def test_white_space_is_squeezed_and_trimmed() -> None:
    rows = source({"First": [" Ann \t"], "Last": ["van\u00a0 der  Berg"]})
    assert fill_template(rows, "{First}   {Last} ").to_pylist() == ["Ann van der Berg"]


def test_the_text_of_a_cell_is_never_read_as_a_template() -> None:
    assert fill_template(source({"First": ["{Last}"], "Last": ["x"]}), "{First}").to_pylist() == ["{Last}"]
