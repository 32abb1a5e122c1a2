"""One account, two dialects: what one of them does is seen over the other, and what it can't say survives it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ctct_etl.sandbox import start_sandbox
from tests.sandbox.calling import Caller, Json, contact, unsubscribed
from tests.sandbox.v1.atom_calling import OWNER, AtomCaller
from tests.sandbox.v1.conftest import Open

FIELDS = ({"custom_field": {"label": "Level"}}, {"custom_field": {"label": "Born", "type": "date", "version": 2}})
STREETS = [
    {"kind": "work", "street": "9 Work Rd", "country": "US"},
    {"kind": "home", "street": "1 Main St", "city": "Waltham", "state": "Massachusetts", "country": "usa-ish"},
]
PHONES = [{"kind": "mobile", "phone_number": "1"}, {"kind": "home", "phone_number": "+1 (508) 555-0100"}]
RICH: Json = contact(
    "Ada@Example.org",
    first_name="Ada",
    birthday_month=12,
    birthday_day=10,
    anniversary="2020-01-02",
    list_memberships=["News"],
    taggings=["vip"],
    notes=[{"content": "met in Paris"}],
    custom_fields={"Level": "Gold", "Born": "1815-12-10"},
    phone_numbers=PHONES,
    street_addresses=STREETS,
    v1={"MiddleName": "A.", "Addr2": "Floor 2", "Note": "v1 note", "CustomField2": "two", "SubPostalCode": "1234"},
)


def _echo(account: AtomCaller, number: int, **changes: str) -> None:
    """GET, change, PUT back, as the documentation wants it."""
    fields = {name: text for name, text in account.fields(number).items() if name != "EmailAddress"} | changes
    answer = account.replace(number, "ada@example.org", ["News"], OWNER, **fields)
    assert answer.status_code == 204, answer.text


def test_what_only_v3_can_say_survives_a_put_over_v1(open_v1: Open) -> None:
    account = open_v1(*FIELDS, RICH)
    before = account.v3.person("Ada@Example.org")
    _echo(account, 1, JobTitle="Countess")
    after = account.v3.person("Ada@Example.org")
    assert after["job_title"] == "Countess"
    for moved in ("updated_at", "job_title"):
        before.pop(moved, None)
        after.pop(moved)
    assert after == before


def test_what_only_v1_can_say_survives_edits_over_v3(open_v1: Open) -> None:
    account = open_v1(*FIELDS, RICH)
    before = account.fields(1)
    person = account.v3.person("Ada@Example.org")
    body = {"email_address": {"address": "Ada@Example.org", "permission_to_send": "implicit"}, "first_name": "Augusta"}
    account.v3.put(f"/contacts/{person['contact_id']}", {**body, "update_source": "Account"})
    after = account.fields(1)
    assert after["FirstName"] == "Augusta"
    for name in ("MiddleName", "Addr2", "Note", "CustomField2", "SubPostalCode", "Addr1", "HomePhone", "CustomField1"):
        assert after[name] == before[name], name


def test_fields_of_both_are_one(open_v1: Open) -> None:
    account = open_v1(*FIELDS, RICH)
    _echo(account, 1, HomePhone="5085550199", Addr1="2 Main St", StateCode="NY", StateName="", CustomField1="Silver")
    person = account.v3.person("Ada@Example.org")
    assert [(part["kind"], part["phone_number"]) for part in person["phone_numbers"]] == [
        ("mobile", "1"),
        ("home", "5085550199"),
    ]
    home = next(part for part in person["street_addresses"] if part["kind"] == "home")
    assert {name: home.get(name) for name in ("street", "city", "state", "country")} == {
        "street": "2 Main St",
        "city": "Waltham",
        "state": "NY",
        "country": "usa-ish",
    }
    assert person["by_name"]["custom_fields"] == {"Level": "Silver", "Born": "1815-12-10"}


def test_an_address_that_v1_empties_is_gone_and_the_others_stay(open_v1: Open) -> None:
    account = open_v1(*FIELDS, RICH)
    gone = dict.fromkeys(("Addr1", "City", "StateName", "CountryName", "HomePhone", "CustomField1"), "")
    _echo(account, 1, **gone)
    person = account.v3.person("Ada@Example.org")
    assert [part["kind"] for part in person["street_addresses"]] == ["work"]
    assert [part["kind"] for part in person["phone_numbers"]] == ["mobile"]
    assert person["by_name"]["custom_fields"] == {"Born": "1815-12-10"}


def test_a_contact_made_over_v1_is_one_of_v3(open_v1: Open) -> None:
    account = open_v1(*FIELDS, {"list": {"name": "News"}})
    account.add("new@example.org", FirstName="N", CustomField1="Gold", CountryCode="de", StateName="Bayern")
    person = account.v3.person("new@example.org")
    assert person["email_address"]["permission_to_send"] == "implicit"
    assert (person["email_address"]["opt_in_source"], person["create_source"]) == ("Account", "Account")
    assert person["by_name"] == {"lists": ["News"], "tags": [], "custom_fields": {"Level": "Gold"}}
    assert (person["street_addresses"][0]["country"], person["street_addresses"][0]["state"]) == ("DE", "Bayern")
    assert account.v3.get(f"/contacts/{person['contact_id']}")["first_name"] == "N"


def test_an_edit_over_v1_moves_the_date_of_v3(open_v1: Open) -> None:
    account = open_v1(*FIELDS, RICH)
    _echo(account, 1, JobTitle="Countess")
    assert account.v3.addresses(updated_after="2025-06-01T00:00:00Z") == {"Ada@Example.org"}


def test_an_opt_out_over_v1_is_one_over_v3_and_the_reverse(open_v1: Open) -> None:
    account = open_v1(*FIELDS, RICH, contact("bob@example.org", list_memberships=["News"]))
    account.call("DELETE", "/contacts/1")
    ada = account.v3.person("Ada@Example.org")
    assert (ada["email_address"]["permission_to_send"], ada["email_address"]["opt_out_source"]) == (
        "unsubscribed",
        "Account",
    )
    assert ada["list_memberships"] == []
    account.v3.act("person", "unsubscribe", "bob@example.org")
    assert account.status("bob@example.org") == "Do Not Mail"


def test_a_contact_deleted_over_v3_is_removed_and_put_on_a_list_it_is_back(open_v1: Open) -> None:
    account = open_v1({"list": {"name": "News"}}, contact("ada@example.org", deleted_at="2025-02-02"))
    account.replace(1, "ada@example.org", [])
    assert account.v3.person("ada@example.org")["deleted_at"]
    account.replace(1, "ada@example.org", ["News"])
    assert account.status("ada@example.org") == "Active"
    assert "deleted_at" not in account.v3.person("ada@example.org")


def test_who_unsubscribed_and_was_deleted_stays_out(open_v1: Open) -> None:
    account = open_v1({"list": {"name": "News"}}, unsubscribed("gone@example.org", deleted_at="2025-02-02"))
    assert account.replace(1, "gone@example.org", ["News"]).status_code == 400
    assert account.status("gone@example.org") == "Do Not Mail"


def test_a_confirmed_opt_in_shows_over_v1(open_v1: Open) -> None:
    account = open_v1(contact("a@example.org", email={"permission_to_send": "pending_confirmation"}))
    assert account.status("a@example.org") == "Unconfirmed"
    account.v3.act("person", "confirm", "a@example.org")
    assert account.fields(1)["Confirmed"] == "true"


def test_a_custom_field_made_later_takes_the_next_number(open_v1: Open) -> None:
    account = open_v1(*FIELDS, RICH)
    assert account.fields(1)["CustomField2"] == "two"
    account.v3.post("/contact_custom_fields", {"label": "Size", "type": "string"})
    assert account.fields(1)["CustomField2"] == ""


def test_a_state_file_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path, open_v1: Open) -> None:
    state = tmp_path / "account.sqlite"
    account = open_v1(contact("ada@example.org", list_memberships=["News"]), state=state)
    account.v3.session.close()
    account.v3.sandbox.close()
    with sqlite3.connect(state) as db:
        for name in ("contact_changed", "list_joined", "list_left"):
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DROP INDEX contact_by_change")
        for column in ("v1", "changed_at"):
            db.execute(f"ALTER TABLE contact DROP COLUMN {column}")
    db.close()
    with start_sandbox(state, limits=False) as sandbox:
        later = AtomCaller(Caller(sandbox))
        assert later.fields(1)["LastUpdateTime"] == "2025-01-01T00:00:00.000Z"
        later.replace(1, "ada@example.org", ["News"], MiddleName="A.")
        assert later.fields(1)["MiddleName"] == "A."
        later.v3.session.close()


def test_what_v1_wrote_survives_a_restart(tmp_path: Path, open_v1: Open) -> None:
    account = open_v1({"list": {"name": "News"}}, state=tmp_path / "account.sqlite")
    account.add("ada@example.org", Note="n")
    account.v3.sandbox.close()
    with start_sandbox(tmp_path / "account.sqlite", limits=False) as sandbox:
        later = AtomCaller(Caller(sandbox))
        assert later.fields(1)["Note"] == "n"
        later.v3.session.close()


@pytest.mark.parametrize("given", [{"FirstName": "x"}, {"CustomField16": "x"}, {"note": "x"}])
def test_a_seed_with_what_v1_has_no_name_for_is_refused(open_v1: Open, given: Json) -> None:
    with pytest.raises(ValueError, match="v1 has EmailType"):
        open_v1(contact("ada@example.org", v1=given))
