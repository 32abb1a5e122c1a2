"""Promises 3, 4 and 6 when the service fares badly: whatever goes wrong on the way, the account ends as the plan said.

Faults of the network and of single answers leave nobody out: what a quiet run does, this one does, if need be after a
resumption. A bulk job that fails, stalls or loses rows may have contacts given up as failed, each named in the outcome;
of the others all holds as ever. A second run, in quiet, finds nothing left to do for those that were done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctct_etl.account.tokens import Held
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.token_file import TokenFile
from tests.promises.every_route import EVERY_ROUTE
from tests.promises.holding import hold_to_plan
from tests.promises.ledger import Ledger, repeated
from tests.promises.nights import Night, actions, night_of, or_pass_by, slow
from tests.promises.worlds import LEAVING, World, worlds

NETWORK = ("throttled", "500", "503", "html_200", "drop_before", "drop_after", "reset_before", "reset_after",
           "truncated", "non_json", "latency")  # fmt: skip
FATES = ("activity_stalled", "activity_failed", "activity_cancelled", "activity_timed_out", "activity_row_errors",
         "activity_rows_lost")  # fmt: skip
JOBS = {"method": "POST", "path": "/v3/activities/*"}
Fault = Mapping[str, Any]

# A night with faults takes several times as long as a quiet one: 6 sampled, 200 in the proof.
stormy = settings(slow, max_examples=2 if settings.get_current_profile_name() == "sampled" else 200)


@dataclass(frozen=True)
class Storm:
    """What goes wrong: requests, by chance, and what becomes of bulk jobs."""

    faults: tuple[Fault, ...]
    skew_s: float = 0.0


@st.composite
def storms(draw: st.DrawFn) -> Storm:
    kinds = draw(st.lists(st.sampled_from(NETWORK), min_size=1, unique=True))
    chaos = {"kind": "chaos", "kinds": kinds, "share": draw(st.sampled_from((0.1, 0.3, 0.6))), "in_a_row": 2}
    return Storm(({**chaos, "seed": draw(st.integers(0, 2**32)), "seconds": 0.005},),
                 draw(st.sampled_from((0.0, 0.0, 300.0, -300.0))))  # fmt: skip


@st.composite
def fates(draw: st.DrawFn) -> Storm:
    drawn = []
    for kind in draw(st.lists(st.sampled_from(FATES), min_size=1, max_size=3, unique=True)):
        own = {"seconds": 0.02} if kind == "activity_stalled" else {"done": draw(st.sampled_from((0, 0.3, 0.7)))}
        seed = draw(st.integers(0, 2**32))
        drawn.append(
            {
                "kind": kind,
                "match": JOBS,
                "seed": seed,
                "share": 0.5,
                "times": draw(st.sampled_from((1, 2, None))),
                **own,
            }
        )
    network = draw(st.one_of(st.just(Storm(())), storms()))
    return Storm((*drawn, *network.faults), network.skew_s)


def weather(night: Night, storm: Storm) -> None:
    for fault in storm.faults:
        night.sandbox.faults.add(fault)
    night.sandbox.set_clock(skew_s=storm.skew_s)


def pool_of(world: World) -> str:
    return world.service.get("import_list", "")


EVERY_FATE = Storm(tuple({"kind": kind, "match": JOBS} | ({"done": 0.5} if kind != FATES[0] else {"seconds": 0.02})
                         for kind in FATES))  # fmt: skip
SEVERE = Storm(({"kind": "chaos", "seed": 7, "share": 0.4, "in_a_row": 2, "seconds": 0.005},))


@stormy
@example(EVERY_ROUTE, SEVERE)
@example(LEAVING, SEVERE)
@given(worlds(), storms())
def test_whatever_happens_to_requests_the_account_ends_as_the_plan_said(world: World, storm: Storm):
    ledger = Ledger()
    with night_of(world, checker=ledger) as night:
        before = night.contacts()
        weather(night, storm)
        ended = or_pass_by(night.run_to_its_end)
        night.sandbox.faults.clear()
        after = night.contacts()
        assert ended.outcome is None or ended.outcome["not_done"] == []
        hold_to_plan(before, after, actions(ended), import_list=pool_of(world))
        assert repeated(ledger.writes(), frozenset(before)) == {}
        again = night.run()
        assert [action for action in actions(again) if action["action"] != "skip"] == []
        assert night.contacts() == after


def test_whatever_becomes_of_bulk_jobs_those_that_are_done_are_as_the_plan_said():
    seen: Counter[str] = Counter()

    @stormy
    @example(EVERY_ROUTE, EVERY_FATE)
    @given(worlds(), fates())
    def hold(world: World, storm: Storm) -> None:
        with night_of(world) as night:
            before = night.contacts()
            weather(night, storm)
            ended = or_pass_by(night.run_to_its_end)
            seen.update({fault["kind"]: fault["hits"] for fault in night.sandbox.faults.show()})
            night.sandbox.faults.clear()
            after = night.contacts()
            aside = {one["address"] for one in ended.outcome["not_done"]} if ended.outcome else set()
            hold_to_plan(before, after, actions(ended), aside, pool_of(world))
            again = night.run()
            assert {action["address"] for action in actions(again) if action["action"] != "skip"} <= aside

    hold()
    assert min(seen[kind] for kind in FATES) > 0, seen


@pytest.mark.parametrize("after", [0, 16, 36])
def test_a_token_that_dies_at_a_request_is_renewed_and_nothing_is_lost_or_repeated(after: int):
    ledger = Ledger()
    with night_of(EVERY_ROUTE, checker=ledger) as night:
        log_in(night)
        before = night.contacts()
        night.sandbox.faults.add({"kind": "token_expired", "match": {"path": "/v3/*"}, "after": after, "times": 1})
        ended = night.run()
        assert ended.exit_code() == 0
        hold_to_plan(before, night.contacts(), actions(ended), import_list=pool_of(EVERY_ROUTE))
        refused = [asked for asked in ledger.entries if asked.status == 401]
        assert refused
        done = [asked for asked in ledger.writes() if asked.status != 401]
        assert repeated(done, frozenset(before)) == {}


def log_in(night: Night) -> None:
    """As after `ctct-etl account login`: a token that can be renewed, instead of the one in the file."""
    path = night.folder / "accounts.yaml"
    document = yaml.safe_load(path.read_text("utf-8"))
    club = document["accounts"]["club"]
    club |= {"access_token": "", "client_secret": "sandbox-secret", "auth_url": f"{night.url}/oauth2/default/v1"}
    path.write_text(yaml.safe_dump(document), "utf-8")
    state = StateDirectory(Path(night.folder / "state"))
    TokenFile(state.tokens("club"), "sandbox-key").write(Held("sandbox-token", "sandbox-refresh", time(), 86_400.0))
