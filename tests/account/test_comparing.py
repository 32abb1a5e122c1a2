"""What of a contact is as promised, what has moved, and what a rule leaves alone: of whatever dialect."""

from __future__ import annotations

import pytest

from ctct_etl.account.comparing import breaks_rule, moved_values, same_value, unmet_values
from ctct_etl.account.entries import Entry
from ctct_etl.plan.tables import RestsOn


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        ("phone.home", "+1 508 555 0100", "(508) 555-0100", True),
        ("phone.home", "", "", True),
        ("phone.home", "call me", "ask me", False),
        ("first_name", "Ann", "ann", False),
    ],
)
def test_a_phone_is_the_same_in_any_punctuation_and_a_text_only_to_the_letter(
    field: str, one: str, other: str, same: bool
) -> None:
    assert same_value(field, one, other) is same


def test_a_field_has_moved_where_it_is_not_as_the_plan_found_it_and_is_unmet_until_it_is_as_promised() -> None:
    entry = Entry("a@x.org", before={"first_name": "Ann"}, after={"first_name": "Anna"})
    assert [(moved_values({"first_name": now}, entry, {}), unmet_values({"first_name": now}, entry, {}))
            for now in ("Ann", "Anna", "Bea")] == [
        ([], ["first_name"]), (["first_name"], []), (["first_name"], ["first_name"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "lists", "breaks"),
    [
        ({"if_in_no_list": []}, [], False),
        ({"if_in_no_list": []}, ["1"], True),
        ({"if_in_no_list": []}, ["9"], False),
        ({"if_in": ["1", "2"]}, ["2"], False),
        ({"if_in": ["1", "2"]}, ["3"], True),
        ({"if_not_in": ["1"]}, ["1", "2"], True),
        ({}, ["1"], False),
    ],
)
def test_a_rule_looks_at_the_lists_that_are_not_the_plans_own(rule: RestsOn, lists: list[str], breaks: bool) -> None:
    assert breaks_rule(lists, Entry("a@x.org", ours=("9",)), rule) is breaks
