"""Processes of one key over real HTTP, against a sandbox whose limits are on."""

import pytest

from benchmarks.pacing import measure


def test_two_processes_share_pace_and_budget_and_are_never_refused():
    # Three of the four that are allowed: on a machine that is busy with other tests requests arrive late.
    paced = measure(2, seconds=4.0, latency_s=0.5, jitter_s=0.0, per_second=3.0, at_once=4)
    assert paced.refused == 0
    assert paced.requests == paced.counted == sum(paced.by_process)
    assert min(paced.by_process) > 0


@pytest.mark.proof
@pytest.mark.parametrize("processes", [1, 2])
def test_a_long_run_uses_97_percent_of_the_pace_and_is_never_refused_whatever_the_latency(processes, capsys):
    paced = measure(processes, seconds=60.0, latency_s=2.0, jitter_s=0.005)
    with capsys.disabled():
        print(f"\n{processes} processes: {paced.share:.2%} of the allowed pace, {paced.refused} refused")
    assert paced.refused == 0
    assert paced.share >= 0.97
    assert paced.requests == paced.counted == sum(paced.by_process)
