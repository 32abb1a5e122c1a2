from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ctct_etl.columns import CONTACT, EMAIL, FIELD, VALUE
from ctct_etl.config.mapping import FieldRule
from ctct_etl.plan.remembered import none_known
from ctct_etl.stages.matching import match_contacts
from ctct_etl.stages.respecting import Respected, respect_edits, respected_fields, tell_kept
from tests.tables import desired, snapshot

ANN, BOB = "ann@example.com", "bob@example.com"
RULE = FieldRule(column="X", on_update="respect_edits")


def known(**values: str | None) -> pd.DataFrame:
    return pd.DataFrame({EMAIL: [ANN], **{field: [value] for field, value in values.items()}}).astype("str")


def respect(
    wanted: dict[str, Any], account: dict[str, Any] | None, values: pd.DataFrame, rule: FieldRule = RULE
) -> Respected:
    people = desired([{"email": ANN, **wanted}])
    contacts = snapshot([{"email": ANN, **account}] if account is not None else []).contacts
    at = match_contacts(people, contacts).at
    return respect_edits(people, contacts, at, np.ones(1, bool), dict.fromkeys(wanted, rule), {}, values)


@pytest.mark.parametrize(
    ("source", "account", "agreed", "stays"),
    [
        ("Anna", "Ann", "Ann", False),  # as we left it: the source changed
        ("Anna", "Annie", "Ann", True),  # a person changed it
        ("Ann", "Annie", "Ann", True),
        ("Ann", "", "Ann", True),  # a person cleared it
        ("", "Annie", "Ann", True),  # `blank: clear` clears no edit
        ("", "Ann", "Ann", False),
        ("Ann", "Annie", None, True),  # nothing is known: whose it is can't be told
        ("Ann", "", None, False),
        ("Ann", "Ann", "Annie", False),  # the same on both sides is nobody's edit
    ],
)
def test_what_is_edited_in_the_account_stays_and_what_is_not_follows_the_source(
    source: str, account: str, agreed: str | None, stays: bool
) -> None:
    respected = respect({"first_name": source}, {"first_name": account}, known(first_name=agreed))
    assert respected.desired["first_name"].isna().tolist() == [stays]
    kept = [[0, "first_name", account, source, agreed or ""]]
    assert respected.kept.to_numpy().tolist() == (kept if stays else [])


def test_a_new_contact_has_no_edits_and_other_rules_respect_none() -> None:
    assert respect({"first_name": "Ann"}, None, none_known()).desired["first_name"].tolist() == ["Ann"]
    fields = {"a": RULE, "b": FieldRule(column="X"), "c": FieldRule(column="X", on_update="fill")}
    assert respected_fields(fields) == ["a"]
    overwritten = respect({"first_name": "Ann"}, {"first_name": "Eve"}, known(first_name="Ann"), FieldRule(column="X"))
    assert overwritten.desired["first_name"].tolist() == ["Ann"] and not overwritten.agreed


def test_another_way_of_writing_is_no_edit() -> None:
    values = known(**{"phone.mobile": "+12125552368"})
    respected = respect({"phone.mobile": "+12125559999"}, {"phone.mobile": "(212) 555-2368"}, values)
    assert respected.desired["phone.mobile"].tolist() == ["+12125559999"]


def test_where_both_say_the_same_they_agree_and_no_opinion_agrees_on_nothing() -> None:
    wanted = {"first_name": "Ann", "last_name": "Lee", "job_title": float("nan")}
    respected = respect(wanted, {"first_name": "Ann", "last_name": "Low", "job_title": "Chair"}, none_known())
    agreed = {field: told[[EMAIL, VALUE]].to_numpy().tolist() for field, told in respected.agreed.items()}
    assert agreed == {"first_name": [[ANN, "Ann"]], "last_name": [], "job_title": []}


def test_the_desired_table_that_was_given_is_left_as_it_was() -> None:
    people = desired([{"email": ANN, "first_name": "Ann"}, {"email": BOB, "first_name": "Bob"}])
    contacts = snapshot([{"email": BOB, "first_name": "Rob"}, {"email": ANN, "first_name": "Ann"}]).contacts
    at = match_contacts(people, contacts).at
    respected = respect_edits(people, contacts, at, np.ones(2, bool), {"first_name": RULE}, {}, none_known())
    assert people["first_name"].tolist() == ["Ann", "Bob"]
    assert respected.desired["first_name"].isna().tolist() == [False, True]
    nobody = respect_edits(people, contacts, at, np.zeros(2, bool), {"first_name": RULE}, {}, none_known())
    assert nobody.kept.empty and nobody.desired["first_name"].tolist() == ["Ann", "Bob"]


def test_the_edits_that_stay_are_told_by_contact() -> None:
    kept = pd.DataFrame({CONTACT: [1, 1], FIELD: ["first_name", "last_name"]})
    assert tell_kept(kept, 2).tolist() == ["", "edited in the account: first_name, last_name kept"]
