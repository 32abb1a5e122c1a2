"""The expectations of Great Expectations that a mapping can name: what each judges, and its arguments.

A table of our own, since importing Great Expectations takes seconds and `check` must not wait for it; a test holds it
to the installed version: the same names, arguments, needs. What is not here is refused, each with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from ctct_etl.config.expectation_values import (
    BOUND,
    COLUMN,
    COLUMNS,
    COUNT,
    FORMAT,
    INDEX,
    NUMBER,
    PAIRS,
    PATTERN,
    PATTERNS,
    QUANTILES,
    SHARE,
    SWITCH,
    TEXT,
    TEXTS,
    ArgumentKind,
    one_of,
)


class Judges(Enum):
    """What an expectation decides about."""

    ROWS = "each row"
    WHOLE = "all rows together"
    HEADER = "the columns of the source"


class Reading(Enum):
    """What the cells, which are all text, are compared as."""

    TEXT = "text"
    NUMBERS = "numbers"
    BOUNDS = "numbers or dates, as the bounds are"
    ORDER = "numbers or dates, whichever more of the cells are"


@dataclass(frozen=True)
class Argument:
    kind: ArgumentKind
    needed: bool = False


@dataclass(frozen=True)
class Known:
    """One expectation. Of `one_of` at least one must be given."""

    judges: Judges
    arguments: Mapping[str, Argument]
    reading: Reading = Reading.TEXT

    @property
    def one_of(self) -> tuple[str, ...]:
        bounds = tuple(name for name in ("min_value", "max_value") if name in self.arguments)
        return bounds if len(bounds) == 2 else ()


Kinds = Mapping[str, ArgumentKind]
_NONE: Kinds = MappingProxyType({})


def _takes(needed: Kinds = _NONE, others: Kinds = _NONE) -> Mapping[str, Argument]:
    table = {name: Argument(kind, needed=True) for name, kind in needed.items()}
    return MappingProxyType(table | {name: Argument(kind) for name, kind in others.items()})


def _each(needed: Kinds = _NONE, others: Kinds = _NONE, reading: Reading = Reading.TEXT) -> Known:
    return Known(Judges.ROWS, _takes({"column": COLUMN, **needed}, {"mostly": SHARE, **others}), reading)


def _pair(needed: Kinds = _NONE, others: Kinds = _NONE, reading: Reading = Reading.TEXT) -> Known:
    ignored = one_of("both_values_are_missing", "either_value_is_missing", "neither")
    columns = {"column_A": COLUMN, "column_B": COLUMN, **needed}
    return Known(Judges.ROWS, _takes(columns, {"mostly": SHARE, "ignore_row_if": ignored, **others}), reading)


def _several(needed: Kinds = _NONE, reading: Reading = Reading.TEXT) -> Known:
    ignored = one_of("all_values_are_missing", "any_value_is_missing", "never")
    columns = {"column_list": COLUMNS, **needed}
    return Known(Judges.ROWS, _takes(columns, {"mostly": SHARE, "ignore_row_if": ignored}), reading)


def _column(needed: Kinds = _NONE, others: Kinds = _NONE, reading: Reading = Reading.TEXT) -> Known:
    return Known(Judges.WHOLE, _takes({"column": COLUMN, **needed}, others), reading)


def _between(kind: ArgumentKind) -> dict[str, ArgumentKind]:
    return {"min_value": kind, "max_value": kind, "strict_min": SWITCH, "strict_max": SWITCH}


_ANY_OR_ALL = one_of("any", "all")

KNOWN: Mapping[str, Known] = {
    # -- one column, row by row --------------------------------------------------------------------------
    "expect_column_values_to_not_be_null": _each(),
    "expect_column_values_to_be_null": _each(),
    "expect_column_values_to_be_unique": _each(),
    "expect_column_values_to_be_in_set": _each({"value_set": TEXTS}),
    "expect_column_values_to_not_be_in_set": _each({"value_set": TEXTS}),
    "expect_column_values_to_match_regex": _each({"regex": PATTERN}),
    "expect_column_values_to_not_match_regex": _each({"regex": PATTERN}),
    "expect_column_values_to_match_regex_list": _each({"regex_list": PATTERNS}, {"match_on": _ANY_OR_ALL}),
    "expect_column_values_to_not_match_regex_list": _each({"regex_list": PATTERNS}),
    "expect_column_values_to_be_between": _each(others=_between(BOUND), reading=Reading.BOUNDS),
    "expect_column_value_lengths_to_be_between": _each(others=_between(COUNT)),
    "expect_column_value_lengths_to_equal": _each({"value": COUNT}),
    "expect_column_values_to_match_strftime_format": _each({"strftime_format": FORMAT}),
    "expect_column_values_to_be_dateutil_parseable": _each(),
    "expect_column_values_to_be_json_parseable": _each(),
    "expect_column_values_to_be_increasing": _each(others={"strictly": SWITCH}, reading=Reading.ORDER),
    "expect_column_values_to_be_decreasing": _each(others={"strictly": SWITCH}, reading=Reading.ORDER),
    "expect_column_value_z_scores_to_be_less_than": _each(
        {"threshold": NUMBER, "double_sided": SWITCH}, reading=Reading.NUMBERS
    ),
    "expect_column_values_to_not_be_outliers": _each(
        others={"method": one_of("iqr", "std"), "multiplier": NUMBER}, reading=Reading.NUMBERS
    ),
    # -- several columns, row by row ---------------------------------------------------------------------
    "expect_column_pair_values_to_be_equal": _pair(),
    "expect_column_pair_values_a_to_be_greater_than_b": _pair(others={"or_equal": SWITCH}, reading=Reading.ORDER),
    "expect_column_pair_values_to_be_in_set": _pair({"value_pairs_set": PAIRS}),
    "expect_compound_columns_to_be_unique": _several(),
    "expect_select_column_values_to_be_unique_within_record": _several(),
    "expect_multicolumn_values_to_be_equal": _several(),
    "expect_multicolumn_sum_to_equal": _several({"sum_total": NUMBER}, Reading.NUMBERS),
    # -- one column, all rows together -------------------------------------------------------------------
    "expect_column_max_to_be_between": _column(others=_between(BOUND), reading=Reading.BOUNDS),
    "expect_column_min_to_be_between": _column(others=_between(BOUND), reading=Reading.BOUNDS),
    "expect_column_mean_to_be_between": _column(others=_between(NUMBER), reading=Reading.NUMBERS),
    "expect_column_median_to_be_between": _column(others=_between(NUMBER), reading=Reading.NUMBERS),
    "expect_column_stdev_to_be_between": _column(others=_between(NUMBER), reading=Reading.NUMBERS),
    "expect_column_sum_to_be_between": _column(others=_between(NUMBER), reading=Reading.NUMBERS),
    "expect_column_quantile_values_to_be_between": _column({"quantile_ranges": QUANTILES}, reading=Reading.NUMBERS),
    "expect_column_unique_value_count_to_be_between": _column(others=_between(COUNT)),
    "expect_column_proportion_of_unique_values_to_be_between": _column(others=_between(SHARE)),
    "expect_column_proportion_of_non_null_values_to_be_between": _column(others=_between(SHARE)),
    "expect_column_distinct_values_to_be_in_set": _column({"value_set": TEXTS}),
    "expect_column_distinct_values_to_contain_set": _column({"value_set": TEXTS}),
    "expect_column_distinct_values_to_equal_set": _column({"value_set": TEXTS}),
    "expect_column_most_common_value_to_be_in_set": _column({"value_set": TEXTS}, {"ties_okay": SWITCH}),
    # -- the table ---------------------------------------------------------------------------------------
    "expect_table_row_count_to_be_between": Known(Judges.WHOLE, _takes(others=_between(COUNT))),
    "expect_table_row_count_to_equal": Known(Judges.WHOLE, _takes({"value": COUNT})),
    "expect_column_to_exist": Known(Judges.HEADER, _takes({"column": TEXT}, {"column_index": INDEX})),
    "expect_table_column_count_to_be_between": Known(
        Judges.HEADER, _takes(others={"min_value": COUNT, "max_value": COUNT})
    ),
    "expect_table_column_count_to_equal": Known(Judges.HEADER, _takes({"value": COUNT})),
    "expect_table_columns_to_match_ordered_list": Known(Judges.HEADER, _takes({"column_list": TEXTS})),
    "expect_table_columns_to_match_set": Known(Judges.HEADER, _takes({"column_set": TEXTS}, {"exact_match": SWITCH})),
}

_RUNS_SQL = "it runs SQL, and a mapping runs no code; say it by other expectations"
_LIKE = "it is for SQL alone; write a regular expression (expect_column_values_to_match_regex)"
_TYPES = "every cell is read as text; say what the text looks like (expect_column_values_to_match_regex)"
REFUSED: Mapping[str, str] = {
    "unexpected_rows_expectation": _RUNS_SQL,
    "expect_query_results_to_match_comparison": _RUNS_SQL,
    "expect_table_row_count_to_equal_other_table": "it counts the rows of another table by SQL; remove it",
    "expect_column_values_to_match_like_pattern": _LIKE,
    "expect_column_values_to_match_like_pattern_list": _LIKE,
    "expect_column_values_to_not_match_like_pattern": _LIKE,
    "expect_column_values_to_not_match_like_pattern_list": _LIKE,
    "expect_column_values_to_be_of_type": _TYPES,
    "expect_column_values_to_be_in_type_list": _TYPES,
    "expect_column_type_to_be": _TYPES,
    "expect_column_values_to_match_json_schema": "a schema may send for others over the network; remove it",
    "expect_column_kl_divergence_to_be_less_than": "its partitions are made by programs; bound mean, median or "
    "quantiles instead",
}
_CODE = "it is run as code; write `when:` with a condition: {column: Country, in: [US]}"
REFUSED_ARGUMENTS: Mapping[str, str] = {
    "row_condition": _CODE,
    "condition_parser": _CODE,
    "severity": "say what happens by `on_fail`: reject, warn or stop",
    "result_format": "remove it: every failing row is told",
    "catch_exceptions": "remove it: what can't be judged is told by its place",
    "allow_relative_error": "remove it: it is for SQL alone",
    "type": "write the expectation's name as `expect:`",
    "kwargs": "write the arguments beside `expect:`",
    **dict.fromkeys(("meta", "notes", "description"), "write it as a comment: # ..."),
    **dict.fromkeys(("id", "batch_id", "windows", "rendered_content", "version"), "remove it: it has no effect here"),
}
