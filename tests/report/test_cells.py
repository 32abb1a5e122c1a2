from __future__ import annotations

import pandas as pd
import pytest

from ctct_etl.report.cells import show_cell, show_cells

SHOWN = [
    ("Ann", "Ann"),
    ("Ann\x1b[31m", "Ann␛[31m"),
    ("a\nb\tc", "a⏎b c"),
    ("nul\x00", "nul␀"),
    ("\u202egro.live", "⟨U+202E⟩gro.live"),
    ("An\u200bna", "An⟨U+200B⟩na"),
    ("csi\x9b1m", "csi⟨U+009B⟩1m"),
    ("نمی\u200cخواهم", "نمی\u200cخواهم"),
    ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_what_can_steer_or_mislead_is_shown_by_name(text, shown):
    assert show_cell(text, 100) == shown


def test_a_long_value_is_cut_and_its_length_said():
    assert show_cell("x" * 10_000, 5) == "xxxxx… (10,000 characters)"
    assert show_cell("x" * 5, 5) == "xxxxx"


def test_a_column_is_shown_as_its_cells_are():
    values = [text for text, _ in SHOWN] + ["y" * 101]
    assert list(show_cells(pd.Series(values, dtype="str"), 100)) == [show_cell(text, 100) for text in values]
