"""What the service accepts as a value: addresses, dates, lengths, custom-field values by their type."""

import re
from datetime import datetime

from .catalog import SELECT_TYPES
from .documents import Document

TEXT_LENGTHS = {"first_name": 50, "last_name": 50, "job_title": 50, "company_name": 50}
STREET_LENGTHS = {"street": 255, "city": 50, "state": 50, "postal_code": 50, "country": 50}
PHONE_KINDS = ("home", "work", "mobile", "other")
STREET_KINDS = ("home", "work", "other")
SOURCES = ("Contact", "Account")
PERMISSIONS = ("explicit", "implicit", "not_set", "pending_confirmation", "temp_hold", "unsubscribed")

VALUE_LENGTH = 255
LISTS, TAGS, CUSTOM_FIELDS, PHONES, STREETS, NOTES = 50, 50, 25, 3, 3, 150

# All that staff name: no blanks, commas or brackets, one @, a full domain.
_ADDRESS = re.compile(r"[^\s,()\[\]<>{}@]+@[^\s,()\[\]<>{}@.]+(\.[^\s,()\[\]<>{}@.]+)+")
_YEAR_FIRST = re.compile(r"(\d{4})([/-])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


def read_date(text: str) -> str | None:
    """YYYY-MM-DD of a date in one of the documented notations (month before day), None for anything else."""
    if match := _YEAR_FIRST.fullmatch(text):
        year, _, month, day = match.groups()
    elif match := _YEAR_LAST.fullmatch(text):
        month, _, day, year = match.groups()
    else:
        return None
    try:
        return datetime(int(year), int(month), int(day)).strftime("%Y-%m-%d")
    except ValueError:
        return None


def find_birthday_fault(month: object, day: object) -> str | None:
    """Why month and day are no birthday; neither of them is fine."""
    if month is None and day is None:
        return None
    if month is None or day is None:
        return "birthday_month and birthday_day must be used together"
    if not _is_integer(month) or not _is_integer(day):
        return "birthday_month and birthday_day must be integers"
    try:
        datetime(2000, int(str(month)), int(str(day)))
    except (ValueError, OverflowError):
        return "birthday_month or birthday_day is out of range"
    return None


def find_value_fault(definition: Document, value: str) -> str | None:
    """Why a text is no value of this custom field; choices are checked elsewhere."""
    if len(value) > VALUE_LENGTH:
        return f"is longer than {VALUE_LENGTH} characters"
    kind, metadata = definition["type"], definition.get("metadata") or {}
    if kind == "boolean" and value not in ("true", "false"):
        return "is not true or false"
    if kind == "date" and definition.get("version") == 2 and read_date(value) is None:
        return "is not a date"
    if kind == "datetime" and not _is_moment(value):
        return "is not a date and time"
    if kind in ("number", "currency"):
        return _find_number_fault(value, metadata)
    return None


def takes_choices(definition: Document) -> bool:
    return definition["type"] in SELECT_TYPES


def _find_number_fault(value: str, metadata: Document) -> str | None:
    if not _NUMBER.fullmatch(value):
        return "is not a number"
    if value.startswith("-") and not metadata.get("allow_negative"):
        return "can't be negative"
    decimals = len(value.partition(".")[2])
    if metadata.get("integer") and decimals:
        return "must be a whole number"
    if decimals > metadata.get("decimal_places", 4):
        return "has too many decimal places"
    return None


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
