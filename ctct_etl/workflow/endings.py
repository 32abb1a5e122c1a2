"""How a command ended: its report, where the page lies, and the exit code that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctct_etl.columns import CONFLICT, FAILED, WRITING_ACTIONS
from ctct_etl.plan.tables import Planned
from ctct_etl.report.shapes import Report
from ctct_etl.run.run_files import REJECTS, REPORT

GUARD_TRIPPED = 3
FAILURE = 1
QUOTA = 5
PART = 4
CHANGES = 10


@dataclass(frozen=True)
class Ended:
    """The end of plan, run, apply or show. `outcome` is None where nothing was applied.

    shown_at: where the page was written besides. hides: nobody is sent to what lies in the plan's directory, since
    only what is told here is masked.
    """

    plan: Planned
    directory: Path
    report: Report
    outcome: Mapping[str, Any] | None
    advice: Sequence[str] = ()
    shown_at: Path | None = None
    hides: bool = False

    @property
    def page(self) -> str:
        """Where the page lies; "" where nobody is sent to it."""
        if self.shown_at is not None:
            return str(self.shown_at)
        return "" if self.hides else str(self.directory / REPORT)

    @property
    def rejects(self) -> str:
        """The workbook of the rejected rows; "" where there is none."""
        place = self.directory / REJECTS
        return str(place) if place.is_file() and not self.hides else ""

    def exit_code(self, *, detailed: bool = False) -> int:
        """Return the exit code; of several reasons the gravest counts: 3, 1, 5, 4, 10."""
        manifest = self.plan.manifest
        if self.outcome is not None:
            return _after_apply(self.outcome)
        if any(guard["tripped"] for guard in manifest["guards"]):
            return GUARD_TRIPPED
        changes = sum(manifest["counts"]["contacts"][action] for action in WRITING_ACTIONS)
        return CHANGES if detailed and changes else 0


def _after_apply(outcome: Mapping[str, Any]) -> int:
    if outcome["ended"] == "failed":
        return FAILURE
    if outcome["ended"] == "quota":
        return QUOTA
    results = outcome["results"].values()
    partly = outcome["ended"] == "part" or any(count[result] for count in results for result in (CONFLICT, FAILED))
    return PART if partly else 0
