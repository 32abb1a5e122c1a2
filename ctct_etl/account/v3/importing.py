"""The bulk import: many contacts in one job, then read back, since the job answers no row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ctct_etl.account.dialect import Answer, Conversation, Operation, Request, Response, Result
from ctct_etl.account.v3.activities import (
    ACTIVITY_ID,
    Activity,
    await_activity,
    await_all_activities,
    errors_of,
    start_activity,
)
from ctct_etl.account.v3.bodies import import_body
from ctct_etl.account.v3.comparing import has_left, unmet_fields, unmet_lists
from ctct_etl.account.v3.costing import import_cost
from ctct_etl.account.v3.entries import Entry, Load, make_operation, read_load
from ctct_etl.account.v3.finding import (
    Contact,
    count_contacts,
    read_changed,
    read_departures,
    read_members,
    shift,
    shortly_before,
)
from ctct_etl.account.v3.memory import Memory
from ctct_etl.account.v3.reading import decode_contact, ids_of, status_of
from ctct_etl.account.v3.words import expect_object
from ctct_etl.columns import CONFLICT, DONE
from ctct_etl.errors import Rejected
from ctct_etl.plan.tables import ADD_LISTS, JSON_IMPORT, POST_CONTACT, PUT_CONTACT

_PATH = "/activities/contacts_json_import"
_SKEW = timedelta(minutes=1)  # the clocks of one service
_FEW = 20  # so many may go single before the wider window is worth its pages
_MOST_NEWCOMERS = 5_000  # beyond that they are our own, from the chunks before: reading them all would cost too much


def send_import(operation: Operation, memory: Memory) -> Conversation[Answer]:
    """Import who has not moved, wait, read back. Who is missing or different goes single, for the service's words."""
    load = read_load(operation)
    moved = yield from _read_moved(load)
    conflicts = [Result(address, CONFLICT, words) for address, words in moved.items()]
    load = replace(load, entries=tuple(entry for entry in load.entries if entry.address not in moved))
    if not load.entries:
        return Answer(tuple(conflicts))
    try:
        activity = yield from start_activity(_PATH, import_body(load.entries, load.lists, load.customs))
    except Rejected as refused:
        return Answer(tuple(conflicts), fallback=_bisected(operation, load, refused))
    found = yield from _read_job_back(load, activity, memory)
    answer = _judge(load, found)
    return replace(answer, results=(*conflicts, *answer.results))


def settle_import(operation: Operation, detail: Mapping[str, Any], memory: Memory) -> Conversation[Answer]:
    """Read what the job did, when it has ended; one without a known id when no job of the account is under way."""
    load = read_load(operation)
    listed = False
    if activity_id := detail.get(ACTIVITY_ID):
        listed = _has_listed_all((yield from await_activity(str(activity_id))))
    else:
        yield from await_all_activities()
    found = yield from _read_back(load.since, memory)
    if ACTIVITY_ID not in detail:
        absent = tuple(entry for entry in load.entries if _is_absent(entry, found.get(entry.address), load))
        if len(absent) == len(load.entries):
            return Answer((), fallback=(operation,))
        if import_cost(len(absent)) < len(absent):
            present = tuple(entry for entry in load.entries if entry not in absent)
            answer = _judge(replace(load, entries=present), found)
            again = make_operation(JSON_IMPORT, replace(load, entries=absent), operation.phase)
            return replace(answer, fallback=(*answer.fallback, again))
    return _judge(load, found, listed)


def _read_moved(load: Load) -> Conversation[dict[str, str]]:
    """Address → words, of those whom this import must not touch any more: departed, come, or off the list since."""
    left = yield from read_departures(load.since, load.deleted)
    moved = {e.address: f"changed in the account since the plan: now {status_of(left[e.address])}"
             for e in load.entries if e.address in left}  # fmt: skip
    creates = {entry.address for entry in load.entries if not entry.contact_id}
    if creates:
        came = yield from _read_newcomers(load.since)
        moved |= {address: "the account has this contact since the plan" for address in came if address in creates}
    if load.members:
        gone = yield from _read_leavers(load)
        moved |= {address: "left the list since the plan" for address in gone}
    return moved


def _read_newcomers(since: str) -> Conversation[Iterable[str]]:
    """Addresses of contacts created since."""
    count = yield from count_contacts({"status": "all", "created_after": shortly_before(since)})
    if not 0 < count <= _MOST_NEWCOMERS:
        return ()
    came = yield from read_changed(since, {"created_after": ""}, include="")
    # The window reaches back before the snapshot: who was there already is no newcomer, and no create of the plan.
    return came


def _read_leavers(load: Load) -> Conversation[list[str]]:
    """Who of an import over members is on the list no more: leaving a list may not move a contact's update time.

    A list with as many members as in the snapshot is taken as unchanged; of another the members are read.
    """
    changed = []
    for list_id, count in load.members.items():
        response: Response = yield Request("GET", f"/contact_lists/{list_id}", {"include_membership_count": "all"})
        if expect_object(response, "list").get("membership_count") != count:
            changed.append(list_id)
    if not changed:
        return []
    members = yield from read_members("lists", changed)
    needed = set(changed)
    return [
        entry.address
        for entry in load.entries
        if not ids_of(members.get(entry.contact_id, {}), "list_memberships") >= needed
    ]


