"""Files of exports: what is understood of them, and what becomes of those who are not shown as wished."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ctct_etl.account.dialect import Wanted, Wish
from ctct_etl.account.v1.exporting import read_file
from ctct_etl.columns import CONTACT_ID, EMAIL, UPDATED_AT
from ctct_etl.plan.changed import Changed, merge_changes
from ctct_etl.plan.snapshot import Snapshot
from tests.account.conformance import person
from tests.account.conftest import Served
from tests.account.driving import lists_of, values

Old = Callable[..., Served]
COLUMNS = {"EmailAddress": "EMAIL ADDRESS", "City": "CITY"}
COUNT = 60
CROWD = [person(f"p{n:02}@x.org", first_name="Ann", list_memberships=["News"]) for n in range(COUNT)]
OTHERS = [
    person("left@x.org", first_name="Ann",
           email_address={"address": "left@x.org", "permission_to_send": "unsubscribed"}),
    person("off@x.org", first_name="Ann", list_memberships=[]),
    person("waits@x.org", first_name="Ann",
           email_address={"address": "waits@x.org", "permission_to_send": "pending_confirmation"}),
]  # fmt: skip
WISHES = {line["email_address"]["address"]: Wish({"first_name": "Ann"}, ("News",)) for line in [*CROWD, *OTHERS]}
WANTED = Wanted(frozenset(WISHES), wishes=WISHES, may_export=True)


def fetch(served: Served, wanted: Wanted = WANTED) -> Snapshot:
    return served.account.session.converse(served.account.dialect.fetch(wanted))


def asked(served: Served) -> list[str]:
    """Method and last part of the path of every request; a contact's number is "N"."""
    lines = [f"{one['method']} {one['path'].rpartition('/')[2]}" for one in served.requests()]
    return ["GET N" if line.removeprefix("GET ").isdigit() else line for line in lines]


def sketched(snapshot: Snapshot) -> set[str]:
    return set(snapshot.contacts[EMAIL][(snapshot.contacts[UPDATED_AT] == "").to_numpy()])


@pytest.mark.parametrize(
    "text",
    ["", "\n", "EMAIL ADDRESS\na@x.org\n", "CITY,CITY\na,b\n", '"EMAIL ADDRESS","CITY"\n"a@x.org","Sal\n',
     "<html>down</html>", "EMAIL ADDRESS,CITY,NOTE\na@x.org,Salem,x\n"],
)  # fmt: skip
def test_a_file_that_is_not_what_was_asked_for_is_no_file(text: str) -> None:
    assert not read_file(text, COLUMNS)


def test_columns_are_told_by_their_names_whatever_their_order_and_case() -> None:
    text = 'City,Email Address\r\n"Salem, MA",Ann@X.org\r\n,bob@x.org\r\n'
    assert read_file(text, COLUMNS) == {
        "ann@x.org": {"City": "Salem, MA", "EmailAddress": "Ann@X.org"},
        "bob@x.org": {"City": "", "EmailAddress": "bob@x.org"},
    }


def test_a_row_of_another_length_or_without_an_address_or_twice_is_left_out() -> None:
    text = "EMAIL ADDRESS,CITY\na@x.org,Salem\nb@x.org\n,Lynn\nc@x.org,Lynn\nC@x.org,Salem\nd@x.org,Lynn,x\n"
    assert set(read_file(text, COLUMNS) or ()) == {"a@x.org"}


def test_who_is_as_wished_costs_no_request_and_is_shown_as_a_reading_by_id_would(old: Old) -> None:
    served = old([*CROWD, *OTHERS])
    sketch = fetch(served)
    assert asked(served).count("GET N") == len(OTHERS) and "POST activities" in asked(served)
    assert sketched(sketch) == {line["email_address"]["address"] for line in CROWD}
    whole = fetch(served, replace(WANTED, may_export=False))
    assert not sketched(whole)
    for address in WISHES:
        shown, known = values(sketch, address), values(whole, address)
        assert {name: known[name] for name in shown} == shown
        assert lists_of(sketch, address) == lists_of(whole, address)


@pytest.mark.parametrize(
    "wish",
    [Wish({"first_name": "Anna"}, ("News",)), Wish({"first_name": ""}), Wish({}, ("Trips",)), Wish({}, ("To make",)),
     Wish({"note": ""}), Wish({"address.home.country": "US"}), Wish({"address.home.country": ""})],
)  # fmt: skip
def test_who_is_not_as_wished_is_read_by_id(old: Old, wish: Wish) -> None:
    served = old([*CROWD, {"list": {"name": "Trips"}}])
    assert "p07@x.org" not in sketched(fetch(served, replace(WANTED, wishes=WISHES | {"p07@x.org": wish})))


