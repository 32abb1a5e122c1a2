"""Promise 6 over dialect v1: killed at a request and resumed, or left to a later run, nothing is lost or repeated."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from tests.promises.killing import Forks, Kill, Trial, prepare, trial_of
from tests.promises.older import EVERY_ROUTE
from tests.promises.test_kills import DONE, Unbroken, go_on
from tests.sampling import in_proof

ROOT = "/ws/customers/sandbox"
ROUTES = {"POST /contacts", "POST /activities", "POST /lists", "PUT /contacts/"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unbroken]:
    folder = tmp_path_factory.mktemp("kills")
    scenario = prepare(EVERY_ROUTE, folder / "scenario")
    forks = Forks(scenario.folder / scenario.plan)
    with trial_of(scenario, folder / "trial", forks) as trial:
        assert trial.go("apply") == DONE, trial.log()
        routes = {_route(asked.method, asked.path) for asked in trial.ledger.entries if asked.method != "GET"}
        requests, people = len(trial.ledger.entries), trial.people()
    yield Unbroken(scenario, forks, folder, people, requests, routes, trial.seconds)
    forks.close()


def _route(method: str, path: str) -> str:
    return f"{method} {path.removeprefix(ROOT)}".rstrip("0123456789")


def created(trial: Trial) -> Counter[str]:
    """Address → how often it was created, by one request or in a job."""
    counts: Counter[str] = Counter()
    for asked in trial.ledger.entries:
        if asked.method != "POST" or asked.status != 201:
            continue
        if asked.path == f"{ROOT}/contacts":
            counts.update(re.findall(r"<EmailAddress>(.*?)</EmailAddress>", asked.content.decode()))
        elif asked.path == f"{ROOT}/activities":
            form = parse_qs(asked.content.decode())
            if form["activityType"] == ["ADD_CONTACTS"]:
                counts.update(line.partition(",")[0] for line in form["data"][0].splitlines()[1:])
    return counts


def try_point(whole: Unbroken, kill: Kill, then: str) -> None:
    with whole.trial() as trial:
        assert trial.go("apply", kill) == -signal.SIGKILL, trial.log()
        go_on(trial, then)
        assert whole.lost(trial) == {}, trial.log()
        assert {address: count for address, count in created(trial).items() if count > 1} == {}


def test_the_run_that_is_killed_takes_every_route(whole: Unbroken) -> None:
    assert whole.routes == ROUTES


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("share", [0.5, *in_proof(0.35, 0.65)])
def test_killed_at_a_request_and_resumed_it_ends_as_an_unbroken_run(whole: Unbroken, share: float, after: bool) -> None:
    try_point(whole, Kill(round(whole.requests * share), after), "resume")


@pytest.mark.parametrize("share", [0.4, *in_proof(0.6)])
def test_killed_at_a_request_and_run_afresh_it_ends_as_an_unbroken_run(whole: Unbroken, share: float) -> None:
    try_point(whole, Kill(round(whole.requests * share), share > 0.5), "run")


@pytest.mark.proof
@pytest.mark.parametrize("then", ["resume", "run"])
def test_killed_at_every_single_request_it_ends_as_an_unbroken_run(whole: Unbroken, then: str) -> None:
    for request in range(1, whole.requests + 1):
        for after in (False, True):
            try_point(whole, Kill(request, after), then)
