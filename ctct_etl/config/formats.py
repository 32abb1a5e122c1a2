"""Values with a syntax of their own that other libraries will run: regular expressions, date formats, countries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, WithJsonSchema

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_KNOWN_DIRECTIVES = frozenset("aAbBdmyYHIMSfpjzZ%")
_DAY = frozenset("dj")
_MONTH = frozenset("mbBj")
_YEAR = frozenset("yY")


def check_pattern(pattern: str) -> str:
    """Refuse a regular expression that RE2 can't run (no look-ahead, no back-reference)."""
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        raise ValueError("expected a regular expression in RE2 syntax (no look-ahead, no back-references)") from error
    return pattern


def check_format(text: str) -> str:
    """Refuse a strptime format with a directive that does not exist or with none at all."""
    directives = _DIRECTIVE.findall(text)
    if not directives or not set(directives) <= _KNOWN_DIRECTIVES or set(directives) == {"%"}:
        raise ValueError("expected a date format such as %d/%m/%Y (directives as in strptime)")
    return text


def missing_parts(formats: Sequence[str], *, year: bool) -> tuple[str, ...]:
    """Return which of day, month and year some of `formats` lack; `year` says whether a year is needed."""
    needed = {"day": _DAY, "month": _MONTH, **({"year": _YEAR} if year else {})}
    found = [set(_DIRECTIVE.findall(text)) for text in formats]
    return tuple(part for part, directives in needed.items() if any(not directives & used for used in found))


def check_region(text: str) -> str:
    """Refuse a country that has no phone numbers; ISO 3166, two capital letters."""
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("expected a country as two capital letters (ISO 3166), such as US or GB")
    return text


Pattern = Annotated[str, AfterValidator(check_pattern)]
DateFormat = Annotated[str, AfterValidator(check_format)]
Region = Annotated[str, AfterValidator(check_region), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]

# TLS, or this very machine.
BASE_URL_PATTERN = r"^(https://[^\s/]+|http://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?)(/\S*)?$"


def check_base_url(text: str) -> str:
    if not re.match(BASE_URL_PATTERN, text):
        raise ValueError("expected an address that begins with https://, or http://127.0.0.1 for this machine")
    return text
