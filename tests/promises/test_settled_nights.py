"""Nights after one that was interrupted, or whose jobs ended badly: nobody is put back, nor what was taken back."""

from __future__ import annotations

import pytest

from ctct_etl.run.journal import Journal
from ctct_etl.workflow import applying
from tests.promises.every_route import GUARDS, known, person
from tests.promises.nights import Night, night_of
from tests.promises.test_undoing import known as state_of
from tests.promises.worlds import RICH, World

NAMES = [f"p{n}@example.com" for n in range(4)]
FIELDS = {"email": "E-mail", "first_name": "First Name", "last_name": "Last Name"}
CLUB = World(
    rows=[person(name) for name in NAMES],
    account=[*(known(name, lists=("Board",)) for name in NAMES), known("s@example.com")],
    mapping={"fields": FIELDS, "lists": ["Newsletter"]},
    pipeline={"guards": GUARDS},
    suppressed=[],
)


class Killed(BaseException):
    """The process was killed: nothing runs after it."""


def die(*args: object, **more: object) -> None:
    raise Killed


def on_newsletter(night: Night) -> list[str]:
    contacts = night.contacts()
    return [name for name in NAMES if "Newsletter" in contacts[name]["by_name"]["lists"]]


def test_who_leaves_after_a_job_that_refused_another_is_not_put_back_the_next_night() -> None:
    match = {"method": "POST", "path": "/v3/activities/add_list_memberships"}
    deed = {"who": "person", "do": "leave_list", "address": NAMES[0], "list": "Newsletter"}
    with night_of(CLUB) as night:
        night.sandbox.faults.add({"kind": "activity_row_errors", "done": 0.75, "match": match})
        watch = {"method": "GET", "path": "/v3/activities/*"}
        night.sandbox.faults.add({"kind": "act", "act": deed, "when": "after", "match": watch})
        night.run()
        assert len(on_newsletter(night)) == 2  # of four one was refused, and one left
        night.sandbox.faults.clear()
        night.run()
        assert NAMES[0] not in on_newsletter(night)


@pytest.mark.parametrize("is_killed", [False, True])
def test_what_a_revert_took_back_is_not_loaded_again_though_the_revert_was_killed_at_its_end(
    monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    with night_of(CLUB) as night:
        reverted = night.revert(night.run())
        if is_killed:
            with monkeypatch.context() as patch, pytest.raises(Killed):
                patch.setattr(applying, "read_back", die)
                night.apply(reverted)
        else:
            night.apply(reverted)
        nightly = night.run()
        assert [guard["guard"] for guard in nightly.plan.manifest["guards"] if guard["tripped"]] == ["reverted"]
        assert on_newsletter(night) == []


@pytest.mark.parametrize("step", ["sent", "answer"])
def test_a_revert_that_is_killed_and_resumed_ends_as_an_unbroken_one(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ends = []
    for is_killed in (False, True):
        with night_of(RICH) as night:
            reverted = night.revert(night.run(), delete_created=True)
            if is_killed:
                with monkeypatch.context() as patch, pytest.raises(Killed):
                    patch.setattr(Journal, step, die)
                    night.apply(reverted)
                night.resume(reverted)
            else:
                night.apply(reverted)
            ends.append(
                {address: (fields, lists, bool(own[1]) if own else None)
                 for address, (fields, lists, own) in state_of(night).items()}
            )  # fmt: skip
    assert ends[0] == ends[1]
