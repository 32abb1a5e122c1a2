"""The laws of the bodies: nothing but the change differs."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.account.entries import Entry
from ctct_etl.account.v3.bodies import UnknownChoice, import_row, post_body, put_body
from ctct_etl.account.v3.reading import decode_contact
from ctct_etl.account.v3.wire import CORE_PROPERTIES, WIRE_NAMES
from ctct_etl.plan.snapshot import CustomField

CUSTOMS = {
    "Note": CustomField("cf-note", "Note", "string", "note_1"),
    "Tier": CustomField("cf-tier", "Tier", "single_select", "tier", {"Basic": "1", "Gold": "2"}),
    "Topics": CustomField("cf-topics", "Topics", "multi_select", "topics", {"A": "7", "B": "8", "C": "9"}),
}
TEXT = st.sampled_from(["", "Ann", "O'Hara", "李", "x" * 60, "two\nlines"])
KINDS = {"phone_numbers": ("home", "work", "mobile", "other"), "street_addresses": ("home", "work", "other")}


def some(strategy):
    return st.one_of(st.none(), strategy)


@st.composite
def items(draw, part, values):
    kinds = draw(st.lists(st.sampled_from(KINDS[part]), max_size=3))
    return [{"kind": kind, "phone_number_id": "read-only", **draw(values)} for kind in kinds]


phones = items("phone_numbers", st.fixed_dictionaries({"phone_number": some(TEXT)}))
streets = items("street_addresses", st.fixed_dictionaries({}, optional={"street": TEXT, "city": some(TEXT)}))
customs = st.lists(
    st.sampled_from(
        [
            {"custom_field_id": "cf-note", "value": "old"},
            {"custom_field_id": "cf-tier", "choice_ids": ["1"]},
            {"custom_field_id": "cf-topics", "choice_ids": ["7", "8"]},
            {"custom_field_id": "cf-other", "value": "another department's", "read_only": 1},
        ]
    ),
    unique_by=lambda item: item["custom_field_id"],
)
contacts = st.fixed_dictionaries(
    {
        "contact_id": st.just("id"),
        "email_address": st.fixed_dictionaries(
            {"address": st.just("Ann@X.org"), "permission_to_send": st.sampled_from(["implicit", "temp_hold"])},
            optional={"opt_in_source": st.just("Contact")},
        ),
        "list_memberships": st.just(["l1", "l2"]),
        "taggings": st.just(["t1"]),
    },
    optional={
        **{name: some(TEXT) for name in ("first_name", "last_name", "job_title", "company_name", "anniversary")},
        "birthday_month": some(st.just(5)),
        "birthday_day": some(st.just(6)),
        "phone_numbers": some(phones),
        "street_addresses": some(streets),
        "custom_fields": some(customs),
        "sms_channel": st.just({"sms_address": "+1"}),
        "notes": st.just([{"content": "history"}]),
    },
)
WRITABLE = [name for name in WIRE_NAMES if name not in ("email", "birthday")]
changes = st.dictionaries(st.sampled_from(WRITABLE), st.sampled_from(["", "new", "01970"]), max_size=4).flatmap(
    lambda plain: st.fixed_dictionaries(
        {name: st.just(value) for name, value in plain.items()},
        optional={
            "birthday": st.sampled_from(["", "02-29"]),
            "custom.Note": st.sampled_from(["", "new"]),
            "custom.Tier": st.sampled_from(["", "Gold"]),
            "custom.Topics": st.sampled_from(["", "C", "A;C"]),
        },
    )
)


def service_after(contact, body):
    """What the service holds after the PUT, as it documents it: core properties replaced, arrays replaced if sent."""
    after = {key: value for key, value in contact.items() if key not in CORE_PROPERTIES}
    arrays = ("phone_numbers", "street_addresses", "custom_fields", "list_memberships", "taggings")
    after |= {key: value for key, value in body.items() if key in CORE_PROPERTIES or key in arrays}
    after["email_address"] = {**contact["email_address"], **body["email_address"]}
    return after


@given(contacts, changes)
def test_after_a_put_the_changed_fields_are_as_promised_and_all_else_is_as_it_was(contact, after):
    before = decode_contact(contact, CUSTOMS)
    body = put_body(contact, Entry("ann@x.org", after=after), CUSTOMS)
    now = decode_contact(service_after(contact, body), CUSTOMS)
    assert {name: now[name] for name in after} == dict(after)
    assert {n: v for n, v in now.items() if n not in after} == {n: v for n, v in before.items() if n not in after}


@given(contacts, changes)
def test_a_put_echoes_every_untouched_value_exactly_as_it_was_read(contact, after):
    body = put_body(contact, Entry("ann@x.org", after=after), CUSTOMS)
    touched = {"birthday_month", "birthday_day"} if "birthday" in after else set()
    touched |= {name for name in after if name in CORE_PROPERTIES}
    for key in CORE_PROPERTIES:
        if key not in touched:
            assert body.get(key) == contact.get(key)
    assert body["email_address"] == {
        "address": "Ann@X.org",
        "permission_to_send": contact["email_address"]["permission_to_send"],
    }
    assert body["update_source"] == "Account"


@given(contacts, changes)
def test_a_put_never_holds_lists_or_tags_and_an_array_only_when_a_change_lies_in_it(contact, after):
    body = put_body(contact, Entry("ann@x.org", after=after), CUSTOMS)
    parts = {"custom_fields" if name.startswith("custom.") else WIRE_NAMES[name].part for name in after} - {""}
    assert set(body) - set(CORE_PROPERTIES) - {"email_address", "update_source"} == parts


@given(contacts, changes)
def test_items_of_other_kinds_and_fields_of_others_keep_every_writable_value(contact, after):
    body = put_body(contact, Entry("ann@x.org", after=after), CUSTOMS)
    for part in ("phone_numbers", "street_addresses"):
        if part not in body:
            continue
        touched = {WIRE_NAMES[name].kind for name in after if name in WIRE_NAMES and WIRE_NAMES[name].part == part}
        old = [
            {k: v for k, v in item.items() if v is not None and k != "phone_number_id"}
            for item in contact.get(part) or ()
            if item["kind"] not in touched
        ]
        assert [item for item in body[part] if item["kind"] not in touched] == old
    others = [item for item in contact.get("custom_fields") or () if item["custom_field_id"] == "cf-other"]
    if "custom_fields" in body:
        kept = [item for item in body["custom_fields"] if item["custom_field_id"] == "cf-other"]
        assert kept == [{"custom_field_id": "cf-other", "value": "another department's"} for _ in others]


@given(contacts, changes)
def test_the_contact_as_read_is_left_untouched(contact, after):
    before = copy.deepcopy(contact)
    put_body(contact, Entry("ann@x.org", after=after), CUSTOMS)
    assert contact == before


def test_a_cleared_value_is_left_out_which_nulls_it():
    contact = {"email_address": {"address": "a@x.org"}, "first_name": "Ann", "birthday_month": 1, "birthday_day": 2}
    body = put_body(contact, Entry("a@x.org", after={"first_name": "", "birthday": ""}), {})
    assert body == {"email_address": {"address": "a@x.org"}, "update_source": "Account"}


def test_an_address_of_which_nothing_is_left_is_dropped():
    contact = {"email_address": {"address": "a@x.org"}, "street_addresses": [{"kind": "home", "city": "Salem"}]}
    body = put_body(contact, Entry("a@x.org", after={"address.home.city": "", "address.home.state": ""}), {})
    assert body["street_addresses"] == []


def test_a_choice_that_the_account_lacks_is_refused_before_it_is_sent():
    with pytest.raises(UnknownChoice, match='"Tier" has no choice "Platinum"'):
        put_body({"email_address": {}}, Entry("a@x.org", after={"custom.Tier": "Platinum"}), CUSTOMS)


def test_a_new_contact_is_posted_whole():
    entry = Entry(
        "ann@x.org",
        after={
            "first_name": "Ann",
            "birthday": "02-09",
            "phone.mobile": "+1212",
            "address.work.city": "Salem",
            "address.work.country": "US",
            "custom.Note": "hi",
            "custom.Topics": "A;C",
        },
        lists=("l1",),
        tags=("t1",),
        permission="implicit",
        opt_in_source="account",
    )
    assert post_body(entry, CUSTOMS) == {
        "email_address": {"address": "ann@x.org", "permission_to_send": "implicit"},
        "create_source": "Account",
        "first_name": "Ann",
        "birthday_month": 2,
        "birthday_day": 9,
        "phone_numbers": [{"kind": "mobile", "phone_number": "+1212"}],
        "street_addresses": [{"kind": "work", "city": "Salem", "country": "US"}],
        "custom_fields": [
            {"custom_field_id": "cf-note", "value": "hi"},
            {"custom_field_id": "cf-topics", "choice_ids": ["7", "9"]},
        ],
        "list_memberships": ["l1"],
        "taggings": ["t1"],
    }


def test_consent_of_a_new_contact_is_told_as_the_plan_has_it():
    body = post_body(Entry("a@x.org", permission="explicit", opt_in_source="contact"), {})
    assert body == {
        "email_address": {"address": "a@x.org", "permission_to_send": "explicit"},
        "create_source": "Contact",
    }


def test_a_row_of_an_import_names_custom_fields_as_the_service_does():
    entry = Entry("a@x.org", after={"last_name": "Lee", "custom.Note": "hi", "address.home.postal_code": "01970"})
    assert import_row(entry, CUSTOMS) == {"email": "a@x.org", "last_name": "Lee", "cf:note_1": "hi", "zip": "01970"}
