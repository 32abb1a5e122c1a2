"""The bulk import over HTTP: what it changes, what it counts, what it drops unsaid."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.calling import Caller, Json, Start, contact, unsubscribed

UNKNOWN = "00000000-0000-0000-0000-000000000007"


def load(service: Caller, *rows: Json, lists: tuple[str, ...] = ("News",)) -> Json:
    """Import these rows and wait for the job's end."""
    ids = [service.list_id(name) for name in lists]
    return service.finish(service.post("/activities/contacts_json_import", {"import_data": rows, "list_ids": ids}))


def counters(**more: int) -> dict[str, int]:
    names = ("items_total_count", "person_count", "error_count", "correctable_count", "cannot_add_to_list_count")
    return dict.fromkeys(names, 0) | more


NEWS = {"list": {"name": "News"}}


def test_a_new_contact_is_implicit_by_the_account_and_on_the_lists(start: Start) -> None:
    service = start(NEWS, {"custom_field": {"label": "Member Level"}})
    row = {
        **{"email": "Ann@Example.com", "first_name": "Ann", "birthday_month": 2, "birthday_day": 3},
        **{"anniversary": "1/31/2006", "mobile_phone": "508-555-0100", "street": "1 Main St", "street2": "Apt 2"},
        **{"city": "Waltham", "zip": "02451", "work_city": "Boston", "cf:member_level": "Gold"},
    }
    ended = load(service, row)
    assert ended["status"] == counters(items_total_count=1, person_count=1)
    person = service.person("Ann@Example.com")
    email = person["email_address"]
    assert (email["permission_to_send"], email["opt_in_source"]) == ("implicit", "Account")
    assert person["create_source"] == "Account" and person["anniversary"] == "2006-01-31"
    assert person["by_name"] == {"lists": ["News"], "tags": [], "custom_fields": {"Member Level": "Gold"}}
    assert [(part["kind"], part["phone_number"]) for part in person["phone_numbers"]] == [("mobile", "508-555-0100")]
    home, work = person["street_addresses"]
    assert (home["kind"], home["street"], home["postal_code"]) == ("home", "1 Main St Apt 2", "02451")
    assert (work["kind"], work["city"]) == ("work", "Boston")


def test_an_existing_contact_changes_only_in_what_the_row_says(start: Start) -> None:
    line = contact("a@example.com", email={"permission_to_send": "explicit"}, first_name="Ann", last_name="Lee")
    service = start(NEWS, line | {"phone_numbers": [{"kind": "home", "phone_number": "1"}]})
    load(service, {"email": "A@EXAMPLE.com", "last_name": "Li", "work_phone": "5085550100"})
    person = service.person("a@example.com")
    assert (person["first_name"], person["last_name"]) == ("Ann", "Li")
    assert person["email_address"]["permission_to_send"] == "explicit"
    assert {part["kind"] for part in person["phone_numbers"]} == {"home", "work"}


def test_who_unsubscribed_is_counted_and_put_on_no_list(start: Start) -> None:
    service = start(NEWS, unsubscribed("a@example.com"), unsubscribed("b@example.com", source="Account"))
    ended = load(service, {"email": "a@example.com"}, {"email": "b@example.com"}, {"email": "c@example.com"})
    assert ended["state"] == "completed"
    assert ended["status"] == counters(items_total_count=3, person_count=3, cannot_add_to_list_count=2)
    for address in ("a@example.com", "b@example.com"):
        person = service.person(address)
        assert person["by_name"]["lists"] == []
        assert person["email_address"]["permission_to_send"] == "unsubscribed"


def test_a_deleted_contact_comes_back(start: Start) -> None:
    service = start(NEWS, contact("a@example.com", deleted_at="2025-02-03"))
    load(service, {"email": "a@example.com"})
    assert "deleted_at" not in service.person("a@example.com")
    assert service.person("a@example.com")["by_name"]["lists"] == ["News"]


