from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.config.pipeline import Pipeline
from ctct_etl.plan.tables import PERMISSION
from ctct_etl.stages.deciding import Decision, decide_contacts, decide_rows, lay_out_plan
from ctct_etl.stages.matching import Match
from ctct_etl.stages.overfilling import Overfull
from ctct_etl.stages.permitting import Permit
from tests.sheets import decided, sheet
from tests.tables import desired, memberships, snapshot

# Contact 0 is new; the account has 1, 2 and 3.
PEOPLE = desired([{"email": f"{name}@x.org"} for name in ("new", "same", "moves", "gone")])
PEOPLE = PEOPLE.set_axis(range(4)).assign(email=["new@x.org", "same@x.org", "moves@x.org", "gone@x.org"])
ACCOUNT = snapshot(
    [
        {"email": "gone@x.org", "status": "unsubscribed", "updated_at": "2026-01-01T00:00:00Z"},
        {"email": "moves@x.org", "updated_at": "2026-02-02T00:00:00Z"},
        {"email": "same@x.org"},
    ]
)
MATCH = Match(np.array([-1, 2, 1, 0]), np.zeros(4, bool), 0)
NOTHING = Overfull(np.zeros(4, bool), np.full(4, "", object))


def permit(*barred: int, verdict: str = c.SKIP) -> Permit:
    said = np.array([verdict if at in barred else "" for at in range(4)], object)
    allowed = said == ""
    return Permit(said, np.where(allowed, "", "it may not").astype(object), allowed, allowed, ~allowed & allowed)


def changes(*changed: tuple[int, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(changed, columns=[c.CONTACT, c.FIELD, c.BEFORE, c.AFTER])
    return frame.astype({c.CONTACT: "int64", c.FIELD: "category", c.BEFORE: "str", c.AFTER: "str"})


def pipeline(**keys: Any) -> Pipeline:
    needed = {"name": "p", "account": "a", "source": {"path": "x.csv"}, "mapping": "m.yaml"}
    return Pipeline.model_validate({**needed, **keys})


RENAMED = changes((2, "first_name", "Mo", "Moe"))
JOINS = memberships([(2, "list", "News")])
NOBODY = memberships([])


def said(decision: Decision) -> list[tuple[str, str]]:
    return list(zip(decision.action, decision.reason, strict=True))


def test_a_contact_is_created_left_or_updated_and_the_reason_names_the_rule() -> None:
    assert said(decide_contacts(MATCH, permit(3), NOTHING, RENAMED, NOBODY, (), pipeline())) == [
        ("create", "new.create: the account does not have this address"),
        ("unchanged", "the account already says the same"),
        ("update", "existing.update: always"),
        ("skip", "it may not"),
    ]


def test_a_list_or_tag_to_join_is_an_update_as_much_as_a_field() -> None:
    decision = decide_contacts(MATCH, permit(), NOTHING, changes(), JOINS, (), pipeline())
    assert decision.action.tolist() == ["create", "unchanged", "update", "unchanged"]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("if_in_no_list", "existing.update: if_in_no_list"),
        ({"if_in": ["A", "B"]}, "existing.update: if_in A, B"),
        ({"if_not_in": ["A"]}, "existing.update: if_not_in A"),
    ],
)
def test_the_reason_of_an_update_is_the_rule_as_it_is_written(rule: Any, reason: str) -> None:
    decision = decide_contacts(MATCH, permit(), NOTHING, RENAMED, NOBODY, (), pipeline(existing={"update": rule}))
    assert decision.reason[2] == reason


def test_whoever_may_not_be_written_is_decided_by_that_alone() -> None:
    full = Overfull(np.array([False, False, True, False]), np.full(4, "too many lists", object))
    decision = decide_contacts(MATCH, permit(2, verdict=c.REJECTED), full, RENAMED, JOINS, (), pipeline())
    assert said(decision)[2] == ("rejected", "it may not")


def test_who_would_hold_too_much_is_rejected_with_that_reason() -> None:
    full = Overfull(np.array([True, False, False, False]), np.full(4, "too many lists", object))
    assert said(decide_contacts(MATCH, permit(), full, RENAMED, NOBODY, (), pipeline()))[0] == (
        "rejected", "too many lists",
    )  # fmt: skip


