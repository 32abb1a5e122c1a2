from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctct_etl.config.values import Limit
from ctct_etl.errors import GuardTripped
from ctct_etl.run.plan_directory import open_plan
from ctct_etl.run.run_files import JOURNAL, REHEARSAL
from ctct_etl.workflow.rehearsing import Rehearsed, rehearse_plan
from ctct_etl.workflow.running import plan_pipeline
from tests.cli.club import PIPELINE, Club, opened_club
from tests.test_guides import _keys, _told
from tests.workflow.test_running import ALLOWED, ANY, FIELDS, PEOPLE, context_of, planned


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    with opened_club(tmp_path) as opened:
        yield opened


def rehearse(club: Club, directory: Path) -> Rehearsed:
    return rehearse_plan(context_of(club), directory, accepted={})


def test_a_plan_that_will_do_as_it_says_ends_with_0_and_is_left_as_it_was(club: Club) -> None:
    club.write(members=PEOPLE, mapping=FIELDS, pipeline=ALLOWED)
    directory = planned(club)
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    rehearsed = rehearse(club, directory)
    assert rehearsed.exit_code == 0 and rehearsed.told["results"]["create"]["done"] == 2
    assert club.writes() == [] and not (directory / JOURNAL).exists()
    assert {path.name: path.read_bytes() for path in directory.iterdir() if path.name != REHEARSAL} == before
    assert json.loads((directory / REHEARSAL).read_text("utf-8")) == rehearsed.told
    open_plan(directory)


def test_what_moved_since_the_plan_would_be_a_conflict_and_ends_with_4(club: Club) -> None:
    directory = planned(club)
    club.act("person", "unsubscribe", "bob@example.com")
    rehearsed = rehearse(club, directory)
    assert rehearsed.exit_code == 4 and rehearsed.told["results"]["update"]["conflict"] == 1
    (told,) = rehearsed.told["not_done"]
    assert (told["address"], told["result"]) == ("bob@example.com", "conflict")


def test_a_plan_that_a_guard_stops_is_not_rehearsed(club: Club) -> None:
    club.write(pipeline=PIPELINE + "guards: {max_updates: 0, max_rejected: 10}\n")
    directory = plan_pipeline(context_of(club), club.pipeline, out=None, accepted={}).directory
    with pytest.raises(GuardTripped, match="max_updates"):
        rehearse(club, directory)
    yes = {guard: Limit(count=100) for guard in (*ANY, "max_rejected")}
    assert rehearse_plan(context_of(club), directory, accepted=yes).exit_code == 0


def test_every_key_of_a_rehearsal_is_told_in_the_guide_and_no_other(club: Club) -> None:
    directory = planned(club)
    club.act("person", "unsubscribe", "bob@example.com")
    told = dict(rehearse(club, directory).told)
    broken = {"address": "a@x.org", "field": "email", "promised": "a@x.org", "found": ""}
    told["verification"] = {**told["verification"], "differences": [broken]}
    told |= {
        "outside": [{"address": "a@x.org", "field": "email", "was": "", "is": "a@x.org"}],
        "mails_sent": {"welcome": 1},
    }
    assert _told("rehearsal.json") == set(_keys(told))
