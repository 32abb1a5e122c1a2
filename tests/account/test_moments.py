"""Moments as an account writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ctct_etl.account.moments import earlier, shift, shortly_before, utc_text

OURS = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("theirs", "moment"),
    [
        ("Mon, 23 Nov 2026 11:59:00 GMT", "2026-11-23T11:59:00Z"),
        ("Mon, 23 Nov 2026 12:05:00 GMT", "2026-11-23T12:00:30Z"),
        ("", "2026-11-23T12:00:30Z"),
        ("soon", "2026-11-23T12:00:30Z"),
    ],
)
def test_a_reading_is_dated_by_the_clock_that_is_behind(theirs: str, moment: str) -> None:
    assert earlier(OURS, theirs) == moment


def test_a_moment_is_moved_in_utc_and_the_overlap_is_ten_minutes() -> None:
    assert shift("2026-11-23T12:00:30.500+02:00", timedelta(seconds=30)) == "2026-11-23T10:01:00Z"
    assert shortly_before("2026-11-23T00:05:00Z") == "2026-11-22T23:55:00Z"


def test_a_time_is_written_in_utc_and_what_is_none_stays() -> None:
    assert [utc_text(text) for text in ("2013-05-01T10:20:30+02:00", "2013-05-01", "soon", "")] == [
        "2013-05-01T08:20:30Z", "2013-05-01", "soon", "",
    ]  # fmt: skip
