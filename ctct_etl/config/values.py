"""The small typed values that YAML scalars become. Every scalar arrives as text; these turn it into a value.

Text in, value out; a `ValueError` says what is expected ("expected ..."), and the loader adds the place. No message
repeats the value: it may come from the environment. The JSON Schema of each says the same to an editor, which sees
numbers and booleans where we see text.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    WithJsonSchema,
)

_DURATION = re.compile(r"^([0-9]+)([smhd])$")
_DAYS = re.compile(r"^(0*[1-9][0-9]{0,5})d$")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LIMIT = re.compile(r"^([0-9]{1,15}(?:\.[0-9]+)?)%$|^([0-9]{1,15})$")
_COUNT = re.compile(r"^[0-9]{1,15}$")
_RATE = re.compile(r"^(?=.*[1-9])[0-9]{1,9}(\.[0-9]{1,9})?$")
_TEMPLATE = re.compile(r"^[^{}]*(\{[^{}]+\}[^{}]*)+$")


_MOST = 10**15 - 1
# What an editor takes a text for that has no quotes.
ANY_SCALAR: list[str] = ["string", "number", "boolean"]


class Model(BaseModel):
    """A part of a config file: frozen, and no key is parsed and ignored."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,  # a validation error that escapes must not tell a secret
    )


def told_apart_by(forms: Mapping[str, str], otherwise: str, text: str = "text") -> Discriminator:
    """Choose a form of a value by its shape, so that a fault is told for one form and not for all of them.

    Text is the form `text`; a mapping is the form of the first key of `forms` that it has, else `otherwise`.
    """

    def form(value: Any) -> str | None:
        if isinstance(value, str):
            return text
        if isinstance(value, Mapping):
            return next((forms[key] for key in forms if key in value), otherwise)
        return type(value).__name__ if isinstance(value, Model) else None

    return Discriminator(form, custom_error_type="shape", custom_error_message="expected text, or keys and values")


@dataclass(frozen=True)
class Limit:
    """A guard's limit: a `count`, or a `share` of something (0.3 is 30%); exactly one is set."""

    count: int | None = None
    share: float | None = None

    def __str__(self) -> str:
        return f"{self.share * 100:g}%" if self.share is not None else f"{self.count:,}"


def parse_limit(text: object) -> Limit:
    if isinstance(text, Limit):
        return text
    match = _LIMIT.match(str(text))
    if match is None:
        raise ValueError("expected a count or a share, such as 500 or 30%")
    return Limit(share=float(match[1]) / 100) if match[1] else Limit(count=int(match[2]))


def parse_duration(text: object) -> timedelta:
    if isinstance(text, timedelta):
        return text
    match = _DURATION.match(str(text))
    if match is None or len(match[1]) > 6:
        raise ValueError("expected a time such as 90s, 30m, 26h or 7d")
    return timedelta(**{_UNIT[match[2]]: int(match[1])})


def parse_days(text: object) -> timedelta:
    """Days alone: `90m`, meant as months, would be an hour and a half of runs."""
    if isinstance(text, timedelta):
        return text
    match = _DAYS.match(str(text))
    if match is None:
        raise ValueError("expected days, one or more, such as 90d")
    return timedelta(days=int(match[1]))


def parse_switch(text: Any) -> bool:
    if isinstance(text, bool):
        return text
    if text in ("true", "false"):
        return bool(text == "true")
    raise ValueError("expected true or false")


def _count_parser(least: int, most: int | None = None) -> Callable[[Any], int]:
    expected = "expected a whole number" + (f", {least} or more" if least else "")
    if most is not None:
        expected = f"expected a whole number from {least} to {most}"

    def parse(text: Any) -> int:
        number = text if isinstance(text, int) else int(text) if _is_count(text) else -1
        if number < least or (most is not None and number > most):
            raise ValueError(expected)
        return number

    return parse


def _is_count(text: Any) -> bool:
    # Python refuses to convert digits without end; no count of ours has more than 15.
    return isinstance(text, str) and _COUNT.match(text) is not None


