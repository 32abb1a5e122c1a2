"""This run beside the runs before it: each number through the nights, and how far it is from the last good one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ctct_etl.columns import CREATE, REJECTED, REMOVE, UPDATE
from ctct_etl.report.shapes import EarlierRun

ROWS = "rows"
NAMES = (ROWS, CREATE, UPDATE, REMOVE, REJECTED)
_WIDE, _TALL, _GAP = 150.0, 32.0, 3.0


@dataclass(frozen=True)
class Bar:
    """One run's bar: lengths in SVG units, from the left and from the top. now: this run's."""

    x: float
    y: float
    width: float
    height: float
    now: bool


@dataclass(frozen=True)
class Trend:
    """One number. before: what it was in the last good run, None without one. bars: the oldest run first."""

    name: str
    now: int
    before: int | None
    bars: tuple[Bar, ...]

    @property
    def difference(self) -> str:
        """ "+12", "−3", "the same", "" where there is nothing to compare with."""
        if self.before is None:
            return ""
        return f"{self.now - self.before:+,}".replace("-", "−") if self.now != self.before else "the same"


def draw_trends(now: EarlierRun, earlier: Sequence[EarlierRun]) -> tuple[Trend, ...]:
    """Draw every number that is not 0 in all of the runs. earlier: the newest first."""
    good = next((run for run in earlier if run.good), None)
    trends = []
    for name in NAMES:
        values = [count_of(run, name) for run in (*reversed(earlier), now)]
        if any(values):
            before = None if good is None else count_of(good, name)
            trends.append(Trend(name, values[-1], before, _draw_bars(values)))
    return tuple(trends)


def count_of(run: EarlierRun, name: str) -> int:
    """The rows of a run, its rejected ones, or the people of an action."""
    return {ROWS: run.rows, REJECTED: run.rejected, **run.people}[name]


def _draw_bars(values: Sequence[int]) -> tuple[Bar, ...]:
    step = _WIDE / max(len(values), 5)
    most = max(values)
    heights = [max(1.0, _TALL * value / most) for value in values]
    return tuple(
        Bar(
            round(at * step, 1),
            round(_TALL - height, 1),
            round(step - _GAP, 1),
            round(height, 1),
            at == len(values) - 1,
        )
        for at, height in enumerate(heights)
    )
