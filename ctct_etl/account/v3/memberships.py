"""Change lists and tags by bulk activities: deltas, which touch nothing that they do not name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ctct_etl.account.dialect import Answer, Checkpoint, Conversation, Operation, Request, Result
from ctct_etl.account.entries import Entry, Load, make_operation, read_load
from ctct_etl.account.leaving_out import note_left_out, take_left_out
from ctct_etl.account.moments import shortly_before
from ctct_etl.account.v3.activities import ACTIVITY_ID, Activity, await_activity, await_all_activities, errors_of
from ctct_etl.account.v3.activities import start_activity as start
from ctct_etl.account.v3.finding import (
    address_of,
    find_by_address,
    read_contact,
    read_departures,
    read_holders,
    turn_contacts,
)
from ctct_etl.account.v3.memory import Memory
from ctct_etl.account.v3.reading import ids_of
from ctct_etl.columns import CONFLICT, DONE, FAILED
from ctct_etl.errors import Rejected
from ctct_etl.plan.tables import ADD_LISTS, ADD_TAGS, REMOVE_LISTS

# So many jobs in a row that changed nobody are halved: then it is not one contact that they stumble on.
_MOST_FRUITLESS = 20
_BACK_OR_REFUSED = "on the list after a job that took others off it: refused, or back since"
_OF_LISTS = (ADD_LISTS, REMOVE_LISTS)
_SENT = "sent"  # in a job's checkpoints, the first right before it is sent: how many contacts it carries
_UNKNOWN: Activity = {}  # a job that the account knows no more, or that nobody knows to have come
_FEW = 40  # so many contacts are read one by one; for more, the pages of their lists are fewer requests


def outline_memberships(operation: Operation) -> Request:
    """The job as it would be sent if nobody has left, and the ids of all whom it carries are known."""
    load = read_load(operation)
    return Request("POST", _path(operation.route), body=_body(operation.route, load.entries, load))


def send_memberships(operation: Operation, memory: Memory) -> Conversation[Answer]:
    """Queue the job and wait for it. Who left since the snapshot is taken out: adding would bring them back."""
    load = read_load(operation)
    left: Mapping[str, str] = {}
    if operation.route != REMOVE_LISTS:
        left = yield from read_departures(load.since, load.entries)
    # A create has no status yet: whoever shows up as departed has moved.
    moved = {e.address: left[e.address] for e in load.entries if left.get(e.address, e.status) != e.status}
    results = [Result(address, CONFLICT, f"changed in the account since the plan: now {status}")
               for address, status in moved.items()]  # fmt: skip
    known = yield from _with_ids([entry for entry in load.entries if entry.address not in moved], load, memory)
    results += _absent(known, load, moved)
    if not known:
        return Answer(tuple(results))
    noted = {_SENT: len(known), **note_left_out(results)}
    yield Checkpoint(noted)
    try:
        activity = yield from start(_path(operation.route), _body(operation.route, known, load), noted)
    except Rejected as refused:
        return _bisect(operation.route, known, load, results, refused.words)
    if _is_clean(activity, len(known)):
        memory.count_job(fruitful=True)
        return Answer((*results, *(Result(entry.address, DONE) for entry in known)))
    done, undone, alone = yield from _judge(operation.route, known, load, activity, len(known))
    memory.count_job(fruitful=bool(done))
    results += [*(Result(entry.address, DONE) for entry in done), *alone]
    words = errors_of(activity) or "not changed by the activity"
    if not undone:
        return Answer(tuple(results))
    if done:  # with them out, the job may go through
        return Answer(tuple(results), fallback=(_narrowed(operation, undone, load),))
    if memory.fruitless >= _MOST_FRUITLESS:
        return Answer((*results, *(Result(entry.address, FAILED, words) for entry in undone)))
    return _bisect(operation.route, undone, load, results, words)


def settle_memberships(operation: Operation, detail: Mapping[str, Any], memory: Memory) -> Conversation[Answer]:
    """When no job is under way any more: whose lists or tags are as promised? The others are sent again, unless the job
    came and they may have acted since.
    """
    if not detail:  # it was never sent: what shows is somebody else's doing
        return Answer((), fallback=(operation,))
    activity = _UNKNOWN
    load, out = take_left_out(read_load(operation), detail)
    if activity_id := detail.get(ACTIVITY_ID):
        activity = yield from await_activity(str(activity_id))
    else:
        yield from await_all_activities()
    known = yield from _with_ids(load.entries, load, memory)
    results = [*out, *_absent(known, load)]
    sent = detail.get(_SENT, len(known))
    if _is_clean(activity, sent) and sent >= len(known):  # else it is not known who was not sent
        return Answer((*results, *(Result(entry.address, DONE) for entry in known)))
    done, undone, alone = yield from _judge(operation.route, known, load, activity, sent)
    results += [*(Result(entry.address, DONE) for entry in done), *alone]
    return Answer(tuple(results), fallback=(_narrowed(operation, undone, load),) if undone else ())


def _left_alone(route: str, entries: Sequence[Entry]) -> list[Result]:
    """What becomes of those of whom nobody can tell whether the job refused them, or they acted after it.

    They were on the list, and count as done: the memory then knows that, and the next night does not put them back.
    Who is on a list that they were to be taken off is left on it until the next plan.
    """
    told = (DONE, "") if route == ADD_LISTS else (CONFLICT, _BACK_OR_REFUSED)
    return [Result(entry.address, *told) for entry in entries]


def _absent(known: Sequence[Entry], load: Load, moved: Collection[str] = ()) -> list[Result]:
    there = {entry.address for entry in known}
    gone = sorted(entry.address for entry in load.entries if entry.address not in there and entry.address not in moved)
    return [Result(address, FAILED, "the account does not have this contact") for address in gone]


def _with_ids(entries: Sequence[Entry], load: Load, memory: Memory) -> Conversation[list[Entry]]:
    """Entries with their contact ids; those of contacts that this run created are looked up. Drops who is not there."""
    unknown = [entry.address for entry in entries if not entry.contact_id and entry.address not in memory.ids]
    if len(unknown) > 1 and not memory.swept:
        yield from turn_contacts({"created_after": shortly_before(load.since)}, lambda page: _learn(page, memory))
        memory.swept = True
    for address in unknown:
        if address not in memory.ids and (found := (yield from find_by_address(address))):
            memory.learn(address, str(found.get("contact_id")))
    known = ((entry, entry.contact_id or memory.ids.get(entry.address, "")) for entry in entries)
    return [replace(entry, contact_id=id_) for entry, id_ in known if id_]


def _learn(page: Sequence[Mapping[str, Any]], memory: Memory) -> None:
    for contact in page:
        if address := address_of(contact):
            memory.learn(address, str(contact.get("contact_id")))


def _path(route: str) -> str:
    return f"/activities/{route}"


def _body(route: str, entries: Sequence[Entry], load: Load) -> dict[str, Any]:
    source = {"contact_ids": [entry.contact_id for entry in entries]}
    if route == ADD_TAGS:
        return {"source": source, "tag_ids": list(load.tags)}
    return {"source": source, "list_ids": list(load.lists)}


def _judge(
    route: str, entries: Sequence[Entry], load: Load, activity: Activity, sent: int
) -> Conversation[tuple[list[Entry], list[Entry], list[Result]]]:
    """Split entries by what the account shows: as promised; not, and to be sent again; not, and left alone."""
    filter_, key, ids = ("tags", "taggings", load.tags) if route == ADD_TAGS else (
        "lists", "list_memberships", load.lists
    )  # fmt: skip
    holders: dict[str, set[str]] = {}
    if len(entries) <= _FEW:
        for entry in entries:
            contact = yield from read_contact(entry.contact_id)
            holders[entry.contact_id] = ids_of(contact or {}, key)
    else:
        holders = yield from read_holders(filter_, ids, {entry.contact_id for entry in entries})
    done: list[Entry] = []
    undone: list[Entry] = []
    for entry in entries:
        held = holders.get(entry.contact_id, set())
        as_promised = not held & set(ids) if route == REMOVE_LISTS else held >= set(ids)
        (done if as_promised else undone).append(entry)
    if route in _OF_LISTS and _has_reached_more(activity, sent, len(done)):
        return done, [], _left_alone(route, undone)
    return done, undone, []


def _bisect(route: str, entries: Sequence[Entry], load: Load, results: Sequence[Result], words: str) -> Answer:
    """A job that did nothing is halved until the one contact that it stumbles on stands alone, and gets its words."""
    if len(entries) <= 1:
        return Answer((*results, *(Result(entry.address, FAILED, words) for entry in entries)))
    middle = len(entries) // 2
    halves = (entries[:middle], entries[middle:])
    return Answer(
        tuple(results), fallback=tuple(make_operation(route, replace(load, entries=tuple(half))) for half in halves)
    )


def _narrowed(operation: Operation, entries: Sequence[Entry], load: Load) -> Operation:
    if len(entries) == len(operation.addresses):
        return operation
    return make_operation(operation.route, replace(load, entries=tuple(entries)))


def _is_clean(activity: Activity, sent: int) -> bool:
    """Did the job reach all whom it was sent? Its count is compared with that, and not with its own total alone."""
    if errors_of(activity):
        return False
    total, completed = _counts(activity)
    return completed is None or completed >= max(total or 0, sent)


def _has_reached_more(activity: Activity, sent: int, shown: int) -> bool:
    """Did the job change more contacts than show it? Then somebody has acted since, and nobody can tell who.

    One of which nothing is known came if it shows at all. One that counts nothing is taken to have changed just those.
    """
    if not activity:
        return shown > 0
    completed = _counts(activity)[1]
    return completed is not None and min(completed, sent) > shown


def _counts(activity: Activity) -> tuple[int | None, int | None]:
    """How many contacts the job was given, and how many it changed, as it counts them itself."""
    counts = activity.get("status")
    told = counts if isinstance(counts, dict) else {}
    total, completed = (told.get(f"items_{which}_count") for which in ("total", "completed"))
    return total if isinstance(total, int) else None, completed if isinstance(completed, int) else None
