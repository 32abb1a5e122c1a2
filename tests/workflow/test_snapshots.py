from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.account.dialect import Request, Response
from ctct_etl.account.opening import OpenAccount
from ctct_etl.errors import Busy, StateError
from ctct_etl.plan.changed import Stale
from ctct_etl.plan.snapshot import FULL, REFRESHED, Snapshot
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow import snapshots
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.snapshots import FULL_EVERY, take_snapshot
from tests.account.v3.histories import PEOPLE, World, world_of


class Reader:
    """Reads one account as the program does, refreshing it however small it is."""

    def __init__(self, world: World, place: Path) -> None:
        self.world, self.state = world, StateDirectory(place)
        self.context = Context(environment={}, state=place, full=False, now=world.now)
        self.account = OpenAccount("club", world.dialect, world.account.session, world.account.budget)

    def read(self, columns: list[str] | None = None, again: bool = False, **context: object) -> Snapshot:
        return take_snapshot(replace(self.context, **context), self.state, self.account, columns=columns, again=again)

    @property
    def cache(self) -> Path:
        return self.state.account("club") / "snapshot"

    def card(self) -> bytes:
        return (self.cache / "current.json").read_bytes()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with world_of() as world:
        yield Reader(world, tmp_path)


def test_the_first_reading_is_whole_and_the_next_one_reads_what_changed(reader):
    first = reader.read()
    assert (first.reading.how, first.reading.why, first.reading.requests) == (FULL, "nothing was cached", 14)
    reader.world.wait(3600)
    reader.world.happen([("put", PEOPLE[0], "Bob", None, "")])
    second = reader.read()
    assert (second.reading.how, second.reading.requests, second.reading.warnings) == (REFRESHED, 9, ())
    assert second.reading.why == f"last read whole on {first.fetched_at[:10]}"
    assert second.contacts["first_name"][second.contacts[c.EMAIL] == PEOPLE[0]].tolist() == ["Bob"]
    assert second.fetched_at > first.fetched_at


def test_every_seventh_reading_is_whole(reader):
    hows = [reader.read().reading.how for _ in range(FULL_EVERY + 2)]
    assert hows == [FULL, *[REFRESHED] * (FULL_EVERY - 1), FULL, REFRESHED]


def test_what_was_written_is_read_back_by_a_refresh_that_counts_as_no_reading(reader):
    reader.read()
    hows = [reader.read(again=True, full=full).reading.how for full in (False, True, False, False, False, False, False)]
    assert hows == [REFRESHED] * 7
    assert json.loads(reader.card())["refreshes"] == 0


def test_who_asks_for_everything_gets_everything(reader):
    reader.read()
    whole = reader.read(full=True).reading
    assert (whole.how, whole.why) == (FULL, "--full asks for it")


def test_a_small_account_is_read_whole_for_a_refresh_would_save_nothing(reader):
    readings = [reader.read(full=None).reading for _ in range(2)]
    assert [reading.how for reading in readings] == [FULL, FULL]
    assert [reading.requests for reading in readings] == [5, 5]
    assert readings[1].why == "a refresh would save nothing"


def test_what_the_numbers_do_not_bear_out_is_read_whole(reader):
    reader.read()
    reader.world.wait(3600)
    reader.world.happen([("act", "confirm", PEOPLE[5], None)])
    again = reader.read()
    assert again.reading.how == FULL
    assert again.reading.why == "the account's number of contacts does not agree (explicit, pending)"
    assert again.contacts[c.STATUS][again.contacts[c.EMAIL] == PEOPLE[5]].tolist() == [c.EXPLICIT]


def test_a_torn_cache_is_told_and_everything_read(reader, caplog):
    reader.read()
    (reader.cache / "current.json").write_bytes(reader.card()[:40])
    again = reader.read().reading
    assert (again.how, again.why) == (FULL, "the cache could not be used")
    words = "the cached snapshot of the account is not used: it can't be read (JSONDecodeError)"
    assert again.warnings == (f"{words} — the account is read whole",)
    assert caplog.messages == list(again.warnings)
    assert reader.read().reading.how == REFRESHED


