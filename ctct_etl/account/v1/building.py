"""A routed window of a plan → operations: plain data, named by content, no larger than the service takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ctct_etl.account.dialect import Operation
from ctct_etl.account.entries import FIRST_PUT_PHASE, Entry, Load, make_operation
from ctct_etl.account.gathering import gather_entries, ids_of_removed, rule_by_id
from ctct_etl.account.v1.laying_out import Job, lay_out
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ADD_CONTACTS,
    POST_CONTACT,
    PUT_WHOLE,
    REMOVE_FROM_LISTS,
    PlanTables,
    RestsOn,
)


def build_operations(tables: PlanTables, snapshot: Snapshot, rests_on: RestsOn | None = None) -> list[Operation]:
    """Turn a window's routed actions into operations, in the order in which they are sent: by phase, then by address.

    Raises KeyError for a list that the snapshot does not have: those are made before.
    """
    layout = lay_out(tables)
    entries = gather_entries(tables, snapshot)
    off = ids_of_removed(tables, snapshot)
    load = Load((), snapshot.custom_fields, snapshot.fetched_at)
    ruled = replace(load, rule=rule_by_id(rests_on, snapshot))

    def put(at: int, *, prove: bool = False) -> Operation:
        whole = replace(entries[at], off=tuple(sorted(off.get(at, ()))))
        phase = FIRST_PUT_PHASE if prove else None
        return make_operation(PUT_WHOLE, replace(ruled, entries=(whole,), prove=prove), phase)

    return [
        *_jobs(ADD_CONTACTS, layout.additions, entries, load, snapshot),
        *(make_operation(POST_CONTACT, replace(load, entries=(entries[at],))) for at in layout.posts.tolist()),
        *(put(at, prove=True) for at in layout.proofs.tolist()),
        *(put(at) for at in layout.puts.tolist()),
        *_jobs(REMOVE_FROM_LISTS, layout.removals, entries, load, snapshot),
    ]


def _jobs(
    route: str, jobs: Sequence[Job], entries: Mapping[int, Entry], load: Load, snapshot: Snapshot
) -> Iterator[Operation]:
    for job in jobs:
        lists = tuple(sorted(snapshot.lists[name] for name in job.lists))
        carried = tuple(entries[at] for at in job.contacts.tolist())
        yield make_operation(route, replace(load, entries=carried, lists=lists))
