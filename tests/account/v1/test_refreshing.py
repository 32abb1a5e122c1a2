"""What a refresh asks for, and when what is known can't be refreshed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ctct_etl.account.dialect import Wanted
from ctct_etl.account.v1.finding import MOST_UNREAD
from ctct_etl.account.v1.refreshing import GROUPS
from ctct_etl.columns import CONTACT_ID, EMAIL, STATUS, UNREADABLE
from ctct_etl.errors import Busy
from ctct_etl.plan.changed import Changed, Stale, merge_changes
from ctct_etl.plan.snapshot import CustomField, Snapshot
from tests.account.conformance import PEOPLE, person
from tests.account.conftest import Served
from tests.account.driving import lists_of, values

Old = Callable[..., Served]
LIVES = [line for line in PEOPLE if "custom_field" not in line]
PEOPLE_KNOWN = frozenset({"ann@x.org", "bob+news@x.org", "cyd@x.org", "gone@x.org"})
EVERYONE = Wanted(PEOPLE_KNOWN)
WAITING = person("w@x.org", email_address={"address": "w@x.org", "permission_to_send": "pending_confirmation"})


def fetch(served: Served, wanted: Wanted = EVERYONE) -> Snapshot:
    """The account, read an hour ago by the service's clock: nothing of then is within the overlap."""
    known = served.account.session.converse(served.account.dialect.fetch(wanted))
    served.window("DELETE", "requests")
    return replace(known, fetched_at=_now(served))


