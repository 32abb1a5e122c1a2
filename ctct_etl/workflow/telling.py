"""Tell how far an apply is, while it runs: in outcome.json and at the head of its page, so that both survive a kill."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ctct_etl.columns import PENDING_RESULT
from ctct_etl.errors import StateError
from ctct_etl.plan.tables import Planned
from ctct_etl.report.page import page_marks, render_first, render_html
from ctct_etl.run.journal import Journal
from ctct_etl.run.page_file import renew_page
from ctct_etl.run.plan_directory import write_page
from ctct_etl.run.totalling import total_results
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.looking_back import look_back
from ctct_etl.workflow.outcomes import describe_begun, keep_outcome
from ctct_etl.workflow.reporting import report_briefly, report_on
from ctct_etl.workflow.totals import Totals

EVERY_S = 2.0  # no more often
SHARE = 50  # and telling never takes more than one part in so many of the time: counting a large plan takes seconds
_MOST_TOLD = 1_000
_UNDERWAY = "underway"


@dataclass
class Teller:
    """Tells of one apply. A page that can't be written is not worth the run: what goes wrong here is passed over."""

    context: Context
    plan: Planned
    directory: Path
    journal: Journal
    started: str
    _next: float = field(default=0.0, init=False)

    def begin(self) -> None:
        """Say that the apply has begun, before anything is sent."""
        self._tell(begins=True)

    def go_on(self, done: int, total: int) -> None:
        """Say that so many operations are answered: to who waits for it, and where that is due, to who reads later."""
        self.context.progress("applying the plan", done, total)
        if time.monotonic() >= self._next:
            self._tell(begins=False)

    def _tell(self, *, begins: bool) -> None:
        start = time.monotonic()
        with suppress(StateError):
            outcome = self._describe()
            keep_outcome(self.directory, outcome)
            outcome |= {"ended": _UNDERWAY, "stopped": ""}
            mask = self.context.mask
            is_whole = bool(begins and mask) or not self._renew(outcome)
            if is_whole and begins:  # the page is gone, of another version, or tells what is to be masked from now on
                earlier = look_back(self.context.state, self.plan.manifest)
                page = render_html(report_on(self.plan, outcome, mask, earlier))
                write_page(self.directory, page.encode("utf-8"))
        end = time.monotonic()
        self._next = end + max(EVERY_S, SHARE * (end - start))

    def _renew(self, outcome: dict[str, Any]) -> bool:
        first, results = render_first(report_briefly(self.plan, outcome, self.context.mask))
        return renew_page(self.directory, page_marks(), first, results)

    def _describe(self) -> dict[str, Any]:
        outcome = describe_begun(self.plan, self.started) | {"told_at": moment(self.context.now())}
        if not self.journal.is_begun():
            return outcome
        totals = count_so_far(self.plan, self.journal)
        news = [one for one in totals.not_done if one["result"] != PENDING_RESULT][:_MOST_TOLD]
        return outcome | {"results": totals.counts, "requests": self.journal.requests(), "not_done": news}


def count_so_far(plan: Planned, journal: Journal) -> Totals:
    """Total what the journal says of `plan` now, a window at a time; nothing is written."""
    totals, parts = Totals(), journal.parts()
    for tables in plan.windows():
        totals.add(total_results(tables.actions, journal, parts))
    return totals
