"""Cells as columns of text: Arrow arrays in which blanks are missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.sources.cells import INVISIBLE, TEXT_OF

TEXT = pa.large_string()

_BLANK_RE2 = "^[" + re.sub(r"\\[xu]([0-9a-f]+)", r"\\x{\1}", INVISIBLE) + "]*$"  # the characters in Arrow's dialect
# The first UTF-8 bytes of the characters above: only cells that begin so need a closer look.
_FIRST_BYTES = np.zeros(256, dtype=bool)
_FIRST_BYTES[[*range(0x00, 0x21), 0xC2, 0xE1, 0xE2, 0xE3, 0xEF]] = True


def text_array(values: Iterable[str | None]) -> pa.LargeStringArray:
    """Texts as one Arrow array with blanks missing."""
    return drop_blanks(pa.array(values, TEXT))


def drop_blanks(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    """The same cells, verbatim, with the blank ones missing."""
    offsets = np.frombuffer(cells.buffers()[1], dtype=np.int64)[cells.offset : cells.offset + len(cells) + 1]
    starts = offsets[:-1]
    empty = starts == offsets[1:]
    content = cells.buffers()[2]
    suspects = empty & cells.is_valid().to_numpy(zero_copy_only=False)
    if content is not None and content.size:
        letters = np.frombuffer(content, dtype=np.uint8)
        first = letters[np.minimum(starts, len(letters) - 1)]
        suspects |= _FIRST_BYTES[first] & ~empty
    positions = np.flatnonzero(suspects)
    if not len(positions):
        return cells
    blank = np.zeros(len(cells), dtype=bool)
    blank[positions] = _are_blank(cells.take(pa.array(positions)))
    return pc.if_else(pa.array(blank), pa.scalar(None, TEXT), cells) if blank.any() else cells


def _are_blank(cells: pa.LargeStringArray) -> npt.NDArray[np.bool_]:
    answers: npt.NDArray[np.bool_] = pc.match_substring_regex(cells, _BLANK_RE2).to_numpy(zero_copy_only=False)
    return answers


def typed_array(values: Sequence[object]) -> pa.LargeStringArray:
    """Typed cells as texts, blanks missing."""
    if set(map(type, values)) <= {str}:
        return drop_blanks(pa.array(values, TEXT))
    return drop_blanks(pa.array([TEXT_OF[type(value)](value) for value in values], TEXT))
