from __future__ import annotations

from ctct_etl.config.values import parse_limit
from ctct_etl.plan.tables import Plan
from ctct_etl.workflow.accepting import accept_again
from tests.report.plans import guard, small_plan

STOPPED = small_plan(
    guards=[
        guard("max_updates", "3,000 of 7,600", 3000, "30%", tripped=True),
        guard("max_clears", "900 of 7,600", 900, "5%", tripped=True),
        guard("max_creates", "3 of 7,600", 3, "50%"),
    ],
    accepted={"max_rejected": "80"},
)


def tripped(plan: Plan) -> set[str]:
    return {verdict["guard"] for verdict in plan.manifest["guards"] if verdict["tripped"]}


def accept(**limits: str) -> Plan:
    return accept_again(STOPPED, {name: parse_limit(limit) for name, limit in limits.items()})


def test_a_yes_lets_its_guard_stand_and_no_other() -> None:
    assert tripped(STOPPED) == {"max_updates", "max_clears"}
    assert tripped(accept(max_updates="3000")) == {"max_clears"}
    assert tripped(accept(max_updates="50%", max_clears="900")) == set()


def test_a_yes_below_the_figure_changes_nothing() -> None:
    assert tripped(accept(max_updates="2999")) == {"max_updates", "max_clears"}


def test_a_yes_is_recorded_beside_those_given_before() -> None:
    plan = accept(max_updates="3000")
    assert plan.manifest["accepted"] == {"max_rejected": "80", "max_updates": "3,000"}
    (verdict,) = (verdict for verdict in plan.manifest["guards"] if verdict["guard"] == "max_updates")
    assert (verdict["accepted"], verdict["limit"], verdict["cure"]) == (True, "3,000", "")


def test_a_guard_that_never_tripped_needs_no_yes() -> None:
    assert accept(max_creates="1").manifest["guards"] == STOPPED.manifest["guards"]


def test_the_plan_as_it_was_read_is_left_alone() -> None:
    accept(max_updates="3000")
    assert tripped(STOPPED) == {"max_updates", "max_clears"}
    assert STOPPED.manifest["accepted"] == {"max_rejected": "80"}


def test_a_yes_in_the_thousands_is_read_back_when_the_plan_is_resumed() -> None:
    resumed = accept_again(STOPPED, {}, {"accepted": accept(max_updates="3000").manifest["accepted"]})
    assert tripped(resumed) == {"max_clears"}
