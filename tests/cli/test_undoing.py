"""`revert` and `rehearse`, as the command line gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.club import PIPELINE, Club, opened_club
from tests.cli.program import Said, run, run_here

LOOSE = PIPELINE + "guards: {max_rejected: 50%}\n"


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    with opened_club(tmp_path) as opened:
        opened.write(pipeline=LOOSE)
        yield opened


def say(club: Club, *words: object, program: bool = False) -> Said:
    go = run if program else run_here
    return go(*words, "--state-dir", club.state, environment=club.environment)


def test_a_plan_is_rehearsed_applied_and_taken_back_by_the_installed_program(club: Club) -> None:
    assert say(club, "plan", club.pipeline).code == 0
    (planned,) = club.runs()
    rehearsed = say(club, "rehearse", planned, program=True)
    assert (rehearsed.code, rehearsed.last_line) == (0, "As the plan promises.")
    assert club.writes() == []
    assert say(club, "apply", planned).code == 0
    reverted = say(club, "revert", planned.name, "--detailed-exitcode", program=True)
    directory = club.runs()[-1]
    assert reverted.code == 10 and f"to carry it out: ctct-etl apply {directory}" in reverted.out
    assert say(club, "apply", directory).code == 0
    assert club.contacts()["bob@example.com"]["last_name"] == "Old"
    assert say(club, "revert", planned.name, "--detailed-exitcode").code == 0


def test_a_rehearsal_that_ends_otherwise_ends_with_4_and_says_who(club: Club) -> None:
    say(club, "plan", club.pipeline)
    (planned,) = club.runs()
    club.act("person", "unsubscribe", "bob@example.com")
    rehearsed = say(club, "rehearse", planned)
    assert rehearsed.code == 4
    assert "bob@example.com: changed meanwhile — its status changed since the plan" in rehearsed.out
    told = json.loads(say(club, "rehearse", planned, "--format", "json").out)
    assert told["as_promised"] is False and told["results"]["create"]["done"] == 1


def test_a_plan_that_a_guard_stops_is_not_rehearsed(club: Club) -> None:
    club.write(pipeline=PIPELINE + "guards: {max_updates: 0}\n")
    assert say(club, "plan", club.pipeline).code == 3
    rehearsed = say(club, "rehearse", club.runs()[0])
    assert rehearsed.code == 3 and "--accept max_updates=1" in rehearsed.err


def test_whom_the_run_created_is_deleted_when_asked_for(club: Club) -> None:
    say(club, "run", club.pipeline)
    (done,) = club.runs()
    assert say(club, "revert", done, "--delete-created", "--out", club.folder / "back").code == 0
    assert say(club, "apply", club.folder / "back").code == 0
    assert "deleted_at" in club.contacts()["cy@example.com"]


@pytest.mark.parametrize(
    ("which", "code", "words"),
    [("nothing", 2, 'there is no run "nothing"'), ("planned", 1, "was never applied")],
)
def test_what_can_t_be_taken_back_is_refused(club: Club, which: str, code: int, words: str) -> None:
    say(club, "plan", club.pipeline)
    said = say(club, "revert", club.runs()[0] if which == "planned" else which)
    assert said.code == code and words in said.err
