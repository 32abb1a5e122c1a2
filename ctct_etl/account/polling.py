"""How long to wait between two looks at a job: few at one that takes minutes, none wasted on a short one. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

FIRST_WAIT_S: Final = 0.5
FIRST_LOOK_S: Final = 5.0  # a request whose answer was lost may still be on its way
_LONGEST_WAIT_S: Final = 30.0
_LONGER: Final = 1.6
_MOST_POLLS: Final = 250  # about two hours


def waits(first: float) -> Iterator[float]:
    """Seconds before each look."""
    return (min(first * _LONGER**number, _LONGEST_WAIT_S) for number in range(_MOST_POLLS))


def polls_within(seconds: float) -> int:
    """How often at most a job is asked after that ends so long after it was sent."""
    ends = accumulate(waits(FIRST_WAIT_S))
    return next((number for number, end in enumerate(ends, start=1) if end >= seconds), _MOST_POLLS)
