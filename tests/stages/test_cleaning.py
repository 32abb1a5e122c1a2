from __future__ import annotations

from collections.abc import Mapping as Values
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.stages.cleaning import clean_rows
from ctct_etl.stages.mapping import Mapped, map_rows
from tests.sheets import CAPABILITIES, cells, decided, mapping, said, sheet, source

LEVEL = {"Level": CustomField("1", "Level", "single_select", choices={"Gold": "7", "Silver": "8"})}


def clean(
    table: pd.DataFrame, fields: Values[str, Any], custom: Values[str, CustomField] | None = None, **parts: Any
) -> Mapped:
    spec = mapping(fields, **parts)
    return clean_rows(*map_rows(table, spec, None), CAPABILITIES, custom, spec)


def test_a_row_without_a_readable_address_is_rejected_with_the_cure() -> None:
    rows = source({"E-mail": ["Ann@Example.org", "ann@@example.org", None, "a@x.org; b@x.org"]})
    cleaned = clean(rows, {})
    assert [*decided(cleaned.rows).values()] == [
        None,
        'rejected: column "E-mail": "ann@@example.org" is not an e-mail address: it has more than one @-sign'
        " — correct the cell",
        "rejected: no e-mail address — a contact is known by it; fill in the cell",
        'rejected: column "E-mail": "a@x.org; b@x.org" holds 2 addresses — leave one in the cell, or say'
        " `many: first` in the mapping",
    ]
    assert cells(cleaned.rows[c.EMAIL])[:2] == ["ann@example.org", "ann@@example.org"]  # as written where unreadable


def test_the_first_of_several_addresses_is_taken_where_the_mapping_says_so() -> None:
    rows = source({"E-mail": ["a@x.org; b@x.org"]})
    cleaned = clean(rows, {"email": {"column": "E-mail", "many": "first"}})
    assert cells(cleaned.rows[c.EMAIL]) == ["a@x.org"] and decided(cleaned.rows) == {2: None}


def test_an_address_that_is_too_long_for_the_account_is_rejected() -> None:
    long = f"{'a' * 60}@{'b' * 30}.org"
    cleaned = clean(source({"E-mail": [long]}), {})
    assert decided(cleaned.rows)[2] == (
        f'rejected: column "E-mail": "{long[:39]}…" is too long: the account holds 80 characters — shorten it'
    )


@pytest.mark.parametrize(("invalid", "severity"), [("ignore", "reject"), ("reject", "reject"), ("stop", "stop")])
def test_an_unreadable_address_always_rejects_and_stops_where_the_mapping_says_so(invalid: str, severity: str) -> None:
    cleaned = clean(source({"E-mail": ["ann"]}), {"email": {"column": "E-mail", "invalid": invalid}})
    assert [line[2] for line in said(cleaned.problems)] == [severity]
    assert cleaned.rows[c.OUTCOME].tolist() == [c.REJECTED]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("x" * 51, "is too long: the account holds 50 characters — shorten it"),
        ("\U0001f600" * 51, "is too long: the account holds 50 characters — shorten it"),
        ("a\x00b", "has control characters — correct the cell"),
        ("a\ufffeb", "has control characters — correct the cell"),
    ],
)
def test_a_value_that_the_account_cannot_hold_is_invalid_and_never_cut(cell: str, fault: str) -> None:
    cleaned = clean(source({"E-mail": ["a@x.org"], "First": [cell]}), {"first_name": "First"})
    assert cells(cleaned.rows["first_name"]) == [None]
    [(row, field, severity, problem)] = said(cleaned.problems)
    assert (row, field, severity) == (0, "first_name", "warn") and problem.endswith(fault)
    assert decided(cleaned.rows) == {2: None}


@pytest.mark.parametrize("cell", ["x" * 50, "\U0001f600" * 50, "a\nb\tc", "\uff21nn", "né"])
def test_a_value_that_the_account_can_hold_is_left_as_it_is(cell: str) -> None:
    cleaned = clean(source({"E-mail": ["a@x.org"], "First": [cell]}), {"first_name": "First"})
    assert cells(cleaned.rows["first_name"]) == [cell] and len(cleaned.problems) == 0


PLACES = sheet("""
    E-mail  | State         | Country
    a@x.org | massachusetts | USA
    b@x.org | Ontario       | canada
    c@x.org | Bayern        | Germany
    d@x.org | Texas         |
    e@x.org | Texas         | Canada
    f@x.org | Texas         | Narnia
""")


def test_countries_and_states_become_codes() -> None:
    cleaned = clean(PLACES, {"address.home.state": "State", "address.home.country": "Country"})
    assert cells(cleaned.rows["address.home.country"]) == ["US", "CA", "DE", None, "CA", None]
    assert cells(cleaned.rows["address.home.state"]) == ["MA", "ON", "Bayern", "TX", None, "TX"]
    assert [line[:3] for line in said(cleaned.problems)] == [
        (4, "address.home.state", "warn"),
        (5, "address.home.country", "warn"),
    ]


