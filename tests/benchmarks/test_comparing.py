"""The benchmark's first promise: a time counts only beside an equal plan."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import plan_race, task
from benchmarks.comparing import hash_plan
from benchmarks.making import make
from tests.modules import ROOT

SIZE = 2_000
PROGRAMS = {name: program for name, program in plan_race.PROGRAMS.items() if program.is_there()}
OURS, LOOP = plan_race.OURS, plan_race.LOOP


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What each program makes of the same data."""
    data = tmp_path_factory.mktemp("data")
    make(SIZE, data)
    plans = {name: tmp_path_factory.mktemp("plan") for name in PROGRAMS}
    for name, out in plans.items():
        subprocess.run(PROGRAMS[name].command(data, out), cwd=ROOT, check=True)
    return plans


def read_actions(plan: Path) -> list[dict]:
    return [json.loads(line) for line in (plan / task.ACTIONS).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", plan_race.PROGRAMS)
def test_every_program_makes_the_plan_that_ours_makes(name, plans):
    if name not in plans:
        pytest.skip(f"{plan_race.PROGRAMS[name].needs} is not installed: make bench installs it")
    assert hash_plan(plans[name]) == hash_plan(plans[OURS])


def test_the_data_holds_every_kind_of_action(plans):
    assert {action["action"] for action in read_actions(plans[OURS])} == {"create", "update", "skip"}


@pytest.mark.parametrize("key", ["address", "action", "after", "lists", "origins"])
def test_a_plan_that_says_something_else_has_another_hash(plans, key, tmp_path):
    first, *rest = sorted(read_actions(plans[LOOP]), key=lambda action: action["action"])  # a create
    other = {"after": dict.fromkeys(first["after"], "other"), "lists": {"add": ["Other"]}, "origins": [1]}
    first[key] = other.get(key, "other")
    (tmp_path / task.ACTIONS).write_text("".join(json.dumps(action) + "\n" for action in (first, *rest)), "utf-8")
    (tmp_path / task.ROWS).write_bytes((plans[LOOP] / task.ROWS).read_bytes())
    assert hash_plan(tmp_path) != hash_plan(plans[LOOP])
