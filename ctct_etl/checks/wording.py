"""Expectations in plain words: what is wrong with a cell, and what a whole column or table is instead.

A fault goes on where the quoted value ended, as those of stages/checked.py do, and ends with how to mend it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from ctct_etl.config.expectation_values import write_list
from ctct_etl.config.expectations import Expected

_CORRECT = "correct the cell"
_KEEP_ONE = "keep one of them"
Arguments = Mapping[str, Any]


def say_fault(expected: Expected) -> str:
    """Say what is wrong with a cell, or with the cells of a row, that fails this expectation."""
    say = _FAULTS.get(expected.name)
    return say(expected.arguments) if say else f"fails {expected.name}{_say_arguments(expected)} — {_CORRECT}"


def say_whole(expected: Expected, observed: str) -> str:
    """Say what was expected of all rows together, and what was seen: `observed` goes on after a comma."""
    say = _WHOLES.get(expected.name)
    subject = f'column "{expected.columns[0]}": ' if expected.columns else ""
    clause = say(expected.arguments) if say else f"{expected.name}{_say_arguments(expected)} should hold"
    return f"{subject}{clause}, {observed}"


def say_number(value: Any) -> str:
    """A number as a person writes it: no digits that say nothing."""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"


def say_range(arguments: Arguments) -> str:
    low, high = arguments.get("min_value"), arguments.get("max_value")
    least = "more than" if arguments.get("strict_min") else "at least"
    most = "less than" if arguments.get("strict_max") else "at most"
    parts = [f"{least} {say_number(low)}"] if low is not None else []
    return " and ".join([*parts, *([f"{most} {say_number(high)}"] if high is not None else [])])


def quoted(texts: Sequence[Any]) -> str:
    return write_list([f'"{text}"' for text in texts])


def _say_arguments(expected: Expected) -> str:
    others = {
        name: value for name, value in expected.arguments.items()
        if name not in ("column", "column_A", "column_B", "column_list", "mostly")
    }  # fmt: skip
    return f" ({', '.join(f'{name}: {value}' for name, value in others.items())})" if others else ""


def _pattern_list(arguments: Arguments) -> str:
    patterns = write_list(arguments["regex_list"])
    return f"does not match {'all' if arguments.get('match_on') == 'all' else 'any'} of {patterns} — {_CORRECT}"


def _between(arguments: Arguments) -> str:
    return f"is not {say_range(arguments)} — {_CORRECT}"


def _lengths(arguments: Arguments) -> str:
    return f"has not {say_range(arguments)} characters — {_CORRECT}"


def _order(wrong: str, right: str) -> Callable[[Arguments], str]:
    def say(arguments: Arguments) -> str:
        return f"is {f'not {right}' if arguments.get('strictly') else wrong} than the cell above — {_CORRECT}"

    return say


def _than_b(arguments: Arguments) -> str:
    order = "at least" if arguments.get("or_equal") else "greater than"
    return f"are in the wrong order: the first should be {order} the second — {_CORRECT}"


def _z_score(arguments: Arguments) -> str:
    where = "from" if arguments["double_sided"] else "above"
    return f"lies {say_number(arguments['threshold'])} standard deviations or more {where} the mean — {_CORRECT}"


_FAULTS: Mapping[str, Callable[[Arguments], str]] = {
    "expect_column_values_to_not_be_null": lambda _: "is blank — fill it in",
    "expect_column_values_to_be_null": lambda _: "should be blank — clear the cell",
    "expect_column_values_to_be_unique": lambda _: f"stands in several rows — {_KEEP_ONE}",
    "expect_column_values_to_be_in_set": lambda a: f"is none of {quoted(a['value_set'])} — {_CORRECT}",
    "expect_column_values_to_not_be_in_set": lambda a: f"is one of {quoted(a['value_set'])} — {_CORRECT}",
    "expect_column_values_to_match_regex": lambda a: f"does not match {a['regex']} — {_CORRECT}",
    "expect_column_values_to_not_match_regex": lambda a: f"matches {a['regex']} — {_CORRECT}",
    "expect_column_values_to_match_regex_list": _pattern_list,
    "expect_column_values_to_not_match_regex_list": lambda a: (
        f"matches one of {write_list(a['regex_list'])} — {_CORRECT}"
    ),
    "expect_column_values_to_be_between": _between,
    "expect_column_value_lengths_to_be_between": _lengths,
    "expect_column_value_lengths_to_equal": lambda a: f"has not {say_number(a['value'])} characters — {_CORRECT}",
    "expect_column_values_to_match_strftime_format": lambda a: (
        f"is not a date of the form {a['strftime_format']} — {_CORRECT}"
    ),
    "expect_column_values_to_be_dateutil_parseable": lambda _: f"can't be read as a date — {_CORRECT}",
    "expect_column_values_to_be_json_parseable": lambda _: f"is not valid JSON — {_CORRECT}",
    "expect_column_values_to_be_increasing": _order("less", "greater"),
    "expect_column_values_to_be_decreasing": _order("greater", "less"),
    "expect_column_value_z_scores_to_be_less_than": _z_score,
    "expect_column_values_to_not_be_outliers": lambda _: f"lies far from the other values — {_CORRECT}",
    "expect_column_pair_values_to_be_equal": lambda _: f"should be equal — {_CORRECT}",
    "expect_column_pair_values_a_to_be_greater_than_b": _than_b,
    "expect_column_pair_values_to_be_in_set": lambda a: (
        f"are none of the pairs {write_list([quoted(pair) for pair in a['value_pairs_set']], 4)} — {_CORRECT}"
    ),
    "expect_compound_columns_to_be_unique": lambda _: f"stand together in several rows — {_KEEP_ONE}",
    "expect_select_column_values_to_be_unique_within_record": lambda _: f"should all differ — {_CORRECT}",
    "expect_multicolumn_values_to_be_equal": lambda _: f"should be equal — {_CORRECT}",
    "expect_multicolumn_sum_to_equal": lambda a: f"should add up to {say_number(a['sum_total'])} — {_CORRECT}",
}


def _measure(what: str) -> Callable[[Arguments], str]:
    return lambda arguments: f"{what} should be {say_range(arguments)}"


def _exists(arguments: Arguments) -> str:
    index = arguments.get("column_index")
    place = "" if index is None else f" as number {say_number(index + 1)}"
    return f'the source should have a column "{arguments["column"]}"{place}'


def _columns_are(arguments: Arguments) -> str:
    exact = "be" if arguments.get("exact_match", True) else "have"
    return f"the columns should {exact}: {write_list(arguments['column_set'])}"


def _quantiles(arguments: Arguments) -> str:
    ranges = arguments["quantile_ranges"]
    parts = [
        f"quantile {say_number(quantile)} should be from {say_number(low)} to {say_number(high)}"
        for quantile, (low, high) in zip(ranges["quantiles"], ranges["value_ranges"], strict=True)
    ]
    return write_list(parts)


_WHOLES: Mapping[str, Callable[[Arguments], str]] = {
    "expect_column_max_to_be_between": _measure("the greatest value"),
    "expect_column_min_to_be_between": _measure("the least value"),
    "expect_column_mean_to_be_between": _measure("the mean"),
    "expect_column_median_to_be_between": _measure("the median"),
    "expect_column_stdev_to_be_between": _measure("the standard deviation"),
    "expect_column_sum_to_be_between": _measure("the sum"),
    "expect_column_quantile_values_to_be_between": _quantiles,
    "expect_column_unique_value_count_to_be_between": _measure("the number of different values"),
    "expect_column_proportion_of_unique_values_to_be_between": _measure("the share of different values"),
    "expect_column_proportion_of_non_null_values_to_be_between": _measure("the share of cells that are not blank"),
    "expect_column_distinct_values_to_be_in_set": lambda a: f"its values should be among {quoted(a['value_set'])}",
    "expect_column_distinct_values_to_contain_set": lambda a: f"its values should have {quoted(a['value_set'])}",
    "expect_column_distinct_values_to_equal_set": lambda a: f"its values should be {quoted(a['value_set'])}",
    "expect_column_most_common_value_to_be_in_set": lambda a: (
        f"the commonest value should be one of {quoted(a['value_set'])}"
    ),
    "expect_table_row_count_to_be_between": _measure("the number of rows"),
    "expect_table_row_count_to_equal": lambda a: f"the number of rows should be {say_number(a['value'])}",
    "expect_column_to_exist": _exists,
    "expect_table_column_count_to_be_between": _measure("the number of columns"),
    "expect_table_column_count_to_equal": lambda a: f"the number of columns should be {say_number(a['value'])}",
    "expect_table_columns_to_match_ordered_list": lambda a: (
        f"the columns should be, in this order: {write_list(a['column_list'])}"
    ),
    "expect_table_columns_to_match_set": _columns_are,
}
