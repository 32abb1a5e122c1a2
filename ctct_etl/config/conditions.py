"""Masks over the rows, as users write them: one column and one test. Never code."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from ctct_etl.config.formats import Pattern
from ctct_etl.config.values import Model, Text

Words: TypeAlias = Annotated[tuple[str, ...], Field(min_length=1)]


def require_one_of(*names: str) -> dict[str, Any]:
    """The JSON Schema of a model that needs exactly one of these keys."""
    return {"oneOf": [{"required": [name]} for name in names]}


class Condition(Model):
    """A mask over one source column: exactly one test. Values are compared trimmed, letter case ignored."""

    model_config = ConfigDict(
        json_schema_extra=require_one_of("equals", "in", "not_in", "blank", "not_blank", "matches")
    )

    column: Text
    """the source column that is tested"""
    equals: str | None = None
    """true where the cell is this text"""
    in_: Words | None = Field(None, alias="in")
    """true where the cell is one of these"""
    not_in: Words | None = None
    """true where the cell is none of these"""
    blank: Literal["true"] | None = None
    """true where the cell is blank"""
    not_blank: Literal["true"] | None = None
    """true where the cell is not blank"""
    matches: Pattern | None = None
    """true where this regular expression (RE2) is found anywhere in the cell"""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        tests = (self.equals, self.in_, self.not_in, self.blank, self.not_blank, self.matches)
        if sum(test is not None for test in tests) != 1:
            raise ValueError("expected exactly one of equals, in, not_in, blank, not_blank, matches")
        return self
