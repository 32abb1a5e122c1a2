"""What a run did can be taken back, and a plan can be tried where it does no harm: both on generated nights."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from tests.promises.nights import Night, night_of, or_pass_by, slow
from tests.promises.reading import consent_of, fields_of, memberships_of
from tests.promises.worlds import RICH, World, worlds

# Each of these nights is two or three: a third of the examples takes the time of a whole.
long = settings(slow, max_examples=settings.default.max_examples // 3)


def known(night: Night) -> dict[str, tuple[Any, ...]]:
    """Address → fields, lists and consent of every contact."""
    return {address: state_of(contact) for address, contact in night.contacts().items()}


def state_of(contact: dict[str, Any]) -> tuple[Any, ...]:
    lists = {name for kind, name in memberships_of(contact) if kind == "list"}
    return fields_of(contact), lists, consent_of(contact) if "email_address" in contact else ()


def take_back(night: Night, world: World, **wish: Any) -> None:
    before = known(night)
    run = or_pass_by(night.run)
    if run.outcome is None:  # nothing to do
        return
    writes = [each for each in night.requests() if each["method"] != "GET"]
    reverted = night.revert(run, **wish)
    assert [each for each in night.requests() if each["method"] != "GET"] == writes
    night.apply(reverted)
    after = known(night)
    assert {address: after[address] for address in before} == before
    created = after.keys() - before.keys()
    assert all(not after[address][1] for address in created)
    if wish.get("delete_created"):
        assert all(after[address][2][1] for address in created)
    again = night.revert(run, **wish).plan.manifest["counts"]["contacts"]
    assert (again["create"], again["update"], again["remove"]) == (0, 0, 0)


def test_a_night_of_every_route_is_taken_back() -> None:
    with night_of(RICH) as night:
        take_back(night, RICH)


def test_a_night_of_every_route_is_taken_back_and_whom_it_created_is_deleted() -> None:
    with night_of(RICH) as night:
        take_back(night, RICH, delete_created=True)


@long
@given(worlds())
def test_after_a_revert_everybody_is_as_before_the_run(world: World) -> None:
    with night_of(world) as night:
        take_back(night, world)


@long
@given(worlds())
def test_a_rehearsal_ends_as_the_apply_does_and_the_account_is_only_read(world: World) -> None:
    with night_of(world) as night:
        planned = or_pass_by(night.plan)
        before = known(night)
        rehearsed = night.rehearse(planned)
        assert {each["method"] for each in night.requests()} <= {"GET"} and known(night) == before
        assert rehearsed.told["copied"]["differences"] == 0
        assert rehearsed.told["outside"] == []
        ended = night.apply(planned)
        assert ended.outcome is not None
        assert rehearsed.told["results"] == ended.outcome["results"]
        assert rehearsed.told["verification"] == ended.outcome["verification"]
        assert rehearsed.told["requests"]["used"] == ended.outcome["requests"]
