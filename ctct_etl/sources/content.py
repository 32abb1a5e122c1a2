"""What a file holds, told by its bytes and not by its name; gzip and zip are opened within limits."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath

from ctct_etl.errors import SourceError
from ctct_etl.sources.places import count

MAX_BYTES = 2 << 30  # of one file, also after it was unpacked
# Real tables shrink 5 to 50 fold. What swells more than this, and past the floor, is made to fill a machine.
MAX_SWELL = 200
SWELL_FLOOR = 64 << 20

_CHUNK = 1 << 24
# What reading a broken zip file raises, a version or method from the future included.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, struct.error, ValueError)

_WORKBOOK_ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
_ZIP, _GZIP, _OLE = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x00\x04\x00", b"\x09\x02\x06\x00")
_FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
)
_MARKUP = ((b"<!doctype html", "a web page"), (b"<html", "a web page"), (b"<table", "a web page"), (b"<?xml", "XML"))
_SAVE_AS = "save it as .xlsx or as CSV UTF-8"


@dataclass(frozen=True)
class Content:
    """The bytes of one table file: a workbook, or delimited text."""

    data: bytes
    is_workbook: bool
    notes: tuple[str, ...] = ()


def open_content(data: bytes, shown: str) -> Content:
    """Tell what the bytes are, unpacking one layer of gzip or zip.

    Raises SourceError for an empty or foreign file, an archive of several files, and one that swells beyond measure.
    """
    inner, name = _unpack(data, shown)
    if not inner[:_CHUNK].strip() and not inner.strip():
        raise SourceError(f"{shown}: the file is empty — see why the export wrote nothing")
    _refuse_foreign(inner, shown)
    is_workbook = inner.startswith((_OLE, *_BIFF)) or _is_zipped_workbook(inner)
    if inner.startswith((_ZIP, _GZIP)) and not is_workbook:
        raise SourceError(f"{shown}: is an archive within an archive — pack the table file itself")
    ending = PurePath(name).suffix
    kind = "a workbook" if is_workbook else "delimited text"
    note = f'{shown}: is {kind}, whatever its ending "{ending}" says'
    is_misnamed = (ending.lower() in _WORKBOOK_ENDINGS) != is_workbook
    return Content(inner, is_workbook, (note,) if is_misnamed else ())


def is_packed(head: bytes) -> bool:
    """Whether a file that begins like this has to be unpacked, or is a workbook: then no part of it reads by itself."""
    return head.startswith((_ZIP, _GZIP, _OLE, *_BIFF))


def _unpack(data: bytes, shown: str) -> tuple[bytes, str]:
    """The bytes within, and the name that they go by."""
    if data.startswith(_GZIP):
        return _gunzip(data, shown), PurePath(shown).stem
    if data.startswith(_ZIP) and not _is_zipped_workbook(data):
        return _unzip(data, shown)
    return data, shown


def _gunzip(data: bytes, shown: str) -> bytes:
    limit = swell_limit(len(data))
    parts: list[bytes] = []
    size, rest = 0, data
    try:
        while rest.startswith(_GZIP):  # a gzip file may be several, one after the other
            member = zlib.decompressobj(wbits=31)
            while not member.eof:
                part = member.decompress(rest, _CHUNK)
                rest = member.unconsumed_tail
                parts.append(part)
                size += len(part)
                if size > limit:
                    raise _swollen(shown, limit)
                if not part and not rest and not member.eof:
                    raise zlib.error("cut off")
            rest = member.unused_data
    except zlib.error as error:
        raise SourceError(f"{shown}: the gzip file is damaged or cut off — fetch or export it again") from error
    return b"".join(parts)


def _unzip(data: bytes, shown: str) -> tuple[bytes, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if _is_table(member.filename)]
            if len(members) != 1:
                names = ", ".join(member.filename for member in members[:5]) or "none"
                raise SourceError(
                    f"{shown}: the zip file holds {count(len(members), 'file')} ({names}), expected one — "
                    "pack one table a zip file"
                )
            if members[0].flag_bits & 0x1:
                raise SourceError(f"{shown}: the zip file has a password — pack it without one")
            if members[0].file_size > swell_limit(len(data)):
                raise _swollen(shown, swell_limit(len(data)))
            return archive.read(members[0]), members[0].filename
    except DAMAGED as error:
        raise SourceError(f"{shown}: the zip file is damaged or cut off — fetch or export it again") from error


def _is_table(name: str) -> bool:
    return not name.endswith("/") and not name.startswith("__MACOSX/") and not PurePath(name).name.startswith(".")


def swell_limit(packed: int) -> int:
    """How many bytes a file of `packed` bytes may unpack to."""
    return min(MAX_BYTES, max(SWELL_FLOOR, packed * MAX_SWELL))


def _swollen(shown: str, limit: int) -> SourceError:
    return SourceError(f"{shown}: unpacks to more than {limit >> 20:,} MiB — it is no table, or load it in parts")


def _is_zipped_workbook(data: bytes) -> bool:
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except DAMAGED:
        return b"[Content_Types].xml" in data[:4096]  # a workbook that was cut off says so itself
    return bool(names & {"[Content_Types].xml", "content.xml", "xl/workbook.xml", "xl/workbook.bin"})


def _refuse_foreign(data: bytes, shown: str) -> None:
    start = data[:256].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    kind = next((kind for magic, kind in _FOREIGN if data.startswith(magic)), None)
    kind = kind or next((kind for magic, kind in _MARKUP if start.startswith(magic)), None)
    if kind:
        raise SourceError(f"{shown}: is {kind}, not a workbook or delimited text — {_SAVE_AS}")
