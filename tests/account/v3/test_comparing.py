import pytest

from ctct_etl.account.comparing import same_value
from ctct_etl.account.entries import Entry
from ctct_etl.account.v3.comparing import lost_by_update, moved_fields, unmet_fields, unmet_lists
from ctct_etl.plan.snapshot import CustomField

CUSTOMS = {"Note": CustomField("c1", "Note", "string", "note")}
CONTACT = {
    "email_address": {"address": "a@x.org", "permission_to_send": "implicit"},
    "first_name": "Ann",
    "phone_numbers": [{"kind": "home", "phone_number": "(212) 555-2368"}],
    "list_memberships": ["l1"],
    "taggings": ["t1"],
    "custom_fields": [{"custom_field_id": "c1", "value": "x"}, {"custom_field_id": "other", "value": "y"}],
}


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        ("first_name", "Ann", "Ann", True),
        ("first_name", "Ann", "ann", False),
        ("phone.home", "+12125552368", "(212) 555-2368", True),
        ("phone.home", "+442079460958", "+44 20 7946 0958", True),
        ("phone.home", "+12125552368", "+12125552369", False),
        ("phone.home", "", "n/a", False),
        ("custom.Note", "+1 2", "+12", False),
    ],
)
def test_values_are_the_same_as_the_service_may_write_them(field, one, other, same):
    assert same_value(field, one, other) is same
    assert same_value(field, other, one) is same


def test_a_field_has_moved_when_it_is_not_to_the_letter_as_the_plan_found_it():
    entry = Entry("a@x.org", before={"first_name": "Ann", "phone.home": "2125552368", "custom.Note": ""})
    assert moved_fields(CONTACT, entry, CUSTOMS) == ["phone.home", "custom.Note"]


def test_a_promise_is_unmet_where_the_value_differs():
    entry = Entry("a@x.org", after={"first_name": "Anna", "phone.home": "+12125552368", "custom.Note": "x"})
    assert unmet_fields(CONTACT, entry, CUSTOMS) == ["first_name"]
    assert unmet_lists(CONTACT, ("l2", "l1")) == ["l2"]


def test_several_choices_are_the_same_in_any_order():
    choices = {"Zoo": "2", "Art": "1"}
    customs = {"Likes": CustomField("c2", "Likes", "multi_select", "likes", choices)}
    contact = {"custom_fields": [{"custom_field_id": "c2", "choice_ids": ["1", "2"]}]}
    entry = Entry("a@x.org", before={"custom.Likes": "Art;Zoo"}, after={"custom.Likes": "Art;Zoo"})
    assert (moved_fields(contact, entry, customs), unmet_fields(contact, entry, customs)) == ([], [])


def test_a_phone_that_the_service_punctuates_in_its_own_way_is_not_lost():
    now = {**CONTACT, "phone_numbers": [{"kind": "home", "phone_number": "212.555.2368"}]}
    assert lost_by_update(CONTACT, now, Entry("a@x.org"), CUSTOMS) == []


def test_an_update_loses_nothing_when_only_the_promised_fields_differ():
    now = {**CONTACT, "first_name": "Anna"}
    assert lost_by_update(CONTACT, now, Entry("a@x.org", after={"first_name": "Anna"}), CUSTOMS) == []


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"list_memberships": []}, ["list_memberships"]),
        ({"taggings": None}, ["taggings"]),
        ({"phone_numbers": []}, ["phone.home"]),
        ({"custom_fields": [{"custom_field_id": "c1", "value": "x"}]}, ["custom_fields"]),
        ({"email_address": {"address": "a@x.org", "permission_to_send": "explicit"}}, ["permission_to_send"]),
    ],
)
def test_an_update_that_takes_more_with_it_is_told_by_name(change, lost):
    assert lost_by_update(CONTACT, {**CONTACT, **change}, Entry("a@x.org", after={}), CUSTOMS) == lost


def test_a_list_joined_meanwhile_is_no_loss():
    now = {**CONTACT, "list_memberships": ["l1", "l2"]}
    assert lost_by_update(CONTACT, now, Entry("a@x.org"), CUSTOMS) == []