ROWS = sheet("""
    email
    new@x.org
    bad
    moves@x.org
    gone@x.org
""").assign(**{c.CONTACT: [0, -1, 2, 3]})
ROWS = ROWS.assign(
    **{
        c.OUTCOME: pd.Series([None, "rejected", None, None], dtype="str"),
        c.REASON: pd.Series([None, "bad", None, None], dtype="str"),
    }
)
DECISION = decide_contacts(MATCH, permit(3), NOTHING, RENAMED, JOINS, (), pipeline())


def test_a_row_takes_the_decision_of_its_contact_and_a_decided_one_keeps_its_own() -> None:
    assert decided(decide_rows(ROWS, DECISION)) == {
        2: "create: new.create: the account does not have this address",
        3: "rejected: bad",
        4: "update: existing.update: always",
        5: "skip: it may not",
    }
    assert decided(ROWS)[2] is None  # the input is as it was


def test_a_decided_row_without_a_reason_gets_none_of_anothers() -> None:
    nameless = ROWS.assign(**{c.REASON: pd.Series([None, None, None, None], dtype="str")})
    assert decide_rows(nameless, DECISION)[c.REASON].isna().tolist() == [False, True, False, False]


def test_an_undecided_row_without_a_contact_is_a_fault_of_the_program() -> None:
    with pytest.raises(AssertionError, match="a stage before this one lost it"):
        decide_rows(ROWS.assign(**{c.CONTACT: [-1, -1, 2, 3]}), DECISION)


def laid_out(**consent: str) -> Any:
    wanted = memberships([(2, "list", "News"), (2, "tag", "x"), (1, "list", "News")])
    people = PEOPLE.assign(**{c.EVIDENCE_DATE: "2026-01-01", c.EVIDENCE_SOURCE: "Form"})
    spec = pipeline(consent=consent or {}).consent
    return lay_out_plan(people, ROWS, MATCH, DECISION, RENAMED, JOINS, wanted, ACCOUNT, spec)


def test_actions_stand_in_the_order_of_addresses_without_those_that_need_nothing() -> None:
    actions = laid_out().actions
    assert actions[[c.EMAIL, "action", c.CONTACT_ID, c.STATUS]].astype(object).to_numpy().tolist() == [
        ["gone@x.org", "skip", "id-0", "unsubscribed"],
        ["moves@x.org", "update", "id-1", "implicit"],
        ["new@x.org", "create", "", ""],
    ]
    assert actions[c.UPDATED_AT].tolist() == ["2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z", ""]


def test_long_tables_point_at_the_actions_of_their_contacts() -> None:
    tables = laid_out()
    assert tables.changes.astype(object).to_numpy().tolist() == [[1, "first_name", "Mo", "Moe"]]
    assert tables.memberships.astype(object).to_numpy().tolist() == [[1, "list", "News", "add"]]
    assert tables.wanted.astype(object).to_numpy().tolist() == [[1, "list", "News"], [1, "tag", "x"]]
    assert tables.origins[[c.CONTACT, c.ORIGIN_ROW]].to_numpy().tolist() == [[0, 5], [1, 4], [2, 2]]


def test_only_a_create_has_a_consent_and_its_evidence() -> None:
    actions = laid_out(opt_in_source="account", permission="implicit").actions
    shown = actions[[c.OPT_IN_SOURCE, PERMISSION, c.EVIDENCE_DATE, c.EVIDENCE_SOURCE]].to_numpy().tolist()
    assert shown == [[""] * 4, [""] * 4, ["account", "implicit", "2026-01-01", "Form"]]


def test_a_plan_of_nothing_has_its_columns() -> None:
    none = decide_contacts(MATCH, permit(0, 3, verdict=c.REJECTED), NOTHING, changes(), NOBODY, (), pipeline())
    tables = lay_out_plan(PEOPLE, ROWS, MATCH, none, changes(), NOBODY, NOBODY, ACCOUNT, pipeline().consent)
    assert [len(table) for table in (tables.actions, tables.changes, tables.memberships, tables.origins)] == [0] * 4
    assert list(tables.actions) == list(laid_out().actions)
