"""Every route under every switch of the sandbox: what the sources leave open about the service changes no end state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctct_etl.sandbox.switches import list_switches
from tests.promises.every_route import EVERY_ROUTE, EXPLICIT
from tests.promises.holding import hold_to_plan
from tests.promises.nights import actions, night_of, or_pass_by, slow
from tests.promises.worlds import RICH, World, worlds

# Of those that take any number or text, a value other than the default.
OTHER: Mapping[str, tuple[object, ...]] = {
    "activity_seconds": (0.05,), "welcome_lists": (("Newsletter",),), "token_seconds": (7_200,),
}  # fmt: skip
# Under one value of these a run has to stop, and does: a user of that role may write nothing (tests/account/
# test_session.py), and a service that clears what a PUT leaves out is seen at the first one (v3/test_adapter.py).
LEFT_OUT = {"user_role", "put_omitted_arrays"}
CHOICES = {
    name: tuple(value for value in allowed or OTHER[name] if value != default)
    for name, (default, allowed) in list_switches().items()
    if name not in LEFT_OUT and not name.startswith("v1_")  # which v3 does not know
}
FLIPPED = [(name, value) for name, values in CHOICES.items() for value in values]
WORLDS = {"every_route": EVERY_ROUTE, "explicit": EXPLICIT}

some = settings(slow, max_examples=2 if settings.get_current_profile_name() == "sampled" else 200)


def hold_under(world: World, switches: Mapping[str, object]) -> Iterator[str]:
    """Run, hold the account to the plan, run again and find nothing to do; tell the routes that were taken."""
    with night_of(world, switches=switches) as night:
        before = night.contacts()
        ended = or_pass_by(night.run)
        after = night.contacts()
        assert ended.outcome is None or ended.outcome["not_done"] == [], switches
        hold_to_plan(before, after, actions(ended), import_list=world.service.get("import_list", ""))
        again = night.run()
        assert [action for action in actions(again) if action["action"] != "skip"] == [], switches
        assert night.contacts() == after, switches
        for action in actions(ended):
            yield from (action["route"] or "").split("+")


@pytest.mark.proof
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize(("switch", "value"), FLIPPED)
def test_one_switch_at_a_time_changes_no_end_state(name: str, switch: str, value: object):
    assert Counter(hold_under(WORLDS[name], {switch: value}))


def hands(count: int) -> list[dict[str, object]]:
    """Every value that is no default, dealt into so many hands."""
    dealt: list[dict[str, object]] = [{} for _ in range(count)]
    for number, (switch, value) in enumerate(FLIPPED):
        at = next(at for at in range(number, number + count) if switch not in dealt[at % count]) % count
        dealt[at][switch] = value
    return dealt


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("hand", hands(4), ids=range(4))
def test_many_switches_at_a_time_change_no_end_state(name: str, hand: Mapping[str, object]):
    assert Counter(hold_under(WORLDS[name], hand))


def test_whatever_the_switches_a_generated_world_ends_as_planned():
    seen: Counter[str] = Counter()
    drawn = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in CHOICES.items()})

    @some
    @example(RICH, hands(4)[0])
    @given(worlds(), drawn)
    def hold(world: World, switches: Mapping[str, object]) -> None:
        seen.update(hold_under(world, switches))

    hold()
    assert seen["contacts_json_import"] and seen["put_contact"]
