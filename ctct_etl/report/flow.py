"""The sum of rows as a picture: where each ribbon from the source to an outcome runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from ctct_etl.columns import CREATE, MERGED, REJECTED, SKIP, UNCHANGED, UPDATE
from ctct_etl.report.shapes import OutcomeCount
from ctct_etl.report.wording import OUTCOME_WORDS

WIDTH = 400
_TOP, _LEFT, _RIGHT, _NODE = 26.0, 2.0, 238.0, 12.0
_TALL, _THINNEST = 190.0, 3.0  # heights of all ribbons together, and of the thinnest
_GAP, _STEP = 6.0, 24.0  # between two outcomes, and from label to label at least
ORDER = (CREATE, UPDATE, UNCHANGED, MERGED, SKIP, REJECTED)  # from what happens to what does not


@dataclass(frozen=True)
class Ribbon:
    """One outcome: its path, its node at the right end, and the words beside it. Lengths in SVG units."""

    outcome: str
    words: str
    path: str
    node_x: float
    node_y: float
    height: float
    label_x: float
    label_y: float


@dataclass(frozen=True)
class Flow:
    width: int
    height: float
    source_x: float
    source_y: float
    source_height: float
    node_width: float
    ribbons: tuple[Ribbon, ...]


def draw_flow(outcomes: Sequence[OutcomeCount], rows: int) -> Flow | None:
    """Lay out a ribbon for each outcome that has rows, as thick as its share but never too thin; None without rows."""
    counts = {each.outcome: each.count for each in outcomes}
    shown = [(outcome, counts[outcome]) for outcome in ORDER if counts.get(outcome)]
    if not shown:
        return None
    heights = [round(max(_THINNEST, _TALL * count / rows), 1) for _, count in shown]
    tops = list(accumulate((max(height + _GAP, _STEP) for height in heights), initial=_TOP))
    bottom, source_height = tops[-1], sum(heights)
    source_y = _TOP + max(0.0, (bottom - _GAP - _TOP - source_height) / 2)  # in the middle of what flows out of it
    lefts = accumulate(heights, initial=source_y)
    ribbons = tuple(
        _draw_ribbon(outcome, f"{count:,} {OUTCOME_WORDS[outcome]}", left, top, height)
        for (outcome, count), left, top, height in zip(shown, lefts, tops, heights, strict=False)
    )
    return Flow(WIDTH, round(bottom + 4, 1), _LEFT, round(source_y, 1), round(source_height, 1), _NODE, ribbons)


def _draw_ribbon(outcome: str, words: str, left: float, right: float, height: float) -> Ribbon:
    start, end = _LEFT + _NODE, _RIGHT
    middle = (start + end) / 2
    low_left, low_right = left + height, right + height
    path = (
        f"M{start:g} {left:.1f}C{middle:g} {left:.1f} {middle:g} {right:.1f} {end:g} {right:.1f}"
        f"V{low_right:.1f}C{middle:g} {low_right:.1f} {middle:g} {low_left:.1f} {start:g} {low_left:.1f}Z"
    )
    label_y = round(right + height / 2 + 4.5, 1)
    return Ribbon(outcome, words, path, end, round(right, 1), height, end + _NODE + 8, label_y)
