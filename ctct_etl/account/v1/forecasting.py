"""What a routed plan will cost in requests and minutes, and which mails the service may send because of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import ceil
from typing import Final

from ctct_etl.account.dialect import Forecast, Prerequisites
from ctct_etl.account.mailing import count_mails
from ctct_etl.account.polling import polls_within
from ctct_etl.account.v1.laying_out import Layout, lay_out
from ctct_etl.account.v1.wire import PAGE_SIZE
from ctct_etl.plan.tables import (
    ADD_CONTACTS,
    POST_CONTACT,
    PUT_WHOLE,
    REMOVE_FROM_LISTS,
    WINDOW,
    PlanTables,
    cut_windows,
)

PREREQUISITES: Final = "prerequisites"  # a route of its own in the sums
_JOB_S: Final = 120.0  # most end in a few minutes [F-LIMITS]


def forecast_plan(tables: PlanTables, wanted: Prerequisites, per_second: float | None) -> Forecast:
    """Count what is sent, estimate minutes at `per_second` (None: no pace), count the mails."""
    counts = _Counts()
    counts.add(PREREQUISITES, writes={"POST /lists": len(wanted.lists)})
    for window in cut_windows(tables, WINDOW):
        counts.take(lay_out(window))
    # What the account does itself sends no mail, it is said; and one user was welcomed all the same [F-WELCOME3].
    mails, by_list = count_mails(tables, by_account_too=True)
    total = sum(counts.by_route.values())
    return Forecast(
        requests={**_filled(counts.by_route), "total": total},
        writes=_filled(counts.writes),
        reads=_filled(counts.reads),
        at_most=_filled(counts.at_most),
        minutes=round(total / per_second / 60, 1) if per_second else 0.0,
        mails=mails,
        welcome_by_list=by_list,
    )


class _Counts:
    """Sums over the windows."""

    def __init__(self) -> None:
        self.by_route: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()
        self.reads: Counter[str] = Counter()
        self.at_most: Counter[str] = Counter()

    def take(self, layout: Layout) -> None:
        for job in layout.additions:
            searches = ceil(len(job.contacts) / (PAGE_SIZE - 1))
            self.add(
                ADD_CONTACTS,
                writes={"POST /activities": 1},
                reads={"movers": searches, "read_back": searches},
                at_most={"polls": polls_within(_JOB_S)},
            )
        self.add(POST_CONTACT, writes={"POST /contacts": len(layout.posts)})
        puts, proofs = len(layout.proofs) + len(layout.puts), len(layout.proofs)
        self.add(PUT_WHOLE, writes={"PUT /contacts/{id}": puts}, reads={"contacts": puts, "proofs": proofs})
        for _ in layout.removals:
            self.add(REMOVE_FROM_LISTS, writes={"POST /activities": 1}, at_most={"polls": polls_within(_JOB_S)})

    def add(
        self,
        route: str,
        writes: Mapping[str, int] = {},
        reads: Mapping[str, int] = {},
        at_most: Mapping[str, int] = {},
    ) -> None:
        for counter, more in ((self.writes, writes), (self.reads, reads), (self.at_most, at_most)):
            counter.update(more)
            self.by_route[route] += sum(more.values())


def _filled(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
