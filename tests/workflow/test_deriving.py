from __future__ import annotations

from dataclasses import fields
from typing import Any

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.plan.remembered import Remembered
from ctct_etl.workflow.deriving import RowLost, assert_conservation
from tests.sheets import sheet
from tests.tables import snapshot
from tests.workflow.given import changes, derive, joined, outcomes, reasons

ACCOUNT = snapshot(
    [
        {"email": "same@x.org", "first_name": "Sam"},
        {"email": "old@x.org", "first_name": "Olga", "lists": ["News"]},
        {"email": "gone@x.org", "first_name": "Guy", "status": "unsubscribed"},
        {"email": ""},
    ],
    lists=("News", "Board"),
)
NIGHT = sheet("""
    E-mail     | First | Status
    same@x.org | Sam   | Active
    old@x.org  | Oleg  | Active
    gone@x.org | Gus   | Active
    new@x.org  | Nina  | Active
    new@x.org  | Nino  | Active
    nonsense   | Ned   | Active
    late@x.org | Lea   | Lapsed
""")
FIRST = {"first_name": "First"}
MEANT = {"where": {"column": "Status", "in": ["Active"]}}


def test_every_row_has_one_outcome_and_they_add_up() -> None:
    night = derive(NIGHT, ACCOUNT, FIRST, rows=MEANT)
    assert outcomes(night) == {
        2: "unchanged", 3: "update", 4: "skip", 5: "merged", 6: "create", 7: "rejected", 8: "skip",
    }  # fmt: skip
    assert all(reasons(night).values())
    assert (night.unchanged, night.without_address) == (1, 1)


def test_only_what_differs_is_planned() -> None:
    night = derive(NIGHT, ACCOUNT, FIRST, rows=MEANT)
    assert changes(night) == [
        ("new@x.org", "first_name", "", "Nino"), ("old@x.org", "first_name", "Olga", "Oleg"),
    ]  # fmt: skip


def test_the_guards_get_the_figures_of_the_plan() -> None:
    rows = NIGHT.assign(First=NIGHT["First"].where(NIGHT["E-mail"] != "old@x.org"))
    figures = derive(rows, ACCOUNT, {"first_name": {"column": "First", "blank": "clear"}}, rows=MEANT).figures
    assert (figures.rows, figures.rejected_rows, figures.contacts) == (7, 1, 4)
    assert (figures.creates, figures.updates, figures.matched) == (1, 1, 2)
    assert (figures.clears, figures.mapped_values, figures.changed_by_field) == (1, 2, {"first_name": 1})


def test_a_rule_that_leaves_rows_out_changes_their_outcome() -> None:
    assert outcomes(derive(NIGHT, ACCOUNT, FIRST))[8] == "create"
    assert outcomes(derive(NIGHT, ACCOUNT, FIRST, rows=MEANT))[8] == "skip"


def test_who_opted_out_is_not_created_and_joins_no_list_though_the_fields_follow() -> None:
    no_mail: dict[str, Any] = {"column": "Status", "equals": "Active"}
    free = derive(NIGHT, ACCOUNT, FIRST, lists=["Board"])
    night = derive(NIGHT, ACCOUNT, FIRST, lists=["Board"], opted_out=no_mail)
    assert ("old@x.org", "list", "Board") in joined(free) and ("new@x.org", "list", "Board") in joined(free)
    assert joined(night) == [("late@x.org", "list", "Board")]
    assert outcomes(night)[6] == "skip"
    assert ("old@x.org", "first_name", "Olga", "Oleg") in changes(night)


LEFT = Remembered(
    memberships=pd.DataFrame([("old@x.org", "Board"), ("same@x.org", "Board")], columns=[c.EMAIL, c.NAME], dtype="str")
)


@pytest.mark.parametrize(
    ("rule", "back"),
    [
        ("Board", set()),
        ({"list": "Board", "readd": "false"}, set()),
        ({"list": "Board", "readd": "true"}, {"old@x.org", "same@x.org"}),
        ({"list": "Board", "readd": "true", "when": {"column": "First", "equals": "Sam"}}, {"same@x.org"}),
    ],
)
def test_who_left_a_list_is_put_back_only_where_the_mapping_says_readd(rule: Any, back: set[str]) -> None:
    night = derive(NIGHT[:2], ACCOUNT, FIRST, {}, LEFT, lists=["Board", rule])
    assert {address for address, _, name in joined(night)} == back
    assert night.figures.readds == len(back)
    assert (night.readded, night.departed) == (
        {"Board": len(back)} if back else {}, {"Board": 2 - len(back)} if len(back) < 2 else {},
    )  # fmt: skip
    said = "existing.update: always; left the list Board: added again (readd)"
    assert (reasons(night)[2] == said) == ("same@x.org" in back)


def test_lists_and_tags_of_the_mapping_are_put_on_where_they_are_missing() -> None:
    night = derive(NIGHT[1:2].reset_index(drop=True), ACCOUNT, lists=["News", "Board"], tags=["spring"])
    assert joined(night) == [("old@x.org", "list", "Board"), ("old@x.org", "tag", "spring")]
    wanted = night.tables.wanted[[c.KIND, c.NAME]].astype(object).to_numpy().tolist()
    assert wanted == [["list", "Board"], ["list", "News"], ["tag", "spring"]]


@pytest.mark.parametrize(("merge", "last_name"), [("winner_only", []), ("fill_blanks", [("Lee",)])])
def test_the_merge_decides_whose_values_a_contact_gets(merge: str, last_name: list[tuple[str]]) -> None:
    rows = sheet("""
        E-mail  | First | Last
        a@x.org | Ann   | Lee
        a@x.org | Anna  |
    """)
    fields = {"first_name": "First", "last_name": "Last"}
    night = derive(rows, snapshot([]), fields, dedupe={"merge": merge})
    assert [line for line in changes(night) if line[1] == "first_name"] == [("a@x.org", "first_name", "", "Anna")]
    assert [line[3:] for line in changes(night) if line[1] == "last_name"] == last_name


