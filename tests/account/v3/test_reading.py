import pytest

from ctct_etl.account.v3.reading import canonical_address, column_names, decode_contact, decode_contacts, utc_text
from ctct_etl.plan.snapshot import CustomField

TIER = CustomField("cf-1", "Tier", "single_select", "tier", {"Basic": "1", "Gold": "2"})
TOPICS = CustomField("cf-2", "Topics", "multi_select", "topics", {"Books": "9", "Trips": "7", "Films": "8"})
NOTE = CustomField("cf-3", "Note", "string", "note")
CUSTOMS = {one.label: one for one in (TIER, TOPICS, NOTE)}

WHOLE = {
    "contact_id": "id-1",
    "email_address": {
        "address": "Ann@Example.COM",
        "permission_to_send": "explicit",
        "opt_in_source": "Contact",
        "opt_in_date": "2026-01-02T03:04:05Z",
    },
    "first_name": "Ann",
    "birthday_month": 2,
    "birthday_day": 29,
    "anniversary": "2006-11-15",
    "created_at": "2026-01-02T03:04:05.000+00:00",
    "updated_at": "2026-01-02T03:04:05-05:00",
    "phone_numbers": [{"kind": "home", "phone_number": "1"}, {"kind": "mobile", "phone_number": "2"}],
    "street_addresses": [{"kind": "home", "street": "1 Main", "postal_code": "01970"}],
    "custom_fields": [
        {"custom_field_id": "cf-1", "choice_ids": [2]},
        {"custom_field_id": "cf-2", "choice_ids": ["7", "9"]},
        {"custom_field_id": "cf-3", "value": "hi"},
        {"custom_field_id": "gone", "value": "of a field that is no longer defined"},
    ],
    "list_memberships": ["l1", "l2"],
    "taggings": ["t1"],
}


def test_a_whole_contact_is_read_under_canonical_names():
    contact = {name: value for name, value in decode_contact(WHOLE, CUSTOMS).items() if value}
    assert contact == {
        "contact_id": "id-1",
        "email": "ann@example.com",
        "status": "explicit",
        "opt_in.source": "Contact",
        "opt_in.date": "2026-01-02T03:04:05Z",
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T08:04:05Z",
        "first_name": "Ann",
        "birthday": "02-29",
        "anniversary": "2006-11-15",
        "phone.home": "1",
        "phone.mobile": "2",
        "address.home.street": "1 Main",
        "address.home.postal_code": "01970",
        "custom.Tier": "Gold",
        "custom.Topics": "Books;Trips",
        "custom.Note": "hi",
    }


def test_memberships_are_pairs_of_position_and_id():
    page = decode_contacts([{}, WHOLE, {"list_memberships": None, "taggings": ["t1", "t1"]}], CUSTOMS)
    assert page.in_lists == ([1, 1], ["l1", "l2"])
    assert page.with_tags == ([1, 2], ["t1", "t1"])


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"email_address": None, "first_name": None, "phone_numbers": None, "custom_fields": None},
        {"email_address": "no object", "phone_numbers": [None, {}, {"kind": None}, {"kind": "fax"}, {"kind": "home"}]},
        {"street_addresses": [{"kind": "home"}, "text"], "custom_fields": [{}, None, {"custom_field_id": "cf-1"}]},
        {"birthday_month": 2, "birthday_day": None, "updated_at": "not a time", "list_memberships": [None]},
    ],
)
def test_odd_contacts_are_read_as_far_as_they_go(odd):
    contact = decode_contact(odd, CUSTOMS)
    assert set(contact) == set(column_names(CUSTOMS))
    assert {name: value for name, value in contact.items() if value} in ({}, {"updated_at": "not a time"})


def test_values_longer_than_the_limits_and_of_other_types_are_kept():
    odd = {"first_name": "x" * 60, "last_name": 7, "custom_fields": [{"custom_field_id": "cf-3", "value": True}]}
    contact = decode_contact(odd, CUSTOMS)
    assert (contact["first_name"], contact["last_name"], contact["custom.Note"]) == ("x" * 60, "7", "true")


def test_the_first_phone_of_a_kind_counts_and_the_rest_are_counted():
    phones = [{"kind": "home", "phone_number": "1"}, {"kind": "home", "phone_number": "2"}]
    streets = [{"kind": "work", "city": "A"}, {"kind": "work", "city": "B", "state": "MA"}]
    page = decode_contacts([{"phone_numbers": phones, "street_addresses": streets}], {})
    assert page.columns["phone.home"] == ["1"]
    assert (page.columns["address.work.city"], page.columns["address.work.state"]) == (["A"], [""])
    assert page.surplus == 2


def test_deleted_is_a_status_of_its_own():
    deleted = {"deleted_at": "2026-01-01", "email_address": {"permission_to_send": "implicit"}}
    assert decode_contact(deleted, {})["status"] == "deleted"


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        (" Ann@Example.com ", "ann@example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("jürgen@example.com", "jürgen@example.com"),
        ("ann@" + "ü" * 80 + ".example", "ann@" + "ü" * 80 + ".example"),
        (None, ""),
    ],
)
def test_addresses_are_read_in_canonical_form(raw, canonical):
    assert canonical_address(raw) == canonical


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("2016-01-23T13:48:40.108Z", "2016-01-23T13:48:40.108Z"),
        ("2016-01-23T13:48:40.108-05:00", "2016-01-23T18:48:40.108Z"),
        ("2016-01-23T13:48:40.000+00:00", "2016-01-23T13:48:40Z"),
        ("2016-01-23T13:48:40", "2016-01-23T13:48:40Z"),
        ("2016-01-23", "2016-01-23"),
        (None, ""),
    ],
)
def test_times_are_read_in_utc(raw, text):
    assert utc_text(raw) == text
