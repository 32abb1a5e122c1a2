"""A routed window of a plan → operations: plain data, named by content, no larger than the service takes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ctct_etl.account.dialect import Operation
from ctct_etl.account.v3.deleting import build_deletions
from ctct_etl.account.v3.entries import (
    FIRST_PUT_PHASE,
    IMPORT_PHASE,
    IMPORT_PHASES_A_WINDOW,
    Entry,
    Load,
    make_operation,
)
from ctct_etl.account.v3.finding import shortly_before
from ctct_etl.account.v3.laying_out import Layout, lay_out
from ctct_etl.columns import (
    ADD,
    AFTER,
    BEFORE,
    CHANGE,
    CONTACT,
    CONTACT_ID,
    CREATE,
    CREATED_AT,
    EMAIL,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    FIELD,
    KIND,
    LIST,
    NAME,
    OPT_IN_SOURCE,
    STATUS,
    TAG,
)
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ACTION,
    ADD_TAGS,
    JSON_IMPORT,
    PERMISSION,
    POST_CONTACT,
    PUT_CONTACT,
    REVIVE_CONTACT,
    ROUTE,
    PlanTables,
    RestsOn,
)


def build_operations(
    tables: PlanTables,
    snapshot: Snapshot,
    import_list: str | None = None,
    rests_on: RestsOn | None = None,
    window: int = 0,
) -> list[Operation]:
    """Turn a window's routed actions into operations, in the order in which they are sent: by phase, then by address.

    Raises KeyError for a list, tag or custom field that the snapshot does not have: those are made before.
    """
    layout = lay_out(tables, snapshot, import_list)
    entries = _entries(tables, snapshot)
    load = Load((), snapshot.custom_fields, snapshot.fetched_at, recent=count_recent(snapshot))
    return [
        *_imports(layout, entries, load, snapshot, IMPORT_PHASE + window * IMPORT_PHASES_A_WINDOW),
        *(make_operation(POST_CONTACT, replace(load, entries=(entries[at],))) for at in layout.posts.tolist()),
        *_puts(layout, entries, replace(load, rule=_rule(rests_on, snapshot))),
        *_membership_jobs(layout, entries, load, snapshot),
        *(make_operation(REVIVE_CONTACT, replace(load, entries=(entries[at],))) for at in layout.revivals.tolist()),
        *build_deletions({at: entries[at] for at in layout.deletions.tolist()}, tables.actions, load, snapshot),
    ]


def count_recent(snapshot: Snapshot) -> int:
    """How many contacts of the snapshot a reading of those that came since will show too, since it reaches back."""
    return int((snapshot.contacts[CREATED_AT] > shortly_before(snapshot.fetched_at)).sum())


def _imports(
    layout: Layout, entries: Mapping[int, Entry], load: Load, snapshot: Snapshot, first_phase: int
) -> Iterator[Operation]:
    """One after the other, over members of a list first: what is read before and after each is then its own."""
    for number, job in enumerate(layout.imports):
        lists = tuple(sorted(snapshot.lists[name] for name in job.lists))
        carried = tuple(entries[at] for at in job.contacts.tolist())
        one = replace(load, entries=carried, lists=lists, watched=lists if job.watched else ())
        yield make_operation(JSON_IMPORT, one, first_phase + number)


def _puts(layout: Layout, entries: Mapping[int, Entry], load: Load) -> Iterator[Operation]:
    """Some go ahead: the rest are sent when these have shown that the service keeps what is left out."""
    for at in layout.proofs.tolist():
        yield make_operation(PUT_CONTACT, replace(load, entries=(entries[at],), prove=True), FIRST_PUT_PHASE)
    for at in layout.puts.tolist():
        yield make_operation(PUT_CONTACT, replace(load, entries=(entries[at],)))


def _membership_jobs(
    layout: Layout, entries: Mapping[int, Entry], load: Load, snapshot: Snapshot
) -> Iterator[Operation]:
    for job in layout.memberships:
        # A job is about addresses, lists and consent; what else changes about them is another operation's.
        whole = (entries[at] for at in job.contacts.tolist())
        bare = tuple(Entry(entry.address, entry.contact_id, entry.status) for entry in whole)
        if job.route == ADD_TAGS:
            ids = tuple(snapshot.tags[name] for name in job.names)
            yield make_operation(job.route, replace(load, entries=bare, tags=ids))
        else:
            ids = tuple(snapshot.lists[name] for name in job.names)
            yield make_operation(job.route, replace(load, entries=bare, lists=ids))


def _rule(rests_on: RestsOn | None, snapshot: Snapshot) -> dict[str, list[str]]:
    """`rests_on` by the ids of its lists, by which a contact tells where it is."""
    return {
        rule: sorted(snapshot.lists[name] for name in names if name in snapshot.lists)
        for rule, names in (rests_on or {}).items()
    }


def _entries(tables: PlanTables, snapshot: Snapshot) -> dict[int, Entry]:
    """The contacts that something is sent for, by position in actions."""
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


def _ids(tables: PlanTables, kind: str, known: Mapping[str, str]) -> dict[int, Sequence[str]]:
    """Ids of the lists or tags that each contact is put on."""
    rows = tables.memberships[((tables.memberships[KIND] == kind) & (tables.memberships[CHANGE] == ADD)).to_numpy()]
    ids: dict[int, list[str]] = defaultdict(list)
    for contact, name in zip(rows[CONTACT].tolist(), rows[NAME].astype("str").tolist(), strict=True):
        ids[contact].append(known[name])
    return dict(ids)
