"""Contacts of v1 → canonical values, and back."""

from __future__ import annotations

from typing import Any

import pytest

from ctct_etl.account.v1.atom import Entry
from ctct_etl.account.v1.reading import Contact, column_names, decode_contact, encode_values, number_of, status_of
from ctct_etl.account.v1.wire import custom_fields_of
from ctct_etl.columns import IMPLICIT, PENDING, READ_ONLY_FIELDS, STATUS, UNSUBSCRIBED, V1_FIELDS

ROOT = "http://api.constantcontact.com/ws/customers/acme"
CUSTOMS = custom_fields_of({"Level": 1, "Full Name": 15})


def contact(lists: tuple[str, ...] = (), **values: str) -> Contact:
    known: dict[str, str] = {"Status": "Active", "EmailAddress": "ann@x.org", **values}
    return Contact(Entry("/e", f"{ROOT}/contacts/712", "Contact", known, lists), "/e")


def decoded(**values: str) -> dict[str, str]:
    return decode_contact(contact(**values), CUSTOMS)


def test_every_column_is_there_even_where_the_service_tells_nothing() -> None:
    row = decoded()
    assert list(row) == column_names(CUSTOMS)
    assert set(row) == {*READ_ONLY_FIELDS, *V1_FIELDS, "custom.Level", "custom.Full Name"}
    assert {name: value for name, value in row.items() if value} == {
        "contact_id": "712", "email": "ann@x.org", "status": IMPLICIT,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "status"),
    [("Active", IMPLICIT), ("Removed", IMPLICIT), ("Unconfirmed", PENDING), ("Do Not Mail", UNSUBSCRIBED)],
)
def test_each_status_has_its_meaning(written: str, status: str) -> None:
    assert decoded(Status=written)[STATUS] == status


@pytest.mark.parametrize("written", ["", "Bounced", "active"])
def test_a_status_that_nobody_knows_is_one_that_is_never_changed(written: str) -> None:
    assert status_of(Entry("", "", "Contact", {"Status": written}, None)) == UNSUBSCRIBED


def test_a_number_is_the_end_of_an_id_whatever_stands_before_it() -> None:
    assert {number_of(f"{scheme}://{host}/ws/customers/acme/lists/3") for scheme in ("http", "https")
            for host in ("api.constantcontact.com", "127.0.0.1:80")} == {"3"}  # fmt: skip


def test_each_list_is_kept_as_it_was_read_even_one_whose_id_is_none_that_is_known() -> None:
    ids = (f"{ROOT}/lists/3", "urn:example:lists/3", "urn:odd", f"{ROOT}/lists/")
    assert tuple(contact(ids).lists.values()) == ids
    assert next(iter(contact(ids).lists)) == "3"


def test_an_address_is_canonical_and_times_are_utc() -> None:
    row = decoded(EmailAddress=" Ann@Ex\u00e4mple.ORG ", LastUpdateTime="2013-05-01T10:20:30.000Z")
    assert (row["email"], row["updated_at"]) == ("ann@xn--exmple-cua.org", "2013-05-01T10:20:30.000Z")


def test_a_custom_field_is_read_and_written_by_its_number() -> None:
    row = decoded(CustomField1="Gold", CustomField2="another's", CustomField15="Ann Lee")
    assert (row["custom.Level"], row["custom.Full Name"]) == ("Gold", "Ann Lee")
    assert encode_values({"custom.Full Name": "", "custom.Level": "Basic"}, {}, CUSTOMS) == {
        "CustomField15": "", "CustomField1": "Basic",
    }  # fmt: skip


PLACES: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"state": "MA", "country": "US"}, {"StateCode": "MA", "StateName": "", "CountryCode": "us", "CountryName": ""}),
    ({"state": "MA"}, {"StateCode": "MA", "StateName": ""}),
    ({"state": "Bavaria", "country": "DE"},
     {"StateCode": "", "StateName": "Bavaria", "CountryCode": "de", "CountryName": ""}),
    ({"state": "NSW", "country": "AU"}, {"StateCode": "", "StateName": "NSW", "CountryCode": "au", "CountryName": ""}),
    ({"state": "WA", "country": "AU"}, {"StateCode": "", "StateName": "WA", "CountryCode": "au", "CountryName": ""}),
    ({"state": "", "country": ""}, {"StateCode": "", "StateName": "", "CountryCode": "", "CountryName": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "elements"), PLACES)
def test_a_state_is_a_code_or_a_name_and_never_both(fields: dict[str, str], elements: dict[str, str]) -> None:
    after = {f"address.home.{name}": value for name, value in fields.items()}
    assert encode_values(after, {}, CUSTOMS) == elements
    assert {name: decoded(**elements)[name] for name in after} == after


def test_a_state_that_stays_changes_its_form_with_the_country() -> None:
    held = {"StateCode": "MA", "StateName": "Massachusetts", "CountryCode": "us", "CountryName": "United States"}
    assert encode_values({"address.home.country": "GB"}, held, CUSTOMS) == {
        "CountryCode": "gb", "CountryName": "", "StateCode": "", "StateName": "MA",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "elements"),
    [("01970", ("01970", "")), ("01970-1234", ("01970", "1234")), ("SW1A 1AA", ("SW1A 1AA", "")), ("", ("", ""))],
)
def test_the_second_part_of_a_zip_code_has_an_element_of_its_own(code: str, elements: tuple[str, str]) -> None:
    written = encode_values({"address.home.postal_code": code}, {}, CUSTOMS)
    assert (written["PostalCode"], written["SubPostalCode"]) == elements
    assert decoded(**written)["address.home.postal_code"] == code


def test_what_is_not_changed_is_not_written() -> None:
    written: dict[str, Any] = encode_values({"first_name": "Ann"}, {"LastName": "Lee", "StateCode": "MA"}, CUSTOMS)
    assert written == {"FirstName": "Ann"}
