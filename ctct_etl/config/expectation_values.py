"""What the arguments of an expectation can be. Every scalar arrives as text; a kind turns it into a value.

Text, lists and mappings of text in, the value that Great Expectations takes out; a `ValueError` says what is expected
("expected ..."), and the checker adds the place. The JSON Schema of each kind says the same to an editor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ctct_etl.config.formats import FORMAT_SYNTAX, check_format, check_pattern
from ctct_etl.config.values import COUNT_SCHEMA, ORDINAL_SCHEMA, parse_count, parse_ordinal, parse_switch

Schema = dict[str, Any]
Bound = float | date

_NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
_SHARE = r"^(?:0|1|0?\.[0-9]+|1\.0+)$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TEXT_SCHEMA: Schema = {"type": "string", "minLength": 1}
_NUMBER_SCHEMA: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMBER}]}


@dataclass(frozen=True)
class ArgumentKind:
    """One kind of argument. words: how the docs call it."""

    words: str
    read: Callable[[Any], Any]
    schema: Schema


def _read_text(given: Any) -> str:
    if not isinstance(given, str) or not given:
        raise ValueError("expected text")
    return given


def _read_number(given: Any) -> float:
    if not isinstance(given, str) or not re.match(_NUMBER, given):
        raise ValueError("expected a number, such as 18 or 0.5")
    return float(given)


def _read_share(given: Any) -> float:
    if not isinstance(given, str) or not re.match(_SHARE, given):
        raise ValueError("expected a share from 0 to 1, such as 0.95")
    return float(given)


def _read_bound(given: Any) -> Bound:
    if isinstance(given, str) and re.match(_DATE, given):
        try:
            return date.fromisoformat(given)
        except ValueError as error:
            raise ValueError("expected a day that exists, such as 2026-01-31") from error
    if not isinstance(given, str) or not re.match(_NUMBER, given):
        raise ValueError("expected a number, or a date such as 2026-01-31")
    return float(given)


def _read_python_pattern(given: Any) -> str:
    """Both engines are asked: Great Expectations leaves the choice of one to pandas."""
    pattern = check_pattern(_read_text(given))
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError("expected a regular expression that RE2 and Python both read") from error
    return pattern


def _read_format(given: Any) -> str:
    return check_format(_read_text(given))


def _list_of(kind: ArgumentKind, words: str, *, least: int = 1, most: int | None = None) -> ArgumentKind:
    def read(given: Any) -> list[Any]:
        if not isinstance(given, list) or len(given) < least or (most is not None and len(given) > most):
            raise ValueError(f"expected a {words}")
        return [kind.read(item) for item in given]

    schema: Schema = {"type": "array", "items": kind.schema, "minItems": least}
    return ArgumentKind(words, read, schema if most is None else {**schema, "maxItems": most})


def one_of(*words: str) -> ArgumentKind:
    """One of a few words, as Great Expectations spells them."""

    def read(given: Any) -> str:
        if given not in words:
            raise ValueError(f"expected one of: {', '.join(words)}")
        return str(given)

    return ArgumentKind(" | ".join(words), read, {"type": "string", "enum": list(words)})


def _read_quantiles(given: Any) -> dict[str, list[Any]]:
    expected = "expected {quantiles: [0.5], value_ranges: [[18, 65]]}, a range for each quantile"
    if not isinstance(given, dict) or given.keys() != {"quantiles", "value_ranges"}:
        raise ValueError(expected)
    quantiles, ranges = SHARES.read(given["quantiles"]), _RANGES.read(given["value_ranges"])
    if len(quantiles) != len(ranges):
        raise ValueError(expected)
    return {"quantiles": quantiles, "value_ranges": ranges}


TEXT = ArgumentKind("text", _read_text, _TEXT_SCHEMA)
# The two that name what is judged: a column of the source, or a field of the mapping.
COLUMN = ArgumentKind("column or field", _read_text, _TEXT_SCHEMA)
COLUMNS = _list_of(COLUMN, "list of two or more columns or fields", least=2)
NUMBER = ArgumentKind("number", _read_number, _NUMBER_SCHEMA)
COUNT = ArgumentKind("whole number", parse_count, COUNT_SCHEMA)
# Counted from 0 by Great Expectations, which looks nowhere when it is 0.
INDEX = ArgumentKind("whole number, 1 or more", parse_ordinal, ORDINAL_SCHEMA)
SHARE = ArgumentKind(
    "share from 0 to 1",
    _read_share,
    {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": _SHARE}]},
)
BOUND = ArgumentKind(
    "number or date",
    _read_bound,
    {"anyOf": [*_NUMBER_SCHEMA["anyOf"], {"type": "string", "pattern": _DATE}]},
)
SWITCH = ArgumentKind("true or false", parse_switch, {"enum": [True, False, "true", "false"]})
PATTERN = ArgumentKind("regular expression", _read_python_pattern, _TEXT_SCHEMA)
PATTERNS = _list_of(PATTERN, "list of regular expressions")
FORMAT = ArgumentKind("strptime format", _read_format, {"type": "string", "pattern": FORMAT_SYNTAX})
TEXTS = _list_of(TEXT, "list of texts")
PAIRS = _list_of(_list_of(TEXT, "pair of texts", least=2, most=2), "list of pairs")
SHARES = _list_of(SHARE, "list of shares")
_RANGES = _list_of(_list_of(NUMBER, "pair of numbers", least=2, most=2), "list of pairs of numbers")
QUANTILES = ArgumentKind(
    "{quantiles: …, value_ranges: …}",
    _read_quantiles,
    {
        "type": "object",
        "properties": {"quantiles": SHARES.schema, "value_ranges": _RANGES.schema},
        "required": ["quantiles", "value_ranges"],
        "additionalProperties": False,
    },
)


def fits(low: Bound, high: Bound) -> bool:
    """Say whether two bounds are of one kind."""
    return isinstance(low, date) == isinstance(high, date)


def write_list(words: Sequence[str], most: int = 8) -> str:
    """Write words for a message: the first ones, and how many more there are."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
