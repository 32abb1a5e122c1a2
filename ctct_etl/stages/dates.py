"""Dates as people write them: explicit formats, each tried in turn, nothing guessed.

An ISO date is read besides the configured formats, after them: a workbook shows a real date cell in ISO whatever the
text cells beside it look like, and no other reading of it exists. Parsed once for each distinct value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import TEXT, Mask, arrow, series, truths
from ctct_etl.stages.checked import Checked, check_distinct, say_where

FIRST_YEAR, LAST_YEAR = 1900, 2100  # beyond them a date is a slip of the hand: pandas reads "3/4/20" as the year 20
_ISO = "ISO8601"
_ISO_SHAPE = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?$"
_ISO_DAY = ("%Y-%m-%d",)
_MONTH_AND_DAY = ("%Y-%m-%d", "%m-%d")
_LEAP_YEAR = "2000"
_EXAMPLE = dt.datetime(2026, 12, 31)  # shows which part of a format is the day


def parse_days(values: pa.Array, formats: Sequence[str] = ()) -> Checked:
    """Read dates; values become YYYY-MM-DD. A time of day is dropped."""
    return _parse(values, tuple(formats) or _ISO_DAY, _write_days)


def parse_birthdays(values: pa.Array, formats: Sequence[str] = ()) -> Checked:
    """Read dates with or without a year; values become MM-DD."""
    return _parse(values, tuple(formats) or _MONTH_AND_DAY, _write_birthdays)


def parse_moments(values: pa.Array, formats: Sequence[str] = ()) -> Checked:
    """Read dates or times; values become YYYY-MM-DDTHH:MM:SS.ffffff, UTC, so that text order is the order in time."""
    return _parse(values, tuple(formats) or (_ISO,), _write_moments)


def _write_days(moments: pa.Array) -> pa.Array:
    return moments.cast(pa.date32()).cast(TEXT)


def _write_birthdays(moments: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(_write_days(moments), 5)


def _write_moments(moments: pa.Array) -> pa.Array:
    return pc.replace_substring(moments.cast(TEXT), " ", "T")


def _parse(values: pa.Array, formats: tuple[str, ...], write: Callable[[pa.Array], pa.Array]) -> Checked:
    def check(texts: pa.Array) -> Checked:
        found = _first_reading(texts, formats, timed=write is _write_moments)
        made = write(pa.array(found, pa.timestamp("us"), from_pandas=True))  # strftime costs thirty times as much
        wrong = truths(texts.is_valid()) & found.isna().to_numpy()
        fault = f"is not a date such as {' or '.join(map(_show, formats))} — correct the cell"
        return Checked(made, say_where(wrong, fault) if wrong.any() else None)

    return check_distinct(values, check)


def _show(format: str) -> str:
    return _EXAMPLE.isoformat()[:10] if format == _ISO else _EXAMPLE.strftime(format)


def _first_reading(texts: pa.Array, formats: tuple[str, ...], timed: bool) -> pd.Series:
    """Return a moment for each text, NaT where no format reads it within the years that make sense."""
    # Without a digit it is no date: pandas would read "now" and "today" by the clock.
    left = series(texts).where(truths(pc.match_substring_regex(texts, r"\d")))
    found = pd.Series(pd.NaT, index=left.index, dtype="datetime64[us]")
    for format in (*formats, _ISO):
        still = (found.isna() & left.notna()).to_numpy()
        if not still.any():
            break
        found[still] = _read_iso(left[still], timed) if format == _ISO else read_as(left[still], format)
    return found


def read_days(texts: pa.Array, formats: Sequence[str]) -> tuple[pd.Series, Mask]:
    """Read dates as `parse_days` does: a moment for each text, NaT where it has none, and whether it is an ISO date."""
    moments = _first_reading(texts, tuple(formats) or _ISO_DAY, timed=False)
    iso = truths(pc.match_substring_regex(texts, _ISO_SHAPE))
    return moments, iso


def _read_iso(texts: pd.Series, timed: bool) -> pd.Series:
    iso = texts.where(truths(pc.match_substring_regex(arrow(texts), _ISO_SHAPE)))
    # The day is the one written there, whatever its zone.
    return _within_years(pd.to_datetime(iso if timed else iso.str[:10], format=_ISO, errors="coerce", utc=True))


def read_as(texts: pd.Series, format: str) -> pd.Series:
    """Read texts by one strptime format; NaT where it does not fit, or gives a year that makes no sense."""
    if "%y" not in format.lower():
        texts, format = _LEAP_YEAR + " " + texts, "%Y " + format
    return _within_years(pd.to_datetime(texts, format=format, errors="coerce", utc=True))


def _within_years(moments: pd.Series) -> pd.Series:
    years = moments.dt.year
    sensible = moments.where((years >= FIRST_YEAR) & (years <= LAST_YEAR))
    naive: pd.Series = sensible.dt.tz_localize(None).astype("datetime64[us]")
    return naive
