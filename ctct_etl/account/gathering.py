"""A window of a plan, contact by contact: the entries from which any dialect builds its operations. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ctct_etl.account.entries import Entry
from ctct_etl.columns import (
    ADD,
    AFTER,
    BEFORE,
    CHANGE,
    CONTACT,
    CONTACT_ID,
    CREATE,
    EMAIL,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    FIELD,
    KIND,
    LIST,
    NAME,
    OPT_IN_SOURCE,
    REMOVE_FROM,
    STATUS,
    TAG,
)
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, PERMISSION, REVIVE_CONTACT, ROUTE, PlanTables, RestsOn


def rule_by_id(rests_on: RestsOn | None, snapshot: Snapshot) -> dict[str, list[str]]:
    """Return `rests_on` by the ids of its lists, by which a contact tells where it is."""
    return {
        rule: sorted(snapshot.lists[name] for name in names if name in snapshot.lists)
        for rule, names in (rests_on or {}).items()
    }


def gather_entries(tables: PlanTables, snapshot: Snapshot) -> dict[int, Entry]:
    """Return the contacts that something is sent for, by position in actions.

    Raises KeyError for a list or tag that the snapshot does not have.
    """
    actions = tables.actions
    sent = np.flatnonzero((actions[ROUTE] != "").to_numpy())
    creates = (actions[ACTION] == CREATE).to_numpy()
    whole = creates | actions[ROUTE].eq(REVIVE_CONTACT).to_numpy()
    proofs = _evidence(actions.iloc[sent])
    before, after = _changes(tables)
    lists, tags = _ids(tables, LIST, snapshot.lists), _ids(tables, TAG, snapshot.tags)
    columns = [actions[name].iloc[sent].tolist() for name in (EMAIL, CONTACT_ID, STATUS, PERMISSION, OPT_IN_SOURCE)]
    entries = {}
    for contact, proof, email, id_, status, permission, source in zip(sent.tolist(), proofs, *columns, strict=True):
        new = bool(creates[contact])
        adds = tuple(sorted(lists.get(contact, ())))
        entries[contact] = Entry(
            address=email,
            contact_id=id_,
            status=status,
            before=before.get(contact, {}),
            after=after.get(contact, {}),
            lists=adds if whole[contact] else (),
            tags=tuple(sorted(tags.get(contact, ()))) if whole[contact] else (),
            permission=permission if new else "",
            opt_in_source=source if new else "",
            ours=() if new else adds,
            evidence=proof,
        )
    return entries


def _evidence(actions: pd.DataFrame) -> list[tuple[str, ...]]:
    pairs = zip(actions[EVIDENCE_DATE].tolist(), actions[EVIDENCE_SOURCE].tolist(), strict=True)
    return [pair if any(pair) else () for pair in pairs]


def _changes(tables: PlanTables) -> tuple[dict[int, dict[str, str]], dict[int, dict[str, str]]]:
    before: dict[int, dict[str, str]] = defaultdict(dict)
    after: dict[int, dict[str, str]] = defaultdict(dict)
    changes = tables.changes
    columns = (changes[CONTACT], changes[FIELD].astype("str"), changes[BEFORE], changes[AFTER])
    for contact, name, old, new in zip(*(column.tolist() for column in columns), strict=True):
        before[contact][name] = old
        after[contact][name] = new
    return before, after


def ids_of_removed(tables: PlanTables, snapshot: Snapshot) -> dict[int, Sequence[str]]:
    """Return the ids of the lists that each contact is taken off, by position in actions."""
    return _ids(tables, LIST, snapshot.lists, REMOVE_FROM)


def _ids(tables: PlanTables, kind: str, known: Mapping[str, str], change: str = ADD) -> dict[int, Sequence[str]]:
    """Ids of the lists or tags that each contact is put on, or taken off."""
    rows = tables.memberships[((tables.memberships[KIND] == kind) & (tables.memberships[CHANGE] == change)).to_numpy()]
    ids: dict[int, list[str]] = defaultdict(list)
    for contact, name in zip(rows[CONTACT].tolist(), rows[NAME].astype("str").tolist(), strict=True):
        ids[contact].append(known[name])
    return dict(ids)
