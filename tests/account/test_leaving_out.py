import json

from ctct_etl.account.dialect import Result
from ctct_etl.account.entries import Entry, Load
from ctct_etl.account.leaving_out import note_left_out, take_left_out

LOAD = Load((Entry("a@x.org"), Entry("b@x.org")), {}, "2026-11-23T22:00:00Z")


def test_who_was_left_out_is_no_part_of_the_load_and_keeps_what_was_told_of_them() -> None:
    noted = json.loads(json.dumps(note_left_out([Result("a@x.org", "conflict", "gone")])))  # as the journal has it
    carried, out = take_left_out(LOAD, {"activity_id": "1", **noted})
    assert [entry.address for entry in carried.entries] == ["b@x.org"]
    assert out == (Result("a@x.org", "conflict", "gone"),)


def test_a_checkpoint_that_says_nothing_of_it_leaves_nobody_out() -> None:
    assert take_left_out(LOAD, {"activity_id": "1"}) == (LOAD, ())