def _read_job_back(load: Load, activity: Activity, memory: Memory) -> Conversation[dict[str, Contact]]:
    """Contacts updated while the job ran, by the service's own clock: the jobs before and after stay out of it.

    When that shows too few of them, everything since the snapshot is read before anybody goes single.
    """
    started, ended = activity.get("created_at"), activity.get("completed_at")
    found: dict[str, Contact] = {}
    if started and ended:
        window = {"updated_after": shift(str(started), -_SKEW), "updated_before": shift(str(ended), _SKEW)}
        found = yield from read_changed(load.since, window)
        _remember(found, memory)
    missing = sum(entry.address not in found for entry in load.entries)
    if missing > _FEW or not (started and ended):
        found |= yield from _read_back(load.since, memory)
    return found


def _read_back(since: str, memory: Memory) -> Conversation[dict[str, Contact]]:
    """Contacts updated since, by address. An update time moves on every write of fields, and on a create."""
    found = yield from read_changed(since, {"updated_after": ""})
    _remember(found, memory)
    return found


def _remember(found: Mapping[str, Contact], memory: Memory) -> None:
    memory.ids.update((address, str(contact.get("contact_id"))) for address, contact in found.items())


def _has_listed_all(activity: Activity) -> bool:
    """Did the job put everybody whom it took on the lists? Only where it counts so itself."""
    counts = activity.get("status")
    counted = isinstance(counts, dict) and counts.get("cannot_add_to_list_count") == 0
    return counted and not errors_of(activity)


def _judge(load: Load, found: Mapping[str, Contact], listed: bool = False) -> Answer:
    results: list[Result] = []
    fallback: list[Operation] = []
    for entry in load.entries:
        words, operations = _judge_one(entry, found.get(entry.address), load, listed)
        if operations:
            fallback += operations
        else:
            results.append(Result(entry.address, CONFLICT if words else DONE, words))
    return Answer(tuple(results), fallback=tuple(fallback))


def _judge_one(entry: Entry, contact: Contact | None, load: Load, listed: bool) -> tuple[str, list[Operation]]:
    """Words of a conflict, or the operations that must follow; neither when all is as promised.

    listed: the job is known to have put them on its lists, some time ago: who is on them no more has left since.
    """
    if contact is None:
        return "", single_operations(entry, load)
    if has_left(contact):
        return f"changed in the account since the plan: now {status_of(contact)}", []
    now = decode_contact(contact, load.customs)
    unmet = unmet_fields(contact, entry, load.customs)
    if strange := [field for field in unmet if now[field] != entry.before.get(field, "")]:
        return f"not as promised after the import: {', '.join(strange)}", []
    operations = []
    seen = Entry(entry.address, str(contact.get("contact_id")), status_of(contact))
    if unmet:
        before = {field: now[field] for field in unmet}
        put = replace(seen, before=before, after={field: entry.after[field] for field in unmet})
        operations.append(_one(PUT_CONTACT, put, load))
    # Who is off a list that they were on has left it meanwhile, and is not put back.
    missing = () if load.members else tuple(unmet_lists(contact, load.lists))
    if missing and listed:
        return ("", operations) if operations else ("left the list after this run had put it there", [])
    if missing:
        operations.append(_one(ADD_LISTS, seen, load, missing))
    return "", operations


def _is_absent(entry: Entry, contact: Contact | None, load: Load) -> bool:
    """Does the account show nothing of the import for this contact?"""
    if contact is None:
        return True
    unmet = unmet_fields(contact, entry, load.customs)
    return bool(entry.contact_id and unmet) and len(unmet) == len(entry.after)


def single_operations(entry: Entry, load: Load) -> list[Operation]:
    """What an import would have done for one contact, as single operations."""
    if not entry.contact_id:
        return [_one(POST_CONTACT, replace(entry, lists=load.lists), load)]
    operations = [_one(PUT_CONTACT, entry, load)] if entry.after else []
    if not load.members:
        operations.append(_one(ADD_LISTS, replace(entry, before={}, after={}), load, load.lists))
    return operations


def _one(route: str, entry: Entry, load: Load, lists: tuple[str, ...] = ()) -> Operation:
    return make_operation(route, replace(load, entries=(entry,), lists=lists, members={}))


def _bisected(operation: Operation, load: Load, refused: Rejected) -> tuple[Operation, ...]:
    """A refused import is halved until each contact on which it stumbles stands alone, and goes single."""
    if refused.status != 400 or len(load.entries) == 1:
        return tuple(one for entry in load.entries for one in single_operations(entry, load))
    middle = len(load.entries) // 2
    halves: Sequence[tuple[Entry, ...]] = (load.entries[:middle], load.entries[middle:])
    return tuple(make_operation(JSON_IMPORT, replace(load, entries=half), operation.phase) for half in halves)