def test_the_country_of_one_address_says_nothing_of_another() -> None:
    cleaned = clean(PLACES, {"address.home.state": "State", "address.work.country": "Country"})
    assert cells(cleaned.rows["address.home.state"]) == ["MA", "ON", "Bayern", "TX", "TX", "TX"]


TIERS = sheet("""
    E-mail  | Tier
    a@x.org | gold
    b@x.org | lead
    c@x.org |
""")


def test_a_custom_field_is_read_by_the_accounts_type() -> None:
    cleaned = clean(TIERS, {"custom.Level": {"column": "Tier", "invalid": "reject", "blank": "clear"}}, LEVEL)
    assert cells(cleaned.rows["custom.Level"]) == ["Gold", None, ""]
    assert decided(cleaned.rows) == {
        2: None,
        3: 'rejected: column "Tier": "lead" is none of the account\'s choices: Gold, Silver — correct the cell',
        4: None,
    }


@pytest.mark.parametrize("rule", [{"format": "%Y-%d-%m"}, {"format": "%Y-%d-%m", "type": "date"}])
def test_a_date_of_a_custom_field_is_read_by_its_format_once(rule: dict[str, str]) -> None:
    dates = {"Since": CustomField("1", "Since", "date")}
    rows = source({"E-mail": ["a@x.org"], "Since": ["2020-01-02"]})
    assert cells(clean(rows, {"custom.Since": {"column": "Since"} | rule}, dates).rows["custom.Since"]) == [
        "2020-02-01"
    ]


@pytest.mark.parametrize("custom", [None, {}])
def test_a_custom_field_is_text_without_an_account_and_before_it_is_made(custom: dict[str, CustomField] | None) -> None:
    cleaned = clean(TIERS, {"custom.Level": "Tier"}, custom)
    assert cells(cleaned.rows["custom.Level"]) == ["gold", "lead", None]


def test_clearing_a_typed_field_is_no_malformed_value() -> None:
    rows = source({"E-mail": ["a@x.org"], "X": [None]})
    typed = {"N": CustomField("1", "N", "number"), "D": CustomField("2", "D", "date")}
    clear = {"column": "X", "blank": "clear"}
    fields = ["custom.N", "custom.D", "address.home.country", "address.home.state", "phone.home", "anniversary"]
    cleaned = clean(rows, dict.fromkeys(fields, clear), typed)
    assert [cells(cleaned.rows[field]) for field in fields] == [[""]] * 6 and len(cleaned.problems) == 0


def test_the_reason_names_the_first_problem_and_counts_the_others_but_no_warning() -> None:
    rows = sheet("""
        E-mail  | Joined | Cell | Tier | State
        ann     | soon   | 12   | G    | x
        b@x.org | soon   | 12   | G    | x
        c@x.org | soon   |      | G    | x
        d@x.org |        |      | lead | Texas
    """)
    strict = {"invalid": "reject"}
    fields = {
        "anniversary": {"column": "Joined"} | strict,
        "phone.home": {"column": "Cell"} | strict,
        "custom.Level": {"column": "Tier"},
    }
    assert [*decided(clean(rows, fields, LEVEL).rows).values()] == [
        'rejected: column "E-mail": "ann" is not an e-mail address: it has no @-sign — correct the cell'
        " (and 2 more problems)",
        'rejected: column "Joined": "soon" is not a date such as 2026-12-31 — correct the cell (and 1 more problem)',
        'rejected: column "Joined": "soon" is not a date such as 2026-12-31 — correct the cell',
        None,
    ]


def test_a_row_that_is_decided_is_passed_by_but_its_address_is_read() -> None:
    rows = sheet("""
        E-mail  | Tier | Status
        A@x.org | lead | Lapsed
        ann     | lead | Lapsed
    """)
    where = {"where": {"column": "Status", "equals": "Active"}}
    cleaned = clean(rows, {"custom.Level": {"column": "Tier", "invalid": "stop"}}, LEVEL, rows=where)
    assert set(cleaned.rows[c.OUTCOME]) == {c.SKIP} and len(cleaned.problems) == 0
    assert cells(cleaned.rows[c.EMAIL]) == ["a@x.org", "ann"]


CELLS = st.none() | st.sampled_from(["a@x.org", "x", "US", "\x01", "Texas", "12", "y" * 300])


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_the_input_is_left_untouched_and_every_row_is_still_there(texts: list[str | None]) -> None:
    fields = {"first_name": "X", "address.home.state": "X", "address.home.country": "X", "custom.Level": "X"}
    spec = mapping(fields)
    mapped = map_rows(source({"E-mail": texts, "X": texts}), spec, None)
    before = mapped.rows.copy(deep=True), mapped.problems.copy(deep=True)
    cleaned = clean_rows(*mapped, CAPABILITIES, LEVEL, spec)
    pd.testing.assert_frame_equal(mapped.rows, before[0])
    pd.testing.assert_frame_equal(mapped.problems, before[1])
    assert len(cleaned.rows) == len(texts)
    assert cleaned.rows[c.OUTCOME].isna().equals(cleaned.rows[c.REASON].isna())
    assert cleaned.rows[c.OUTCOME].isna().tolist() == [text == "a@x.org" for text in texts]
