"""The rows of one address give alone what all rows together give, for every address that there is."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl import columns as c
from ctct_etl.plan.remembered import Remembered
from ctct_etl.workflow.deriving import derive_plan
from ctct_etl.workflow.tracing import Traced, narrow_snapshot, trace_rows
from tests.sheets import CAPABILITIES, mapping, source
from tests.tables import snapshot
from tests.workflow.given import changes, derive, desire, joined, pipeline

ACCOUNT = snapshot(
    [
        {"email": "ann@x.org", "first_name": "Ann", "lists": ["News"]},
        {"email": "bob@x.org", "last_name": "Old", "status": c.UNSUBSCRIBED},
        {"email": "cy@x.org", "first_name": "Cy", "last_name": "Mine", "lists": ["Choir"]},
        {"email": "dee@x.org"},
        {"email": "dee@x.org", "first_name": "Twin"},
    ],
    lists=["News", "Choir"],
)
FIELDS = {"first_name": "First", "last_name": {"column": "Last", "on_update": "respect_edits"},
          "phone.mobile": {"column": "Cell", "invalid": "reject"}}  # fmt: skip
REMEMBERED = Remembered(
    memberships=pd.DataFrame({c.EMAIL: ["cy@x.org"], c.NAME: ["News"]}, dtype="str"),
    version=1,
    values=pd.DataFrame({c.EMAIL: ["cy@x.org"], "last_name": ["Theirs"]}, dtype="str"),
)
KEYS: dict[str, Any] = {
    "rows": {"where": {"column": "Status", "not_in": ["gone"]}},
    "opted_out": {"column": "No", "not_blank": "true"},
    "lists": ["News", {"list": "Choir", "when": {"column": "Cell", "not_blank": "true"}}],
    "dedupe": {"merge": "fill_blanks", "prefer": "most_complete"},
    "expectations": [{"expect": "expect_column_values_to_be_unique", "column": "Last", "on_fail": "reject"}],
}
HEADER = ("E-mail", "First", "Last", "Cell", "Status", "No")
ADDRESSES = ("ann@x.org", "Ann@X.org ", "bob@x.org", "cy@x.org", "dee@x.org", "eve@x.org", "nobody", None,
             "mailto:eve@x.org", "bob@x.org; ann@x.org")  # fmt: skip
ROWS = st.lists(
    st.tuples(
        st.sampled_from(ADDRESSES),
        st.sampled_from(["Ann", "Cy", None]),
        st.sampled_from(["Lee", "Old", "Mine", "Park", None, None]),
        st.sampled_from(["(212) 555-0123", "x", None]),
        st.sampled_from(["gone", None, None]),
        st.sampled_from(["y", None, None, None]),
    ),
    min_size=1,
    max_size=8,
)


def sheet_of(rows: list[tuple[str | None, ...]]) -> pd.DataFrame:
    return source({name: [row[at] for row in rows] for at, name in enumerate(HEADER)})


def trace(cells: pd.DataFrame, address: str, keys: dict[str, Any]) -> Traced:
    rules = mapping(FIELDS, **keys)
    whole = desire(cells, ACCOUNT, FIELDS, keys)
    return trace_rows(cells, whole, address, rules, None, CAPABILITIES, ACCOUNT.custom_fields)


def alone_and_together(cells: pd.DataFrame, keys: dict[str, Any], *addresses: str) -> None:
    together = derive(cells, ACCOUNT, FIELDS, {}, REMEMBERED, **keys)
    for address in addresses:
        traced = trace(cells, address, keys)
        told = together.rows.iloc[traced.at]
        assert (told[c.EMAIL] == address).all() and len(told) == int((together.rows[c.EMAIL] == address).sum())
        account, rules = narrow_snapshot(ACCOUNT, address), pipeline()
        derived = derive_plan(
            traced.desire, account, CAPABILITIES, rules, mapping(FIELDS, **keys), {}, "2026-11-23", REMEMBERED
        )
        for column in (c.OUTCOME, c.REASON):
            assert derived.rows[column].tolist() == told[column].tolist()
        assert changes(derived) == [each for each in changes(together) if each[0] == address]
        assert joined(derived) == [each for each in joined(together) if each[0] == address]


@given(ROWS, st.sampled_from(["ann@x.org", "bob@x.org", "cy@x.org", "dee@x.org", "eve@x.org"]))
def test_an_address_alone_is_decided_as_among_all_others(rows: list[tuple[str | None, ...]], address: str) -> None:
    alone_and_together(sheet_of(rows), {key: value for key, value in KEYS.items() if key != "expectations"}, address)


def test_the_verdict_of_an_expectation_that_looks_across_rows_is_taken_over() -> None:
    cells = sheet_of(
        [("ann@x.org", "A", "Lee", None, None, None), ("cy@x.org", "C", "Lee", None, None, None),
         ("ann@x.org", "B", "Park", None, None, None)]
    )  # fmt: skip
    alone_and_together(cells, KEYS, "ann@x.org", "cy@x.org")
    traced = trace(cells, "ann@x.org", KEYS)
    assert traced.desire.rows[c.OUTCOME].fillna("").tolist() == ["rejected", ""]
    assert traced.problems[c.ROW].tolist() == [0]


@pytest.mark.parametrize("cell", ["bob@x.org; ann@x.org", "Ann <ann@x.org>, Bob <bob@x.org>", "ANN@X.ORG/bob@x.org",
                                  "ann@x.org (private)", "mailto:bob@x.org\u00a0ann@x.org"])  # fmt: skip
def test_a_row_that_names_the_address_beside_something_else_is_told_apart(cell: str) -> None:
    cells = sheet_of([(cell, *[None] * 5), ("ann@x.org", *[None] * 5), ("joann@x.org; eve@x.org", *[None] * 5)])
    traced = trace(cells, "ann@x.org", KEYS)
    assert (traced.at.tolist(), traced.mentioned.tolist()) == ([1], [0])


def test_with_many_first_the_others_of_a_cell_are_only_mentioned() -> None:
    cells = sheet_of([("bob@x.org; ann@x.org", *[None] * 5)])
    rules = mapping({"email": {"column": "E-mail", "many": "first"}})
    whole = desire(cells, ACCOUNT, {"email": {"column": "E-mail", "many": "first"}}, {})
    found = [trace_rows(cells, whole, who, rules, None, CAPABILITIES, {}) for who in ("bob@x.org", "ann@x.org")]
    assert [(one.at.tolist(), one.mentioned.tolist()) for one in found] == [([0], []), ([], [0])]
