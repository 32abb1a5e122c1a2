"""The words that a list owner reads for outcomes, actions, results, fields and counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ctct_etl.columns import (
    ADDRESS_PREFIX,
    CONFLICT,
    CREATE,
    DONE,
    FAILED,
    MERGED,
    PENDING_RESULT,
    PHONE_PREFIX,
    REJECTED,
    REMOVE,
    SKIP,
    UNCHANGED,
    UPDATE,
    custom_label,
    is_custom,
)

OUTCOME_WORDS = {
    REJECTED: "rejected",
    MERGED: "merged",
    UNCHANGED: "unchanged",
    SKIP: "skipped",
    CREATE: "added",
    UPDATE: "changed",
}
OUTCOME_MEANINGS = {
    REJECTED: "something in the row must be mended first",
    MERGED: "the same address stands in another row too, which was taken",
    UNCHANGED: "the account already says what the row says",
    SKIP: "a rule leaves this person, or this row, alone",
    CREATE: "a person whom the account does not have yet",
    UPDATE: "a person whom the account has, with something new",
}
ACTION_WORDS = {CREATE: "add", UPDATE: "change", REMOVE: "take off lists", UNCHANGED: "unchanged", SKIP: "skip"}
RESULT_WORDS = {DONE: "done", CONFLICT: "changed meanwhile", FAILED: "refused", PENDING_RESULT: "not yet done"}
_PARTS = {"street": "street", "street2": "street, line 2", "street3": "street, line 3", "postal_code": "postal code"}


def say_field(field: str) -> str:
    """Say a contact field in words: "address.home.postal_code" is "Home postal code"."""
    if is_custom(field):
        return custom_label(field)
    if field.startswith(PHONE_PREFIX):
        return f"{field.removeprefix(PHONE_PREFIX).capitalize()} phone"
    if field.startswith(ADDRESS_PREFIX):
        kind, _, part = field.removeprefix(ADDRESS_PREFIX).partition(".")
        return f"{kind.capitalize()} {_PARTS.get(part, part)}"
    return field.replace("_", " ").capitalize() if field != "email" else "E-mail"


def say_people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def say_count(count: int, one: str, many: str = "") -> str:
    """Say a count with its noun: "1 row", "5,000 rows"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def say_all(parts: Sequence[str]) -> str:
    """Join words as a sentence does: "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def say_minutes(minutes: float) -> str:
    if minutes < 1:
        return "under a minute"
    whole = round(minutes)
    return f"about {say_count(whole, 'minute')}" if whole < 90 else f"about {minutes / 60:.1f} hours"


def say_moment(moment: str) -> str:
    """Say an ISO 8601 moment as "23 November 2026, 22:45 UTC"; what is none is said as it stands."""
    try:
        when = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    zone = "" if when.utcoffset() is None else " UTC" if not when.utcoffset() else f" {when:%z}"
    return f"{when.day} {when:%B %Y, %H:%M}{zone}"
