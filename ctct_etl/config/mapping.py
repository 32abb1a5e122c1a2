"""The analyst's file, `configs/mappings/*.yaml`: which column is which contact field, and what is done to it."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, Tag, model_validator

from ctct_etl.config.checks import AnyChecks
from ctct_etl.config.conditions import Condition, require_one_of
from ctct_etl.config.expectations import AnyExpectation
from ctct_etl.config.formats import DateFormat, Region
from ctct_etl.config.values import Model, Names, Ordinal, Switch, Template, Text, listed, told_apart_by

__all__ = [
    "Condition", "Dedupe", "FieldRule", "ListFromColumn", "ListWhen", "Mapping", "Names", "Newest", "Oldest",
    "TagFromColumn", "TagWhen",
]  # fmt: skip

OnUpdate = Literal["overwrite", "fill", "never", "respect_edits"]
Invalid = Literal["ignore", "reject", "stop"]
Formats: TypeAlias = Annotated[
    tuple[DateFormat, ...],
    Field(min_length=1),
    BeforeValidator(listed, json_schema_input_type=DateFormat | Annotated[list[DateFormat], Field(min_length=1)]),
]
Translation: TypeAlias = Annotated[dict[str, str], Field(min_length=1)]


class ZeroFill(Model):
    """Put zeros in front until the text has so many characters."""

    zfill: Ordinal
    """how many characters the text has at least"""


class RemovePrefix(Model):
    """Take a beginning away."""

    remove_prefix: Text
    """the beginning that is taken away where the text has it"""


class RemoveSuffix(Model):
    """Take an end away."""

    remove_suffix: Text
    """the end that is taken away where the text has it"""


PlainTransform = Literal["trim", "squeeze", "upper", "lower", "title_case", "digits"]
Transform: TypeAlias = PlainTransform | ZeroFill | RemovePrefix | RemoveSuffix
AnyTransform: TypeAlias = Annotated[
    Annotated[PlainTransform, Tag("text")]
    | Annotated[ZeroFill, Tag("ZeroFill")]
    | Annotated[RemovePrefix, Tag("RemovePrefix")]
    | Annotated[RemoveSuffix, Tag("RemoveSuffix")],
    told_apart_by({"remove_prefix": "RemovePrefix", "remove_suffix": "RemoveSuffix"}, otherwise="ZeroFill"),
]


class FieldRule(Model):
    """How one contact field is made from the source. `column` or `template`, and what is done to the value.

    Order: column or template → transform → values and default → type. A blank cell is no opinion
    (`blank: keep`) or clears the field (`blank: clear`).
    """

    model_config = ConfigDict(
        json_schema_extra={
            **require_one_of("column", "template"),
            # A default fills every blank cell, so that nothing is left to clear.
            "not": {"required": ["default", "blank"], "properties": {"blank": {"const": "clear"}}},
        }
    )

    column: Text | None = None
    """the source column"""
    template: Template | None = None
    """several columns in one text, `"{First Name} {Last Name}"`: blank parts dropped, all blank is a blank cell"""
    transform: tuple[AnyTransform, ...] = ()
    """what is done to the text, in this order"""
    values: Translation | None = None
    """the cell's text → the field's value; trimmed, letter case ignored"""
    default: Text | None = None
    """the value for a blank cell, and for one that `values` does not name"""
    type: Literal["text", "date", "phone"] | None = None
    """what the value is; default: by the field"""
    format: Formats = ()
    """for dates: strptime formats, tried in turn; default %Y-%m-%d"""
    region: Region | None = None
    """for phones: the country of numbers written without one; default US"""
    invalid: Invalid = "ignore"
    """what a malformed value does: no opinion and a warning, reject the row, stop the run"""
    on_update: OnUpdate = "overwrite"
    """what happens to the value of a contact that the account already has"""
    blank: Literal["keep", "clear"] = "keep"
    """what a blank cell means: no opinion, or clear the field"""
    many: Literal["reject", "first"] = "reject"
    """`email` only: several addresses in one cell"""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == (self.template is None):
            raise ValueError("expected either column or template")
        if self.default is not None and self.blank == "clear":
            raise ValueError("expected default or `blank: clear`: a default fills every blank cell")
        return self


class TagFromColumn(Model):
    """Tags named by the cells of a column."""

    column: Text
    """the source column whose cells name lists (or tags)"""
    split: Text | None = None
    """what stands between several names in one cell"""
    values: Translation | None = None
    """the cell's name → the name in the account; what is not named here is taken as it stands"""


