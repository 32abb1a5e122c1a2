"""What a routed plan will cost in requests and minutes, and which mails the service may send because of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ctct_etl.account.dialect import Forecast
from ctct_etl.account.v3.costing import POST_COST, PUT_COST, REVIVAL_COST, activity_cost, import_cost
from ctct_etl.account.v3.grouping import sets_of
from ctct_etl.account.v3.routing import import_lists
from ctct_etl.columns import ADD, CHANGE, CONTACT, CREATE, KIND, LIST, NAME, OPT_IN_SOURCE, REMOVE_FROM, TAG
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ACTION,
    ADD_LISTS,
    ADD_TAGS,
    JSON_IMPORT,
    POST_CONTACT,
    PUT_CONTACT,
    REMOVE_LISTS,
    REVIVE_CONTACT,
    ROUTE,
    PlanTables,
)

_FIRST_PUT_PROOF = 1  # the first PUT of a run is read back


def forecast_plan(
    tables: PlanTables, snapshot: Snapshot, per_second: float | None, import_list: str | None = None
) -> Forecast:
    """Count requests by route, estimate minutes at `per_second` (None: no pace), bound the mails from above."""
    requests = {route: count for route, count in _requests(tables, snapshot, import_list).items() if count}
    total = sum(requests.values())
    minutes = total / per_second / 60 if per_second else 0.0
    return Forecast({**requests, "total": total}, round(minutes, 1), _mails(tables))


def _requests(tables: PlanTables, snapshot: Snapshot, import_list: str | None) -> dict[str, int]:
    routes = tables.actions[ROUTE]
    combinations = routes.unique().tolist()  # few, however many the actions
    carried = {
        route: routes.isin([each for each in combinations if route in each.split("+")]).to_numpy()
        for route in (JSON_IMPORT, POST_CONTACT, PUT_CONTACT, REVIVE_CONTACT, ADD_LISTS, REMOVE_LISTS, ADD_TAGS)
    }
    puts = int(carried[PUT_CONTACT].sum())
    of, _ = sets_of(import_lists(tables, snapshot, import_list), len(tables.actions))
    sizes = np.bincount(of[carried[JSON_IMPORT]])
    counts = {
        JSON_IMPORT: sum(import_cost(int(size)) for size in sizes if size),
        POST_CONTACT: int(carried[POST_CONTACT].sum()) * POST_COST,
        PUT_CONTACT: puts * PUT_COST + (_FIRST_PUT_PROOF if puts else 0),
        REVIVE_CONTACT: int(carried[REVIVE_CONTACT].sum()) * REVIVAL_COST,
    }
    for route, kind, change in ((ADD_LISTS, LIST, ADD), (REMOVE_LISTS, LIST, REMOVE_FROM), (ADD_TAGS, TAG, ADD)):
        rows = tables.memberships
        rows = rows[((rows[KIND] == kind) & (rows[CHANGE] == change)).to_numpy()]
        rows = rows[carried[route][rows[CONTACT].to_numpy()]]
        of, _ = sets_of(rows[[CONTACT, NAME]], len(tables.actions))
        by_set = np.bincount(of)[1:]
        by_name = rows[NAME].astype("str").value_counts()
        adds = change == ADD
        counts[route] = min(sum(activity_cost(int(size), adds) for size in sizes) for sizes in (by_set, by_name))
    return counts


def _mails(tables: PlanTables) -> Mapping[str, int]:
    """Upper bounds, reached where they are switched on, which can't be read. What the account does itself sends none.

    A welcome is a list's, and so goes to who is put on one; one to be confirmed comes before it, list or none.
    """
    actions, added = tables.actions, tables.memberships
    asked = ((actions[ACTION] == CREATE) & (actions[OPT_IN_SOURCE] == "contact")).to_numpy()
    listed = np.zeros(len(actions), dtype=bool)
    listed[added[CONTACT].to_numpy()[((added[KIND] == LIST) & (added[CHANGE] == ADD)).to_numpy()]] = True
    return {"welcome": int((asked & listed).sum()), "confirmation": int(asked.sum())}
