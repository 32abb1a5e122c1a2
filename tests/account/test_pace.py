from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from ctct_etl.account.pace import Pace


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def turns(pace, clock, count):
    moments = []
    for _ in range(count):
        pace.wait_turn()
        moments.append(clock.now)
    return moments


def test_requests_are_spaced_evenly_a_hair_slower_than_allowed():
    clock = Clock()
    moments = turns(Pace(4.0, clock, clock.sleep), clock, 20)
    assert {round(b - a, 6) for a, b in pairwise(moments)} == {round(1 / 3.92, 6)}


def test_no_second_holds_more_than_the_limit():
    clock = Clock()
    moments = turns(Pace(4.0, clock, clock.sleep), clock, 100)
    assert max(sum(1 for other in moments if moment <= other < moment + 1) for moment in moments) <= 4


def test_a_pause_saves_up_no_burst():
    clock = Clock()
    pace = Pace(4.0, clock, clock.sleep)
    turns(pace, clock, 1)
    clock.now += 60
    moments = turns(pace, clock, 4)
    assert all(b - a > 0.25 for a, b in pairwise(moments))


def test_a_first_request_waits_for_nothing():
    clock = Clock()
    assert turns(Pace(4.0, clock, clock.sleep), clock, 1) == [0.0]


def test_without_a_limit_nobody_waits():
    def never(seconds):
        raise AssertionError("slept")

    pace = Pace(None, Clock(), never)
    for _ in range(100):
        pace.wait_turn()


@pytest.mark.parametrize("threads", [1, 8])
def test_threads_share_the_moments(threads):
    waits = []
    pace = Pace(4.0, lambda: 0.0, waits.append)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: pace.wait_turn(), range(40)))
    assert sorted(round(wait * 3.92, 3) for wait in waits) == [float(n) for n in range(1, 40)]
