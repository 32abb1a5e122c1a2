from __future__ import annotations

from typing import Any

from ctct_etl.report.shapes import EarlierRun
from ctct_etl.report.trends import draw_trends


def run(rows: int, rejected: int = 0, good: bool = True, **people: int) -> EarlierRun:
    told: dict[str, Any] = {"create": 0, "update": 0, "remove": 0, **people}
    return EarlierRun("r", "2026-11-23T22:45:01Z", "done" if good else "failed", good, rows, rejected, told, 0, 7)


def test_each_number_is_compared_with_the_last_good_run() -> None:
    trends = draw_trends(run(110, 3, update=5), [run(20, good=False), run(100, 3, update=1_205), run(90)])
    assert [(each.name, each.now, each.before, each.difference) for each in trends] == [
        ("rows", 110, 100, "+10"), ("update", 5, 1_205, "−1,200"), ("rejected", 3, 3, "the same"),
    ]  # fmt: skip


def test_bars_go_from_the_oldest_to_this_run_and_are_as_high_as_their_number() -> None:
    bars = draw_trends(run(50), [run(100), run(25)])[0].bars
    assert [(bar.height, bar.now) for bar in bars] == [(8.0, False), (32.0, False), (16.0, True)]
    assert [bar.x for bar in bars] == sorted(bar.x for bar in bars)
    assert all(bar.y + bar.height == 32.0 for bar in bars)


def test_without_a_good_run_there_is_nothing_to_compare_with() -> None:
    trend = draw_trends(run(50), [run(100, good=False)])[0]
    assert (trend.before, trend.difference) == (None, "")