def test_of_rows_with_one_address_the_last_wins_in_silence(start: Start) -> None:
    service = start(NEWS)
    ended = load(
        service, {"email": "a@example.com", "first_name": "Ann"}, {"email": "A@example.com", "first_name": "Anna"}
    )
    assert ended["status"] == counters(items_total_count=2, person_count=1)
    assert [person["first_name"] for person in service.people()] == ["Anna"]


@pytest.mark.parametrize(
    ("row", "counter"),
    [
        ({"first_name": "Ann"}, "correctable_count"),
        ({"email": "a b@example.com"}, "correctable_count"),
        ({"email": "a@example.com", "birthday_month": 2}, "correctable_count"),
        ({"email": "a@example.com", "anniversary": "soon"}, "correctable_count"),
        ({"email": "a" * 40 + "@example.com"}, "error_count"),
        ({"email": "a@example.com", "first_name": "x" * 51}, "error_count"),
        ({"email": "a@example.com", "street": "x" * 256}, "error_count"),
        ({"email": "a@example.com", "cf:unknown": "x"}, "error_count"),
        ({"email": "a@example.com", "cf:age": "old"}, "error_count"),
        (
            {
                "email": "a@example.com",
                **{f"{kind}_phone": "5085550100" for kind in ("home", "work", "mobile", "other")},
            },
            "error_count",
        ),
    ],
)
def test_a_bad_row_is_counted_reported_and_left_out_and_the_job_goes_on(start: Start, row: Json, counter: str) -> None:
    is_too_long = any(len(str(value)) > 50 for value in row.values())  # against the document, on purpose
    service = start(NEWS, {"custom_field": {"label": "Age", "type": "number"}}, checked=not is_too_long)
    ended = load(service, row, {"email": "good@example.com"})
    assert ended["status"] == counters(items_total_count=2, person_count=1) | {counter: 1}
    assert ended["activity_errors"][0].startswith("row 1: ")
    assert [person["email_address"]["address"] for person in service.people()] == ["good@example.com"]


@pytest.mark.parametrize(("switch", "after"), [("clear", None), ("ignore", "Ann")])
@pytest.mark.parametrize("blank", ["", None])
def test_what_a_blank_value_does_is_a_switch(start: Start, switch: str, after: str | None, blank: str | None) -> None:
    line = contact("a@example.com", first_name="Ann", custom_fields={"Level": "Gold"})
    # The provider's document has no null in an import either.
    service = start(NEWS, line, import_blank=switch, checked=blank is not None)
    load(service, {"email": "a@example.com", "first_name": blank, "cf:level": blank})
    person = service.person("a@example.com")
    assert person.get("first_name") == after
    assert person["by_name"]["custom_fields"] == ({"Level": "Gold"} if after else {})


@pytest.mark.parametrize(("switch", "street"), [("replaced", None), ("merged", "1 Main St")])
def test_what_a_part_of_an_address_does_is_a_switch(start: Start, switch: str, street: str | None) -> None:
    line = contact("a@example.com", street_addresses=[{"kind": "home", "street": "1 Main St", "city": "Waltham"}])
    service = start(NEWS, line, import_partial_address=switch)
    load(service, {"email": "a@example.com", "city": "Boston"})
    (address,) = service.person("a@example.com")["street_addresses"]
    assert (address["city"], address.get("street")) == ("Boston", street)


@pytest.mark.parametrize(("switch", "value"), [("ignored", {}), ("by_label", {"Level": ["Gold"]})])
def test_whether_an_import_sets_choices_is_a_switch(start: Start, switch: str, value: Json) -> None:
    field = {"custom_field": {"label": "Level", "type": "single_select", "choices": ["Basic", "Gold"]}}
    service = start(NEWS, field, import_choice=switch)
    load(service, {"email": "a@example.com", "cf:level": "Gold"})
    assert service.person("a@example.com")["by_name"]["custom_fields"] == value


