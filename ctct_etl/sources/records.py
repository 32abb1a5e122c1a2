"""Delimited text record by record: exact about every irregularity, and slow."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from ctct_etl.sources.places import Place

# The longest cell of the csv module. Excel's is 32,767; what is longer comes of a quote that is never closed.
LONGEST_CELL = 131_072
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_SENTINEL = "\x1f end of text \x1f"
UNCLOSED = "a quote opens here and is never closed"
UNCLOSED_CURE = "close it, or double it if it belongs to the text"


def read_records(data: bytes, start: int, delimiter: str, row: int, place: Place) -> Iterator[tuple[list[str], int]]:
    """Each record from the byte `start` on, with the byte behind it. `row` is the number of the first one.

    An empty line is a record without cells. Raises SourceError for a quote that is never closed.
    """
    source = _Lines(data, start)
    reader = csv.reader(source, delimiter=delimiter)
    try:
        for record in reader:
            if source.ended:
                if record != [_SENTINEL]:
                    raise place.error(UNCLOSED, UNCLOSED_CURE, f"row {row:,}")
                return
            yield record, source.position
            row += 1
    except csv.Error:
        what = f"a cell is longer than {LONGEST_CELL:,} characters, which looks like a quote that is never closed"
        raise place.error(what, UNCLOSED_CURE, f"row {row:,}") from None


class _Lines:
    """The lines of the text and then a last one of ours, which a quote that was never closed swallows."""

    def __init__(self, data: bytes, start: int) -> None:
        self.position = start
        self.ended = False
        self._data = data

    def __iter__(self) -> Iterator[str]:
        while self.position < len(self._data):
            match = _LINE.match(self._data, self.position)
            assert match is not None  # the pattern matches the empty string too
            self.position = match.end()
            yield match[0].decode()
        self.ended = True
        yield _SENTINEL
