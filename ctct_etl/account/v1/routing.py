"""Choose for every action the route that has exactly the wanted effect, by the service's terms. Pure.

The terms: 25 contacts and more go by a bulk activity, fewer one by one; who uses one for the other may lose the key
[D-CREATE, D-OLDCOLL, F-CHOOSE, F-BULKSTD]. Effects that are documented nowhere, and how the choice avoids them:

    a bulk addition of a contact that is there already ....... only who is not is added in bulk
    the form of state and country in a bulk row .............. go single, by their codes
    a quote or a line break in a bulk row .................... goes single
    a column for the note .................................... there is none: goes single
    a PUT that leaves something out .......................... every PUT holds the whole entry, as read just before
    a PUT of a Do Not Mail contact, a DELETE ................. are never sent
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.account.grouping import sets_of, split_by
from ctct_etl.account.v1.wire import BULK_COLUMNS, BULK_FROM
from ctct_etl.columns import (
    ADD,
    AFTER,
    CHANGE,
    CONTACT,
    CREATE,
    FIELD,
    KIND,
    LIST,
    NAME,
    OPT_IN_SOURCE,
    REMOVE,
    REMOVE_FROM,
    UPDATE,
    is_custom,
)
from ctct_etl.plan.tables import (
    ACTION,
    ADD_CONTACTS,
    POST_CONTACT,
    PUT_WHOLE,
    REMOVE_FROM_LISTS,
    ROUTE,
    ROUTE_REASON,
    WINDOW,
    PlanTables,
    cut_windows,
)

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

# A quote, and whatever any reader of lines takes for the end of one.
_UNSAFE = '["\r\n\v\f\x1c-\x1e\x85\u2028\u2029]'
_SINGLE = "--route single: one request a contact"
_PUT_WORDS = "an update is the whole contact: it is read just before, and put back with the changes"


def choose_routes(tables: PlanTables, *, single: bool = False) -> pd.DataFrame:
    """Return ROUTE and ROUTE_REASON, str, for every action; "" for actions that send nothing. Window by window."""
    return pd.concat([_choose(window, single) for window in cut_windows(tables, WINDOW)], ignore_index=True)


def _choose(tables: PlanTables, single: bool) -> pd.DataFrame:
    actions = tables.actions
    count = len(actions)
    creates = (actions[ACTION] == CREATE).to_numpy()
    changing = actions[ACTION].isin((UPDATE, REMOVE)).to_numpy()
    obstacle = np.full(count, _SINGLE, dtype=object) if single else _obstacles(tables, creates)
    added, words = _big_enough(memberships_of(tables, ADD), creates & (obstacle == ""))
    # Who is taken off lists, and nothing else.
    put = _holders(tables.changes[CONTACT], count) | _holders(memberships_of(tables, ADD)[CONTACT], count)
    removed, removed_words = _big_enough(memberships_of(tables, REMOVE_FROM), changing & ~put)
    route = np.select(
        [added, creates, removed, changing], [ADD_CONTACTS, POST_CONTACT, REMOVE_FROM_LISTS, PUT_WHOLE], default=""
    )
    reason = np.select(
        [creates & (obstacle != ""), creates, changing & ~put, changing],
        [obstacle, words, removed_words, _PUT_WORDS],
        default="",
    )
    return pd.DataFrame({ROUTE: pd.Series(route, dtype="str"), ROUTE_REASON: pd.Series(reason, dtype="str")})


def memberships_of(tables: PlanTables, change: str) -> pd.DataFrame:
    """CONTACT, NAME of the lists that contacts are put on (ADD) or taken off (REMOVE_FROM)."""
    rows = tables.memberships
    asked: pd.DataFrame = rows[((rows[KIND] == LIST) & (rows[CHANGE] == change)).to_numpy()][[CONTACT, NAME]]
    return asked


def _obstacles(tables: PlanTables, creates: Mask) -> Texts:
    """Why a create can't ride a bulk activity: the first reason that applies, "" for none."""
    changes = tables.changes
    at = changes[CONTACT].to_numpy()
    names = changes[FIELD].astype("str").to_numpy(dtype=object)
    left_out = ~np.array([is_custom(name) or name in BULK_COLUMNS for name in names], dtype=bool)
    unsafe = changes[AFTER].str.contains(_UNSAFE, regex=True).to_numpy(dtype=bool)
    why = np.select(
        [left_out, unsafe],
        [" is never added in bulk", " holds a quote or a line break, which is never added in bulk"],
        default="",
    ).astype(object)
    bad = np.flatnonzero(why != "")
    first = bad[np.unique(at[bad], return_index=True)[1]]
    obstacles: Texts = np.full(len(creates), "", dtype=object)
    obstacles[at[first]] = names[first] + why[first]
    by_contact = creates & (tables.actions[OPT_IN_SOURCE] == "contact").to_numpy()
    obstacles[by_contact] = "the contact's own act: a bulk activity is always the account's"
    return obstacles


def _big_enough(memberships: pd.DataFrame, candidates: Mask) -> tuple[Mask, Texts]:
    """Which candidates are so many for the same lists that the terms want them in bulk, and why, in words."""
    bulk = np.zeros(len(candidates), dtype=bool)
    words: Texts = np.full(len(candidates), "", dtype=object)
    of, _ = sets_of(memberships[candidates[memberships[CONTACT].to_numpy()]], len(candidates))
    numbers: npt.NDArray[Any] = np.where(candidates & (of > 0), of, -1)
    for number, contacts in split_by(numbers):
        if number < 0:
            continue
        size = len(contacts)
        bulk[contacts] = size >= BULK_FROM
        words[contacts] = f"{size:,} contact{'s' * (size != 1)} for the same lists: " + (
            f"from {BULK_FROM} up they go in bulk" if size >= BULK_FROM else f"fewer than {BULK_FROM} go one by one"
        )
    return bulk, words


def _holders(contacts: pd.Series[int], count: int) -> Mask:
    mask = np.zeros(count, dtype=bool)
    mask[contacts.to_numpy(dtype=np.int64)] = True
    return mask
