"""A state with one run of each kind, and runs that are changed, doubled and made older."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.cli.club import PIPELINE, opened_club
from tests.cli.program import Said, run_here

LOOSE = PIPELINE + "guards: {max_rejected: 50%}\n"
STRICT = PIPELINE + "guards: {max_rejected: 50%, max_updates: 0}\n"
OTHER = LOOSE.replace("name: members", "name: others")


@dataclass(frozen=True)
class Story:
    """A state with one run of each kind, the oldest first in `runs`."""

    state: Path
    runs: dict[str, str]

    def ask(self, *words: object) -> Said:
        return run_here("history", *words, "--state-dir", self.state)

    def tell(self, *words: object) -> Any:
        said = self.ask(*words, "--format", "json")
        assert said.code == 0, said.err
        return json.loads(said.out)

    def directory(self, kind: str) -> Path:
        return self.state / "runs" / self.runs[kind]

    def line(self, kind: str, *words: object) -> str:
        """Of the table: the one line of that run, its blanks as one."""
        (line,) = (line for line in self.ask(*words).out.splitlines() if line.startswith(self.runs[kind]))
        return " ".join(line.split())


@contextmanager
def lived_story(folder: Path) -> Iterator[Story]:
    """Let a club have nights of every kind, for the length of the block."""
    with opened_club(folder) as club:
        runs: dict[str, str] = {}

        def night(kind: str, *words: object, code: int = 0) -> None:
            begun = int(time.time())
            while int(time.time()) == begun:  # ids sort by their second
                time.sleep(0.02)
            said = run_here(*words, "--state-dir", club.state, environment=club.environment)
            assert said.code == code, said.out + said.err
            runs.setdefault(kind, next((each.name for each in club.runs() if each.name not in runs.values()), ""))

        club.write(pipeline=LOOSE)
        night("dry", "run", club.pipeline, "--dry-run")
        club.write(pipeline=STRICT)
        night("guarded", "run", club.pipeline, code=3)
        club.write(pipeline=LOOSE)
        club.strike("quota_exceeded", "PUT")
        night("closed", "run", club.pipeline, code=5)
        club.pass_midnight()
        night("good", "run", club.pipeline, "--accept", "max_updates=7")
        night("idle", "run", club.pipeline)
        night("revert", "revert", runs["good"])
        night("revert", "apply", club.state / "runs" / runs["revert"])
        club.write(pipeline=OTHER)
        night("plan", "plan", club.pipeline)
        club.strike("quota_exceeded", "PUT")
        night("quota", "run", club.pipeline, code=5)
        yield Story(club.state, runs)


def make_twin(model: Path, directory: Path) -> None:
    """A run like `model` under another id, sound in itself."""
    directory.mkdir(parents=True)
    shutil.copy(model / "outcome.json", directory)
    shutil.copy(model / "plan.json", directory)
    change_plan(directory, run=directory.name)


def change_plan(directory: Path, **changed: Any) -> None:
    """Say something else in plan.json, under a digest that fits."""
    path = directory / "plan.json"
    plan = {**json.loads(path.read_text("utf-8")), **changed}
    del plan["digest"]
    plan["digest"] = hashlib.sha256(_dump(plan)).hexdigest()
    path.write_bytes(_dump(plan))


def make_older(directory: Path, days: int) -> None:
    """Let a run be of so many days before."""
    change_plan(directory, made_at=_before(json.loads((directory / "plan.json").read_text("utf-8"))["made_at"], days))
    path = directory / "outcome.json"
    if path.exists():
        told = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps({**told, **{key: _before(told[key], days) for key in ("started_at", "ended_at")}}))


def _before(moment: str, days: int) -> str:
    return f"{datetime.fromisoformat(moment) - timedelta(days):%Y-%m-%dT%H:%M:%SZ}"


def _dump(plan: dict[str, Any]) -> bytes:
    return (json.dumps(plan, sort_keys=True, ensure_ascii=False, indent=2) + "\n").encode()
