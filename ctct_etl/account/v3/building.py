"""Routed actions → operations: plain data, named by content, no larger than the service takes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ctct_etl.account.dialect import Operation
from ctct_etl.account.encoding import encode_body
from ctct_etl.account.v3.bodies import import_row
from ctct_etl.account.v3.entries import FIRST_PUT_PHASE, KEPT_IMPORT_PHASE, Entry, Load, make_operation
from ctct_etl.account.v3.grouping import jobs_of
from ctct_etl.account.v3.routing import import_lists
from ctct_etl.account.v3.wire import IMPORT_MOST_BYTES, IMPORT_MOST_CONTACTS
from ctct_etl.columns import (
    ADD,
    AFTER,
    BEFORE,
    CHANGE,
    CONTACT,
    CONTACT_ID,
    CREATE,
    DELETED,
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
    custom_label,
    is_custom,
)
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ACTION,
    ADD_LISTS,
    ADD_TAGS,
    JSON_IMPORT,
    PERMISSION,
    POST_CONTACT,
    PUT_CONTACT,
    REMOVE_LISTS,
    REVIVE_CONTACT,
    ROUTE,
    PlanTables,
)

_ENVELOPE_BYTES = 4_096  # the braces and up to 50 list ids around the rows


def build_operations(tables: PlanTables, snapshot: Snapshot, import_list: str | None = None) -> list[Operation]:
    """Turn routed actions into operations, in the order in which they are sent: by phase, then by address.

    Raises KeyError for a list, tag or custom field that the snapshot does not have: those are made before.
    """
    entries = _entries(tables, snapshot)
    deleted = int((snapshot.contacts[STATUS] == DELETED).sum())
    load = Load((), snapshot.custom_fields, snapshot.fetched_at, deleted=deleted)
    routes = {c: set(route.split("+")) for c, route in zip(entries, _routes(tables, entries), strict=True)}
    sorted_ = _sort_out(entries, routes, tables, snapshot, import_list)
    operations = list(_imports(sorted_.imports, load, snapshot, import_list))
    operations += [make_operation(POST_CONTACT, replace(load, entries=(entry,))) for entry in sorted_.posts]
    operations += _puts(sorted_.puts, load)
    revived = (entry for contact, entry in entries.items() if REVIVE_CONTACT in routes[contact])
    revivals = [make_operation(REVIVE_CONTACT, replace(load, entries=(entry,))) for entry in revived]
    for route, kind, change in ((ADD_LISTS, LIST, ADD), (REMOVE_LISTS, LIST, REMOVE_FROM), (ADD_TAGS, TAG, ADD)):
        names = _names(tables, kind, change)
        carried = {c: entry for c, entry in entries.items() if route in routes[c] and c in names}
        operations += _membership_jobs(route, names, carried, load, _ids(snapshot, kind))
    return operations + revivals


@dataclass
class _Sorted:
    """Entries by the route of their fields. `imports`: (are they on these lists already, ids of lists) → entries."""

    imports: dict[tuple[bool, tuple[str, ...]], list[Entry]] = field(default_factory=lambda: defaultdict(list))
    posts: list[Entry] = field(default_factory=list)
    puts: list[Entry] = field(default_factory=list)


def _sort_out(
    entries: Mapping[int, Entry],
    routes: Mapping[int, set[str]],
    tables: PlanTables,
    snapshot: Snapshot,
    import_list: str | None,
) -> _Sorted:
    targets = _import_targets(tables, snapshot, import_list)
    adding = _names(tables, LIST, ADD)
    found = _Sorted()
    for contact, entry in entries.items():
        if JSON_IMPORT in routes[contact]:
            # Nobody is put on a list by guess: who has none left since the plan goes single.
            if lists := targets.get(contact):
                found.imports[contact not in adding, lists].append(entry)
            elif entry.contact_id:
                found.puts.append(entry)
                routes[contact].add(ADD_LISTS)
            else:
                found.posts.append(entry)
        elif POST_CONTACT in routes[contact]:
            found.posts.append(entry)
        elif PUT_CONTACT in routes[contact]:
            found.puts.append(entry)
    return found


def chunk_import(entries: Sequence[Entry], load: Load) -> Iterator[tuple[Entry, ...]]:
    """Cut an import where it would be too large: the service drops what is over its limits without a word."""
    chunk: list[Entry] = []
    size = _ENVELOPE_BYTES
    for entry in entries:
        length = len(encode_body(import_row(entry, load.customs))) + 1
        if chunk and (len(chunk) == IMPORT_MOST_CONTACTS or size + length > IMPORT_MOST_BYTES):
            yield tuple(chunk)
            chunk, size = [], _ENVELOPE_BYTES
        chunk.append(entry)
        size += length
    if chunk:
        yield tuple(chunk)


def _imports(
    imports: Mapping[tuple[bool, tuple[str, ...]], Sequence[Entry]],
    load: Load,
    snapshot: Snapshot,
    import_list: str | None,
) -> Iterator[Operation]:
    """The account's import list has no leavers to mind: nobody is interested in it."""
    members = _member_counts(snapshot)
    names = {id_: name for name, id_ in snapshot.lists.items()}
    for kept, lists in sorted(imports, key=lambda group: (not group[0], group[1])):
        watched = {id_: members.get(names[id_], 0) for id_ in lists if kept and names[id_] != import_list}
        for chunk in chunk_import(imports[kept, lists], load):
            job = replace(load, entries=chunk, lists=lists, members=watched)
            yield make_operation(JSON_IMPORT, job, KEPT_IMPORT_PHASE if kept else None)


