"""One case for every expectation: the cells, the arguments, and what of them fails and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Cells = list[str | None]


@dataclass(frozen=True)
class Case:
    """`said`: position of the failing row → its problem; or the sentence about all rows together."""

    name: str
    arguments: Mapping[str, Any]
    said: Mapping[int, str] | str
    a: Cells
    b: Cells | None = None

    @property
    def cells(self) -> dict[str, Cells]:
        return {"A": self.a} | ({"B": self.b} if self.b is not None else {})


def case(name: str, said: Mapping[int, str] | str, a: Cells, b: Cells | None = None, **arguments: Any) -> Case:
    return Case(f"expect_{name}", arguments, said, a, b)


def column(name: str, said: Mapping[int, str] | str, a: Cells, **arguments: Any) -> Case:
    return case(f"column_{name}", said, a, column="A", **arguments)


def pair(name: str, said: Mapping[int, str], a: Cells, b: Cells, **arguments: Any) -> Case:
    return case(f"column_pair_values_{name}", said, a, b, column_A="A", column_B="B", **arguments)


def both(name: str, said: Mapping[int, str], a: Cells, b: Cells, **arguments: Any) -> Case:
    return case(name, said, a, b, column_list=["A", "B"], **arguments)


CORRECT = " — correct the cell"
ZIPS: Cells = ["02101", "0210", None]
TIERS: Cells = ["G", "S", "X", None]
AGES: Cells = ["17", "18", "old", "90.5", None]

ROWS = (
    column("values_to_not_be_null", {2: "the cell is blank — fill it in"}, ZIPS),
    column("values_to_be_null", {0: '"x" should be blank — clear the cell'}, ["x", None]),
    column(
        "values_to_be_unique",
        {0: '"a" stands in several rows — keep one of them', 2: '"a" stands in several rows — keep one of them'},
        ["a", "b", "a", None, None],
    ),
    column("values_to_be_in_set", {2: f'"X" is none of "G", "S"{CORRECT}'}, TIERS, value_set=["G", "S"]),
    column("values_to_not_be_in_set", {2: f'"X" is one of "X", "1"{CORRECT}'}, TIERS, value_set=["X", "1"]),
    column("values_to_match_regex", {1: rf'"0210" does not match ^\d{{5}}${CORRECT}'}, ZIPS, regex=r"^\d{5}$"),
    column("values_to_not_match_regex", {0: f'"02101" matches 1${CORRECT}'}, ZIPS, regex="1$"),
    column(
        "values_to_match_regex_list", {0: f'"G" does not match any of S, X{CORRECT}'}, TIERS, regex_list=["S", "X"]
    ),
    column(
        "values_to_match_regex_list",
        {1: f'"0210" does not match all of ^0, 1${CORRECT}'},
        ZIPS,
        regex_list=["^0", "1$"],
        match_on="all",
    ),
    column(
        "values_to_not_match_regex_list", {0: f'"G" matches one of G, Y{CORRECT}'}, TIERS, regex_list=["G", "Y"]
    ),
    column(
        "values_to_be_between",
        {
            0: f'"17" is not at least 18 and at most 90{CORRECT}',
            2: f'"old" is not a number{CORRECT}',
            3: f'"90.5" is not at least 18 and at most 90{CORRECT}',
        },
        AGES,
        min_value=18.0,
        max_value=90.0,
    ),
    column(
        "values_to_be_between",
        {0: f'"1" is not more than 1 and less than 2{CORRECT}', 2: f'"2" is not more than 1 and less than 2{CORRECT}'},
        ["1", "1.5", "2"],
        min_value=1.0,
        max_value=2.0,
        strict_min=True,
        strict_max=True,
    ),
    column(
        "value_lengths_to_be_between",
        {1: f'"abc" has not at least 1 and less than 3 characters{CORRECT}'},
        ["ab", "abc"],
        min_value=1,
        max_value=3,
        strict_max=True,
    ),
    column(
        "value_lengths_to_be_between",
        {0: f'"ab" has not more than 2 characters{CORRECT}'},
        ["ab", "abc"],
        min_value=2,
        strict_min=True,
    ),
    column("value_lengths_to_equal", {1: f'"0210" has not 5 characters{CORRECT}'}, ZIPS, value=5),
    column(
        "values_to_match_strftime_format",
        {1: f'"3.4.26" is not a date of the form %d.%m.%Y{CORRECT}'},
        ["03.04.2026", "3.4.26", None],
        strftime_format="%d.%m.%Y",
    ),
    column(
        "values_to_be_dateutil_parseable", {1: f'"soon" can\'t be read as a date{CORRECT}'}, ["3 May 2026", "soon"]
    ),
    column("values_to_be_json_parseable", {1: f'"{{a" is not valid JSON{CORRECT}'}, ["[1]", "{a"]),
    column("values_to_be_increasing", {2: f'"9" is less than the cell above{CORRECT}'}, ["8", "10", "9", "9"]),
    column(
        "values_to_be_increasing",
        {1: f'"8" is not greater than the cell above{CORRECT}'},
        ["8", "8", "10"],
        strictly=True,
    ),
    column(
        "values_to_be_decreasing",
        {
            1: f'"2026-02-01" is greater than the cell above{CORRECT}',
            2: f'"9" is not a date such as 2026-01-31{CORRECT}',
        },
        ["2026-01-31", "2026-02-01", "9", "2025-12-31"],
    ),
    column(
        "values_to_be_decreasing",
        {1: f'"8" is not less than the cell above{CORRECT}'},
        ["8", "8", "7"],
        strictly=True,
    ),
    column(
        "value_z_scores_to_be_less_than",
        {4: f'"99" lies 1.5 standard deviations or more from the mean{CORRECT}'},
        ["1", "2", "1", "2", "99"],
        threshold=1.5,
        double_sided=True,
    ),
    column(
        "value_z_scores_to_be_less_than",
        {4: f'"99" lies 1.5 standard deviations or more above the mean{CORRECT}'},
        ["1", "2", "1", "2", "99"],
        threshold=1.5,
        double_sided=False,
    ),
    column(
        "values_to_not_be_outliers",
        {4: f'"99" lies far from the other values{CORRECT}'},
        ["1", "2", "1", "2", "99"],
        method="iqr",
        multiplier=1.0,
    ),
    column(
        "values_to_not_be_outliers", {}, ["1", "2", "1", "2", "99"], method="std", multiplier=3.0
    ),
    pair(
        "to_be_equal",
        {1: f'"b" and "c" should be equal{CORRECT}', 2: f'blank and "d" should be equal{CORRECT}'},
        ["a", "b", None, None],
        ["a", "c", "d", None],
    ),
    pair(
        "to_be_equal", {1: f'"b" and "c" should be equal{CORRECT}'}, ["a", "b", None], ["a", "c", "d"],
        ignore_row_if="either_value_is_missing",
    ),
    pair(
        "a_to_be_greater_than_b",
        {
            0: f'"9" and "10" are in the wrong order: the first should be greater than the second{CORRECT}',
            1: f'"9" and "9" are in the wrong order: the first should be greater than the second{CORRECT}',
            2: f'"x" and "9" is not a number{CORRECT}',
        },
        ["9", "9", "x", "10"],
        ["10", "9", "9", "9"],
    ),
    pair(
        "a_to_be_greater_than_b",
        {1: f'"2025-01-01" and "2026-01-01" are in the wrong order: the first should be at least the second{CORRECT}'},
        ["2026-01-01", "2025-01-01"],
        ["2026-01-01", "2026-01-01"],
        or_equal=True,
    ),
    pair(
        "to_be_in_set",
        {1: f'"US" and "EUR" are none of the pairs "US", "USD", "DE", "EUR"{CORRECT}'},
        ["US", "US"],
        ["USD", "EUR"],
        value_pairs_set=[["US", "USD"], ["DE", "EUR"]],
    ),
    both(
        "compound_columns_to_be_unique",
        {
            0: '"a" and "b" stand together in several rows — keep one of them',
            2: '"a" and "b" stand together in several rows — keep one of them',
        },
        ["a", "a", "a"],
        ["b", "c", "b"],
    ),
    both(
        "select_column_values_to_be_unique_within_record",
        {1: f'"b" and "b" should all differ{CORRECT}'},
        ["a", "b", None],
        ["b", "b", None],
    ),
    both(
        "multicolumn_values_to_be_equal",
        {1: f'"b" and blank should be equal{CORRECT}'},
        ["a", "b"],
        ["a", None],
    ),
    both(
        "multicolumn_values_to_be_equal", {}, ["a", "b"], ["a", None], ignore_row_if="any_value_is_missing"
    ),
    both(
        "multicolumn_sum_to_equal",
        {1: f'"1" and "3" should add up to 3{CORRECT}', 2: f'"1" and "x" is not a number{CORRECT}'},
        ["1", "1", "1"],
        ["2", "3", "x"],
        sum_total=3.0,
    ),
)  # fmt: skip

NUMBERS: Cells = ["1", "2", "6", None]
WHOLE = (
    column("max_to_be_between", 'column "A": the greatest value should be at most 5, and it is 6', NUMBERS,
           max_value=5.0),
    column(
        "max_to_be_between", 'column "A": the greatest value should be less than 6, and it is 6', NUMBERS,
        max_value=6.0, strict_max=True,
    ),
    column("min_to_be_between", 'column "A": the least value should be at least 2, and it is 1', NUMBERS,
           min_value=2.0),
    column("min_to_be_between", 'column "A": the least value should be at least 2026-01-31, and it is 2025-12-31',
           ["2026-02-01", "2025-12-31 10:00:00"], min_value=date(2026, 1, 31)),
    column(
        "min_to_be_between", 'column "A": the least value should be more than 1, and it is 1', NUMBERS,
        min_value=1.0, strict_min=True,
    ),
    column("mean_to_be_between", 'column "A": the mean should be at least 4, and it is 3', NUMBERS, min_value=4.0),
    column(
        "mean_to_be_between",
        'column "A": the mean should be at least 4, and 1 of its cells can\'t be read: "x" is not a number',
        ["9", "x"],
        min_value=4.0,
    ),
    column(
        "mean_to_be_between", 'column "A": the mean should be at least 4, and there is none: no cell has a value',
        [None, None], min_value=4.0,
    ),
    column("median_to_be_between", 'column "A": the median should be at most 1, and it is 2', NUMBERS, max_value=1.0),
    column(
        "stdev_to_be_between", 'column "A": the standard deviation should be at most 1, and it is 2.64575', NUMBERS,
        max_value=1.0,
    ),
    column("sum_to_be_between", 'column "A": the sum should be at most 1,000, and it is 1,200.5', ["1200.5"],
           max_value=1000.0),
    column(
        "quantile_values_to_be_between", 'column "A": quantile 0.5 should be from 3 to 4, and it is 2', NUMBERS,
        quantile_ranges={"quantiles": [0.5], "value_ranges": [[3.0, 4.0]]},
    ),
    column(
        "unique_value_count_to_be_between",
        'column "A": the number of different values should be at most 2, and it is 3', TIERS, max_value=2,
    ),
    column(
        "proportion_of_unique_values_to_be_between",
        'column "A": the share of different values should be at least 0.9, and it is 0.5', ["a", "a", "b", "b"],
        min_value=0.9,
    ),
    column(
        "proportion_of_non_null_values_to_be_between",
        'column "A": the share of cells that are not blank should be at least 0.9, and it is 0.75', TIERS,
        min_value=0.9,
    ),
    column(
        "distinct_values_to_be_in_set", 'column "A": its values should be among "G", "S", and it also has "X"', TIERS,
        value_set=["G", "S"],
    ),
    column(
        "distinct_values_to_contain_set", 'column "A": its values should have "G", "P", and it lacks "P"', TIERS,
        value_set=["G", "P"],
    ),
    column(
        "distinct_values_to_equal_set",
        'column "A": its values should be "G", "S", "P", and it also has "X" and it lacks "P"', TIERS,
        value_set=["G", "S", "P"],
    ),
    column(
        "most_common_value_to_be_in_set", 'column "A": the commonest value should be one of "S", and it is "G"',
        ["G", "G", "S"], value_set=["S"],
    ),
    column(
        "most_common_value_to_be_in_set",
        'column "A": the commonest value should be one of "S", and it is "G", "S"', ["G", "S"], value_set=["S"],
        ties_okay=False,
    ),
    case("table_row_count_to_be_between", "the number of rows should be at least 100, and it is 2", ["a", "b"],
         min_value=100),
    case("table_row_count_to_equal", "the number of rows should be 3, and it is 2", ["a", "b"], value=3),
    case("column_to_exist", 'the source should have a column "C", and it has none there', ["a"], column="C"),
    case("column_to_exist", 'the source should have a column "A" as number 2, and it has none there',
         ["a"], ["b"], column="A", column_index=1),
    case("table_column_count_to_be_between", "the number of columns should be at least 3, and it is 2", ["a"], ["b"],
         min_value=3),
    case("table_column_count_to_equal", "the number of columns should be 3, and it is 2", ["a"], ["b"], value=3),
    case("table_columns_to_match_ordered_list",
         'the columns should be, in this order: B, A, and it is "A", "B"', ["a"], ["b"], column_list=["B", "A"]),
    case("table_columns_to_match_set", 'the columns should be: A, and it is "A", "B"', ["a"], ["b"], column_set=["A"]),
    case("table_columns_to_match_set", 'the columns should have: C, and it is "A", "B"', ["a"], ["b"],
         column_set=["C"], exact_match=False),
)  # fmt: skip
CASES = (*ROWS, *WHOLE)
