"""How a routed window of a plan is sent: its jobs and single requests, in their order. Pure.

The one description from which operations are built and requests are forecast, so that the two can't differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.account.grouping import Positions
from ctct_etl.account.v3.grouping import jobs_of
from ctct_etl.account.v3.proving import choose_proofs
from ctct_etl.account.v3.sizing import cut_import, import_sizes
from ctct_etl.account.v3.targeting import Target, Targets
from ctct_etl.columns import ADD, CHANGE, CONTACT, CONTACT_ID, FIELD, KIND, LIST, NAME, REMOVE_FROM, TAG, is_custom
from ctct_etl.columns import custom_label as label_of
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ADD_LISTS,
    ADD_TAGS,
    DELETE_CONTACT,
    JSON_IMPORT,
    POST_CONTACT,
    PUT_CONTACT,
    REMOVE_LISTS,
    REVIVE_CONTACT,
    ROUTE,
    PlanTables,
)

Mask = npt.NDArray[np.bool_]
_ROUTES = (JSON_IMPORT, POST_CONTACT, PUT_CONTACT, REVIVE_CONTACT, DELETE_CONTACT, ADD_LISTS, REMOVE_LISTS, ADD_TAGS)


@dataclass(frozen=True)
class MembershipJob:
    route: str
    names: tuple[str, ...]  # of lists or tags
    contacts: Positions


@dataclass(frozen=True)
class Layout:
    """Contacts by position in the window's actions. imports: a job each. proofs: the PUTs that are read back whole."""

    imports: tuple[Target, ...]
    posts: Positions
    proofs: Positions
    puts: Positions
    memberships: tuple[MembershipJob, ...]
    revivals: Positions
    deletions: Positions


def lay_out(tables: PlanTables, snapshot: Snapshot, import_list: str | None) -> Layout:
    """Lay the window out. Nobody is put on a list by guess: who has none left since the plan goes single."""
    carried = _carriers(tables.actions[ROUTE])
    chosen = carried[JSON_IMPORT] & ~_nameless(tables, snapshot)
    imports = tuple(_cut(Targets(tables, snapshot, import_list).of(chosen), tables, snapshot))
    imported = np.zeros(len(chosen), dtype=bool)
    for job in imports:
        imported[job.contacts] = True
    single = carried[JSON_IMPORT] & ~imported
    known = (tables.actions[CONTACT_ID] != "").to_numpy()
    puts = np.flatnonzero(carried[PUT_CONTACT] | (single & known))
    proofs = choose_proofs(tables, snapshot, puts)
    posts = carried[POST_CONTACT] | (single & ~known)
    carried[ADD_LISTS] = carried[ADD_LISTS] | (single & known)
    return Layout(
        imports=imports,
        posts=np.flatnonzero(posts),
        proofs=proofs,
        puts=puts[~np.isin(puts, proofs)],
        memberships=tuple(_membership_jobs(tables, carried)),
        revivals=np.flatnonzero(carried[REVIVE_CONTACT]),
        deletions=np.flatnonzero(carried[DELETE_CONTACT]),
    )


def _carriers(routes: pd.Series[str]) -> dict[str, Mask]:
    """Which actions each route carries, by way of the few combinations of routes."""
    combinations = routes.unique().tolist()
    return {
        route: routes.isin([each for each in combinations if route in each.split("+")]).to_numpy() for route in _ROUTES
    }


def _nameless(tables: PlanTables, snapshot: Snapshot) -> Mask:
    """Contacts with a custom field of which the service does not tell what an import calls it."""
    fields = tables.changes[FIELD].astype("category")
    bare = [name for name in fields.cat.categories if is_custom(name) and not _has_name(name, snapshot)]
    mask = np.zeros(len(tables.actions), dtype=bool)
    mask[tables.changes[CONTACT].to_numpy()[fields.isin(bare).to_numpy()]] = True
    return mask


def _has_name(field: str, snapshot: Snapshot) -> bool:
    custom = snapshot.custom_fields.get(label_of(field))
    return custom is None or bool(custom.name)  # one that is still to be made will have one


def _cut(targets: list[Target], tables: PlanTables, snapshot: Snapshot) -> Iterator[Target]:
    """Cut each target into jobs that the service takes whole."""
    if not targets:
        return
    sizes = import_sizes(tables, snapshot.custom_fields)
    for target in targets:
        for part in cut_import(sizes[target.contacts]):
            yield replace(target, contacts=target.contacts[part])


def _membership_jobs(tables: PlanTables, carried: Mapping[str, Mask]) -> Iterator[MembershipJob]:
    rows = tables.memberships
    for route, kind, change in ((ADD_LISTS, LIST, ADD), (REMOVE_LISTS, LIST, REMOVE_FROM), (ADD_TAGS, TAG, ADD)):
        asked = ((rows[KIND] == kind) & (rows[CHANGE] == change)).to_numpy()
        sent = asked & carried[route][rows[CONTACT].to_numpy()]
        for names, contacts in jobs_of(rows[sent][[CONTACT, NAME]], len(tables.actions)):
            yield MembershipJob(route, names, contacts)
