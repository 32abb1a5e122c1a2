"""Dates as people write them: explicit formats, each tried in turn, nothing guessed.

An ISO date is read besides the configured formats, after them: a workbook shows a real date cell in ISO whatever the
text cells beside it look like, and no other reading of it exists. Parsed once for each distinct value.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import arrow, series, truths
from ctct_etl.stages.checked import Checked, check_distinct, say_where

FIRST_YEAR, LAST_YEAR = 1900, 2100  # beyond them a date is a slip of the hand: pandas reads "3/4/20" as the year 20
_ISO = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?$"
_ISO_DAY = ("%Y-%m-%d",)
_MONTH_AND_DAY = ("%Y-%m-%d", "%m-%d")
_LEAP_YEAR = "2000"


def parse_days(values: pa.Array, formats: Sequence[str] = ()) -> Checked:
    """Read dates; values become YYYY-MM-DD. A time of day is dropped."""
    return _parse(values, tuple(formats) or _ISO_DAY, "%Y-%m-%d")


def parse_birthdays(values: pa.Array, formats: Sequence[str] = ()) -> Checked:
    """Read dates with or without a year; values become MM-DD."""
    return _parse(values, tuple(formats) or _MONTH_AND_DAY, "%m-%d")


def parse_moments(values: pa.Array, formats: Sequence[str] = ()) -> Checked:
    """Read dates or times; values become YYYY-MM-DDTHH:MM:SS.ffffff, UTC, so that text order is the order in time."""
    return _parse(values, tuple(formats) or ("ISO8601",), "%Y-%m-%dT%H:%M:%S.%f")


def _parse(values: pa.Array, formats: tuple[str, ...], written: str) -> Checked:
    def check(texts: pa.Array) -> Checked:
        found = _first_reading(texts, formats, written)
        made = arrow(found.dt.strftime(written))
        wrong = truths(texts.is_valid()) & found.isna().to_numpy()
        fault = f"is not a date as {' or '.join(_say(text) for text in formats)} — correct the cell"
        return Checked(made, say_where(wrong, fault) if wrong.any() else None)

    return check_distinct(values, check)


def _say(format: str) -> str:
    return "YYYY-MM-DD" if format in ("ISO8601", "%Y-%m-%d") else format


def _first_reading(texts: pa.Array, formats: tuple[str, ...], written: str) -> pd.Series:
    """Return a datetime64 for each text, NaT where no format reads it within the years that make sense."""
    # Without a digit it is no date: pandas would read "now" and "today" by the clock.
    digits = truths(pc.match_substring_regex(texts, r"\d"))
    left = series(texts).where(digits)
    found = pd.Series(pd.NaT, index=left.index, dtype="datetime64[us, UTC]")
    for format in (*formats, "ISO8601"):
        open_ = (found.isna() & left.notna()).to_numpy()
        if not open_.any():
            break
        found[open_] = _read(left[open_], format, written)
    return found


def _read(texts: pd.Series, format: str, written: str) -> pd.Series:
    if format == "ISO8601":
        texts = texts.where(texts.str.match(_ISO))
        if "%H" not in written:
            texts = texts.str[:10]  # the day as written there, whatever its zone
        read = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    elif "%y" not in format.lower():
        read = pd.to_datetime(_LEAP_YEAR + " " + texts, format="%Y " + format, errors="coerce", utc=True)
    else:
        read = pd.to_datetime(texts, format=format, errors="coerce", utc=True)
    years = read.dt.year
    return read.where((years >= FIRST_YEAR) & (years <= LAST_YEAR)).astype("datetime64[us, UTC]")
