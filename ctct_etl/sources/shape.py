"""Proving by bytes alone that delimited text is regular, so that a fast parser can't misread it.

A fast parser shifts, cuts or drops what it doesn't expect without a word. So it is given only text of which this
module has proved: no record has more cells than the header, and every quote is where a quote may be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CHUNK = 1 << 20  # small enough for its arrays to stay in the processor's cache
_NEWLINE, _RETURN, _QUOTE = ord("\n"), ord("\r"), ord('"')
Positions = npt.NDArray[np.int64]
_NONE: Positions = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Shape:
    """Regular text: the number of its records, and the positions of those with fewer cells than the header."""

    records: int
    short: Positions


def prove_shape(data: bytes, start: int, delimiter: str, least: int, most: int) -> Shape | None:
    """The shape of `data` from the byte `start` on, which must begin a record; None when it is not proved regular.

    Regular is a record with at most `most` cells; one with fewer than `least` is short.

    A record is a line, or several when a quoted cell holds line breaks. An empty line is a record, and not short.
    """
    if b"\0" in data or _has_lone_return(data, start):
        return None
    holds_quotes = data.find(b'"', start) >= 0
    short: list[Positions] = []
    records = 0
    while start < len(data):
        chunk = np.frombuffer(data, dtype=np.uint8, count=min(_CHUNK, len(data) - start), offset=start)
        is_last = start + len(chunk) == len(data)
        quotes = _find_quotes(chunk, ord(delimiter)) if holds_quotes else _NONE
        if quotes is None:
            return None
        counted = _count_cells(chunk, quotes, ord(delimiter), is_last)
        if counted is None:
            return None
        cells, used = counted
        if cells.max(initial=0) > most:
            return None
        short.append(np.flatnonzero((cells < least) & (cells > 0)) + records)
        records += len(cells)
        start += used
    return Shape(records, np.concatenate(short) if short else np.zeros(0, dtype=np.int64))


def _has_lone_return(data: bytes, start: int) -> bool:
    return data.find(b"\r", start) >= 0 and data.count(b"\r", start) != data.count(b"\r\n", start)


def _find_quotes(chunk: npt.NDArray[np.uint8], delimiter: int) -> Positions | None:
    """Where the quotes stand; None if one opens within a cell or text follows the closing one.

    The first byte begins a record. A doubled quote counts as closing and opening again: what touches it is the other.
    """
    quotes = np.flatnonzero(chunk == _QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    before = chunk[opening[opening > 0] - 1]
    after = chunk[closing[closing < len(chunk) - 1] + 1]
    ends = (delimiter, _NEWLINE)
    if not np.isin(before, (*ends, _QUOTE)).all() or not np.isin(after, (*ends, _QUOTE, _RETURN)).all():
        return None
    return quotes


def _leave_out_quoted(positions: Positions, quotes: Positions) -> Positions:
    """The positions that do not lie between quotes: an even number of quotes is before them. Both are in order."""
    if not len(quotes):
        return positions
    passed = np.bincount(np.searchsorted(positions, quotes), minlength=len(positions))[: len(positions)]
    outside: Positions = positions[np.cumsum(passed) % 2 == 0]
    return outside


def _count_cells(
    chunk: npt.NDArray[np.uint8], quotes: Positions, delimiter: int, is_last: bool
) -> tuple[Positions, int] | None:
    """The cells of each whole record (0 for an empty line), and the bytes that these records take."""
    ends = _leave_out_quoted(np.flatnonzero(chunk == _NEWLINE), quotes)
    delimiters = _leave_out_quoted(np.flatnonzero(chunk == delimiter), quotes)
    if is_last and (not len(ends) or ends[-1] != len(chunk) - 1):
        if len(quotes) % 2:
            return None  # the last quote is never closed
        ends = np.append(ends, len(chunk))
    if not len(ends):
        return None  # one record fills the chunk: a quote that is not closed, as good as certainly
    cells = np.diff(np.searchsorted(delimiters, ends), prepend=0) + 1
    lengths = np.diff(ends, prepend=-1) - 1
    last = np.minimum(ends - 1, len(chunk) - 1)
    is_return = (lengths == 1) & (chunk[last] == _RETURN)
    cells[(lengths == 0) | is_return] = 0
    return cells, int(min(ends[-1] + 1, len(chunk)))
