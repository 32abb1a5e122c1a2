"""How far an apply is, told while it runs: read from the page and from outcome.json after a real SIGKILL."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from ctct_etl.errors import PlanRefused, StateError
from ctct_etl.run.journal import open_journal
from ctct_etl.run.plan_directory import open_plan
from ctct_etl.workflow import telling
from ctct_etl.workflow.applying import Wish, apply_directory
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.running import plan_pipeline, run_pipeline, show_plan
from ctct_etl.workflow.telling import Teller
from tests.cli.club import ACCOUNTS, MEMBERS, Club, opened_club
from tests.report.pages import Page
from tests.workflow.test_running import ANY
from tests.workflow.test_settling import Killed

RESULTS = "People by action and result"
# The program as it is, but for the time that it lets pass between two tellings.
PROGRAM = """
from ctct_etl.cli import main
from ctct_etl.workflow import telling
telling.EVERY_S, telling.SHARE = 0.0, 0
main()
"""


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    with opened_club(tmp_path) as opened:
        yield opened


def context_of(club: Club) -> Context:
    return Context(environment=club.environment, state=club.state, sleep=lambda seconds: None)


def read_page(directory: Path) -> Page:
    return Page((directory / "report.html").read_text("utf-8"))


def read_outcome(directory: Path) -> dict[str, dict[str, dict[str, int]]]:
    outcome: dict[str, dict[str, dict[str, int]]] = json.loads((directory / "outcome.json").read_text("utf-8"))
    return outcome


def test_a_run_that_is_killed_leaves_a_page_that_says_how_far_it_was(club: Club) -> None:
    """Single requests, four a second: the program is killed when its page tells of the first who are done."""
    people = "".join(f"p{at:02}@example.com,P,No{at}\n" for at in range(30))
    club.write(
        members=MEMBERS + people, accounts=ACCOUNTS.replace("requests_per_second: 1000", "requests_per_second: 4")
    )
    words = (
        "-c",
        PROGRAM,
        "run",
        club.pipeline,
        "--route",
        "single",
        "--accept",
        "max_creates=100",
        "--accept",
        "max_rejected=9",
    )
    process = subprocess.Popen(
        [sys.executable, *map(str, words), "--accounts", club.accounts, "--state-dir", club.state],
        env=os.environ | club.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 300  # only a hang takes so long
    while time.monotonic() < deadline and process.poll() is None:
        told = [read_page(run).tables.get(RESULTS) for run in club.runs() if not run.name.startswith(".")]
        if told and told[0] and told[0][1][2].strip() != "0":
            break
        time.sleep(0.1)
    process.kill()
    assert process.wait(30) == -9
    (directory,) = club.runs()
    page, results = read_page(directory), read_outcome(directory)["results"]
    cells = {row[0]: row[1:] for row in page.cells(RESULTS)}
    done = int(cells["add"][1])
    assert 0 < done < 31 and done <= results["create"]["done"] <= len(club.contacts()) - 2
    assert int(cells["add"][4]) == 31 - done
    assert results["create"] == {"done": results["create"]["done"], "conflict": 0, "failed": 0,
                                 "pending": 31 - results["create"]["done"]}  # fmt: skip
    assert "Under way" in page.texts["p"] and page.texts["h1"][0].startswith("Under way: ")
    assert re.search(r"last at \d+ \w+ 2\d{3}, \d\d:\d\d:\d\d UTC\.", page.text)
    assert f"the run was cut off then: {done + int(cells['change'][1])} were done" in page.text
    assert len(page.cells("Every changed field, list and tag, before and after")) > 60  # the tables are still there
    assert [each.results for each in show_plan(directory).report.actions[:1]] == [results["create"]]


def test_before_anything_is_sent_the_page_says_that_the_apply_has_begun(club: Club) -> None:
    seen = []

    def progress(step: str, done: int, total: int | None) -> None:
        if step == "applying the plan" and not seen:
            seen.append(read_page(club.runs()[0]).texts["h1"][0])

    run_pipeline(replace(context_of(club), progress=progress), club.pipeline, dry_run=False, accepted=ANY)
    assert seen == ["Under way: nobody was changed; 2 people still to do."]
    assert read_page(club.runs()[0]).texts["h1"] == ["1 person was added and 1 changed."]


def test_a_page_that_was_taken_away_is_made_anew_and_one_of_other_templates_is_replaced(club: Club) -> None:
    directory = plan_pipeline(context_of(club), club.pipeline, out=None, accepted=ANY).directory
    for spoil in (lambda path: path.unlink(), lambda path: path.write_text("of an older version")):
        spoil(directory / "report.html")
        plan = open_plan(directory)
        with open_journal(directory, plan.manifest["digest"], "club") as journal:
            Teller(context_of(club), plan, directory, journal, "2026-11-23T22:45:01Z").begin()
        page = read_page(directory)
        assert page.texts["h1"][0].startswith("Under way") and "What became of the 4 rows" in page.text


def test_a_page_that_can_not_be_written_does_not_stop_the_run(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise StateError("the disk is full")

    monkeypatch.setattr(telling, "renew_page", refuse)
    ended = run_pipeline(context_of(club), club.pipeline, dry_run=False, accepted=ANY)
    assert ended.outcome is not None and ended.outcome["ended"] == "done"


def test_it_is_told_no_more_often_than_it_costs_little(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = plan_pipeline(context_of(club), club.pipeline, out=None, accepted=ANY).directory
    plan, clock, told = open_plan(directory), [100.0], []

    def keep(*_: object) -> None:
        told.append(clock[0])
        clock[0] += 3.0  # so long it takes

    monkeypatch.setattr(telling, "keep_outcome", keep)
    monkeypatch.setattr(telling.time, "monotonic", lambda: clock[0])
    with open_journal(directory, plan.manifest["digest"], "club") as journal:
        teller = Teller(context_of(club), plan, directory, journal, "2026-11-23T22:45:01Z")
        teller.begin()
        for _ in range(600):
            teller.go_on(0, 0)
            clock[0] += 1.0
    assert len(told) == 4 and min(after - before for before, after in pairwise(told)) >= 150


def test_an_apply_that_is_refused_leaves_the_page_as_it_was(club: Club) -> None:
    def progress(step: str, done: int, total: int | None) -> None:
        if step == "applying the plan" and done:
            raise Killed

    directory = plan_pipeline(context_of(club), club.pipeline, out=None, accepted=ANY).directory
    with pytest.raises(Killed):
        apply_directory(replace(context_of(club), progress=progress), directory, wish=Wish(), accepted=ANY)
    before = (directory / "report.html").read_bytes()
    with pytest.raises(PlanRefused, match="begun before"):
        apply_directory(context_of(club), directory, wish=Wish(), accepted=ANY)
    assert (directory / "report.html").read_bytes() == before
    apply_directory(context_of(club), directory, wish=Wish(resume=True), accepted=ANY)
    assert read_page(directory).texts["h1"] == ["1 person was added and 1 changed."]
