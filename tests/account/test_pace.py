import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from ctct_etl.account.key_table import KeyTable
from ctct_etl.account.pace import Pace

ROOT = Path(__file__).parent.parent.parent
EVEN = 0.25 / 0.976  # seconds between two of 4 a second, a hair slower than allowed


class Clock:
    """Time that passes only by sleeping; a sleep lasts `late` seconds longer than it was asked to."""

    def __init__(self, now=1000.0, late=0.0):
        self.now = now
        self.late = late

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds + self.late


@pytest.fixture
def table(tmp_path):
    opened = KeyTable(tmp_path / "requests.sqlite", "key")
    yield opened
    opened.close()


def turns(pace, clock, count):
    moments = []
    for _ in range(count):
        pace.wait_turn()
        moments.append(clock.now)
    return moments


def most_in_a_second(moments):
    """By the harsher reading: any second, wherever it begins, with both its ends."""
    return max(sum(1 for other in moments if moment <= other <= moment + 1) for moment in moments)


def test_requests_are_spaced_evenly_a_hair_slower_than_allowed():
    clock = Clock()
    moments = turns(Pace(4.0, clock, clock.sleep), clock, 20)
    assert [b - a for a, b in pairwise(moments)] == pytest.approx([EVEN] * 19)


def test_no_second_holds_more_than_the_limit():
    clock = Clock()
    assert most_in_a_second(turns(Pace(4.0, clock, clock.sleep), clock, 100)) <= 4


@pytest.mark.parametrize("per_second", [0.2, 1.0, 4.0, 5.5, 1000.0])
def test_every_pace_uses_at_least_97_percent_of_what_is_allowed(per_second):
    clock = Clock()
    moments = turns(Pace(per_second, clock, clock.sleep), clock, 400)
    assert 0.97 <= 399 / (moments[-1] - moments[0]) / per_second < 0.98


def test_turns_that_come_late_keep_their_distance_and_cost_hardly_any_rate():
    clock = Clock(late=0.001)
    moments = turns(Pace(4.0, clock, clock.sleep), clock, 400)
    assert all(later - moment >= 1.02 for moment, later in zip(moments, moments[4:], strict=False))
    assert 399 / (moments[-1] - moments[0]) / 4 >= 0.97


def test_one_turn_that_comes_very_late_is_followed_by_no_crowd():
    clock = Clock()
    pace = Pace(4.0, clock, clock.sleep)
    moments = turns(pace, clock, 6)
    clock.now += 0.2  # the machine was busy elsewhere
    moments += turns(pace, clock, 12)
    assert most_in_a_second(moments) <= 4


def test_a_pause_saves_up_no_burst():
    clock = Clock()
    pace = Pace(4.0, clock, clock.sleep)
    turns(pace, clock, 1)
    clock.now += 60
    moments = turns(pace, clock, 4)
    assert all(b - a > 0.25 for a, b in pairwise(moments))


def test_a_first_request_waits_for_nothing():
    clock = Clock()
    assert turns(Pace(4.0, clock, clock.sleep), clock, 1) == [1000.0]


def test_without_a_limit_nobody_waits():
    def never(seconds):
        raise AssertionError("slept")

    pace = Pace(None, Clock(), never)
    for _ in range(100):
        pace.wait_turn()


def test_threads_share_the_turns():
    clock = Clock()
    pace = Pace(4.0, clock, clock.sleep)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pace.wait_turn(), range(41)))
    assert clock.now == pytest.approx(1000.0 + 40 * EVEN)


# -- shared through the file -------------------------------------------------------------------------------------------


def test_two_sessions_of_a_key_share_the_turns(table):
    clock = Clock()
    paces = [Pace(4.0, clock, clock.sleep, table) for _ in range(2)]
    moments = [moment for _ in range(10) for pace in paces for moment in turns(pace, clock, 1)]
    assert [b - a for a, b in pairwise(moments)] == pytest.approx([EVEN] * 19)


