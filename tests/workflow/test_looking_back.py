from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ctct_etl.workflow import looking_back
from ctct_etl.workflow.looking_back import look_back, look_back_from
from tests.cli.story import change_plan
from tests.report.plans import applied, small_plan

NOW = {"run": "20261124T224501Z-0000", "pipeline": {"name": "nightly-members"}, "account": {"name": "sandbox"}}


def night(state: Path, day: int, outcome: dict[str, Any] | None = None, **manifest: Any) -> Path:
    """A run of that day of November."""
    run = f"202611{day:02}T224501Z-3f2a"
    told = {"command": "run", "pipeline": {"name": "nightly-members", "path": "p.yaml", "sha256": "1f"},
            "mapping": {"path": "m.yaml", "sha256": "2e"}}  # fmt: skip
    plan = small_plan(**(told | manifest | {"run": run})).manifest
    (state / "runs" / run).mkdir(parents=True)
    (state / "runs" / run / "plan.json").write_text(json.dumps(plan), "utf-8")
    change_plan(state / "runs" / run)
    if outcome is not None:
        text = json.dumps(outcome | {"run": run, "accepted": {}, "verification": None})
        (state / "runs" / run / "outcome.json").write_text(text, "utf-8")
    return state / "runs" / run


def test_the_runs_before_this_one_are_told_the_newest_first(tmp_path: Path) -> None:
    night(tmp_path, 21, applied())
    night(tmp_path, 22, applied("part", update={"done": 1, "failed": 1}))
    night(tmp_path, 25, applied())  # later than this run
    found = look_back(tmp_path, NOW)
    assert [(each.run[6:8], each.ended, each.good, each.rows, each.rejected) for each in found] == [
        ("22", "part", True, 11, 2), ("21", "done", True, 11, 2),
    ]  # fmt: skip
    assert (found[0].people, found[0].not_done, found[0].requests) == ({"create": 3, "update": 1, "remove": 1}, 1, 7)


def test_dry_runs_plans_reverts_and_other_pipelines_are_no_nights(tmp_path: Path) -> None:
    night(tmp_path, 19, command="dry_run")
    night(tmp_path, 20, command="plan")
    night(tmp_path, 21, applied(), reverts="20261101T224501Z-3f2a")
    night(tmp_path, 22, applied(), pipeline={"name": "others", "path": "p.yaml", "sha256": "1f"})
    stopped = [{"guard": "min_rows", "tripped": True, "accepted": False, "figure": "0 rows", "limit": "1", "cure": "",
                "value": 0, "whole": 0}]  # fmt: skip
    night(tmp_path, 17, command="dry_run", guards=stopped)
    night(tmp_path, 18, command="plan", guards=stopped)
    assert look_back(tmp_path, NOW) == ()


def test_a_run_that_did_not_go_through_is_told_and_is_no_good_one(tmp_path: Path) -> None:
    night(tmp_path, 21, applied("failed", create={"pending": 3}))
    (found,) = look_back(tmp_path, NOW)
    assert (found.ended, found.good, found.people["create"], found.not_done) == ("failed", False, 0, 3)


def test_only_the_last_of_many_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking_back, "MOST", 2)
    for day in (20, 21, 22):
        night(tmp_path, day, applied())
    assert [each.run[6:8] for each in look_back(tmp_path, NOW)] == ["22", "21"]


def test_a_state_that_is_not_there_or_can_not_be_read_has_no_runs(tmp_path: Path) -> None:
    assert look_back(tmp_path / "none", NOW) == ()
    (tmp_path / "runs").write_text("a file")
    assert look_back(tmp_path, NOW) == ()


def test_a_plan_among_the_runs_finds_them_and_one_elsewhere_finds_none(tmp_path: Path) -> None:
    directory = night(tmp_path, 21, applied())
    assert [each.run for each in look_back_from(directory.parent / NOW["run"], NOW)] == [directory.name]
    assert look_back_from(tmp_path / "plans" / "one", NOW) == ()
