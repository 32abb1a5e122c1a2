"""Cells that come from strangers: made harmless to look at, and short enough to look at."""

from __future__ import annotations

import pandas as pd

# Control characters could steer a terminal, and direction marks could make a value read as another one: both are
# shown by name. The joiners U+200C and U+200D stay, since Persian, Indian languages and emoji need them.
_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421", 0x0A: "\u23ce", 0x09: " "}
_C1 = {code: f"⟨U+{code:04X}⟩" for code in range(0x80, 0xA0)}
_INVISIBLE = (0x00AD, 0x061C, 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
_SHOWN = str.maketrans(_CONTROLS | _C1 | {code: f"⟨U+{code:04X}⟩" for code in _INVISIBLE})
_ODD = "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"


def show_cell(text: str, longest: int) -> str:
    """Show a value on one line: controls and invisible characters by name, cut at `longest` with the length said."""
    shown = text[:longest].translate(_SHOWN)
    return shown if len(text) <= longest else f"{shown}… ({len(text):,} characters)"


def show_cells(values: pd.Series, longest: int) -> pd.Series:
    """The same as `show_cell`, for a column of `str`; only the cells that need it are touched."""
    if values.empty:  # as most tables of most reports are
        return values
    odd = values.str.contains(_ODD, regex=True) | (values.str.len() > longest)
    if not odd.any():
        return values
    shown = values.copy()
    shown[odd] = [show_cell(text, longest) for text in values[odd]]
    return shown