def test_custom_fields_are_compared_by_their_numbers(old: Old) -> None:
    crowd = [line | {"custom_fields": {"Level": "Gold"}} for line in CROWD]
    wishes = {address: Wish({"custom.Level": "Gold"}) for address in WISHES} | {
        "p07@x.org": Wish({"custom.Level": "Tin"})
    }
    shown = sketched(fetch(old(crowd), replace(WANTED, wishes=wishes)))
    assert len(shown) == COUNT - 1 and "p07@x.org" not in shown


@pytest.mark.parametrize(
    "wanted",
    [replace(WANTED, may_export=False), replace(WANTED, wishes=None), replace(WANTED, addresses=[*WISHES][:10])],
    ids=["not allowed", "nobody says what for", "not worth it"],
)
def test_nothing_but_gets_is_sent_where_an_export_is_not_allowed_or_not_worth_it(old: Old, wanted: Wanted) -> None:
    served = old([*CROWD, *OTHERS])
    assert not sketched(fetch(served, wanted))
    assert {line.partition(" ")[0] for line in asked(served)} == {"GET"}


@pytest.mark.parametrize("kind", ["500", "drop_after", "activity_failed", "activity_cancelled", "activity_row_errors"])
def test_an_export_that_fails_costs_requests_and_nothing_else(old: Old, kind: str) -> None:
    served = old([*CROWD, *OTHERS])
    served.window(
        "POST", "faults", {"kind": kind, "match": {"method": "POST", "path": "/ws/customers/sandbox/activities"}}
    )
    snapshot = fetch(served)
    assert not sketched(snapshot) and set(snapshot.contacts[EMAIL]) == set(WISHES)


def _later(served: Served, known: Snapshot, wanted: Wanted) -> Changed:
    served.window("DELETE", "requests")
    found = served.account.session.converse(served.account.dialect.refresh(known, wanted))
    assert isinstance(found, Changed)
    return found


def test_a_sketch_that_is_no_longer_as_wished_is_read_by_id_and_the_others_are_not(old: Old) -> None:
    served = old(CROWD)
    known = fetch(served)
    wishes = WISHES | {"p07@x.org": Wish({"first_name": "Anna"}), "p08@x.org": Wish({"note": "x"})}
    found = _later(served, replace(known, fetched_at="2999-01-01T00:00:00Z"), replace(WANTED, wishes=wishes))
    assert set(found.snapshot.contacts[EMAIL]) == {"p07@x.org", "p08@x.org"}
    assert not sketched(found.snapshot)
    now = merge_changes(known, found)
    assert len(now.contacts) == COUNT and now.contacts[CONTACT_ID].is_unique


def test_whoever_does_not_say_what_for_gets_no_sketch(old: Old) -> None:
    served = old(CROWD)
    known = replace(fetch(served), fetched_at="2999-01-01T00:00:00Z")
    found = _later(served, known, Wanted(frozenset({"p07@x.org"})))
    assert found.snapshot.contacts[EMAIL].tolist() == ["p07@x.org"]


def test_who_departs_after_the_export_is_seen_by_the_next_refresh(old: Old) -> None:
    served = old(CROWD)
    known = fetch(served)
    served.window("POST", "clock", {"advance_s": 3600})
    served.window("POST", "act", {"who": "person", "do": "unsubscribe", "address": "p07@x.org"})
    now = merge_changes(known, _later(served, known, WANTED))
    assert values(now, "p07@x.org")["status"] == "unsubscribed"


def test_a_large_part_that_is_new_is_exported_by_a_refresh_too(old: Old) -> None:
    served = old(CROWD)
    known = fetch(served, replace(WANTED, addresses=["p07@x.org"]))
    found = _later(served, known, WANTED)
    assert len(sketched(found.snapshot)) == COUNT - 1
    assert asked(served).count("GET N") <= 1


def test_a_cache_under_other_numbers_of_custom_fields_shows_no_sketch(old: Old) -> None:
    served = old(CROWD)
    known = fetch(served)
    moved: Any = {label: replace(custom, id="2") for label, custom in known.custom_fields.items()}
    served.window("DELETE", "requests")
    found = served.account.session.converse(
        served.account.dialect.refresh(
            replace(known, custom_fields=known.custom_fields | {"Other": moved["Level"]}), WANTED
        )
    )
    assert isinstance(found, Changed) and len(found.snapshot.contacts) == COUNT
