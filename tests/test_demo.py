"""What `make demo` promises, on the sample data, by the program as it is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.modules import ROOT

PROGRAM = Path(sys.executable).with_name("ctct-etl")
PIPELINE = "pipelines/nightly_members.yaml"

Night = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The dry run, the run, and the run after it, as JSON."""
    state = tmp_path_factory.mktemp("demo")
    return _run(state, "--dry-run"), _run(state), _run(state)


def test_the_dry_run_and_the_run_plan_the_same(night: Night) -> None:
    rehearsal, real, _ = night
    assert rehearsal["outcomes"] == real["outcomes"]
    assert rehearsal["fields"] == real["fields"]


def test_every_kind_of_outcome_is_in_the_sample(night: Night) -> None:
    counts = _count_outcomes(night[0])
    assert counts.keys() == {"rejected", "merged", "unchanged", "skip", "create", "update"}
    assert all(counts.values())
    assert 250 <= counts["create"] <= 450 and 250 <= counts["update"] <= 450


def test_no_guard_trips_on_the_sample(night: Night) -> None:
    assert [guard["guard"] for guard in night[0]["guards"] if guard["tripped"]] == []


def test_the_run_does_all_that_it_planned(night: Night) -> None:
    done = {action["action"]: (action["planned"], action["results"]) for action in night[1]["actions"]}
    for action in ("create", "update"):
        planned, results = done[action]
        assert planned == results["done"] > 0
    assert night[1]["not_done"] == []


def test_the_second_run_finds_nothing_left_to_do(night: Night) -> None:
    counts = _count_outcomes(night[2])
    assert counts.get("create", 0) == counts.get("update", 0) == 0
    assert night[2]["cost"]["requests"].get("total", 0) == 0


def _run(state: Path, *options: str) -> dict[str, Any]:
    command = [PROGRAM, "run", PIPELINE, "--state-dir", state, "--format", "json", *options]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def _count_outcomes(result: dict[str, Any]) -> dict[str, int]:
    return {outcome["outcome"]: outcome["count"] for outcome in result["outcomes"]}
