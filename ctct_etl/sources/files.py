"""The bytes of every file that a source means, from this machine or from a web address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.content import MAX_BYTES
from ctct_etl.sources.locating import FoundFile, find_files
from ctct_etl.sources.remote import fetch


def load_files(spec: Source, now: datetime) -> Iterator[tuple[bytes, str, datetime]]:
    """Each file's bytes, its shown name and when it was changed. Read once: what is hashed is what is parsed."""
    if "://" in spec.path:
        page = fetch(spec.path, now, spec.fresh_within)
        yield page.data, page.shown, page.modified
        return
    for file in find_files(spec, now):
        yield read_bytes(file), file.shown, file.modified


def read_bytes(file: FoundFile) -> bytes:
    try:
        with file.path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{file.path}: can't be read ({error.strerror}) — see who may read it") from error
    if len(data) > MAX_BYTES:
        raise SourceError(f"{file.path}: is larger than {MAX_BYTES >> 30} GiB — load it in parts")
    return data
