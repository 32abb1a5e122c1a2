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
from ctct_etl.plan.tables import (
    ADD_CONTACTS,
    ADD_LISTS,
    ADD_TAGS,
    DELETE_CONTACT,
    JSON_IMPORT,
    POST_CONTACT,
    PUT_CONTACT,
    PUT_WHOLE,
    REMOVE_FROM_LISTS,
    REMOVE_LISTS,
)

OUTCOME_WORDS = {
    REJECTED: "rejected",
    MERGED: "merged",
    UNCHANGED: "unchanged",
    SKIP: "skipped",
    CREATE: "to add",
    UPDATE: "to change",
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
STATE_WORDS = {
    "planned": "Plan: nothing has been sent",
    "stopped": "Stopped: nothing has been sent",
    "underway": "Under way",
    "done": "Applied",
    "part": "Applied in part",
    "interrupted": "Interrupted",
    "quota": "Out of requests for today",
    "failed": "Failed",
}
TREND_WORDS = {
    "rows": "rows",
    CREATE: "people added",
    UPDATE: "people changed",
    REMOVE: "people taken off lists",
    REJECTED: "rows rejected",
}
GUARD_WORDS = {
    "max_updates": "Not too many people changed",
    "max_creates": "Not too many people added",
    "max_removals": "Not too many people taken off lists",
    "max_rejected": "Not too many rows rejected",
    "max_clears": "Not too many values cleared",
    "max_shrink": "The source has not shrunk",
    "max_field_change": "No field changed for too many",
    "max_readds": "Nobody who left a list put back",
    "unreadable_addresses": "Every address can be read",
    "min_rows": "The source has rows enough",
    "budget": "Requests enough are left",
    "state_lost": "Earlier runs are remembered",
    "reverted": "This source was not taken back",
}
OPERATION_WORDS = {
    JSON_IMPORT: "bulk imports of contacts",
    POST_CONTACT: "contacts added one by one",
    PUT_CONTACT: "contacts changed one by one",
    ADD_LISTS: "bulk additions to lists",
    REMOVE_LISTS: "bulk removals from lists",
    ADD_TAGS: "bulk taggings",
    DELETE_CONTACT: "contacts deleted one by one",
    PUT_WHOLE: "contacts changed one by one",
    ADD_CONTACTS: "bulk additions of contacts",
    REMOVE_FROM_LISTS: "bulk removals from lists",
}
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


def say_number(count: int | None) -> str:
    """Say a count in a table: "5,000", "–" where it is not known."""
    return "–" if count is None else f"{count:,}"


def say_change(count: int, sign: str) -> str:
    """Say in a table by how much something grows or shrinks: "+12", "0"."""
    return f"{sign}{count:,}" if count else "0"


def say_moment(moment: str, *, seconds: bool = False) -> str:
    """Say an ISO 8601 moment as "23 November 2026, 22:45 UTC"; what is none is said as it stands."""
    try:
        when = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    zone = "" if when.utcoffset() is None else " UTC" if not when.utcoffset() else f" {when:%z}"
    return f"{when.day} {when:%B %Y}, {when:{'%H:%M:%S' if seconds else '%H:%M'}}{zone}"
