"""Write a part of a run's page anew, and leave its long tables as they stand: a page may be large, an apply long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ctct_etl.run.durable_files import explain_disk_faults, write_durably
from ctct_etl.run.run_files import REPORT

_HEAD = 4 << 20  # bytes within which the last mark stands, if the page is ours
_BLOCK = 1 << 20


def renew_page(directory: Path, marks: tuple[str, str, str], first: str, between: str) -> bool:
    """Replace what the page says before the first mark, and between the second and the third.

    Returns False, and leaves the page, where there is none with these marks. Never more than a part of the page is in
    memory; it is replaced as a whole. Raises StateError.
    """
    path = directory / REPORT
    with explain_disk_faults(path):
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            return False
        with stream:
            head = stream.read(_HEAD)
            ends = [head.find(mark.encode()) for mark in marks]
            if -1 in ends or sorted(ends) != ends:
                return False
            keep = head[ends[0] : ends[1] + len(marks[1].encode())]
            parts = (first.encode("utf-8"), keep, b"\n", between.encode("utf-8"), head[ends[2] :])
            write_durably(path, _chain(parts, stream))
    return True


def _chain(parts: tuple[bytes, ...], rest: IO[bytes]) -> Iterator[bytes]:
    yield from parts
    yield from iter(lambda: rest.read(_BLOCK), b"")
