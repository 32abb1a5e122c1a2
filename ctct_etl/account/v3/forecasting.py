"""What a routed plan will cost in requests and minutes, and which mails the service may send because of it. Pure.

Counted from the same layout of each window from which its operations are built. Two things can't be known, and are
bounded: how often a job is polled, and whether one that is read back was so quick after another that its second shows
contacts of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np

from ctct_etl.account.costs import PREREQUISITES, Costs
from ctct_etl.account.dialect import Forecast, Prerequisites
from ctct_etl.account.mailing import Mails
from ctct_etl.account.moments import shortly_before
from ctct_etl.account.polling import polls_within
from ctct_etl.account.v3.costing import NEWCOMER_READS, pages_of
from ctct_etl.account.v3.finding import LEFT_STATUSES
from ctct_etl.account.v3.laying_out import Layout, lay_out
from ctct_etl.account.v3.rereading import Rereading
from ctct_etl.account.v3.targeting import Target, count_members
from ctct_etl.columns import (
    ADD,
    CHANGE,
    CREATE,
    DELETED,
    KIND,
    LIST,
    NAME,
    OPT_OUT_DATE,
    REMOVE_FROM,
    STATUS,
    UNSUBSCRIBED,
    UPDATED_AT,
)
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ACTION,
    DELETE_CONTACT,
    JSON_IMPORT,
    POST_CONTACT,
    PUT_CONTACT,
    REMOVE_LISTS,
    REVIVE_CONTACT,
    PlanTables,
)

_JOB_S: Final = 120.0
_SLOW: Final = 4.0  # requests a second: at this pace the reads between two jobs take longer than a second


def forecast_plan(
    windows: Iterable[PlanTables],
    snapshot: Snapshot,
    wanted: Prerequisites,
    per_second: float | None,
    import_list: str | None = None,
) -> Forecast:
    """Count what is sent, estimate minutes at `per_second` (None: no pace), count the mails."""
    counts = _Counts(snapshot, per_second)
    counts.prepare(wanted)
    mails, rereading = Mails(), Rereading(snapshot)
    for window in windows:
        counts.take(window, lay_out(window, snapshot, import_list))
        mails.add(window)
        rereading.add(window)
    return counts.forecast(per_second, mails.counts, mails.by_list, rereading.foresee())


class _Counts(Costs):
    """Sums over the windows, and how the account grows meanwhile."""

    def __init__(self, snapshot: Snapshot, per_second: float | None) -> None:
        super().__init__()
        self._overlap = per_second is None or per_second > _SLOW
        self._members = Counter(count_members(snapshot))
        self._recently_left = _recently_left_pages(snapshot)
        self._deleted = int((snapshot.contacts[STATUS] == DELETED).sum())
        self._written = 0  # by the jobs before

    def prepare(self, wanted: Prerequisites) -> None:
        for path, names in (
            ("/contact_lists", wanted.lists),
            ("/contact_custom_fields", wanted.custom_fields),
            ("/contact_tags", wanted.tags),
        ):
            self.add(PREREQUISITES, writes={f"POST {path}": len(names)})

    def take(self, window: PlanTables, layout: Layout) -> None:
        creates = (window.actions[ACTION] == CREATE).to_numpy()
        for job in layout.imports:
            self._take_import(job, int(creates[job.contacts].sum()))
        posts, puts = len(layout.posts), len(layout.proofs) + len(layout.puts)
        self.add(POST_CONTACT, writes={"POST /contacts": posts})
        reads = {"contacts": puts, "proofs": len(layout.proofs)}
        self.add(PUT_CONTACT, writes={"PUT /contacts/{id}": puts}, reads=reads)
        self._written += posts + puts
        for one in layout.memberships:
            movers = 0 if one.route == REMOVE_LISTS else self._departures
            self.add(one.route, writes={f"POST /activities/{one.route}": 1}, reads={"movers": movers})
            self.add(one.route, at_most={"polls": polls_within(_JOB_S)})
        revived = len(layout.revivals)
        self.add(
            REVIVE_CONTACT,
            writes={"PUT /contacts/{id}": revived},
            reads={"contacts": revived, "read_back": revived},
        )
        deleted = len(layout.deletions)
        self.add(DELETE_CONTACT, writes={"DELETE /contacts/{id}": deleted}, reads={"contacts": deleted})
        self._written += revived
        self._deleted -= revived
        self._grow(window)

    @property
    def _departures(self) -> int:
        return self._recently_left + pages_of(self._deleted)

    def _take_import(self, job: Target, news: int) -> None:
        contacts = len(job.contacts)
        movers = sum(pages_of(self._members[name]) for name in job.lists) if job.watched else self._departures
        movers += NEWCOMER_READS if news else 0
        read_back = pages_of(contacts)
        twice = pages_of(contacts + self._written) - read_back if self._overlap else 0
        self.add(
            JSON_IMPORT,
            writes={f"POST /activities/{JSON_IMPORT}": 1},
            reads={"movers": movers, "read_back": read_back},
            at_most={"polls": polls_within(_JOB_S), "pages": twice},
        )
        self._written += contacts

    def _grow(self, window: PlanTables) -> None:
        rows = window.memberships[(window.memberships[KIND] == LIST).to_numpy()]
        for change, count_in in ((ADD, self._members.update), (REMOVE_FROM, self._members.subtract)):
            names = rows[NAME][(rows[CHANGE] == change).to_numpy()].astype("str")
            count_in({str(name): int(count) for name, count in names.value_counts().items()})


def _recently_left_pages(snapshot: Snapshot) -> int:
    """Pages of those who left, by update and by opt-out.

    The readings reach back before the snapshot, and show of that time what the snapshot shows.
    """
    moment, contacts = shortly_before(snapshot.fetched_at), snapshot.contacts
    status = contacts[STATUS]
    updated = status.isin(LEFT_STATUSES) & (contacts[UPDATED_AT] > moment)
    opted_out = (status == UNSUBSCRIBED) & (contacts[OPT_OUT_DATE] > moment)
    return sum(pages_of(int(np.count_nonzero(mask))) for mask in (updated, opted_out))
