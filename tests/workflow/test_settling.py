"""A run that was killed, and the next one: what was sent is settled, the rest is planned afresh."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ctct_etl.errors import PlanRefused
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.underway import find_underway
from ctct_etl.workflow.applying import Wish, apply_directory
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.outcomes import read_outcome
from ctct_etl.workflow.running import run_pipeline
from tests.cli.club import Club, opened_club
from tests.workflow.test_running import ANY


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    with opened_club(tmp_path) as opened:
        yield opened


class Killed(BaseException):
    """The process was killed: nothing runs after it."""


def context_of(club: Club, dies_at: int | None = None) -> Context:
    def progress(step: str, done: int, total: int | None) -> None:
        if step == "applying the plan" and done == dies_at:
            raise Killed

    return Context(environment=club.environment, state=club.state, sleep=lambda seconds: None, progress=progress)


def run(club: Club, dies_at: int | None = None) -> list[str]:
    ended = run_pipeline(context_of(club, dies_at), club.pipeline, dry_run=False, accepted=ANY)
    return list(ended.advice)


def test_the_next_run_settles_a_killed_one_closes_it_and_does_the_rest(club: Club) -> None:
    with pytest.raises(Killed):
        run(club, dies_at=1)
    (killed,) = club.runs()
    assert list(find_underway(StateDirectory(club.state), "club")) == [killed.name]
    advice = run(club)
    assert advice[0] == f"run {killed.name} was interrupted: what it had sent is settled, the rest is planned afresh"
    told = read_outcome(killed)
    assert told is not None and told["ended"] == "interrupted" and "settled and closed by the run" in told["stopped"]
    assert told["results"]["create"] == {"done": 1, "conflict": 0, "failed": 0, "pending": 0}
    assert told["results"]["update"] == {"done": 0, "conflict": 0, "failed": 0, "pending": 1}
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"
    assert [write.split()[0] for write in club.writes()] == ["POST", "PUT"]
    assert find_underway(StateDirectory(club.state), "club") == {} and run(club) == []


def test_a_run_that_was_closed_is_not_resumed(club: Club) -> None:
    with pytest.raises(Killed):
        run(club, dies_at=1)
    (killed,) = club.runs()
    run(club)
    with pytest.raises(PlanRefused, match="a later run has closed it"):
        apply_directory(context_of(club), killed, wish=Wish(resume=True), accepted={})


def test_a_killed_run_whose_plan_is_gone_is_told_and_stops_nobody(club: Club) -> None:
    with pytest.raises(Killed):
        run(club, dies_at=1)
    (killed,) = club.runs()
    (killed / "plan.json").unlink()
    advice = run(club)
    assert advice[0].startswith(f"run {killed.name} was interrupted, and can't be settled: ")
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"
