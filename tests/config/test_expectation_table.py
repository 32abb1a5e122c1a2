"""The table of expectations is that of the installed Great Expectations, which takes seconds to ask."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import pytest

from ctct_etl.config.expectation_table import KNOWN, REFUSED, REFUSED_ARGUMENTS, Judges
from ctct_etl.config.expectation_values import COLUMN, COLUMNS

# What every expectation of theirs has, and what one of them says of its own making.
COMMON = {
    "id", "meta", "notes", "result_format", "description", "catch_exceptions", "rendered_content", "windows",
    "batch_id", "row_condition", "condition_parser", "severity", "version", "library_metadata",
}  # fmt: skip


@pytest.fixture(scope="module")
def installed() -> Mapping[str, Any]:
    """The classes of the installed version by the names of their expectations."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations.expectations  # noqa: F401
        from great_expectations.expectations.registry import (
            get_expectation_impl,
            list_registered_expectation_implementations,
        )
    return {name: get_expectation_impl(name) for name in list_registered_expectation_implementations()}


def test_every_installed_expectation_is_known_or_refused_with_a_reason(installed: Mapping[str, Any]) -> None:
    assert KNOWN.keys() | REFUSED.keys() == installed.keys()
    assert not KNOWN.keys() & REFUSED.keys()


@pytest.mark.parametrize("name", KNOWN)
def test_each_has_the_arguments_of_the_installed_one(name: str, installed: Mapping[str, Any]) -> None:
    fields = {field: about for field, about in installed[name].__fields__.items() if field not in COMMON}
    arguments = KNOWN[name].arguments
    assert arguments.keys() == fields.keys() - REFUSED_ARGUMENTS.keys()
    needed = {argument for argument, about in arguments.items() if about.needed}
    # They let the two sets be left out, and then expect nothing.
    assert needed - {"column_list", "column_set", "regex"} == {
        field for field, about in fields.items() if about.required
    } - {"column_list", "column_set", "regex"}


@pytest.mark.parametrize("name", KNOWN)
def test_each_judges_what_the_installed_one_does(name: str, installed: Mapping[str, Any]) -> None:
    from great_expectations.expectations import expectation as theirs

    by_row = (
        theirs.ColumnMapExpectation, theirs.ColumnPairMapExpectation, theirs.MulticolumnMapExpectation,
    )  # fmt: skip
    assert (KNOWN[name].judges is Judges.ROWS) == issubclass(installed[name], by_row)
    assert ("mostly" in KNOWN[name].arguments) == (KNOWN[name].judges is Judges.ROWS)


def test_what_looks_at_cells_names_columns_or_fields_and_what_looks_at_the_header_does_not() -> None:
    for name, known in KNOWN.items():
        names = [argument for argument in known.arguments.values() if argument.kind in (COLUMN, COLUMNS)]
        counts_rows = name.startswith("expect_table_row_count")
        assert bool(names) == (known.judges is not Judges.HEADER and not counts_rows), name


def test_the_arguments_that_all_of_theirs_share_are_refused_with_a_reason(installed: Mapping[str, Any]) -> None:
    shared = set.intersection(*(set(each.__fields__) for name, each in installed.items() if name in KNOWN))
    assert shared <= REFUSED_ARGUMENTS.keys()


def test_the_table_itself_loads_nothing_heavy() -> None:
    program = "import sys, ctct_etl.config.loading; print('great_expectations' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
