"""Where in the scratch directory the parts of a plan lie on their way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Scratch:
    """root: the same directory for every worker."""

    root: Path

    def raw(self, part: tuple[int, int]) -> Path:
        """The rows of a table as they were read."""
        return self.root / f"raw-{part[0]}-{part[1]}"

    def shares(self, part: tuple[int, int]) -> Path:
        """The same rows, those of each part of the plan together."""
        return self.root / f"shares-{part[0]}-{part[1]}"

    def part(self, number: int) -> Path:
        """The directory of one part of the plan. Made when it is asked for."""
        place = self.root / f"part-{number}"
        place.mkdir(mode=0o700, exist_ok=True)
        return place

    def window(self, number: int) -> Path:
        """The directory of one window of the plan's tables."""
        return self.root / f"window-{number}"