def _parse_rate(text: Any) -> float:
    rate = float(text) if isinstance(text, int | float) or _RATE.match(str(text)) else 0.0
    if not rate > 0:
        raise ValueError("expected a number greater than 0, such as 4 or 0.5")
    return rate


def _check_template(text: str) -> str:
    if not _TEMPLATE.match(text):
        raise ValueError('expected text with columns in braces, such as "{First Name} {Last Name}"')
    return text


def _check_encoding(name: str) -> str:
    try:
        known = codecs.lookup(name)
    except (LookupError, ValueError):
        known = None
    if known is None or not getattr(known, "_is_text_encoding", True):
        raise ValueError("expected the name of an encoding, such as utf-8, cp1252 or latin-1")
    return name


def listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _check_path(text: object) -> object:
    if isinstance(text, str) and (not text or "\0" in text):
        raise ValueError("expected the path of a file")
    return text


def _pattern(pattern: str, words: str, **others: Any) -> WithJsonSchema:
    """The JSON Schema of a text; `words` say to a person what it is."""
    return WithJsonSchema({"type": "string", "pattern": pattern, "$comment": words} | others)


def _whole(least: int) -> WithJsonSchema:
    zeros = "0*[1-9][0-9]*" if least else "[0-9]+"
    text = {"type": "string", "pattern": f"^{zeros}$", "maxLength": 15}
    return WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": least, "maximum": _MOST}, text], "$comment": "whole number"}
    )


_FIELD_NUMBER_SCHEMA = {
    "anyOf": [{"type": "integer", "minimum": 1, "maximum": 15}, {"type": "string", "pattern": "^0*(?:[1-9]|1[0-5])$"}],
    "$comment": "1 to 15",
}
_LIMIT_SCHEMA = {
    "anyOf": [{"type": "integer", "minimum": 0, "maximum": _MOST}, {"type": "string", "pattern": _LIMIT.pattern}],
    "$comment": "count or N%",
}
_RATE_SCHEMA = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0, "maximum": 999_999_999},
        {"type": "string", "pattern": _RATE.pattern},
    ],
    "$comment": "number",
}

Secret = Annotated[SecretStr, WithJsonSchema({"type": "string", "writeOnly": True})]
Text = Annotated[str, Field(min_length=1)]  # a name, a column, an address: never empty
Names = Annotated[
    tuple[Text, ...],
    Field(min_length=1),
    BeforeValidator(listed, json_schema_input_type=Text | Annotated[list[Text], Field(min_length=1)]),
]
FilePath = Annotated[Path, BeforeValidator(_check_path), _pattern("^[^\\u0000]+$", "path", type=ANY_SCALAR)]
Switch = Annotated[bool, BeforeValidator(parse_switch), WithJsonSchema({"enum": [True, False, "true", "false"]})]
parse_count = _count_parser(0)
COUNT_SCHEMA: dict[str, Any] = _whole(0).json_schema or {}
Count = Annotated[int, BeforeValidator(parse_count), _whole(0)]
parse_ordinal = _count_parser(1)
ORDINAL_SCHEMA: dict[str, Any] = _whole(1).json_schema or {}
Ordinal = Annotated[int, BeforeValidator(parse_ordinal), _whole(1)]  # counted from 1, as people do
FieldNumber = Annotated[int, BeforeValidator(_count_parser(1, 15)), WithJsonSchema(_FIELD_NUMBER_SCHEMA)]
Rate = Annotated[float, BeforeValidator(_parse_rate), WithJsonSchema(_RATE_SCHEMA)]
LimitValue = Annotated[Limit, BeforeValidator(parse_limit), WithJsonSchema(_LIMIT_SCHEMA)]
Duration = Annotated[
    timedelta, BeforeValidator(parse_duration), _pattern("^[0-9]{1,6}[smhd]$", "time such as 90s, 30m, 26h, 7d")
]
Days = Annotated[timedelta, BeforeValidator(parse_days), _pattern(_DAYS.pattern, "days such as 90d")]
Template = Annotated[str, AfterValidator(_check_template), _pattern(_TEMPLATE.pattern, "text with {columns}")]
Encoding = Annotated[str, AfterValidator(_check_encoding)]
