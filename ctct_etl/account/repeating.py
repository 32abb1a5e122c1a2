"""How often something is tried again that decided nothing, and how long it waits between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from ctct_etl.account.dialect import Conversation
from ctct_etl.errors import TurnedAway

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How often a request is sent, and how long it waits between: exponential, with jitter."""

    attempts: int = 8
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    jitter_s: float = 1.0


USUAL = Patience()


class Again(Exception):
    """This attempt decided nothing: repeat it. The last one's words are the reason to give up."""


def repeat(patience: Patience, sleep: Callable[[float], None]) -> tenacity.Retrying:
    """Return what calls a function until it does not raise Again, or patience ends: then Again comes out."""
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Again),
        stop=tenacity.stop_after_attempt(patience.attempts),
        wait=tenacity.wait_exponential(patience.first_wait_s, patience.longest_wait_s)
        + tenacity.wait_random(0, patience.jitter_s),
        sleep=sleep,
        reraise=True,
    )


def from_its_read(converse: Callable[[], Conversation[T]]) -> Conversation[T]:
    """Hold a conversation that reads and then writes; hold it anew each time its write was turned away.

    It waits in the read: what holds the write up holds that up too, and a read is repeated with patience.
    """
    for _ in range(USUAL.attempts - 1):
        try:
            return (yield from converse())
        except TurnedAway:
            continue
    return (yield from converse())