def test_a_cache_that_can_not_be_kept_is_told_and_the_snapshot_is_good(reader, caplog):
    reader.cache.write_text("a file stands where the cache goes")
    one = reader.read()
    assert len(one.contacts) == 8
    assert [words.partition(":")[0] for words in one.reading.warnings] == [
        "the cached snapshot of the account is not used",
        "the snapshot of the account is not kept, so the next run reads all of it again",
    ]
    assert len(caplog.messages) == 2


def test_a_cache_of_half_a_year_ago_is_not_refreshed(reader):
    reader.read()
    later = reader.read(now=lambda: reader.world.now() + timedelta(days=181)).reading
    assert later.how == FULL
    assert later.why.startswith("the cache is of 20")


def test_some_columns_are_read_without_the_rest_and_leave_the_cache_alone(reader):
    reader.read()
    card = reader.card()
    reader.world.wait(3600)
    reader.world.happen([("put", PEOPLE[0], "Bob", None, "")])
    some = reader.read([c.FIRST_NAME])
    assert set(some.contacts) == {c.CONTACT_ID, c.EMAIL, c.STATUS, c.UPDATED_AT, c.FIRST_NAME}
    assert some.contacts[c.FIRST_NAME][some.contacts[c.EMAIL] == PEOPLE[0]].tolist() == ["Bob"]
    assert (some.reading.how, reader.card()) == (REFRESHED, card)
    assert set(reader.read([c.EMAIL], full=True).contacts) == {c.CONTACT_ID, c.EMAIL, c.STATUS, c.UPDATED_AT}


@pytest.mark.parametrize("nth", range(9))
def test_a_refresh_that_ends_early_leaves_the_cache_as_it_was(reader, nth):
    reader.read()
    card = reader.card()
    reader.world.wait(3600)
    reader.world.happen([("act", "leave_list", PEOPLE[0], "Club")])
    fault = {"kind": "503", "match": {"method": "GET"}, "after": nth, "times": 50}
    reader.world.caller.window("POST", "faults", fault)
    with pytest.raises(Busy):
        reader.read()
    reader.world.caller.call("DELETE", "/_sandbox/faults")
    assert reader.card() == card
    assert reader.read().reading.how == REFRESHED


def test_each_refresh_is_counted_from_the_last_whole_reading(reader):
    first = reader.read()
    for refreshes in (0, 1, 2):
        card = json.loads(reader.card())
        assert (card["refreshes"], card["full_at"]) == (refreshes, first.fetched_at)
        reader.read()


def test_a_large_account_is_set_aside_while_it_is_read_further_and_is_the_same(reader, monkeypatch):
    plain = reader.read(full=True)
    monkeypatch.setattr(snapshots, "MANY", 0)
    aside = reader.read(full=True)
    pd.testing.assert_frame_equal(aside.contacts, plain.contacts)
    pd.testing.assert_frame_equal(aside.memberships, plain.memberships)


def test_what_was_set_aside_comes_back_where_the_account_can_not_be_read_further(reader, monkeypatch):
    plain = reader.read(full=True)
    monkeypatch.setattr(snapshots, "MANY", 0)
    monkeypatch.setattr(reader.account.dialect, "refresh", lambda *given, **more: _stale(), raising=False)
    aside = reader.read(full=True)
    pd.testing.assert_frame_equal(aside.contacts, plain.contacts)


def test_a_disk_that_takes_nothing_aside_costs_memory_alone(reader, monkeypatch):
    plain = reader.read(full=True)
    monkeypatch.setattr(snapshots, "MANY", 0)

    def refuse(*given: object) -> None:
        raise StateError("the disk is full")

    monkeypatch.setattr(snapshots, "set_aside", refuse)
    pd.testing.assert_frame_equal(reader.read(full=True).contacts, plain.contacts)


def _stale() -> Generator[Request, Response, Stale]:
    yield from ()
    return Stale("the account was put back to an earlier state")
