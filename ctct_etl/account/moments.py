"""Moments as an account writes them: ISO 8601 in UTC, compared as text. Pure."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

OVERLAP = timedelta(minutes=10)  # clocks differ, and what is being written may be dated a moment earlier


def utc_text(text: str) -> str:
    """ISO 8601 in UTC, ending in Z; a bare date and what is no time stay as they are."""
    if text.endswith("Z") or len(text) <= len("2006-11-15"):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


def earlier(ours: datetime, theirs: str) -> str:
    """The earlier of our clock and the service's (the header Date): what changes from now on is dated by the latter."""
    with contextlib.suppress(ValueError, TypeError):
        ours = min(ours, parsedate_to_datetime(theirs).astimezone(UTC))
    return ours.isoformat(timespec="seconds").replace("+00:00", "Z")


def shortly_before(moment: str) -> str:
    """`moment` less the overlap."""
    return shift(moment, -OVERLAP)


def shift(moment: str, by: timedelta) -> str:
    """A moment (ISO 8601) later or earlier, in UTC, to the second."""
    at = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return (at + by).isoformat(timespec="seconds").replace("+00:00", "Z")
