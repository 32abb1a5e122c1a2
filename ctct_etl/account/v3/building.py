"""A routed window of a plan → operations: plain data, named by content, no larger than the service takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ctct_etl.account.dialect import Operation
from ctct_etl.account.entries import (
    FIRST_PUT_PHASE,
    IMPORT_PHASE,
    IMPORT_PHASES_A_WINDOW,
    Entry,
    Load,
    make_operation,
)
from ctct_etl.account.gathering import gather_entries, rule_by_id
from ctct_etl.account.moments import shortly_before
from ctct_etl.account.v3.deleting import build_deletions
from ctct_etl.account.v3.laying_out import Layout, lay_out
from ctct_etl.columns import (
    CREATED_AT,
)
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ADD_TAGS,
    JSON_IMPORT,
    POST_CONTACT,
    PUT_CONTACT,
    REVIVE_CONTACT,
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
    entries = gather_entries(tables, snapshot)
    load = Load((), snapshot.custom_fields, snapshot.fetched_at, recent=count_recent(snapshot))
    ruled = replace(load, rule=rule_by_id(rests_on, snapshot))
    return [
        *_imports(layout, entries, ruled, snapshot, IMPORT_PHASE + window * IMPORT_PHASES_A_WINDOW),
        *(make_operation(POST_CONTACT, replace(load, entries=(entries[at],))) for at in layout.posts.tolist()),
        *_puts(layout, entries, ruled),
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
    """One after the other, over members of a list first: what is read before and after each is then its own.

    What is read right before the others shows no lists, so that they are not judged by the rule again; and by an import
    onto a list they would come to break it.
    """
    for number, job in enumerate(layout.imports):
        lists = tuple(sorted(snapshot.lists[name] for name in job.lists))
        carried = tuple(entries[at] for at in job.contacts.tolist())
        watched, rule = (lists, load.rule) if job.watched else ((), {})
        one = replace(load, entries=carried, lists=lists, watched=watched, rule=rule)
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
