"""Values with a syntax of their own that other libraries will run: regular expressions, date formats, countries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from ctct_etl.config.values import ANY_SCALAR

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_DIRECTIVES = "aAbBdmyYHIMSfpjzZ"
FORMAT_SYNTAX = f"^(?:[^%]|%%)*%[{_DIRECTIVES}](?:[^%]|%[{_DIRECTIVES}%])*$"
_USUAL_REGIONS = frozenset({"US", "CA"})
_DAY = frozenset("dj")
_MONTH = frozenset("mbBj")
_YEAR = frozenset("yY")


def check_pattern(pattern: str) -> str:
    """Refuse a regular expression that RE2 can't run (no look-ahead, no back-reference)."""
    import pyarrow as pa  # a quarter of a second, which a config without a pattern does not wait for
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        raise ValueError("expected a regular expression in RE2 syntax (no look-ahead, no back-references)") from error
    return pattern


def check_format(text: str) -> str:
    """Refuse a strptime format with a directive that does not exist or with none at all."""
    if not re.match(FORMAT_SYNTAX, text):
        raise ValueError("expected a date format such as %d/%m/%Y (directives as in strptime)")
    return text


def missing_parts(formats: Sequence[str], *, year: bool) -> tuple[str, ...]:
    """Return which of day, month and year some of `formats` lack; `year` says whether a year is needed."""
    needed = {"day": _DAY, "month": _MONTH, **({"year": _YEAR} if year else {})}
    found = [set(_DIRECTIVE.findall(text)) for text in formats]
    return tuple(part for part, directives in needed.items() if any(not directives & used for used in found))


def check_region(text: str) -> str:
    """Refuse a country that has no phone numbers; ISO 3166, two capital letters."""
    if text in _USUAL_REGIONS:
        return text
    import phonenumbers  # which a config that names no other country does not wait for

    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("expected a country as two capital letters (ISO 3166), such as US or GB")
    return text


def check_base_url(text: str) -> str:
    """Refuse an address without TLS, unless it is this very machine's."""
    if not re.match(_BASE_URL, text):
        raise ValueError("expected an address that begins with https://, or http://127.0.0.1 for this machine")
    return text


def check_source(text: str) -> str:
    """Refuse an address of a source that would carry people's data without TLS."""
    if text.lower().startswith("http://") and not re.match(_SOURCE, text):
        raise ValueError("expected https://: http:// sends people's data as everyone can read it")
    return text


_HERE = r"http://(?:localhost|127\.[0-9.]+|\[::1\])"
_BASE_URL = rf"^(?:https://[^\s/]+|{_HERE}(?::[0-9]+)?)(?:/\S*)?$"
# Other addresses than these are not built yet (not_built.py).
_SOURCE = rf"^(?:https://.|{_HERE}(?:[:/]|$)|(?!.*://).)"


def _text(pattern: str, words: str, type_: str | list[str] = "string") -> WithJsonSchema:
    return WithJsonSchema({"type": type_, "pattern": pattern, "$comment": words})


Pattern = Annotated[str, AfterValidator(check_pattern)]
DateFormat = Annotated[str, AfterValidator(check_format), _text(FORMAT_SYNTAX, "strptime format")]
Region = Annotated[str, AfterValidator(check_region), _text("^[A-Z]{2}$", "country, ISO 3166")]
BaseUrl = Annotated[str, AfterValidator(check_base_url), _text(_BASE_URL, "address")]
SourcePath = Annotated[
    str, Field(min_length=1), AfterValidator(check_source), _text(_SOURCE, "path, glob or address", ANY_SCALAR)
]