PROVED = sheet("""
    E-mail  | Day        | Form
    a@x.org | 01/02/2026 | Web
""")


@pytest.mark.parametrize(("source", "permission"), [("account", "implicit"), ("contact", "explicit")])
def test_new_contacts_get_the_consent_that_the_pipeline_says_and_its_evidence(source: str, permission: str) -> None:
    evidence = {"date": "Day", "source": "Form", "format": "%d/%m/%Y"}
    consent = {"opt_in_source": source, "permission": permission, "evidence": evidence}
    (action,) = derive(PROVED, snapshot([]), consent=consent).tables.actions.to_dict("records")
    assert (action[c.OPT_IN_SOURCE], action["permission"]) == (source, permission)
    assert (action[c.EVIDENCE_DATE], action[c.EVIDENCE_SOURCE]) == ("2026-02-01", "Web")


@pytest.mark.parametrize(
    ("evidence", "outcome"),
    [
        ({"date": "Day", "source": "Form", "format": "%d/%m/%Y"}, "create"),
        ({"date": "Day", "source": "Form", "format": "%Y-%m-%d"}, "rejected"),
        ({"date": "Form", "source": "Day", "format": "%d/%m/%Y"}, "rejected"),
    ],
)
def test_evidence_is_read_from_its_columns_by_its_format(evidence: dict[str, str], outcome: str) -> None:
    night = derive(PROVED, snapshot([]), consent={"permission": "explicit", "evidence": evidence})
    assert outcomes(night) == {2: outcome}


def test_the_source_of_the_evidence_has_to_be_filled_in() -> None:
    consent = {"opt_in_source": "contact", "evidence": {"date": "Day", "source": "Form", "format": "%d/%m/%Y"}}
    blank = PROVED.assign(Form=pd.Series([None], dtype="str"))
    assert outcomes(derive(blank, snapshot([]), consent=consent)) == {2: "rejected"}


def test_who_is_suppressed_is_touched_by_nothing() -> None:
    night = derive(NIGHT, ACCOUNT, FIRST, {"old@x.org": "never.csv", "new@x.org": "never.csv"}, lists=["Board"])
    assert (outcomes(night)[3], outcomes(night)[6]) == ("skip", "skip")
    assert not {"old@x.org", "new@x.org"} & {who for who, *_ in [*changes(night), *joined(night)]}


def test_who_would_hold_too_much_is_rejected_with_nothing_of_theirs_in_the_plan() -> None:
    full = snapshot([{"email": "full@x.org", "lists": [f"List {n:02}" for n in range(50)]}], lists=("One more",))
    rows = sheet("""
        E-mail     | First
        full@x.org | Fay
        free@x.org | Fred
    """)
    night = derive(rows, full, FIRST, lists=["One more"])
    assert outcomes(night) == {2: "rejected", 3: "create"}
    assert reasons(night)[2] == "it would have 51 lists, and the service holds 50 — name fewer"
    assert {who for who, *_ in [*changes(night), *joined(night)]} == {"free@x.org"}


def test_the_source_is_left_as_it_was() -> None:
    before = NIGHT.copy(deep=True)
    derive(NIGHT, ACCOUNT, FIRST, rows=MEANT, lists=["Board"])
    pd.testing.assert_frame_equal(NIGHT, before)


def test_an_empty_sheet_makes_an_empty_plan() -> None:
    night = derive(NIGHT[:0], ACCOUNT, FIRST)
    assert len(night.rows) == 0 and len(night.tables.actions) == 0


DECIDED = NIGHT[[*c.ORIGIN_COLUMNS]].assign(**{c.OUTCOME: "skip", c.REASON: "rows.where"})


@pytest.mark.parametrize(
    ("column", "value"),
    [(c.OUTCOME, None), (c.OUTCOME, "done"), (c.OUTCOME, "remove"), (c.REASON, None), (c.REASON, "")],
)
def test_a_row_without_an_outcome_or_a_reason_stops_the_program(column: str, value: str | None) -> None:
    assert_conservation(DECIDED)
    lost = DECIDED.copy()
    lost[column] = lost[column].astype(object)
    lost.loc[3, column] = value
    with pytest.raises(RowLost, match=r"^members\.xlsx, Members, 5: the row has no outcome or no reason"):
        assert_conservation(lost)


def test_one_row_in_millions_is_enough_to_stop_it() -> None:
    many = pd.concat([DECIDED] * 1000, ignore_index=True)
    assert_conservation(many)
    with pytest.raises(RowLost):
        assert_conservation(many.assign(**{c.REASON: many[c.REASON].mask(many.index == 6999)}))


def test_what_looks_odd_is_told_and_changes_nothing_else() -> None:
    rows = sheet("""
        E-mail        | First
        a@gmial.com   | Ann
        b@x.org       | Bob
        A@GMIAL.com   | Anna
    """)
    loud, still = (
        derive(rows, snapshot([{"email": "b@x.org"}]), {"first_name": "First"}, checks=checks)
        for checks in ("warn", "off")
    )
    assert set(loud.problems[c.ROW]) == {0, 2} and set(loud.problems[c.SEVERITY]) == {c.WARN}
    assert len(still.problems) == 0
    pd.testing.assert_frame_equal(loud.rows, still.rows)
    for table in fields(loud.tables):
        pd.testing.assert_frame_equal(getattr(loud.tables, table.name), getattr(still.tables, table.name))
