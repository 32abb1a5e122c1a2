"""Wrong expectations: all but a gate that closes end with 2, before anything is sent."""

from __future__ import annotations

from tests.cli.club import MAPPING
from tests.cli.wrong.case import Case

UNIQUE = "expect: expect_column_values_to_be_unique"


def gate(line: str) -> str:
    """The mapping with one expectation."""
    return f"{MAPPING}expectations:\n  - {{{line}}}\n"


def wrong(name: str, told: str, line: str, words: str = "check F/pipeline.yaml", **files: str) -> Case:
    suites = {f"{suite}.yaml": text for suite, text in files.items()}
    return Case(name, words, 2, told, {"mapping.yaml": gate(line), **suites})


HAS = "it has: E-mail, First Name, Last Name, email, first_name, last_name"
CASES = (
    wrong(
        "an expectation misspelt",
        'F/mapping.yaml:7:14: there is no expectation "expect_column_values_to_be_uniqe" — did you mean '
        '"expect_column_values_to_be_unique"?',
        "expect: expect_column_values_to_be_uniqe, column: E-mail",
        "run F/pipeline.yaml",
    ),
    wrong(
        "an argument of an expectation misspelt",
        'F/mapping.yaml:7:67: expect_column_values_to_match_regex has no argument "regx" — did you mean "regex"?',
        "expect: expect_column_values_to_match_regex, column: E-mail, regx: a",
    ),
    wrong(
        "an expectation of a column that the source does not have",
        f'F/mapping.yaml:7:57: "Zip" is no column and no mapped field — {HAS}',
        f"{UNIQUE}, column: Zip",
    ),
    wrong(
        "an expectation of a misspelt field",
        f'F/mapping.yaml:7:57: "frist_name" is no column and no mapped field — did you mean "first_name"? {HAS}',
        f"{UNIQUE}, column: frist_name",
        "run F/pipeline.yaml",
    ),
    wrong(
        "an expectation of some rows by a column that the source does not have",
        'F/mapping.yaml:7:80: the source has no column "Land" — it has: E-mail, First Name, Last Name',
        f"{UNIQUE}, column: E-mail, when: {{column: Land, blank: true}}",
    ),
    wrong(
        "an expectation that would run code",
        'F/mapping.yaml:7:65: "row_condition" is not allowed here — it is run as code; write `when:` with a condition: '
        "{column: Country, in: [US]}",
        f"{UNIQUE}, column: E-mail, row_condition: \"@os.system('ls')\"",
    ),
    wrong(
        "a table that can't be rejected",
        "F/mapping.yaml:7:75: expect_table_row_count_to_be_between judges all rows together, so that there is no row "
        "to reject — write warn or stop",
        "expect: expect_table_row_count_to_be_between, min_value: 5, on_fail: reject",
    ),
    wrong(
        "a suite that is not there",
        "F/mapping.yaml:7:13: the suite gone.yaml can't be read — mend the path: it is relative to this file",
        "suite: gone.yaml",
    ),
    wrong(
        "a fault in a suite",
        'F/suite.yaml:2:57: "mostly" is not understood — expected a share from 0 to 1, such as 0.95',
        "suite: suite.yaml",
        suite=f"expectations:\n  - {{{UNIQUE}, mostly: 95%, column: E-mail}}\n",
    ),
    wrong(
        "a column of a suite that the source does not have",
        f'F/suite.yaml:2:57: "Zip" is no column and no mapped field — {HAS}',
        "suite: suite.yaml",
        suite=f"expectations:\n  - {{{UNIQUE}, column: Zip}}\n",
    ),
    Case(
        "too few rows for a quality gate",
        "run F/pipeline.yaml",
        1,
        "ctct-etl: F/mapping.yaml:7:14: the number of rows should be at least 100, and it is 3 — correct the source, "
        "or choose warn",
        {"mapping.yaml": gate("expect: expect_table_row_count_to_be_between, min_value: 100")},
    ),
)
