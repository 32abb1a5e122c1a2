from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctct_etl.columns import RESULTS
from ctct_etl.report.model import build_report
from ctct_etl.workflow.endings import Ended
from tests.report.plans import PlanBuilder, guard, small_plan


def ended(outcome: dict[str, Any] | None = None, quiet: bool = False, **manifest: Any) -> Ended:
    plan = PlanBuilder(unchanged=2).build(**manifest) if quiet else small_plan(**manifest)
    return Ended(plan, Path("/state/runs/1"), build_report(plan, None), outcome)


def applied(ended: str = "done", **create: int) -> dict[str, Any]:
    """The end of an apply, with so many creates of each result."""
    nothing = dict.fromkeys(RESULTS, 0)
    return {
        "ended": ended, "requests": 7, "stopped": "", "not_done": [], "run": "1",
        "started_at": "2026-11-23T22:46:00Z", "ended_at": "2026-11-23T22:46:09Z",
        "results": {"create": nothing | create, "update": nothing | {"done": 2}, "remove": nothing},
    }  # fmt: skip


TRIPPED = [guard("max_updates", "3,000 of 7,600", 3000, "30%", tripped=True)]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (ended(), 0),
        (ended(guards=TRIPPED), 3),
        (ended(applied(done=3)), 0),
        (ended(applied(done=2, failed=1)), 4),
        (ended(applied(done=2, conflict=1)), 4),
        (ended(applied(ended="failed", failed=3)), 1),
        (ended(applied(ended="quota", done=1, pending=2)), 5),
        (ended(quiet=True), 0),
    ],
)
def test_the_exit_code_tells_how_it_ended(what: Ended, code: int) -> None:
    assert what.exit_code() == code


def test_changes_end_with_ten_only_when_that_is_asked_for() -> None:
    assert (ended().exit_code(detailed=True), ended(quiet=True).exit_code(detailed=True)) == (10, 0)


def test_of_several_reasons_the_gravest_counts() -> None:
    assert ended(guards=TRIPPED).exit_code(detailed=True) == 3
    assert ended(applied(ended="failed", failed=3)).exit_code(detailed=True) == 1
    assert ended(applied(ended="quota", failed=1, pending=2)).exit_code() == 5


def test_what_was_applied_is_no_news_any_more() -> None:
    assert ended(applied(done=3)).exit_code(detailed=True) == 0


def test_a_guard_that_a_person_accepted_stops_nothing() -> None:
    accepted = [guard("max_updates", "3,000 of 7,600", 3000, "3000", accepted=True)]
    assert ended(guards=accepted).exit_code() == 0


def test_the_page_lies_in_the_directory_of_the_run() -> None:
    assert ended().page == "/state/runs/1/report.html"
