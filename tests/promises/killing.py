"""One run that is killed: a real process, a real SIGKILL, at a request of the run or at a moment of it.

The account of a scenario is filled and its plan made once; every trial begins with a copy of both. The sandbox serves
in this process and kills the child that talks to it: at request N before its effect, or after it and before the answer.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from ctct_etl.sandbox import Sandbox, start_sandbox
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.running import plan_pipeline
from tests.promises.ledger import Asked, Ledger, repeated
from tests.promises.worlds import World, write_seed, write_world

SWITCHES = {"activity_seconds": 0.0}


class Forks:
    """The process of `forking.py`, warmed up with a plan."""

    def __init__(self, plan: Path) -> None:
        # One thread of algebra: a process that forks must not have threads.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.promises.forking", str(plan)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment, cwd=Path(__file__).parents[2], text=True,
        )  # fmt: skip

    def start(self, order: Mapping[str, Any]) -> int:
        """Begin a run; its process id. The run waits for nobody."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._hear()["pid"])

    def wait(self) -> int:
        """Wait for the run to end; its exit code, or minus the signal that ended it."""
        return int(self._hear()["exit"])

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


@dataclass(frozen=True)
class Kill:
    """When a run dies. `request`: at the so-manieth that reaches the service; `after` its effect, or before. Without a
    request, `seconds` after it was started.
    """

    request: int = 0
    after: bool = False
    seconds: float = 0.0


@dataclass
class Scenario:
    """A world whose account is filled and whose plan is made. `known`: addresses that the account has."""

    folder: Path
    plan: Path
    known: frozenset[str]


def prepare(world: World, folder: Path) -> Scenario:
    folder.mkdir(parents=True)
    seed = write_seed(world, folder / "seed.jsonl")
    with start_sandbox(folder / "account.sqlite", seed, limits=False, switches=SWITCHES) as sandbox:
        pipeline = write_world(world, folder, sandbox.url)
        context = Context(environment={}, state=folder / "state", sleep=lambda seconds: None)
        planned = plan_pipeline(context, pipeline, out=None, accepted={})
        known = frozenset(each["email_address"]["address"].lower() for each in sandbox.read_people())
    assert planned.exit_code() == 0
    return Scenario(folder, planned.directory.relative_to(folder), known)


@dataclass
class Trial:
    """A copy of a scenario at work. `exits`: how each of its runs ended; `seconds`: how long the last one took."""

    scenario: Scenario
    folder: Path
    sandbox: Sandbox
    ledger: Ledger
    forks: Forks
    exits: list[int] = field(default_factory=list)
    seconds: float = 0.0

    def go(self, do: str, kill: Kill | None = None) -> int:
        """Run, apply or resume, and be killed or not; the exit code, or minus the signal."""
        started, child = threading.Event(), [0]
        first = len(self.ledger.entries)

        def strike(asked: Asked, after: bool) -> None:
            if kill is not None and kill.request == asked.number - first and kill.after == after:
                started.wait()
                os.kill(child[0], signal.SIGKILL)
                raise ConnectionAbortedError("the client was killed")

        self.ledger.before = lambda asked: strike(asked, False)
        self.ledger.after = lambda asked: strike(asked, True)
        begun = time.monotonic()
        child[0] = self.forks.start({**self._order(do), "seconds": kill.seconds if kill is not None else 0})
        started.set()
        self.exits.append(self.forks.wait())
        self.seconds = time.monotonic() - begun
        self._let_the_rest_arrive()
        return self.exits[-1]

    def people(self) -> dict[str, Any]:
        return {each["email_address"]["address"].lower(): lasting(each) for each in self.sandbox.read_people()}

    def repeated(self) -> dict[tuple[str, ...], int]:
        return repeated(self.ledger.writes(), self.scenario.known)

    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8")

    def _order(self, do: str) -> dict[str, str]:
        there = self.folder
        places = {"state": there / "state", "accounts": there / "accounts.yaml", "pipeline": there / "pipeline.yaml",
                  "plan": there / self.scenario.plan, "log": there / "log"}  # fmt: skip
        return {"do": do, **{name: str(path) for name, path in places.items()}}

    def _let_the_rest_arrive(self) -> None:
        """What a killed process had sent still has its effect: in the service a moment later, here before going on.

        A resumed run waits some seconds for it, which these tests do not have. Connections are taken in their order:
        when one of ours is answered and no other is open, none of the dead process is left.
        """
        for _ in range(2):
            urllib.request.urlopen(f"{self.sandbox.url}/_sandbox/clock").close()
            while any("process_request_thread" in thread.name for thread in threading.enumerate()):
                time.sleep(0.001)


@contextmanager
def trial_of(
    scenario: Scenario, folder: Path, forks: Forks, faults: Sequence[Mapping[str, Any]] = ()
) -> Iterator[Trial]:
    """Copy the scenario and serve its account, for the length of the block."""
    shutil.copytree(scenario.folder, folder)
    ledger = Ledger()
    try:
        with start_sandbox(folder / "account.sqlite", limits=False, switches=SWITCHES, wrap=ledger.wrap) as sandbox:
            accounts = yaml.safe_load((folder / "accounts.yaml").read_text("utf-8"))
            club = accounts["accounts"]["club"]
            club["base_url"] = f"{sandbox.url}{urlsplit(club['base_url']).path}"
            (folder / "accounts.yaml").write_text(yaml.safe_dump(accounts), "utf-8")
            for fault in faults:
                sandbox.faults.add(fault)
            yield Trial(scenario, folder, sandbox, ledger, forks)
    finally:
        shutil.rmtree(folder)


_PASSING = ("created_at", "updated_at", "opt_in_date", "list_memberships", "taggings", "custom_fields")


def lasting(part: Any) -> Any:
    """A contact without the ids that the service makes up and the moments at which things were written."""
    if isinstance(part, dict):
        return {
            key: value if key == "by_name" else lasting(value)
            for key, value in part.items()
            if key not in _PASSING and not key.endswith("_id")
        }
    return [lasting(item) for item in part] if isinstance(part, list) else part
