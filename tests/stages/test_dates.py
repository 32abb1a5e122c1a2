from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.checked import Checked
from ctct_etl.stages.dates import parse_birthdays, parse_days, parse_moments

EUROPEAN = ("%d/%m/%Y", "%d.%m.%Y")


def only(checked: Checked) -> str | None:
    assert (checked.values[0].as_py() is None) == (checked.faults is not None)
    value: str | None = checked.values[0].as_py()
    return value


@pytest.mark.parametrize(
    ("text", "formats", "day"),
    [
        ("2020-01-31", (), "2020-01-31"),
        ("31/01/2020", EUROPEAN, "2020-01-31"),
        ("1/2/2020", EUROPEAN, "2020-02-01"),
        ("31.01.2020", EUROPEAN, "2020-01-31"),
        ("01/31/2020", ("%m/%d/%Y",), "2020-01-31"),
        ("31 January 2020", ("%d %B %Y",), "2020-01-31"),
        ("31/01/20", ("%d/%m/%y",), "2020-01-31"),
        # A real date cell of a workbook is shown in ISO, whatever the text cells beside it look like.
        ("2020-01-31", EUROPEAN, "2020-01-31"),
        ("2020-01-31 00:00:00", EUROPEAN, "2020-01-31"),
        ("2020-01-31T23:30:00-05:00", (), "2020-01-31"),
        # The configured format speaks before ISO.
        ("2020-01-02", ("%Y-%d-%m",), "2020-02-01"),
        # Traps.
        ("31/02/2020", EUROPEAN, None),
        ("01/31/2020", EUROPEAN, None),
        ("3/4/20", EUROPEAN, None),
        ("31/01/0020", EUROPEAN, None),
        ("31/01/1820", EUROPEAN, None),
        ("31/01/2120", EUROPEAN, None),
        ("now", (), None),
        ("today", EUROPEAN, None),
        ("NaT", (), None),
        ("2020", (), None),
        ("20200131", (), None),
        ("43861", (), None),
        ("2020-01-31 x", (), None),
        ("2020-01-32", (), None),
    ],
)
def test_a_date_is_read_by_the_formats_given_and_nothing_is_guessed(
    text: str, formats: tuple[str, ...], day: str | None
) -> None:
    assert only(parse_days(pa.array([text], TEXT), formats)) == day


@pytest.mark.parametrize(
    ("text", "formats", "day"),
    [
        ("1980-05-09", (), "05-09"),
        ("05-09", (), "05-09"),
        ("9.5.", ("%d.%m.",), "05-09"),
        ("09/05/1980", ("%d/%m/%Y", "%d/%m"), "05-09"),
        ("09/05", ("%d/%m/%Y", "%d/%m"), "05-09"),
        ("29/02", ("%d/%m",), "02-29"),
        ("30/02", ("%d/%m",), None),
        ("13-01", (), None),
    ],
)
def test_a_birthday_needs_no_year(text: str, formats: tuple[str, ...], day: str | None) -> None:
    assert only(parse_birthdays(pa.array([text], TEXT), formats)) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", "2026-03-01T00:00:00.000000"),
        ("2026-03-01 12:30", "2026-03-01T12:30:00.000000"),
        ("2026-03-01T12:30:15.25Z", "2026-03-01T12:30:15.250000"),
        ("2026-03-01T12:30:00+02:00", "2026-03-01T10:30:00.000000"),
        ("yesterday", None),
    ],
)
def test_a_moment_is_written_in_utc_so_that_text_order_is_order_in_time(text: str, moment: str | None) -> None:
    assert only(parse_moments(pa.array([text], TEXT))) == moment


def test_blank_is_no_date_and_no_fault() -> None:
    assert parse_days(pa.array([None, "2020-01-31"], TEXT)) == Checked(pa.array([None, "2020-01-31"], TEXT))
    assert parse_days(pa.nulls(2, TEXT), EUROPEAN).faults is None
    assert parse_days(pa.array([], TEXT)).values.to_pylist() == []


def test_the_fault_names_the_formats_that_were_tried() -> None:
    found = parse_days(pa.array(["soon"], TEXT), EUROPEAN)
    assert found.faults is not None
    assert found.faults[0].as_py() == "is not a date such as 31/12/2026 or 31.12.2026 — correct the cell"


FORMATS = st.sampled_from(["%d/%m/%Y", "%m-%d-%Y", "%Y%m%d", "%d %b %Y"])


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)), FORMATS)
def test_every_day_of_two_centuries_is_read_back(day: dt.date, format: str) -> None:
    assert only(parse_days(pa.array([day.strftime(format)], TEXT), (format,))) == day.isoformat()
    assert only(parse_birthdays(pa.array([day.strftime(format)], TEXT), (format,))) == day.strftime("%m-%d")
