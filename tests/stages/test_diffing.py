from __future__ import annotations

import numpy as np
import pytest

from ctct_etl.config.mapping import FieldRule
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.stages.diffing import diff_fields, diff_memberships
from ctct_etl.stages.matching import match_contacts
from tests.tables import desired, memberships, snapshot

NAN = float("nan")


def changes(wanted: dict, known: dict | None, rule: dict | None = None, custom: tuple[CustomField, ...] = ()):
    people = desired([{"email": "a@example.com", **wanted}])
    account = snapshot([{"email": "a@example.com", **known}] if known is not None else [], custom_fields=custom)
    at = match_contacts(people, account.contacts).at
    rules = {field: FieldRule(column="X", **(rule or {})) for field in wanted}
    diff = diff_fields(people, account.contacts, at, np.ones(1, bool), rules, account.custom_fields)
    return [tuple(row) for row in diff.changes[["field", "before", "after"]].to_numpy()], diff.absorbed


def test_a_field_changes_where_there_is_an_opinion_that_differs():
    found, _ = changes({"first_name": "Ann", "last_name": "Lee"}, {"first_name": "Anna", "last_name": "Lee"})
    assert found == [("first_name", "Anna", "Ann")]


def test_no_opinion_leaves_what_the_account_has_and_an_empty_string_clears_it():
    found, _ = changes({"first_name": NAN, "last_name": ""}, {"first_name": "Anna", "last_name": "Lee"})
    assert found == [("last_name", "Lee", "")]


def test_clearing_what_is_empty_is_no_change():
    assert changes({"first_name": ""}, {"first_name": ""})[0] == []


def test_every_value_of_a_new_contact_is_a_change_from_nothing():
    assert changes({"first_name": "Ann", "last_name": NAN, "job_title": ""}, None)[0] == [("first_name", "", "Ann")]


@pytest.mark.parametrize(
    ("policy", "known", "expected"),
    [
        ("overwrite", {"first_name": "Anna"}, [("first_name", "Anna", "Ann")]),
        ("fill", {"first_name": "Anna"}, []),
        ("fill", {"first_name": ""}, [("first_name", "", "Ann")]),
        ("never", {"first_name": ""}, []),
        ("never", None, [("first_name", "", "Ann")]),
        ("fill", None, [("first_name", "", "Ann")]),
    ],
)
def test_the_policy_of_a_field_masks_the_opinion(policy, known, expected):
    assert changes({"first_name": "Ann"}, known, {"on_update": policy})[0] == expected


def test_a_difference_of_writing_alone_is_absorbed_and_counted():
    found, absorbed = changes({"phone.mobile": "+12125550123"}, {"phone.mobile": "(212) 555-0123"})
    assert (found, absorbed) == ([], {"phone.mobile": 1})


def test_a_custom_field_that_the_account_does_not_define_yet_is_compared_with_nothing():
    assert changes({"custom.Level": "Gold"}, {})[0] == [("custom.Level", "", "Gold")]


def test_a_custom_field_is_compared_by_the_type_that_the_account_defines():
    number = CustomField("f1", "Age", "number")
    assert changes({"custom.Age": "7"}, {"custom.Age": "7.0"}, custom=(number,)) == ([], {"custom.Age": 1})


def test_whom_nobody_may_write_has_no_changes():
    people = desired([{"email": "a@example.com", "first_name": "X"}, {"email": "b@example.com", "first_name": "Y"}])
    account = snapshot([{"email": "a@example.com"}, {"email": "b@example.com"}])
    at = match_contacts(people, account.contacts).at
    rules = {"email": FieldRule(column="E"), "first_name": FieldRule(column="F")}
    diff = diff_fields(people, account.contacts, at, np.array([False, True]), rules, {})
    assert diff.changes["@contact"].tolist() == [1]


@pytest.mark.parametrize("place", [4, 9_999], ids=["by flags", "by hash, in a large account"])
def test_only_memberships_that_are_wanted_and_missing_are_added(place):
    wanted = memberships([(0, "list", "News"), (0, "list", "Trips"), (0, "tag", "News"), (1, "list", "News")])
    held = memberships([(place, "list", "News"), (place, "list", "Board")])
    added = diff_memberships(wanted, held, np.array([place, -1]), np.array([True, True]))
    assert [tuple(row) for row in added.to_numpy()] == [
        (0, "list", "Trips"), (0, "tag", "News"), (1, "list", "News")]  # fmt: skip


def test_whom_nobody_may_put_on_a_list_joins_none():
    wanted = memberships([(0, "list", "News"), (1, "list", "News")])
    added = diff_memberships(wanted, memberships([]), np.array([0, 1]), np.array([False, True]))
    assert added["@contact"].tolist() == [1]