def _now(served: Served) -> str:
    served.window("POST", "clock", {"advance_s": 3600})
    moment = datetime.fromtimestamp(served.window("GET", "clock")["now"], UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def refresh(served: Served, known: Snapshot, wanted: Wanted = EVERYONE) -> Changed | Stale:
    return served.account.session.converse(served.account.dialect.refresh(known, wanted))


def asked(served: Served) -> list[str]:
    return [one["path"].removeprefix("/ws/customers/sandbox") for one in served.requests()]


def act(served: Served, who: str, do: str, address: str, **more: Any) -> None:
    served.window("POST", "act", {"who": who, "do": do, "address": address, **more})


def test_a_quiet_refresh_reads_nobody_and_of_a_small_account_the_first_page_besides(old: Old) -> None:
    served = old(LIVES)
    known = fetch(served)
    found = refresh(served, known)
    assert isinstance(found, Changed) and found.snapshot.contacts.empty
    assert asked(served) == ["/lists", "/contacts", *["/contacts"] * len(GROUPS)]


def test_those_who_wait_for_confirmation_are_looked_at_each_time(old: Old) -> None:
    served = old([*LIVES, WAITING])
    known = fetch(served, Wanted(frozenset({"w@x.org", "ann@x.org"})))
    found = refresh(served, known, Wanted(frozenset({"w@x.org", "ann@x.org"})))
    assert isinstance(found, Changed)
    assert found.snapshot.contacts[EMAIL].tolist() == ["w@x.org"]


def test_who_can_not_be_read_is_known_by_the_address_alone_and_looked_at_until_they_can(old: Old) -> None:
    served = old(LIVES)
    number = dict(zip(*(fetch(served).contacts[name] for name in (EMAIL, CONTACT_ID)), strict=True))["ann@x.org"]
    served.window("POST", "faults", {"kind": "non_json", "match": {"path": f"*/contacts/{number}"}, "times": None})
    known = fetch(served)
    assert values(known, "ann@x.org") == {EMAIL: "ann@x.org", CONTACT_ID: number, STATUS: UNREADABLE}
    assert values(known, "cyd@x.org")["first_name"] == "Cyd"
    found = refresh(served, known)
    assert isinstance(found, Changed) and found.snapshot.contacts[STATUS].tolist() == [UNREADABLE]
    served.window("DELETE", "faults")
    found = refresh(served, known)
    assert isinstance(found, Changed)
    whole = merge_changes(known, found)
    assert (values(whole, "ann@x.org")["first_name"], lists_of(whole, "ann@x.org")) == ("Ann", {"News", "Board"})


def test_who_could_not_be_read_before_stops_no_later_reading_however_many_they_are(old: Old) -> None:
    served = old([*LIVES, *(person(f"u{n:02}@x.org") for n in range(MOST_UNREAD))])
    everyone = Wanted(PEOPLE_KNOWN | {f"u{n:02}@x.org" for n in range(MOST_UNREAD)})
    known = fetch(served, everyone)  # then they stood between others, and no twenty in a row
    unread = known.contacts[EMAIL].str.startswith("u")
    known = replace(known, contacts=known.contacts.assign(**{STATUS: known.contacts[STATUS].mask(unread, UNREADABLE)}))
    garbled = {"kind": "non_json", "match": {"path": "*/contacts/*"}, "times": None}
    served.window("POST", "faults", garbled)
    found = refresh(served, known, everyone)
    assert isinstance(found, Changed) and found.snapshot.contacts[STATUS].tolist() == [UNREADABLE] * MOST_UNREAD


def test_a_member_without_an_address_who_was_not_known_is_read(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    served = old([*LIVES, person("member@x.org")])
    known = fetch(served)
    monkeypatch.setattr("ctct_etl.account.v1.fetching.address_of", lambda entry: "")
    found = refresh(served, known, replace(EVERYONE, lists=("News",)))
    assert isinstance(found, Changed) and "member@x.org" in set(found.snapshot.contacts[EMAIL])


def test_a_page_that_can_not_be_understood_would_hide_people_and_ends_the_reading(old: Old) -> None:
    served = old(LIVES)
    known = fetch(served)
    served.window("POST", "faults", {"kind": "non_json", "match": {"path": "*/contacts"}, "times": None})
    for read_on in (lambda: refresh(served, known), lambda: fetch(served)):
        with pytest.raises(Busy, match="no Atom document"):
            read_on()


def test_who_was_known_and_can_not_be_read_any_more_is_not_as_known(old: Old) -> None:
    served = old(LIVES)
    known = fetch(served)
    act(served, "owner", "edit", "ann@x.org", fields={"last_name": "New"})
    served.window("POST", "faults", {"kind": "non_json", "match": {"path": "*/contacts/1"}, "times": None})
    found = refresh(served, known)
    assert isinstance(found, Changed)
    assert values(merge_changes(known, found), "ann@x.org")[STATUS] == UNREADABLE


def test_who_is_wanted_and_not_known_is_searched_and_who_is_neither_is_not_read(old: Old) -> None:
    served = old([*LIVES, person("late@x.org"), person("other@x.org")])
    known = fetch(served)
    act(served, "owner", "edit", "other@x.org", fields={"last_name": "New"})
    found = refresh(served, known, Wanted(PEOPLE_KNOWN | {"late@x.org", "nobody@x.org"}))
    assert isinstance(found, Changed)
    assert found.snapshot.contacts[EMAIL].tolist() == ["late@x.org"]


def test_who_is_known_is_kept_up_to_date_even_where_nobody_wants_them(old: Old) -> None:
    served = old(LIVES)
    known = fetch(served)
    act(served, "person", "unsubscribe", "ann@x.org")
    found = refresh(served, known, Wanted(frozenset({"bob+news@x.org"})))
    assert isinstance(found, Changed)
    assert found.snapshot.contacts[[EMAIL, STATUS]].to_numpy().tolist() == [["ann@x.org", "unsubscribed"]]


def test_every_member_of_a_wanted_list_is_known_afterwards(old: Old) -> None:
    served = old([*LIVES, person("member@x.org"), person("elsewhere@x.org", list_memberships=["Trips"])])
    wanted = replace(EVERYONE, lists=("News",))
    known = fetch(served)
    found = refresh(served, known, wanted)
    assert isinstance(found, Changed)
    now = merge_changes(known, found)
    assert "member@x.org" in set(now.contacts[EMAIL]) and "elsewhere@x.org" not in set(now.contacts[EMAIL])
    whole = served.account.session.converse(served.account.dialect.fetch(wanted))
    assert set(whole.contacts[EMAIL]) == set(now.contacts[EMAIL])
    assert lists_of(whole, "member@x.org") == {"News", "Board"}


def test_the_lists_and_the_first_page_tell_how_many_the_account_has_at_the_least(old: Old) -> None:
    served = old([*LIVES, *(person(f"p{n}@x.org") for n in range(7))])
    known = fetch(served, Wanted(frozenset({"ann@x.org"})))
    assert (len(known.contacts), known.counted, known.population) == (1, {"News": 9, "Board": 9, "Trips": 0}, 11)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"account": {"encoded_account_id": "another", "organization_name": "a"}}, "another account's"),
        ({"lists": {"Ended": "99"}}, "a list was removed"),
        ({"custom_fields": {}}, "custom_fields in accounts.yaml names one"),
    ],
)
def test_what_was_known_of_another_account_or_under_other_names_is_stale(
    old: Old, changed: dict[str, Any], why: str
) -> None:
    served = old(LIVES)
    found = refresh(served, replace(fetch(served), **changed))
    assert isinstance(found, Stale) and why in found.why


def test_a_custom_field_that_is_called_otherwise_keeps_its_values(old: Old) -> None:
    served = old(LIVES)
    known = fetch(served)
    renamed = replace(
        known,
        custom_fields={"Tier": CustomField("1", "Tier", "string", "CUSTOM FIELD 1")},
        contacts=known.contacts.rename(columns={"custom.Level": "custom.Tier"}),
    )
    found = refresh(served, renamed)
    assert isinstance(found, Changed)
    assert values(merge_changes(renamed, found), "ann@x.org")["custom.Level"] == "Basic"


def test_everybody_is_never_what_a_part_is_refreshed_to(old: Old) -> None:
    served = old(LIVES)
    assert isinstance(refresh(served, fetch(served), Wanted()), Stale)


def test_a_contact_that_is_gone_means_that_this_is_not_the_account_that_it_was(old: Old) -> None:
    served = old([*LIVES, WAITING])
    known = fetch(served, Wanted(frozenset({"w@x.org"})))
    lost = replace(known, contacts=known.contacts.assign(**{CONTACT_ID: "4711"}))
    assert isinstance(refresh(served, lost), Stale)
