"""The bulk import: many contacts in one job, then read back, since the job answers no row by row."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ctct_etl.account.comparing import RULED_OUT, breaks_rule
from ctct_etl.account.dialect import Answer, Conversation, Operation, Request, Result
from ctct_etl.account.entries import Load, make_operation, read_load
from ctct_etl.account.leaving_out import note_left_out, take_left_out
from ctct_etl.account.moments import shift, shortly_before
from ctct_etl.account.v3.activities import (
    ACTIVITY_ID,
    Activity,
    await_activity,
    await_all_activities,
    start_activity,
)
from ctct_etl.account.v3.bodies import import_body
from ctct_etl.account.v3.costing import import_cost
from ctct_etl.account.v3.finding import address_of, read_contact, read_departures, read_members, turn_contacts
from ctct_etl.account.v3.judging import Judge, send_again, single_operations
from ctct_etl.account.v3.memory import Memory
from ctct_etl.account.v3.paging import turn_pages
from ctct_etl.account.v3.wire import INCLUDES, PAGE_SIZE
from ctct_etl.columns import CONFLICT
from ctct_etl.errors import Rejected
from ctct_etl.plan.tables import JSON_IMPORT

_PATH = "/activities/contacts_json_import"
_WINDOWS = (timedelta(seconds=1), timedelta(minutes=1))  # around a job, by the clocks of one service
_FEW = 20  # so many may go single before a wider window is worth its pages


def outline_import(operation: Operation) -> Request:
    """The job as it would be sent if nobody has moved."""
    load = read_load(operation)
    return Request("POST", _PATH, body=import_body(load.entries, load.lists, load.customs))


def send_import(operation: Operation, memory: Memory) -> Conversation[Answer]:
    """Import who has not moved, wait, read back. Who is missing goes again, at last single, for the service's words."""
    load = read_load(operation)
    moved = yield from _read_moved(load, memory)
    conflicts = [Result(address, CONFLICT, words) for address, words in moved.items()]
    load = replace(load, entries=tuple(entry for entry in load.entries if entry.address not in moved))
    if not load.entries:
        return Answer(tuple(conflicts))
    try:
        body = import_body(load.entries, load.lists, load.customs)
        activity = yield from start_activity(_PATH, body, note_left_out(conflicts))
    except Rejected as refused:
        return Answer(tuple(conflicts), fallback=_bisected(operation, load, refused))
    judge = Judge(load, operation.phase, memory, unlisted=_most_unlisted(activity, load), ended=_end_of(activity))
    yield from _read_job_back(load, activity, judge)
    answer = judge.answer()
    return replace(answer, results=(*conflicts, *answer.results))


def settle_import(operation: Operation, detail: Mapping[str, Any], memory: Memory) -> Conversation[Answer]:
    """Read what the job did, when it has ended; one without a known id when no job of the account is under way.

    Where nobody can tell when it ended, whoever was changed since the snapshot and is not as promised is left alone.
    """
    activity: Activity = {}
    load, out = take_left_out(read_load(operation), detail)
    if activity_id := detail.get(ACTIVITY_ID):
        activity = yield from await_activity(str(activity_id))
    else:
        yield from await_all_activities()
    # A row of a job that shows was taken whole: of one of which nothing is known there is no more to know.
    unlisted = _most_unlisted(activity, load) if activity else 0
    ended = _end_of(activity) or shift(load.since, timedelta())
    judge = Judge(load, operation.phase, memory, unlisted=unlisted, ended=ended)
    yield from _read_all_back(load, judge)
    answer = _answer_without_id(operation, load, judge) if ACTIVITY_ID not in detail else judge.answer()
    return replace(answer, results=(*out, *answer.results))


def _answer_without_id(operation: Operation, load: Load, judge: Judge) -> Answer:
    """Of whom nothing shows goes by such a job again: it may never have come."""
    absent = judge.absent
    if len(absent) == len(load.entries):
        return Answer((), fallback=(operation,))
    if import_cost(len(absent)) >= len(absent):
        return judge.answer()
    answer = judge.answer(without=absent)
    again = make_operation(JSON_IMPORT, replace(load, entries=tuple(absent)), operation.phase)
    return replace(answer, fallback=(*answer.fallback, again))


def _read_moved(load: Load, memory: Memory) -> Conversation[dict[str, str]]:
    """Address → words, of those whom this import must not touch any more: departed, come, or off the list since.

    The last thing that is read before the job is sent. Of an import over members of a list their pages tell all: who is
    on it, with what permission, and on which other lists. How many they are would not do: one leaves, another joins.
    """
    if load.watched:
        return (yield from _read_leavers(load))
    moved = {}
    creates = {entry.address for entry in load.entries if not entry.contact_id}
    if creates:
        came = yield from _read_newcomers(load, memory)
        moved = {address: "the account has this contact since the plan" for address in sorted(came & creates)}
    left = yield from read_departures(load.since, load.entries)
    return moved | {address: _gone(status) for address, status in left.items()}


