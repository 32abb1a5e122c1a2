"""The encoding of delimited text: found or given, and turned into UTF-8."""

from __future__ import annotations

import codecs

from ctct_etl.sources.places import Place

# Longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 20
_LARGE = 1 << 24  # where the decoder takes longer than loading Arrow
_FALLBACK = "cp1252"  # what Excel on Windows writes as plain "CSV"


def to_utf8(data: bytes, encoding: str | None, place: Place) -> tuple[bytes, tuple[str, ...]]:
    """The text as UTF-8 without byte order mark, and what a person should know of how it was found.

    A given `encoding` wins, and a byte that is not of it is an error with its line. Otherwise a byte order mark
    decides, then UTF-8 if every byte fits, then Windows-1252, which is a guess and is noted as such.
    """
    if encoding is not None:
        return _decode(data, _look_up(encoding), place, f"correct `encoding: {encoding}` or leave it out"), ()
    found = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _utf16_without_mark(data)
    if found is not None:
        notes = () if found == "utf-8" else (f"{place.name()}: read as {found}",)
        return _decode(data, found, place, "fetch or export the file again, or say `encoding:`"), notes
    fault = _utf8_fault(data)
    if fault is None:
        return data, ()
    text = _decode(data, _FALLBACK, place, "it is not UTF-8 either: say `encoding:`, or save it as CSV UTF-8")
    line = data.count(b"\n", 0, fault) + 1
    note = f"{place.name()}: not UTF-8 (line {line}), read as {_FALLBACK} — say `encoding:` if names look wrong"
    return text, (note,)


def find_utf8_start(head: bytes, encoding: str | None) -> int | None:
    """Where the text begins in a file that begins like this, if it is read as UTF-8; None if it is not, or not surely.

    That every byte is UTF-8 is left to `is_utf8`.
    """
    if encoding is not None and _look_up(encoding) != "utf-8":
        return None
    found = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if encoding is None and (found or _utf16_without_mark(head)) not in (None, "utf-8"):
        return None
    return len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0


def is_utf8(data: bytes) -> bool:
    """Whether every byte fits; of a text that is cut between two characters, if at all."""
    return _utf8_fault(data) is None


def _look_up(encoding: str) -> str:
    name = codecs.lookup(encoding).name
    return "utf-8" if name == "utf-8-sig" else name


def _decode(data: bytes, encoding: str, place: Place, cure: str) -> bytes:
    if encoding == "utf-8":
        data = data.removeprefix(codecs.BOM_UTF8)
        fault, reason = _utf8_fault(data), "invalid in UTF-8"
        if fault is None:
            return data
    else:
        try:
            return data.decode(encoding).removeprefix("\ufeff").encode()
        except UnicodeEncodeError as error:  # half of a surrogate pair, which utf-7 and the like let through
            raise place.error(f"the text can't be read as {encoding} ({error.reason})", cure) from None
        except UnicodeDecodeError as error:
            fault, reason = error.start, f"not of {encoding}"
    line = data.count(b"\n", 0, fault) + 1
    raise place.error(
        f"the byte 0x{data[fault]:02x} (byte {fault + 1:,} of the file) is {reason}", cure, f"line {line:,}"
    )


def _utf8_fault(data: bytes) -> int | None:
    """The position of the first byte that breaks UTF-8; in chunks, so that no second copy of the file is made."""
    if data.isascii() or (len(data) > _LARGE and _all_utf8(data)):
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _CHUNK):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _CHUNK], final=start + _CHUNK >= len(data))
        except UnicodeDecodeError as error:
            return start - pending + error.start
    return None


def _all_utf8(data: bytes) -> bool:
    """By Arrow, which looks at many bytes at once, but doesn't tell where the first one is that breaks it."""
    import pyarrow as pa  # which a header alone does not wait for

    ends = pa.array([0, len(data)], pa.int64()).buffers()[1]
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 shows itself by zero bytes in every other place of Latin text."""
    head = data[: 1 << 12]
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if max(odd, even) * 4 < len(head) or min(odd, even) * 8 > max(odd, even):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"