def test_another_key_has_turns_of_its_own(table, tmp_path):
    clock = Clock()
    turns(Pace(4.0, clock, clock.sleep, table), clock, 1)
    other = KeyTable(tmp_path / "requests.sqlite", "another key")
    assert turns(Pace(4.0, clock, clock.sleep, other), clock, 1) == [1000.0]
    other.close()


def test_after_a_restart_of_the_machine_what_lies_in_the_future_holds_nobody_up(table):
    clock = Clock(now=500_000.0)
    pace = Pace(4.0, clock, clock.sleep, table)
    turns(pace, clock, 10)
    pace.slow_down()
    clock.now = 12.0  # the monotonic clock begins anew
    assert turns(pace, clock, 3) == pytest.approx([12.0, 12.0 + EVEN, 12.0 + 2 * EVEN])


def test_a_session_that_was_killed_while_it_waited_leaves_nothing_to_wait_for(table):
    clock = Clock()

    class Killed(BaseException):
        pass

    def killed(seconds):
        raise Killed

    waiting, going_on = Pace(4.0, clock, killed, table), Pace(4.0, clock, clock.sleep, table)
    turns(going_on, clock, 1)
    for _ in range(50):
        with pytest.raises(Killed):
            waiting.wait_turn()
    assert turns(going_on, clock, 1) == pytest.approx([1000.0 + EVEN])


_TAKE_TURNS = """
import sys, time
from pathlib import Path
from ctct_etl.account.key_table import KeyTable
from ctct_etl.account.pace import Pace

seen = []
def clock():
    seen.append(time.monotonic())
    return seen[-1]
pace = Pace(40.0, clock, table=KeyTable(Path(sys.argv[1]), "key"))
for _ in range(40):
    pace.wait_turn()
    print(seen[-1])  # by which the turn was taken
"""


def test_processes_share_the_turns(tmp_path):
    command = [sys.executable, "-c", _TAKE_TURNS, str(tmp_path / "requests.sqlite")]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    moments = sorted(float(line) for process in processes for line in process.communicate(timeout=60)[0].split())
    assert len(moments) == 80
    # 16 within two fifths of a second: what 40 a second allow, counted in a window of any place.
    assert min(later - moment for moment, later in zip(moments, moments[16:], strict=False)) > 0.4


# -- when the service throttles all the same ---------------------------------------------------------------------------


def test_throttled_means_half_the_pace_for_everybody_and_all_of_it_again_after_a_while(table):
    clock = Clock()
    refused, other = (Pace(4.0, clock, clock.sleep, table) for _ in range(2))
    turns(other, clock, 1)
    refused.slow_down()
    turns(other, clock, 1)  # its turn was found before
    slow = turns(other, clock, 3)
    assert slow[1] - slow[0] == pytest.approx(2 * EVEN, rel=0.15)
    clock.now += 60
    assert [b - a for a, b in pairwise(turns(other, clock, 5))] == pytest.approx([EVEN] * 4)


def test_refusals_of_one_moment_slow_down_once_and_never_to_a_halt(table):
    clock = Clock()
    pace = Pace(4.0, clock, clock.sleep, table)
    for _ in range(10):
        pace.slow_down()
    _, second, third = turns(pace, clock, 3)
    assert third - second == pytest.approx(2 * EVEN, rel=0.15)
    for _ in range(20):
        clock.now += 1.0
        pace.slow_down()
    _, second, third = turns(pace, clock, 3)
    assert 4 * EVEN < third - second < 8.1 * EVEN


# -- how many at once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per_second", "at_once"), [(None, 8), (4.0, 32), (0.1, 1), (1.0, 8), (1000.0, 64)]
)  # fmt: skip
def test_as_many_requests_are_under_way_as_the_pace_needs_when_answers_take_eight_seconds(per_second, at_once):
    assert Pace(per_second).at_once == at_once
