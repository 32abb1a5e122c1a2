"""The promises about people: what the program leaves alone, over generated worlds and real HTTP."""

from __future__ import annotations

from hypothesis import example, given

from tests.promises.nights import actions, night_of, or_pass_by, slow
from tests.promises.reading import consent_of, fields_of, memberships_of
from tests.promises.worlds import LEAVING, RICH, World, worlds


@slow
@example(RICH)
@example(LEAVING)
@given(worlds())
def test_no_field_membership_or_consent_outside_the_plan_ever_changes(world: World):
    with night_of(world) as night:
        before = night.contacts()
        ended = or_pass_by(night.run)
        after = night.contacts()
        mapped = set(world.mapping["fields"])
        named = {("list", name) for name in ("Newsletter", "Travel Club", "Book Circle", "Volunteers")}
        named |= {("tag", "spring")}
        written = {action["address"] for action in actions(ended) if action["action"] != "skip"}
        for address, old in before.items():
            new = after[address]
            assert consent_of(new) == consent_of(old), address
            outside = {field: value for field, value in fields_of(old).items() if field not in mapped}
            assert {f: v for f, v in fields_of(new).items() if f not in mapped} == outside, address
            assert memberships_of(new) - named <= memberships_of(old) - named, address
            lost = memberships_of(old) - memberships_of(new)
            if lost:  # taken off the managed lists, all of them, and only where no cell of the sheet tells of them
                assert world.pipeline["absent"] == {"action": "remove_from_lists"}
                managed = {("list", name) for name in world.pipeline["managed_lists"]}
                assert lost == memberships_of(old) & managed, address
                assert not any(address in row["E-mail"].lower() for row in world.rows), address
                assert address not in map(str.lower, world.suppressed)
                assert consent_of(old)[0] in ("implicit", "explicit")
                assert fields_of(new) == fields_of(old)
            if address not in written:
                assert new == old, address


@slow
@example(RICH)
@given(worlds())
def test_nobody_who_left_is_put_on_a_list_and_nobody_joins_one_that_no_row_asks_for(world: World):
    with night_of(world) as night:
        before = night.contacts()
        ended = or_pass_by(night.run)
        after = night.contacts()
        asked = {(action["address"], name) for action in actions(ended) for name in action["lists"]["add"]}
        for address, new in after.items():
            old = before.get(address)
            had = set(old["by_name"]["lists"]) if old else set()
            joined = set(new["by_name"]["lists"]) - had
            assert {(address, name) for name in joined} <= asked
            if old and consent_of(old)[0] in ("unsubscribed", "pending_confirmation", "temp_hold", "not_set"):
                assert not joined, address
            if old and consent_of(old)[1]:
                assert new == old, address
        assert night.mails() == []
