"""What a routed plan will cost in requests and minutes, and which mails the service may send because of it. Pure."""

from __future__ import annotations

from math import ceil
from typing import Final

from ctct_etl.account.costs import PREREQUISITES, Costs
from ctct_etl.account.dialect import Forecast, Prerequisites
from ctct_etl.account.mailing import count_mails
from ctct_etl.account.polling import polls_within
from ctct_etl.account.v1.laying_out import Layout, lay_out
from ctct_etl.account.v1.rereading import foresee_readings
from ctct_etl.account.v1.wire import PAGE_SIZE
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ADD_CONTACTS,
    POST_CONTACT,
    PUT_WHOLE,
    REMOVE_FROM_LISTS,
    WINDOW,
    PlanTables,
    cut_windows,
)

_JOB_S: Final = 120.0  # most end in a few minutes [F-LIMITS]


def forecast_plan(tables: PlanTables, snapshot: Snapshot, wanted: Prerequisites, per_second: float | None) -> Forecast:
    """Count what is sent, estimate minutes at `per_second` (None: no pace), count the mails."""
    costs = Costs()
    costs.add(PREREQUISITES, writes={"POST /lists": len(wanted.lists)})
    for window in cut_windows(tables, WINDOW):
        _add_window(costs, lay_out(window))
    # What the account does itself sends no mail, it is said; and one user was welcomed all the same [F-WELCOME3].
    mails, by_list = count_mails(tables, by_account_too=True)
    return costs.forecast(per_second, mails, by_list, foresee_readings(tables, snapshot))


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
