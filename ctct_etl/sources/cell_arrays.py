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
# The first UTF-8 bytes of the characters above: only cells that are empty or begin so need a closer look.
_LAST_CONTROL = 0x20
_LEADS = (0xC2, 0xE1, 0xE2, 0xE3, 0xEF)


def text_array(values: Iterable[str | None]) -> pa.LargeStringArray:
    """Texts as one Arrow array with blanks missing."""
    return drop_blanks(pa.array(values, TEXT))


def drop_blanks(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    """The same cells, verbatim, with the blank ones missing."""
    offsets = np.frombuffer(cells.buffers()[1], dtype=np.int64)[cells.offset : cells.offset + len(cells) + 1]
    starts = offsets[:-1]
    content = cells.buffers()[2]
    suspects = starts == offsets[1:]
    if content is not None and content.size:
        first = np.frombuffer(content, dtype=np.uint8).take(starts, mode="clip")
        suspects |= first <= _LAST_CONTROL
        for byte in _LEADS:
            suspects |= first == byte
    if cells.null_count:
        suspects &= are_valid(cells)
    positions = np.flatnonzero(suspects)
    if not len(positions):
        return cells
    blank = np.zeros(len(cells), dtype=bool)
    blank[positions] = _are_blank(cells.take(pa.array(positions)))
    return _without(cells, blank) if blank.any() else cells


def _without(cells: pa.LargeStringArray, blank: npt.NDArray[np.bool_]) -> pa.LargeStringArray:
    """The same texts where they lie, of which the blank ones count as missing."""
    if cells.offset:
        return pc.if_else(pa.array(blank), pa.scalar(None, TEXT), cells)
    bits = pa.py_buffer(np.packbits(are_valid(cells) & ~blank, bitorder="little"))
    return pa.Array.from_buffers(TEXT, len(cells), [bits, *cells.buffers()[1:]])


def are_valid(cells: pa.Array) -> npt.NDArray[np.bool_]:
    """Where there is a value; from the bits themselves, since Arrow writes them out one by one."""
    bits = cells.buffers()[0]
    if bits is None:
        return np.ones(len(cells), dtype=bool)
    end = cells.offset + len(cells)
    return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=end, bitorder="little")[cells.offset :].view(bool)


def _are_blank(cells: pa.LargeStringArray) -> npt.NDArray[np.bool_]:
    answers: npt.NDArray[np.bool_] = pc.match_substring_regex(cells, _BLANK_RE2).to_numpy(zero_copy_only=False)
    return answers


def typed_array(values: Sequence[object]) -> pa.LargeStringArray:
    """Typed cells as texts, blanks missing."""
    if set(map(type, values)) <= {str}:
        return drop_blanks(pa.array(values, TEXT))
    return drop_blanks(pa.array([TEXT_OF[type(value)](value) for value in values], TEXT))