def _member_counts(snapshot: Snapshot) -> dict[str, int]:
    rows = snapshot.memberships
    counts = rows[NAME][(rows[KIND] == LIST).to_numpy()].value_counts()
    return {str(name): int(count) for name, count in counts.items()}


def _puts(puts: Sequence[Entry], load: Load) -> list[Operation]:
    """One goes ahead: the rest are sent when it has shown that the service keeps what is left out."""
    return [
        make_operation(PUT_CONTACT, replace(load, entries=(entry,)), None if number else FIRST_PUT_PHASE)
        for number, entry in enumerate(puts)
    ]


def _membership_jobs(
    route: str, names: Mapping[int, Sequence[str]], carried: Mapping[int, Entry], load: Load, ids: Mapping[str, str]
) -> list[Operation]:
    by_address = {entry.address: entry for entry in carried.values()}
    jobs = jobs_of({entry.address: names[contact] for contact, entry in carried.items()})
    operations = []
    for job_names, addresses in jobs:
        # A job is about addresses, lists and consent; what else changes about them is another operation's.
        bare = tuple(
            Entry(address, by_address[address].contact_id, by_address[address].status) for address in addresses
        )
        job_ids = tuple(ids[name] for name in job_names)
        job = replace(load, entries=bare, tags=job_ids) if route == ADD_TAGS else replace(
            load, entries=bare, lists=job_ids
        )  # fmt: skip
        operations.append(make_operation(route, job))
    return operations


def _entries(tables: PlanTables, snapshot: Snapshot) -> dict[int, Entry]:
    """The contacts that something is sent for, by position in actions."""
    actions = tables.actions
    sent = np.flatnonzero((actions[ROUTE] != "").to_numpy())
    creates = (actions[ACTION] == CREATE).to_numpy()
    whole = creates | actions[ROUTE].eq(REVIVE_CONTACT).to_numpy()
    proofs = _evidence(actions.iloc[sent])
    before, after = _changes(tables)
    lists, tags = _names(tables, LIST, ADD), _names(tables, TAG, ADD)
    columns = [actions[name].iloc[sent].tolist() for name in (EMAIL, CONTACT_ID, STATUS, PERMISSION, OPT_IN_SOURCE)]
    entries = {}
    for contact, proof, email, id_, status, permission, source in zip(sent.tolist(), proofs, *columns, strict=True):
        new = bool(creates[contact])
        entries[contact] = Entry(
            address=email,
            contact_id=id_,
            status=status,
            before=before.get(contact, {}),
            after=after.get(contact, {}),
            lists=tuple(sorted(snapshot.lists[name] for name in lists.get(contact, ()))) if whole[contact] else (),
            tags=tuple(sorted(snapshot.tags[name] for name in tags.get(contact, ()))) if whole[contact] else (),
            permission=permission if new else "",
            opt_in_source=source if new else "",
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


def _names(tables: PlanTables, kind: str, change: str) -> dict[int, list[str]]:
    rows = tables.memberships[((tables.memberships[KIND] == kind) & (tables.memberships[CHANGE] == change)).to_numpy()]
    names: dict[int, list[str]] = defaultdict(list)
    for contact, name in zip(rows[CONTACT].tolist(), rows[NAME].astype("str").tolist(), strict=True):
        names[contact].append(name)
    return names


def _import_targets(tables: PlanTables, snapshot: Snapshot, import_list: str | None) -> dict[int, tuple[str, ...]]:
    """The ids of the lists of each contact that could be imported, where every custom field has its import name."""
    lists = import_lists(tables, snapshot, import_list)
    targets: dict[int, list[str]] = defaultdict(list)
    for contact, name in zip(lists[CONTACT].tolist(), lists[NAME].tolist(), strict=True):
        targets[contact].append(snapshot.lists[name])
    nameless = {f for f in tables.changes[FIELD].unique() if is_custom(f) and not _import_name(f, snapshot)}
    stuck = set(tables.changes[CONTACT][tables.changes[FIELD].isin(nameless).to_numpy()].tolist())
    return {contact: tuple(sorted(ids)) for contact, ids in targets.items() if contact not in stuck}


def _import_name(name: str, snapshot: Snapshot) -> str:
    return snapshot.custom_fields[custom_label(name)].name


def _ids(snapshot: Snapshot, kind: str) -> Mapping[str, str]:
    return snapshot.lists if kind == LIST else snapshot.tags


def _routes(tables: PlanTables, entries: Mapping[int, Entry]) -> pd.Series[str]:
    return tables.actions[ROUTE].iloc[list(entries)]
