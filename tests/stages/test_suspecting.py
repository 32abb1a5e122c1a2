from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.config.checks import Checks
from ctct_etl.stages.cleaning import clean_rows
from ctct_etl.stages.mapping import map_rows
from ctct_etl.stages.suspecting import suspect_cells
from tests.sheets import CAPABILITIES, mapping, said, sheet, source

TYPO = 'looks misspelt after the @-sign: did you mean "gmail.com"? — correct the cell'
# Each check: a field, a value of it that is odd, and what is said of that.
ODD = {
    "typo_domains": ("email", "ann@gmial.com", TYPO),
}


def suspect(table: pd.DataFrame, fields: Mapping[str, Any] | None = None, **parts: Any) -> pd.DataFrame:
    spec = mapping(fields, **parts)
    cleaned = clean_rows(*map_rows(table, spec, None), CAPABILITIES, None, spec)
    return suspect_cells(cleaned.rows, spec)


def suspect_odd(check: str, **parts: Any) -> list[tuple[int, str, str, str]]:
    field, value, _ = ODD[check]
    cells = {"E-mail": ["ann@example.org"]} | {"E-mail" if field == c.EMAIL else "Other": [value]}
    return said(suspect(source(cells), {} if field == c.EMAIL else {field: "Other"}, **parts))


def test_every_check_is_shown_at_work() -> None:
    assert ODD.keys() == Checks.model_fields.keys()


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
