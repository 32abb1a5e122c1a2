"""What a routed plan will cost in requests and minutes, and which mails the service may send because of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Final

from ctct_etl.account.costs import PREREQUISITES, Costs
from ctct_etl.account.dialect import Forecast, Prerequisites
from ctct_etl.account.mailing import Mails
from ctct_etl.account.polling import polls_within
from ctct_etl.account.v1.laying_out import Layout, lay_out
from ctct_etl.account.v1.rereading import Rereading
from ctct_etl.account.v1.wire import PAGE_SIZE
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ADD_CONTACTS,
    POST_CONTACT,
    PUT_WHOLE,
    REMOVE_FROM_LISTS,
    PlanTables,
)

_JOB_S: Final = 120.0  # most end in a few minutes [F-LIMITS]


def forecast_plan(
    windows: Iterable[PlanTables], snapshot: Snapshot, wanted: Prerequisites, per_second: float | None
) -> Forecast:
    """Count what is sent, estimate minutes at `per_second` (None: no pace), count the mails."""
    costs = Costs()
    costs.add(PREREQUISITES, writes={"POST /lists": len(wanted.lists)})
    # What the account does itself sends no mail, it is said; and one user was welcomed all the same [F-WELCOME3].
    mails, rereading = Mails(by_account_too=True), Rereading(snapshot)
    for window in windows:
        _add_window(costs, lay_out(window))
        mails.add(window)
        rereading.add(window)
    return costs.forecast(per_second, mails.counts, mails.by_list, rereading.foresee())


def _add_window(costs: Costs, layout: Layout) -> None:
    polls = {"polls": polls_within(_JOB_S)}
    for job in layout.additions:
        searches = ceil(len(job.contacts) / (PAGE_SIZE - 1))
        reads = {"movers": searches, "read_back": searches}
        costs.add(ADD_CONTACTS, writes={"POST /activities": 1}, reads=reads, at_most=polls)
    costs.add(POST_CONTACT, writes={"POST /contacts": len(layout.posts)})
    puts, proofs = len(layout.proofs) + len(layout.puts), len(layout.proofs)
    costs.add(PUT_WHOLE, writes={"PUT /contacts/{id}": puts}, reads={"contacts": puts, "proofs": proofs})
    for _ in layout.removals:
        costs.add(REMOVE_FROM_LISTS, writes={"POST /activities": 1}, at_most=polls)
