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
Text = npt.NDArray[np.uint8]
_NONE: Positions = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Shape:
    """Regular text: the number of its records, and the positions of those with fewer cells than the header."""

    records: int
    short: Positions


@dataclass(frozen=True)
class Lines:
    """Text with its quotes in place: the number of its records, whether a cell of any holds a line end, and how many
    bytes no cell has more than.
    """

    records: int
    within: bool
    longest: int


def prove_quotes(data: bytes, start: int, delimiter: str) -> Lines | None:
    """What a parser has to find that counts the cells of each record itself; None where it could misread `data`.

    It can't where every quote is at an end of its cell and closed, every return ends a line, and no byte is zero.
    """
    if b"\0" in data or _has_lone_return(data, start):
        return None
    text = np.frombuffer(data, dtype=np.uint8, offset=start)
    opened, records, lines, longest, last = 0, 0, 0, 0, -1
    for begin in range(0, len(text), _CHUNK):
        chunk = text[begin : begin + _CHUNK]
        quotes, ends = np.flatnonzero(chunk == _QUOTE), np.flatnonzero(chunk == _NEWLINE)
        around = quotes + begin
        if not _stand_well(text, around[opened::2], around[1 - opened :: 2], ord(delimiter)):
            return None
        outside = _leave_out_quoted(ends, quotes, opened)
        records, lines = records + len(outside), lines + len(ends)
        if len(outside):
            longest = max(longest, int(np.diff(outside, prepend=last - begin).max()))
            last = int(outside[-1]) + begin
        opened = (opened + len(quotes)) % 2
    if opened:
        return None
    is_open = last != len(text) - 1
    return Lines(records + is_open, lines > records, max(longest, len(text) - last))


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


def _find_quotes(chunk: Text, delimiter: int) -> Positions | None:
    """Where the quotes stand; None if one opens within a cell or text follows the closing one.

    The first byte begins a record.
    """
    quotes = np.flatnonzero(chunk == _QUOTE)
    return quotes if _stand_well(chunk, quotes[0::2], quotes[1::2], delimiter) else None


def _stand_well(text: Text, opening: Positions, closing: Positions, delimiter: int) -> bool:
    """Whether each quote is at an end of its cell. A doubled one counts as closing and opening again: what touches it
    is the other.
    """
    may_touch = np.zeros(256, dtype=bool)
    may_touch[[delimiter, _NEWLINE, _QUOTE]] = True
    if not may_touch[text[opening[opening > 0] - 1]].all():
        return False
    may_touch[_RETURN] = True
    return bool(may_touch[text[closing[closing < len(text) - 1] + 1]].all())


def _leave_out_quoted(positions: Positions, quotes: Positions, opened: int = 0) -> Positions:
    """The positions that do not lie between quotes: an even number of quotes is before them. Both are in order.

    opened: 1 where a quote was opened before all of them.
    """
    if not len(quotes):
        return positions[: 0 if opened else None]
    passed = np.bincount(np.searchsorted(positions, quotes), minlength=len(positions))[: len(positions)]
    outside: Positions = positions[(np.cumsum(passed) + opened) % 2 == 0]
    return outside


def _count_cells(chunk: Text, quotes: Positions, delimiter: int, is_last: bool) -> tuple[Positions, int] | None:
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
