"""Tasks and who runs them.

task    a function of a module and one item, both of which can be sent to another process. It leaves its work in
        files and returns what is small. It may be run twice, at once even, and then does the same
pool    runs tasks: in this process, or in those of a cluster
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Told = Callable[[int], None]  # so many tasks are done


def _tell_nobody(done: int) -> None:
    """Nobody asked."""


class Pool(Protocol):
    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        ...

    def map(self, task: Callable[[T], R], items: Sequence[T], told: Told = _tell_nobody) -> list[R]:
        """Run the task on every item; the results in the order of the items.

        Raises what the first of the items raises that fails, or EngineFailed where no worker lives to do the work.
        """
        ...


@dataclass(frozen=True)
class Sizes:
    """block: bytes of a file that are read together. rows: of a part, which one worker holds with all that it becomes.

    A worker needs about six bytes for each byte of its part: with these half a gigabyte, and the same for a block.
    """

    block: int = 48 << 20
    rows: int = 200_000


@dataclass(frozen=True)
class Engine:
    """open: starts the pool for a directory that all its workers must see, and ends it."""

    open: Callable[[Path], AbstractContextManager[Pool]]
    sizes: Sizes = Sizes()


class InProcess:
    """One after the other, here. Whatever is passed goes through pickle, as it would on its way to another process."""

    workers = 1

    def map(self, task: Callable[[T], R], items: Sequence[T], told: Told = _tell_nobody) -> list[R]:
        results = []
        for done, item in enumerate(items, start=1):
            sent, given = pickle.loads(pickle.dumps((task, item)))
            results.append(pickle.loads(pickle.dumps(sent(given))))
            told(done)
        return results
