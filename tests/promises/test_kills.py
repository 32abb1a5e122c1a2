"""Promise 6 over real HTTP: killed at any request or moment, a run that takes every route loses and repeats nothing.

A kill is SIGKILL to a process of its own. "Before" a request: it is in the journal as sent, and had no effect. "After":
it had its effect, and no answer came. What an unbroken run leaves in the account is what every broken one has to leave
there, field by field; lost is whatever differs, repeated is whatever was asked twice and had its effect.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.promises.every_route import EVERY_ROUTE, EXPLICIT
from tests.promises.killing import Forks, Kill, Scenario, Trial, prepare, trial_of
from tests.promises.ledger import ACTIVITIES
from tests.sampling import in_proof

ROUTES = {
    "POST contacts", "PUT contacts", "POST activities/contacts_json_import", "POST activities/add_list_memberships",
    "POST activities/remove_list_memberships", "POST activities/contacts_taggings_add", "POST contact_lists",
    "POST contact_custom_fields", "POST contact_tags",
}  # fmt: skip
WORLDS = {"every route": EVERY_ROUTE, "explicit": EXPLICIT}
DONE = 0
MOST_RESUMPTIONS = 12


@dataclass
class Unbroken:
    """What a run that nobody kills does to a scenario. `seconds`: how long it takes."""

    scenario: Scenario
    forks: Forks
    folder: Path
    people: dict[str, Any]
    requests: int
    routes: set[str]
    seconds: float
    trials: int = field(default=0)

    def trial(self, **options: Any) -> Any:
        self.trials += 1
        return trial_of(self.scenario, self.folder / f"trial{self.trials}", self.forks, **options)

    def assert_nothing_is_lost_or_repeated(self, trial: Trial) -> None:
        assert (self.lost(trial), trial.repeated()) == ({}, {}), trial.log()

    def lost(self, trial: Trial) -> dict[str, Any]:
        """Address → what the contact is, for all that are not as an unbroken run leaves them."""
        people = trial.people()
        return {a: people.get(a) for a in people.keys() | self.people.keys() if people.get(a) != self.people.get(a)}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Unbroken]]:
    known: dict[str, Unbroken] = {}

    def look(name: str) -> Unbroken:
        if name not in known:
            known[name] = _look(name, tmp_path_factory.mktemp("kills"))
        return known[name]

    yield look
    for one in known.values():
        one.forks.close()


def _look(name: str, folder: Path) -> Unbroken:
    scenario = prepare(WORLDS[name], folder / "scenario")
    forks = Forks(scenario.folder / scenario.plan)
    with trial_of(scenario, folder / "trial", forks) as trial:
        assert trial.go("apply") == DONE, trial.log()
        routes = {route_of(asked.method, asked.path) for asked in trial.ledger.writes()}
        requests, people = len(trial.ledger.entries), trial.people()
    assert people["kept00@example.com"]["first_name"] == "Ann" and "deleted_at" not in people["deleted@example.com"]
    return Unbroken(scenario, forks, folder, people, requests, routes, trial.seconds)


def route_of(method: str, path: str) -> str:
    parts = path.removeprefix("/v3/").split("/")
    return f"{method} {'/'.join(parts if path.startswith(ACTIVITIES) else parts[:1])}"


def go_on(trial: Trial, do: str) -> None:
    """Resume, or run afresh, until it ends by itself: under faults it may end early, and can be resumed."""
    for _ in range(MOST_RESUMPTIONS):
        if trial.go(do) == DONE:
            return
    raise AssertionError(f"it never came to its end: {trial.exits}\n{trial.log()}")


def test_the_run_that_is_killed_takes_every_route(unbroken: Callable[[str], Unbroken]) -> None:
    assert unbroken("every route").routes == ROUTES


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("share", [0.45, 0.7, *in_proof(0.25)])
def test_killed_at_a_request_and_resumed_it_ends_as_an_unbroken_run(
    unbroken: Callable[[str], Unbroken], figures: dict[str, int], share: float, after: bool
) -> None:
    whole = unbroken("every route")
    try_point(whole, figures, Kill(round(whole.requests * share), after), "resume")


@pytest.mark.parametrize("share", [0.6, *in_proof(0.3, 0.9)])
def test_killed_at_a_request_and_run_afresh_it_ends_as_an_unbroken_run(
    unbroken: Callable[[str], Unbroken], figures: dict[str, int], share: float
) -> None:
    whole = unbroken("every route")
    try_point(whole, figures, Kill(round(whole.requests * share), share > 0.5), "run")


@pytest.mark.proof
@pytest.mark.parametrize("then", ["resume", "run"])
@pytest.mark.parametrize("name", WORLDS)
def test_killed_at_every_single_request_it_ends_as_an_unbroken_run(
    unbroken: Callable[[str], Unbroken], figures: dict[str, int], name: str, then: str
) -> None:
    whole = unbroken(name)
    for request in range(1, whole.requests + 1):
        for after in (False, True):
            try_point(whole, figures, Kill(request, after), then)


def try_point(whole: Unbroken, figures: dict[str, int], kill: Kill, then: str) -> None:
    """Kill at one point, go on, compare."""
    with whole.trial() as trial:
        assert trial.go("apply", kill) == -signal.SIGKILL, trial.log()
        go_on(trial, then)
        count(figures, whole, trial)
        whole.assert_nothing_is_lost_or_repeated(trial)


def count(figures: dict[str, int], whole: Unbroken, trial: Trial) -> None:
    figures["kill points tried"] += sum(exit_ == -signal.SIGKILL for exit_ in trial.exits)
    figures["contacts lost by a kill"] += len(whole.lost(trial))
    figures["effects repeated after a kill"] += len(trial.repeated())


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_under_faults_it_ends_as_an_unbroken_run(
    unbroken: Callable[[str], Unbroken], figures: dict[str, int], seed: int
) -> None:
    try_at_random(unbroken("every route"), figures, seed)


@pytest.mark.proof
@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_random_kill_points_under_faults_lose_and_repeat_nothing(
    unbroken: Callable[[str], Unbroken], figures: dict[str, int], hundred: int
) -> None:
    points = 0
    for number in range(1_000):
        name = "explicit" if number % 5 == 4 else "every route"
        points += try_at_random(unbroken(name), figures, 1_000 * (hundred + 1) + number)
        if points >= 100:
            return
    raise AssertionError(f"only {points} kills struck")


def try_at_random(whole: Unbroken, figures: dict[str, int], seed: int) -> int:
    """Kill once or twice, at a request or at a moment, under faults, all drawn from the seed; return the kills."""
    dice = random.Random(seed)
    faults = [
        {"kind": "chaos", "seed": seed, "share": dice.choice((0.05, 0.1, 0.25)), "in_a_row": 2, "seconds": 0.01},
        {"kind": "activity_stalled", "seed": seed, "share": 0.3, "seconds": 0.03, "times": None},
    ][: dice.choice((1, 2, 2))]
    with whole.trial(faults=faults) as trial:
        do = dice.choice(("apply", "apply", "run"))
        then = "resume" if do == "apply" and dice.random() < 0.6 else "run"
        trial.go(do, draw_kill(dice, whole))
        if dice.random() < 0.4:
            trial.go(then, draw_kill(dice, whole))
        # A process that was dead before it had begun leaves nothing to resume.
        go_on(trial, then)
        count(figures, whole, trial)
        whole.assert_nothing_is_lost_or_repeated(trial)
        return trial.exits.count(-signal.SIGKILL)


def draw_kill(dice: random.Random, whole: Unbroken) -> Kill:
    if dice.random() < 0.25:
        return Kill(seconds=dice.uniform(0.0, whole.seconds))
    return Kill(dice.randint(1, whole.requests * 9 // 10), dice.random() < 0.5)


def test_the_program_as_it_is_started_by_a_person_is_killed_in_an_import_and_resumed(
    unbroken: Callable[[str], Unbroken],
) -> None:
    """No fork and no sleep left out: `ctct-etl apply`, its pauses, and `ctct-etl apply --resume`."""
    whole = unbroken("every route")
    program = shutil.which("ctct-etl", path=str(Path(sys.executable).parent))
    assert program is not None
    with whole.trial() as trial:
        there, plan = trial.folder, trial.folder / whole.scenario.plan
        command = [program, "apply", plan, "--state-dir", there / "state", "--accounts", there / "accounts.yaml"]
        started: list[subprocess.Popen[bytes]] = []

        def strike(asked: Any) -> None:
            if asked.path == f"{ACTIVITIES}contacts_json_import":
                os.kill(started[0].pid, signal.SIGKILL)
                raise ConnectionAbortedError("the client was killed")

        trial.ledger.after = strike
        with (trial.folder / "log").open("ab") as log:
            started.append(subprocess.Popen(command, stdout=log, stderr=log))
            assert started[0].wait(120) == -signal.SIGKILL
            trial.ledger.after = lambda asked: None
            resumed = subprocess.run([*command, "--resume"], stdout=log, stderr=log, timeout=120, check=False)
            assert resumed.returncode == DONE
        whole.assert_nothing_is_lost_or_repeated(trial)
