"""The limits by a clock that stands still."""

from __future__ import annotations

import pytest

from ctct_etl.sandbox.clock import Clock
from ctct_etl.sandbox.limits import Limits
from ctct_etl.sandbox.switches import Switches

MIDNIGHT = 20_000 * 86_400.0


class StoppedClock(Clock):
    """Shows what it is set to."""

    def __init__(self, seconds: float = MIDNIGHT) -> None:
        super().__init__()
        self.seconds = seconds

    def now(self) -> float:
        return self.seconds


def judge_at(limits: Limits, clock: StoppedClock, *seconds: float) -> list[str | None]:
    verdicts = []
    for second in seconds:
        clock.seconds = MIDNIGHT + second
        verdicts.append(limits.judge("key"))
    return verdicts


def test_four_requests_fit_into_any_second() -> None:
    clock = StoppedClock()
    limits = Limits(clock, Switches(), enforced=True)
    seconds = (0.7, 0.8, 0.9, 0.95, 1.1, 1.69, 1.7, 1.75)
    assert judge_at(limits, clock, *seconds) == [None] * 4 + ["throttled", "throttled", None, "throttled"]


def test_a_second_may_be_one_of_the_clock() -> None:
    clock = StoppedClock()
    limits = Limits(clock, Switches(throttle_window="second"), enforced=True)
    assert judge_at(limits, clock, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0) == [None] * 4 + ["throttled", None]


def test_each_key_has_its_own_second() -> None:
    limits = Limits(StoppedClock(), Switches(), enforced=True)
    assert [limits.judge("a") for _ in range(4)] + [limits.judge("b")] == [None] * 5
    assert limits.judge("a") == "throttled"


def test_ten_thousand_requests_a_day_pass_until_midnight_utc_and_a_restart_forgives_none() -> None:
    clock = StoppedClock()
    limits = Limits(clock, Switches(), enforced=True)
    assert set(judge_at(limits, clock, *range(10_000))) == {None}
    assert judge_at(limits, clock, 10_000) == ["quota_exceeded"]
    assert limits.judge("other") is None
    reopened = Limits(clock, Switches(), enforced=True, used_today=limits.describe_day())
    assert judge_at(reopened, clock, 86_399) == ["quota_exceeded"]
    assert judge_at(reopened, clock, 86_400) == [None]


def test_a_refused_request_counts_for_the_day_but_not_for_the_second() -> None:
    clock = StoppedClock()
    limits = Limits(clock, Switches(), enforced=True)
    assert [limits.judge("key") for _ in range(9_999)].count(None) == 4
    assert judge_at(limits, clock, 1.0, 2.0) == [None, "quota_exceeded"]


@pytest.mark.parametrize("text", [None, ""])
def test_a_first_start_has_spent_nothing(text: str | None) -> None:
    assert Limits(StoppedClock(), Switches(), enforced=True, used_today=text).judge("key") is None


def test_limits_that_are_off_refuse_nothing() -> None:
    limits = Limits(StoppedClock(), Switches(), enforced=False)
    assert {limits.judge("key") for _ in range(10_001)} == {None}
    assert all(limits.allows_token_request("key") for _ in range(3))
