"""One cell as text: how a person reads it, and which cells are blank."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

# White space of Unicode (categories Z* and the controls that move the cursor), and what takes no width:
# soft hyphen, zero-width space to right-to-left mark, word joiner to invisible plus, byte order mark.
INVISIBLE = r"\t-\r\x1c- \x85\xa0\xad\u1680\u180e\u2000-\u200f\u2028\u2029\u202f\u205f-\u2064\u3000\ufeff"
_BLANK = re.compile(f"[{INVISIBLE}]*")
_RUN = re.compile(f"[{INVISIBLE}]+")
_ZERO_WIDTH = re.compile(r"[\xad\u180e\u200b-\u200f\u2060-\u2064\ufeff]")


def is_blank(text: str) -> bool:
    """Is the cell empty to a person's eye: nothing, white space, or characters without width?"""
    return _BLANK.fullmatch(text) is not None


def clean_header(text: str) -> str:
    """A header as a mapping spells it: on one line, single spaces, nothing invisible."""
    return _RUN.sub(" ", _ZERO_WIDTH.sub("", text)).strip()


def _float_text(value: float) -> str:
    """Digits without exponent: an integer without ".0", else the shortest text that reads back as the same number."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = repr(value)
    if "e" not in text:
        return text.removesuffix(".0")
    return format(Decimal(text), "f")


def _clock_text(hour: int, minute: int, second: int, microsecond: int) -> str:
    fraction = f".{microsecond // 1000:03d}" if microsecond else ""
    return f"{hour:02d}:{minute:02d}:{second:02d}{fraction}"


def _moment_text(value: datetime) -> str:
    # A workbook counts days as a float, so that 03:04:05 may come as 03:04:04.999999.
    rounded = value + timedelta(microseconds=500)
    rounded = rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)
    if rounded.time() == time():
        return rounded.date().isoformat()
    return f"{rounded.date().isoformat()} {_time_text(rounded.time())}"


def _time_text(value: time) -> str:
    return _clock_text(value.hour, value.minute, value.second, value.microsecond)


def _length_text(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta() else ("", value)
    minutes, second = divmod(value.days * 86_400 + value.seconds, 60)
    return sign + _clock_text(minutes // 60, minutes % 60, second, value.microseconds)


TEXT_OF: dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "TRUE" if value else "FALSE",
    int: str,
    float: _float_text,
    date: date.isoformat,
    datetime: _moment_text,
    time: _time_text,
    timedelta: _length_text,
}


def cell_text(value: object) -> str:
    """A typed cell of a workbook as text.

    Integers have no ".0" and long numbers no exponent; dates are YYYY-MM-DD, with " HH:MM:SS" if there is a time;
    lengths of time are [H]H:MM:SS; truth is TRUE or FALSE; a percentage is its number, since formats are unknown.
    """
    return TEXT_OF[type(value)](value)