class ListFromColumn(TagFromColumn):
    """Lists named by the cells of a column."""

    readd: Switch = False
    """whether those who left one of these lists are put back on it"""


class ListWhen(Model):
    """One list, for the rows that `when` selects; without `when`, for every row."""

    list: Text
    """the list's name"""
    when: Condition | None = None
    """the rows that it is for; default every row"""
    readd: Switch = False
    """whether those who left the list are put back on it"""


class TagWhen(Model):
    """One tag, for the rows that `when` selects; without `when`, for every row."""

    tag: Text
    """the tag's name"""
    when: Condition | None = None
    """the rows that it is for; default every row"""


class Newest(Model):
    """The row with the latest date wins."""

    newest: Text
    """the column with the date"""
    format: Formats = ()
    """strptime formats of the column, tried in turn; default ISO 8601"""


class Oldest(Model):
    """The row with the earliest date wins."""

    oldest: Text
    """the column with the date"""
    format: Formats = ()
    """strptime formats of the column, tried in turn; default ISO 8601"""


Prefer: TypeAlias = Annotated[
    Annotated[Literal["last", "first", "most_complete"], Tag("text")]
    | Annotated[Newest, Tag("Newest")]
    | Annotated[Oldest, Tag("Oldest")],
    told_apart_by({"oldest": "Oldest"}, otherwise="Newest"),
]


class Dedupe(Model):
    """What becomes of several rows with one address."""

    prefer: Prefer = "last"
    """which row wins"""
    merge: Literal["winner_only", "fill_blanks"] = "winner_only"
    """whether the winner's blanks are filled from the next rows"""


class RowsRule(Model):
    """Which rows are meant at all."""

    where: Condition
    """the rows that are meant; the others are skipped by this rule"""


def _as_rule(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


AnyRule: TypeAlias = Annotated[FieldRule, BeforeValidator(_as_rule, json_schema_input_type=Text | FieldRule)]
AnyList: TypeAlias = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[ListFromColumn, Tag("ListFromColumn")]
    | Annotated[ListWhen, Tag("ListWhen")],
    told_apart_by({"column": "ListFromColumn"}, otherwise="ListWhen"),
]
AnyTag: TypeAlias = Annotated[
    Annotated[Text, Tag("text")] | Annotated[TagFromColumn, Tag("TagFromColumn")] | Annotated[TagWhen, Tag("TagWhen")],
    told_apart_by({"column": "TagFromColumn"}, otherwise="TagWhen"),
]


class Mapping(Model):
    """One mapping file. `fields` has every contact field under its canonical name; `email` is among them."""

    rows: RowsRule | None = None
    """which rows are meant at all"""
    opted_out: Condition | None = None
    """rows of people who want no mail: never created, never added to a list; reported"""
    fields: dict[str, AnyRule]
    """contact field → its column, or its rule; `email` is needed"""
    lists: tuple[AnyList, ...] = ()
    """the lists that contacts are put on"""
    tags: tuple[AnyTag, ...] = ()
    """the tags that contacts get"""
    dedupe: Dedupe = Dedupe()
    """what becomes of several rows with one address"""
    expectations: tuple[AnyExpectation, ...] = ()
    """quality gates: expectations of Great Expectations over columns of the source and fields, after cleaning"""
    checks: AnyChecks = "warn"
    """what is looked at in every load and only warned of: all of it (warn), nothing (off), or check by check"""
