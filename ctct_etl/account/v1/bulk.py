"""Create contacts, or take contacts off lists, many in one activity.

What an activity does to contacts that are there already is documented nowhere (of a blank column, of other lists): so
only those who are not are ever added by one, and each address is searched right before.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ctct_etl.account.dialect import Answer, Checkpoint, Conversation, Operation, Result
from ctct_etl.account.entries import Entry, Load, make_operation, read_load
from ctct_etl.account.leaving_out import note_left_out, take_left_out
from ctct_etl.account.moments import shift
from ctct_etl.account.v1.activities import (
    ACTIVITY_ID,
    await_activity,
    await_all_activities,
    is_clean,
    refused_rows,
    start_activity,
)
from ctct_etl.account.v1.atom import Entry as Document
from ctct_etl.account.v1.comparing import is_created, shows_otherwise
from ctct_etl.account.v1.fetching import Side, find_members
from ctct_etl.account.v1.finding import CONTACT_KIND, find_contacts, read_contacts, turn_feed
from ctct_etl.account.v1.reading import Contact, Customs, Unread, address_of, number_of
from ctct_etl.account.v1.singles import list_ids
from ctct_etl.account.v1.wire import BULK_COLUMNS, BULK_FROM, atom_time
from ctct_etl.columns import CONFLICT, DONE, EMAIL, FAILED, custom_label, is_custom
from ctct_etl.errors import Rejected
from ctct_etl.plan.tables import ADD_CONTACTS, POST_CONTACT, PUT_WHOLE

_BACK = "on the list, and changed since a removal that may have reached them: not taken off again"
_ASKED = "asked"  # in the checkpoint right before a job is sent
_CAME = "the account has this contact since the plan"
_NOT_AS_PLANNED = "the account has this contact, and not as the plan would create it"


def send_additions(operation: Operation, side: Side) -> Conversation[Answer]:
    """Add whom the account does not have, wait, look for them. Who is missing goes single, for the service's words."""
    load = read_load(operation)
    known = yield from find_contacts([entry.address for entry in load.entries])
    came = tuple(Result(entry.address, CONFLICT, _CAME) for entry in load.entries if entry.address in known)
    entries = tuple(entry for entry in load.entries if entry.address not in known)
    if not entries:
        return Answer(came)
    ids = yield from list_ids(load.lists, side)
    form = [("activityType", "ADD_CONTACTS"), ("data", write_rows(entries, load.customs)), *_lists(ids)]
    try:
        activity = yield from start_activity(form, note_left_out(came))
    except Rejected:
        return Answer(came, fallback=_bisected(operation.route, entries, load))
    answer = yield from _judge_additions(entries, load, refused_rows(activity))
    return replace(answer, results=(*came, *answer.results))


def settle_additions(operation: Operation, detail: Mapping[str, Any]) -> Conversation[Answer]:
    """With the job's id it is judged as after a send. Without, it is not known whether it was sent at all: then each
    who is there is looked at, and who is not goes by such a job again.
    """
    load = read_load(operation)
    if activity_id := detail.get(ACTIVITY_ID):
        activity = yield from await_activity(str(activity_id))
        load, out = take_left_out(load, detail)
        answer = yield from _judge_additions(load.entries, load, refused_rows(activity))
        return replace(answer, results=(*out, *answer.results))
    yield from await_all_activities()
    found = yield from find_contacts([entry.address for entry in load.entries])
    results = yield from _look_at([entry for entry in load.entries if entry.address in found], found, load)
    absent = tuple(entry for entry in load.entries if entry.address not in found)
    again = (make_operation(ADD_CONTACTS, replace(load, entries=absent), operation.phase),) if absent else ()
    return Answer(tuple(results), fallback=again)


def send_removals(operation: Operation, side: Side) -> Conversation[Answer]:
    """A delta: it touches nothing but the lists that it names [D-ADDACT]."""
    load = read_load(operation)
    ids = yield from list_ids(load.lists, side)
    data = "\n".join([BULK_COLUMNS[EMAIL], *(entry.address for entry in load.entries)])
    form = [("activityType", "REMOVE_CONTACTS_FROM_LISTS"), ("data", data), *_lists(ids)]
    noted = {_ASKED: True}
    yield Checkpoint(noted)
    try:
        activity = yield from start_activity(form, noted)
    except Rejected:
        return Answer((), fallback=_bisected(operation.route, load.entries, load))
    return (yield from _judge_removals(operation, load, activity))


def settle_removals(operation: Operation, detail: Mapping[str, Any]) -> Conversation[Answer]:
    """Off the lists: done. Without the job's id who is on them still goes again, but for who may have come back."""
    if not detail:  # it was never sent: who is off the lists has left them
        return Answer((), fallback=(operation,))
    load = read_load(operation)
    if activity_id := detail.get(ACTIVITY_ID):
        activity = yield from await_activity(str(activity_id))
        return (yield from _judge_removals(operation, load, activity))
    yield from await_all_activities()
    staying, back = yield from _read_staying(load)
    results = [_judge_gone(entry, back) for entry in load.entries if entry.address not in staying]
    left = tuple(entry for entry in load.entries if entry.address in staying)
    again = (make_operation(operation.route, replace(load, entries=left), operation.phase),) if left else ()
    return Answer(tuple(results), fallback=again)