def _read_leavers(load: Load) -> Conversation[dict[str, str]]:
    moved = {}
    for list_id in load.watched:
        wanted = {entry.contact_id for entry in load.entries}
        members = yield from read_members(list_id, wanted, with_lists=bool(load.rule))
        for entry in load.entries:
            member = members.get(entry.contact_id)
            if member is None:
                moved[entry.address] = "left the list since the plan"
            elif member.status != entry.status:
                moved[entry.address] = _gone(member.status)
            elif breaks_rule(member.lists, entry, load.rule):
                moved[entry.address] = RULED_OUT
    return moved


def _gone(status: str) -> str:
    return f"changed in the account since the plan: now {status}"


def _read_newcomers(load: Load, memory: Memory) -> Conversation[set[str]]:
    """Addresses that others may have created since the snapshot.

    When there are just as many as this run has created, all are its own, and their pages need not be turned. Else only
    those are read who came since the last look: a run that creates a million would read all of them again and again.
    """
    query = {"status": "all", "limit": str(PAGE_SIZE)}
    expected, counted, seen = load.recent + memory.created, -1, 0
    came: set[str] = set()

    def is_enough(page: Mapping[str, Any]) -> bool:
        nonlocal counted
        count = page.get("contacts_count")
        counted = count if isinstance(count, int) else counted
        return counted == expected or bool(memory.looked_at)

    def take(page: Sequence[Mapping[str, Any]]) -> None:
        nonlocal seen
        seen += len(page)
        came.update(map(address_of, page))

    since = {"created_after": shortly_before(load.since)}
    read_at = yield from turn_pages(
        "/contacts", "contacts", {**since, **query, "include_count": "true"}, take, enough=is_enough
    )
    if counted != expected:
        if memory.looked_at and (counted < 0 or seen < counted):  # the first page was not all
            yield from turn_pages("/contacts", "contacts", {"created_after": memory.looked_at, **query}, take)
        memory.newcomers |= came
        memory.created = max(memory.created, counted - load.recent)
    memory.look(read_at)
    return came | memory.newcomers


def _read_job_back(load: Load, activity: Activity, judge: Judge) -> Conversation[None]:
    """Judge the contacts that were written while the job ran, by the service's own clock.

    The jobs before and after stay out of it, and so do, where a job only creates, contacts that were only changed.
    When that shows too few, the window is widened; and everything since the snapshot is read before many go again.
    """
    started, ended = activity.get("created_at"), activity.get("completed_at")
    date = "updated" if any(entry.contact_id for entry in load.entries) else "created"
    for around in _WINDOWS if started and ended else ():
        window = {
            f"{date}_after": shift(str(started), -around),
            f"{date}_before": shift(str(ended), around + timedelta(seconds=1)),
        }
        yield from turn_contacts(window, judge.take, include=INCLUDES)
        if not judge.missing:
            return
    if judge.missing > _FEW or not (started and ended):
        yield from _read_all_back(load, judge)
        return
    for entry in judge.unseen:  # somebody may have changed them after the window
        if entry.contact_id and (contact := (yield from read_contact(entry.contact_id))):
            judge.take([dict(contact)])


def _read_all_back(load: Load, judge: Judge) -> Conversation[None]:
    """Judge everybody updated since the snapshot: an update time moves on every write of fields, and on a create."""
    yield from turn_contacts({"updated_after": shortly_before(load.since)}, judge.take, include=INCLUDES)


def _most_unlisted(activity: Activity, load: Load) -> int:
    """How many of its contacts the job may have put on no list: what it counts itself, if it came to its end."""
    counts = activity.get("status")
    counted = counts.get("cannot_add_to_list_count") if isinstance(counts, dict) else None
    return counted if activity.get("state") == "completed" and isinstance(counted, int) else len(load.entries)


def _end_of(activity: Activity) -> str:
    """When the job can have written for the last time, by the service's clock; "" where it does not say."""
    with contextlib.suppress(ValueError):
        return shift(str(activity.get("completed_at")), timedelta(seconds=1))
    return ""


def _bisected(operation: Operation, load: Load, refused: Rejected) -> tuple[Operation, ...]:
    """A refused import is halved until each contact on which it stumbles stands alone, and goes single."""
    if refused.status != 400 or len(load.entries) == 1:
        return tuple(one for entry in load.entries for one in single_operations(entry, load))
    return send_again(load.entries, load, operation.phase)
