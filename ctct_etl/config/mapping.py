"""The analyst's file, `configs/mappings/*.yaml`: which column is which contact field, and what is done to it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ctct_etl.config.values import Count, Model


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _named(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]

OnUpdate = Literal["overwrite", "fill", "never"]
Invalid = Literal["ignore", "reject", "stop"]


class ZeroFill(Model):
    zfill: Count


class RemovePrefix(Model):
    remove_prefix: str


class RemoveSuffix(Model):
    remove_suffix: str


PlainTransform = Literal["trim", "squeeze", "upper", "lower", "title_case", "digits"]
Transform = PlainTransform | ZeroFill | RemovePrefix | RemoveSuffix


class Condition(Model):
    """A mask over one source column: exactly one test. Values are compared trimmed, letter case ignored."""

    column: str
    equals: str | None = None
    in_: tuple[str, ...] | None = Field(None, alias="in")
    not_in: tuple[str, ...] | None = None
    blank: Literal["true"] | None = None
    not_blank: Literal["true"] | None = None
    matches: str | None = None  # a regular expression, RE2 syntax, found anywhere in the cell

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        tests = (self.equals, self.in_, self.not_in, self.blank, self.not_blank, self.matches)
        if sum(test is not None for test in tests) != 1:
            raise ValueError("expected exactly one of equals, in, not_in, blank, not_blank, matches")
        return self


class FieldRule(Model):
    """How one contact field is made from the source. `column` or `template`, and what is done to the value.

    Order: column or template → transform → values and default → type. A blank cell is no opinion
    (`blank: keep`) or clears the field (`blank: clear`).
    """

    column: str | None = None
    template: str | None = None  # "{First Name} {Last Name}": blank parts dropped, all blank is a blank cell
    transform: tuple[Transform, ...] = ()
    values: dict[str, str] | None = None  # by the cell's trimmed text, letter case ignored
    default: str | None = None  # for blank or unmatched
    type: Literal["text", "date", "phone"] | None = None  # default: by the field
    format: Names = ()  # for dates: strptime formats, tried in turn; default %Y-%m-%d
    region: str | None = None  # for phones: the country of numbers written without one; default US
    invalid: Invalid = "ignore"
    on_update: OnUpdate = "overwrite"
    blank: Literal["keep", "clear"] = "keep"
    many: Literal["reject", "first"] = "reject"  # `email` only: several addresses in one cell

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == (self.template is None):
            raise ValueError("expected either column or template")
        return self


class ListFromColumn(Model):
    """Lists (or tags) named by the cells of a column."""

    column: str
    split: str | None = None
    values: dict[str, str] | None = None  # what is not named here is taken as it stands


class ListWhen(Model):
    """One list, for the rows that `when` selects; without `when`, for every row."""

    list: str
    when: Condition | None = None


class TagWhen(Model):
    tag: str
    when: Condition | None = None


class Newest(Model):
    newest: str
    format: Names = ()  # strptime formats of the column, tried in turn; default ISO 8601


class Oldest(Model):
    oldest: str
    format: Names = ()


class Dedupe(Model):
    prefer: Literal["last", "first", "most_complete"] | Newest | Oldest = "last"
    merge: Literal["winner_only", "fill_blanks"] = "winner_only"


class RowsRule(Model):
    where: Condition


class Mapping(Model):
    """One mapping file. `fields` has every contact field under its canonical name; `email` is among them."""

    rows: RowsRule | None = None
    opted_out: Condition | None = None
    fields: dict[str, Annotated[FieldRule, BeforeValidator(_named)]]
    lists: tuple[str | ListFromColumn | ListWhen, ...] = ()
    tags: tuple[str | ListFromColumn | TagWhen, ...] = ()
    dedupe: Dedupe = Dedupe()
