"""The small typed values that YAML scalars become. Every scalar arrives as text; these turn it into a value.

Text in, value out; a `ValueError` says what is expected, and the loader adds the place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

_DURATION = re.compile(r"^(\d+)([smhd])$")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LIMIT = re.compile(r"^(\d+(?:\.\d+)?)%$|^(\d+)$")


class Model(BaseModel):
    """A part of a config file: frozen, and no key is parsed and ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


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
    if match is None:
        raise ValueError("expected a time such as 90s, 30m, 26h or 7d")
    return timedelta(**{_UNIT[match[2]]: int(match[1])})


def _parse_switch(text: Any) -> bool:
    if isinstance(text, bool):
        return text
    if text in ("true", "false"):
        return bool(text == "true")
    raise ValueError("expected true or false")


def _parse_count(text: Any) -> int:
    if isinstance(text, int):
        return text
    if isinstance(text, str) and re.fullmatch(r"[0-9]+", text):
        return int(text)
    raise ValueError("expected a whole number")


_SWITCH_SCHEMA = {"enum": [True, False, "true", "false"]}
_COUNT_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}
_LIMIT_SCHEMA = {
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?%$|^[0-9]+$"}]
}
Switch = Annotated[bool, BeforeValidator(_parse_switch), WithJsonSchema(_SWITCH_SCHEMA)]
Count = Annotated[int, BeforeValidator(_parse_count), WithJsonSchema(_COUNT_SCHEMA)]
LimitValue = Annotated[Limit, BeforeValidator(parse_limit), WithJsonSchema(_LIMIT_SCHEMA)]
Duration = Annotated[
    timedelta, BeforeValidator(parse_duration), WithJsonSchema({"type": "string", "pattern": _DURATION.pattern})
]