@pytest.mark.parametrize("spelling", ["home country", "home_country"])
def test_the_spelling_of_the_home_country_is_a_switch(start: Start, spelling: str) -> None:
    service = start(NEWS, import_home_country=spelling, checked=False)  # the document knows one spelling only
    load(service, {"email": "a@example.com", "home country": "US", "home_country": "CA", "home_city": "x"})
    (address,) = service.person("a@example.com")["street_addresses"]
    assert address["country"] == ("US" if spelling == "home country" else "CA")


def test_a_foreign_telephone_number_is_left_out_of_its_row(start: Start) -> None:
    service = start(NEWS)
    load(service, {"email": "a@example.com", "mobile_phone": "+44 20 7946 0000", "home_phone": "(508) 555-0100"})
    assert [part["kind"] for part in service.person("a@example.com")["phone_numbers"]] == ["home"]


def test_what_lies_beyond_four_megabytes_is_dropped_unsaid(start: Start) -> None:
    service = start(NEWS, checked=False)  # the check of so much takes longer than the import
    rows = [{"email": f"{number}@example.com", "company_name": "é" * 50} for number in range(35_000)]
    body = {"list_ids": [service.list_id("News")], "import_data": rows}
    sent = json.dumps(body, ensure_ascii=False).encode()
    kept = json.dumps({**body, "import_data": []}, ensure_ascii=False)
    size, whole = len(kept.encode()) - 2, 0
    for row in rows:
        size += len(json.dumps(row, ensure_ascii=False).encode()) + 2
        if size - 2 > 4_000_000:
            break
        whole += 1
    assert len(sent) > 4_000_000 and 0 < whole < len(rows)
    headers = {"Content-Type": "application/json"}
    answer = service.call("POST", "/v3/activities/contacts_json_import", data=sent, headers=headers)
    ended = service.finish(answer.json())
    assert answer.status_code == 201
    assert ended["status"] == counters(items_total_count=whole, person_count=whole)
    assert ended["activity_errors"] == []


def test_what_lies_beyond_forty_thousand_rows_is_dropped_unsaid(start: Start) -> None:
    service = start(NEWS, checked=False)  # the check of so much takes longer than the import
    ended = load(service, *({"email": f"{number}@x.org"} for number in range(40_003)))
    assert ended["status"] == counters(items_total_count=40_000, person_count=40_000)
    assert service.get("/contacts/counts")["total"] == 40_000


@pytest.mark.parametrize(
    "wrong", [{"list_ids": []}, {"list_ids": [UNKNOWN]}, {"list_ids": None}, {"import_data": "x"}, {"import_data": [1]}]
)
def test_an_import_needs_rows_and_a_list(start: Start, wrong: dict[str, Any]) -> None:
    service = start(NEWS)
    body = {"import_data": [{"email": "a@example.com"}], "list_ids": [service.list_id("News")]} | wrong
    service.post("/activities/contacts_json_import", body, 400)


def test_a_csv_file_is_imported_with_its_header_counted(start: Start) -> None:
    service = start(NEWS, {"custom_field": {"label": "Level"}})
    text = "email,first_name,birthday_month,birthday_day,cf:level\r\na@example.com,Ann,2,3,Gold\r\n"
    answer = service.call(
        "POST",
        "/v3/activities/contacts_file_import",
        files={"file": ("new.csv", text.encode())},
        data={"list_ids": service.list_id("News")},
    )
    assert answer.status_code == 201 and answer.json()["source_file_name"] == "new.csv"
    assert service.finish(answer.json())["status"] == counters(items_total_count=2, person_count=1)
    person = service.person("a@example.com")
    assert (person["first_name"], person["birthday_month"]) == ("Ann", 2)
    assert person["by_name"]["custom_fields"] == {"Level": "Gold"}


def test_a_file_that_is_no_csv_is_415(start: Start) -> None:
    service = start(NEWS)
    answer = service.call("POST", "/v3/activities/contacts_file_import", files={"file": ("new.xlsx", b"x")})
    assert answer.status_code == 415
