"""Chance that falls the same way on every machine and Python: only `random()` is promised to stay as it is."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of chance of its own for each part, so that a change of one part leaves the others as they are."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed).random

    def chance(self, share: float) -> bool:
        return self._random() < share

    def number(self, first: int, last: int) -> int:
        """A whole number from `first` to `last`, both included."""
        return first + int(self._random() * (last - first + 1))

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.number(0, len(choices) - 1)]

    def day(self, first: str, last: str) -> dt.date:
        start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        return start + dt.timedelta(days=self.number(0, (end - start).days))

    def moment(self, first: str, last: str) -> dt.datetime:
        midnight = dt.datetime.combine(self.day(first, last), dt.time())
        return midnight + dt.timedelta(seconds=self.number(7 * 3600, 21 * 3600))

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items, in the order in which they stand."""
        left, chosen = list(range(len(items))), []
        for _ in range(min(count, len(items))):
            chosen.append(left.pop(self.number(0, len(left) - 1)))
        return [items[position] for position in sorted(chosen)]
