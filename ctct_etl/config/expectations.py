"""Quality gates: the expectations of a mapping, written there or in a suite that several mappings share.

An expectation is written by the names of Great Expectations, its arguments beside `expect:`. Which there are says
expectation_table.py; whether they are well given says expectation_checks.py, before any of this is asked for its value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ConfigDict, Field, Tag

from ctct_etl.config.conditions import Condition
from ctct_etl.config.expectation_table import KNOWN, Judges, Known
from ctct_etl.config.marked_yaml import KeyPath
from ctct_etl.config.places import ConfigFile
from ctct_etl.config.values import FilePath, Model, Text, told_apart_by

OnFail = Literal["reject", "warn", "stop"]


class Expectation(Model):
    """One expectation of Great Expectations, its arguments beside these keys."""

    model_config = ConfigDict(extra="allow")

    expect: Text
    """its name; its arguments stand beside it, by their own names: expectations.md"""
    on_fail: OnFail | None = None
    """reject the rows that fail, warn of them, or stop the run; default reject, for all rows together stop"""
    when: Condition | None = None
    """the rows that it is about; default every row"""

    @property
    def given(self) -> Mapping[str, Any]:
        """The arguments as written."""
        return self.model_extra or {}


class SuiteFile(Model):
    """The expectations of a file that several mappings share."""

    suite: FilePath
    """a file of expectations that mappings share"""


AnyExpectation: TypeAlias = Annotated[
    Annotated[Expectation, Tag("Expectation")] | Annotated[SuiteFile, Tag("SuiteFile")],
    told_apart_by({"suite": "SuiteFile"}, otherwise="Expectation", text="Expectation"),
]


class Suite(Model):
    """A file of expectations that several mappings share."""

    expectations: Annotated[tuple[Expectation, ...], Field(min_length=1)]
    """the expectations, as a mapping has them"""


@dataclass(frozen=True)
class Expected:
    """One expectation, ready to be asked: its arguments are values, and it knows where it is written."""

    name: str
    arguments: Mapping[str, Any]
    on_fail: OnFail
    when: Condition | None
    file: ConfigFile
    path: KeyPath

    @property
    def known(self) -> Known:
        return KNOWN[self.name]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns or fields whose cells it looks at, in the order of its arguments."""
        if self.known.judges is Judges.HEADER:
            return ()
        return tuple(column for _, column in name_columns(self.arguments))


def name_columns(arguments: Mapping[str, Any]) -> Sequence[tuple[KeyPath, str]]:
    """Return the columns that arguments name, each with its place below the expectation."""
    single = [((key,), arguments[key]) for key in ("column", "column_A", "column_B") if key in arguments]
    several = [(("column_list", at), column) for at, column in enumerate(arguments.get("column_list", ()))]
    return [*single, *several]


def read_expectation(written: Expectation, file: ConfigFile, path: KeyPath) -> Expected:
    """Give a sound expectation its values."""
    known = KNOWN[written.expect]
    arguments = {name: known.arguments[name].kind.read(given) for name, given in written.given.items()}
    on_fail = written.on_fail or ("reject" if known.judges is Judges.ROWS else "stop")
    return Expected(written.expect, arguments, on_fail, written.when, file, path)
