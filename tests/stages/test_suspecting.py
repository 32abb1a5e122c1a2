from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.config.checks import Checks
from ctct_etl.stages.cleaning import clean_rows
from ctct_etl.stages.mapping import map_rows
from ctct_etl.stages.suspecting import suspect_cells, suspect_rows
from tests.sheets import CAPABILITIES, mapping, said, sheet, source

TYPO = 'looks misspelt after the @-sign: did you mean "gmail.com"? — correct the cell'
ROUNDED = "is a number that a spreadsheet program has rounded — export the column as text"
# Each check: a field, a value of it that is odd, and what is said of that.
ODD = {
    "typo_domains": ("email", "ann@gmial.com", TYPO),
    "role_addresses": (
        "email",
        "info@example.org",
        "is the address of a role, not of a person — ask for the person's own",
    ),
    "garbled_text": (
        "first_name",
        "JosÃ©",
        'was read in a wrong encoding: did you mean "José"? — correct it where the file is made',
    ),
    "spreadsheet_traces": ("custom.Member No", "1.23457E+11", ROUNDED),
    "misplaced_values": (
        "address.home.city",
        "02139",
        "has digits and no letter — see whether the row is shifted, or the mapping names another column",
    ),
    "couples": (
        "first_name",
        "Ann & Bob",
        "names two people, and a contact is one — write the one whose address it is",
    ),
}


def suspect(table: pd.DataFrame, fields: Mapping[str, Any] | None = None, **parts: Any) -> pd.DataFrame:
    spec = mapping(fields, **parts)
    cleaned = clean_rows(*map_rows(table, spec, None), CAPABILITIES, None, spec)
    return suspect_rows(cleaned.rows, suspect_cells(table, spec), spec)


def suspect_odd(check: str, **parts: Any) -> list[tuple[int, str, str, str]]:
    field, value, _ = ODD[check]
    cells = {"E-mail": ["ann@example.org"]} | {"E-mail" if field == c.EMAIL else "Other": [value]}
    return said(suspect(source(cells), {} if field == c.EMAIL else {field: "Other"}, **parts))


def test_every_check_is_shown_at_work() -> None:
    of_columns = {
        "ambiguous_dates",
        "swapped_columns",
        "jumps",
    }  # tests/stages/test_suspecting_columns.py, test_jumping.py
    assert ODD.keys() | of_columns == Checks.model_fields.keys()


@pytest.mark.parametrize("check", ODD)
def test_a_check_warns_unless_it_is_turned_off(check: str) -> None:
    field, value, words = ODD[check]
    warned = [(0, field, c.WARN, f'"{value}" {words}')]
    assert (
        suspect_odd(check) == suspect_odd(check, checks="warn") == suspect_odd(check, checks={check: "warn"}) == warned
    )
    others = {other: "off" for other in ODD if other != check}
    assert suspect_odd(check, checks=others) == warned
    assert suspect_odd(check, checks="off") == suspect_odd(check, checks={check: "off"}) == []


def test_a_row_that_is_decided_already_is_not_looked_at() -> None:
    rows = sheet("""
        E-mail        | Status
        ann@gmial.com | Active
        bob@gmial.com | Lapsed
        cy@@gmial.com | Active
    """)
    found = suspect(rows, rows={"where": {"column": "Status", "in": ["Active"]}})
    assert said(found) == [(0, "email", c.WARN, f'"ann@gmial.com" {TYPO}')]


def test_what_is_in_order_is_told_in_an_empty_table_of_the_same_columns() -> None:
    odd, sound = (suspect(source({"E-mail": [address]})) for address in ("a@gmial.com", "a@gmail.com"))
    assert len(sound) == 0 and sound.columns.tolist() == odd.columns.tolist()
    assert sound.dtypes.to_dict() == odd.dtypes.to_dict()
    assert len(suspect(source({"E-mail": []}))) == 0


def test_a_cell_is_looked_at_as_it_stands_in_the_source() -> None:
    rule = {"column": "First", "transform": ["title_case"]}
    found = suspect(source({"E-mail": ["a@x.org"], "First": [" JosÃ© "]}), {"first_name": rule})
    assert found[c.VALUE].tolist() == ["JosÃ©"] and found[c.COLUMN].tolist() == ["First"]


def test_a_column_is_looked_at_once_whatever_is_made_of_it() -> None:
    fields = {"first_name": "First", "custom.Call": "First", "custom.Full": {"template": "{First}"}}
    found = suspect(source({"E-mail": ["a@x.org"], "First": ["#N/A"]}), fields)
    assert found[c.FIELD].tolist() == ["first_name"]


def test_what_the_mapping_translates_itself_is_not_looked_at() -> None:
    rule = {"column": "Tier", "values": {"#N/A": ""}, "default": "Basic"}
    assert len(suspect(source({"E-mail": ["a@x.org"], "Tier": ["#N/A"]}), {"custom.Tier": rule})) == 0


def test_a_trace_in_a_telephone_number_is_told_besides_the_number_that_it_is_not() -> None:
    found = suspect(source({"E-mail": ["a@x.org"], "Cell": ["4.15556E+09"]}), {"phone.mobile": "Cell"})
    assert said(found) == [(0, "phone.mobile", c.WARN, f'"4.15556E+09" {ROUNDED}')]


@pytest.mark.parametrize(
    "value", ["Jos\ufffd", "O\x92Neil", "Jos&eacute;", "ï»¿x", "1.2E+11", "1,23457E+100", "#N/A", "#DIV/0!", "####"]
)
def test_one_odd_cell_in_a_plain_column_is_found(value: str) -> None:
    plain = ["plain", "1.2E11", None]
    found = suspect(source({"E-mail": ["a@x.org"] * 4, "Other": [*plain, value]}), {"custom.Other": "Other"})
    assert found[c.ROW].tolist() == [3]
    assert len(suspect(source({"E-mail": ["a@x.org"] * 3, "Other": plain}), {"custom.Other": "Other"})) == 0


def test_the_source_stays_as_it_is() -> None:
    rows = source({"E-mail": ["info@gmial.com"], "First": ["Zoë & JosÃ©"]})
    before = rows.copy(deep=True)
    assert len(suspect(rows, {"first_name": "First"})) == 4
    pd.testing.assert_frame_equal(rows, before)


def test_what_is_odd_in_a_row_comes_in_the_order_of_the_mapping() -> None:
    rows = source({"A": ["#N/A"] * 2, "B": ["#N/A"] * 2, "E-mail": ["info@gmail.com", "a@x.org"]})
    found = suspect(rows, {"last_name": "B", "first_name": "A"})
    assert [(row, field) for row, field, *_ in said(found)] == [
        (0, "email"), (0, "last_name"), (0, "first_name"), (1, "last_name"), (1, "first_name"),
    ]  # fmt: skip
