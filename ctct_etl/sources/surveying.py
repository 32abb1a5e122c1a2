"""Where a file of delimited text may be cut, so that its parts can be read apart from each other.

It may where it is plain UTF-8 that keeps the rules of quotes (sources/shape.py): then every line end outside of quotes
ends a record. All else is one piece, however large it is: workbooks, what is packed, other encodings, a quote within a
cell, a lone carriage return, a zero byte. The survey reads the file once, from end to end, and holds a block of it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.body import find_body
from ctct_etl.sources.content import is_packed, open_content
from ctct_etl.sources.decoding import find_utf8_start, is_utf8
from ctct_etl.sources.header import SAMPLE_ROWS, Header
from ctct_etl.sources.locating import FoundFile
from ctct_etl.sources.places import Place
from ctct_etl.sources.shape import prove_shape

_HEAD = 4 << 20  # bytes: more than the rows take that tell header and delimiter
_ANY_WIDTH = 1 << 31


@dataclass(frozen=True)
class Stamp:
    """What a file was when it was surveyed: a block of another one must not be taken for a part of it."""

    size: int
    changed: int  # nanoseconds

    @classmethod
    def of(cls, stream: BinaryIO) -> Stamp:
        status = os.fstat(stream.fileno())
        return cls(status.st_size, status.st_mtime_ns)


@dataclass(frozen=True)
class Cut:
    """Whole records: the bytes from start to stop. first: the row number of the first one."""

    start: int
    stop: int
    first: int
    records: int
    cut_off: bool = False  # its last row is where the file ends in the middle of a row


@dataclass(frozen=True)
class Survey:
    """A file that may be cut. sha256: of all of it. header, width, delimiter: of all blocks. notes: of how it is read.

    width: cells of the header as written.
    """

    file: FoundFile
    stamp: Stamp
    sha256: str
    header: Header
    width: int
    delimiter: str
    content_notes: tuple[str, ...]
    notes: tuple[str, ...]
    cuts: tuple[Cut, ...]


def survey_file(file: FoundFile, spec: Source, block: int) -> Survey | None:
    """Cut a file into blocks of about so many bytes; None where it can't be cut, or is no larger than one block.

    Raises SourceError where the reading of the whole file would, for what its beginning shows.
    """
    try:
        with file.path.open("rb") as stream:
            stamp = Stamp.of(stream)
            if stamp.size <= block:
                return None
            return _survey(file, spec, block, stream, stamp)
    except OSError as error:
        raise SourceError(f"{file.path}: can't be read ({error.strerror}) — see who may read it") from error


def _survey(file: FoundFile, spec: Source, block: int, stream: BinaryIO, stamp: Stamp) -> Survey | None:
    head = stream.read(_HEAD)
    begin = find_utf8_start(head, spec.encoding)
    if begin is None or is_packed(head) or not head.strip() or not is_utf8(head[: head.rfind(b"\n") + 1]):
        return None
    content = open_content(head, file.shown)
    try:
        body, width, found = find_body(head[begin:], spec, Place(file.shown))
    except SourceError:
        if len(head) < stamp.size:  # it may be that the head alone is at fault
            return None
        raise
    if len(head) < stamp.size and head.count(b"\n") <= SAMPLE_ROWS + (spec.header_row or 0):
        return None
    stream.seek(0)
    scan = _Scan(stream, begin + body.start, body.header.row + 1, body.delimiter, len(body.header.names), block)
    cuts = scan.cut()
    if cuts is None:
        return None
    notes = content.notes
    return Survey(file, stamp, scan.sha256, body.header, width, body.delimiter, notes, found, cuts)


class _Scan:
    """One walk through a file: its hash, and where it is cut."""

    def __init__(self, stream: BinaryIO, start: int, first: int, delimiter: str, least: int, block: int) -> None:
        self._stream, self._delimiter, self._least, self._block = stream, delimiter, least, block
        self._start, self._row = start, first
        self._hash = hashlib.sha256()
        self._short: list[int] = []  # the first two rows with fewer cells than the header

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def cut(self) -> tuple[Cut, ...] | None:
        """None where some block does not keep the rules."""
        cuts = []
        ends_a_line = True
        for data in self._blocks():
            if data is None or not is_utf8(data):
                return None
            shape = prove_shape(data, 0, self._delimiter, self._least, _ANY_WIDTH)
            if shape is None:
                return None
            self._short += (shape.short[: 2 - len(self._short)] + self._row).tolist()
            cuts.append(Cut(self._start, self._start + len(data), self._row, shape.records))
            self._start += len(data)
            self._row += shape.records
            ends_a_line = data.endswith((b"\n", b"\r"))
        if cuts and not ends_a_line and self._short == [self._row - 1] and self._row - cuts[0].first > 1:
            last = cuts[-1]
            cuts[-1] = Cut(last.start, last.stop, last.first, last.records, cut_off=True)
        return tuple(cuts) if len(cuts) > 1 else None

    def _blocks(self) -> Iterator[bytes | None]:
        """Whole records, some `block` bytes of them; None where no end of one is in sight."""
        self._hash.update(before := self._stream.read(self._start))
        assert len(before) == self._start
        rest = b""
        while read := self._stream.read(self._block):
            self._hash.update(read)
            data = rest + read
            end = _last_end(data)
            if end:
                yield data[:end]
            rest = data[end:]
            if len(rest) > 2 * self._block:
                yield None  # a quote that is never closed, as good as certainly
                return
        if rest:
            yield rest


def _last_end(data: bytes) -> int:
    """The byte behind the last line end outside of quotes, where `data` begins a record; 0 for none."""
    if b'"' not in data:
        return data.rfind(b"\n") + 1
    text = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(text == ord('"'))
    ends = np.flatnonzero(text == ord("\n"))
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0