def write_rows(entries: Sequence[Entry], customs: Customs) -> str:
    """The `data` of an activity: the columns' names, then a line each [D-ADDACT].

    Only what some contact has is a column; a contact that does not have it is new, so that a blank clears nothing.
    """
    fields = sorted({field for entry in entries for field in entry.after})
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow([BULK_COLUMNS[EMAIL], *(column_of(field, customs) for field in fields)])
    lines.writerows([entry.address, *(entry.after.get(field, "") for field in fields)] for entry in entries)
    return written.getvalue().removesuffix("\n")


def column_of(field: str, customs: Customs) -> str:
    return customs[custom_label(field)].name if is_custom(field) else BULK_COLUMNS[field]


def _judge_additions(entries: Sequence[Entry], load: Load, refused: Mapping[str, str]) -> Conversation[Answer]:
    """Each was searched right before the job, and not there. So who is there now was made by it, unless they came in
    that moment by another hand: whom the search shows otherwise than they were sent is looked at whole.
    """
    found = yield from find_contacts([entry.address for entry in entries if entry.address not in refused])
    results, missing, doubtful = list[Result](), list[Operation](), list[Entry]()
    for entry in entries:
        if entry.address in refused:
            results.append(Result(entry.address, FAILED, refused[entry.address]))
        elif entry.address not in found:
            missing.append(_single(ADD_CONTACTS, entry, load))
        elif shows_otherwise(found[entry.address], entry):
            doubtful.append(entry)
        else:
            results.append(Result(entry.address, DONE))
    results += yield from _look_at(doubtful, found, load)
    return Answer(tuple(results), fallback=tuple(missing))


def _look_at(entries: Sequence[Entry], found: Mapping[str, Document], load: Load) -> Conversation[list[Result]]:
    """Whether each is as it was to be created, by reading it whole."""
    by_number = {number_of(found[entry.address].id): entry for entry in entries}
    results: list[Result] = []

    def take(number: str, contact: Contact | Unread | None) -> None:
        entry = by_number[number]
        as_planned = isinstance(contact, Contact) and is_created(contact, entry, load.customs, was_sent=True)
        results.append(Result(entry.address, *((DONE, "") if as_planned else (CONFLICT, _NOT_AS_PLANNED))))

    yield from read_contacts(by_number, take)
    return results


def _judge_removals(operation: Operation, load: Load, activity: Document) -> Conversation[Answer]:
    """A job that ended well and counts all whom it was sent reached them; after any other the lists tell.

    Who is on one still, and is no row that the job refused, goes single, for the service's words.
    """
    refused = refused_rows(activity)
    staying, back = set[str](), set[str]()
    if not is_clean(activity, len(load.entries)):
        staying, back = yield from _read_staying(load)
    results, again = [], []
    for entry in load.entries:
        if entry.address in refused:
            results.append(Result(entry.address, FAILED, refused[entry.address]))
        elif entry.address in staying:
            again.append(_single(operation.route, entry, load))
        else:
            results.append(_judge_gone(entry, back))
    return Answer(tuple(results), fallback=tuple(again))


def _judge_gone(entry: Entry, back: Collection[str]) -> Result:
    return Result(entry.address, *((CONFLICT, _BACK) if entry.address in back else (DONE, "")))


def _read_staying(load: Load) -> Conversation[tuple[set[str], set[str]]]:
    """Addresses of those who are on any of the lists still; and of those who may have been taken off and come back.

    To join a list changes a contact [D-SYNC]: who is on one and did not change since the snapshot never was off it.
    Where all of many are on it no job took anybody off, and nobody has come back.
    """
    on, held = set[str](), list[str]()
    for number in load.lists:
        members = yield from find_members(number)
        if members is not None:  # a list that was removed since has nobody
            on |= set(members.values())
            held.append(number)
    on &= set(_addresses(load))
    changed: set[str] = set()
    if on and len(on) < max(len(load.entries), BULK_FROM):
        for number in held:
            changed |= yield from _read_changed(number, load.since)
    return on - changed, on & changed


def _read_changed(list_number: str, since: str) -> Conversation[set[str]]:
    """Addresses of the members who changed after the second of `since`: what came first in it the snapshot shows."""
    changed: set[str] = set()

    def take(entries: Sequence[Document]) -> None:
        changed.update(address_of(one) for one in entries if one.kind == CONTACT_KIND)

    query = {"updatedsince": atom_time(shift(since, timedelta(seconds=1))), "listid": list_number}
    yield from turn_feed("/contacts", "changed contacts", take, query)
    return changed


def _bisected(route: str, entries: Sequence[Entry], load: Load) -> tuple[Operation, ...]:
    """A refused job is halved. Fewer than a job is for [D-CREATE] go single, each for the service's own words."""
    if len(entries) < 2 * BULK_FROM:
        return tuple(_single(route, entry, load) for entry in entries)
    middle = len(entries) // 2
    halves = (entries[:middle], entries[middle:])
    return tuple(make_operation(route, replace(load, entries=tuple(half))) for half in halves)


def _single(route: str, entry: Entry, load: Load) -> Operation:
    """What the job `route` was to do to one contact, by a request of its own."""
    if route == ADD_CONTACTS:
        return make_operation(POST_CONTACT, replace(load, entries=(entry,), lists=()))
    return make_operation(PUT_WHOLE, replace(load, entries=(replace(entry, off=load.lists),), lists=()))


def _lists(ids: Collection[str]) -> Iterator[tuple[str, str]]:
    return (("lists", identifier) for identifier in ids)


def _addresses(load: Load) -> Iterator[str]:
    return (entry.address for entry in load.entries)
