"""What a wrong input is: the files that are other than the club's, the command, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.cli.club import Club


@dataclass(frozen=True)
class Case:
    """One wrong input. In `words`, `told` and `files`, F stands for the club's folder.

    told: the line that matters, whole. files: written over the club's, None takes one away. prepare: whatever else
    is wrong. started: by the installed program in a process of its own, instead of within the test's.
    """

    name: str
    words: str
    code: int
    told: str
    files: Mapping[str, str | bytes | None] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Club], object] | None = None
    started: bool = False
