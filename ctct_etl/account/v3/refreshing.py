"""Read what changed since a snapshot, and let the service's own counts say whether anything was missed.

That `updated_at` moves for every kind of change is documented nowhere, and for an unsubscribe it is known not to. So
beside what was updated and who opted out, the numbers by status, by list and by tag are compared with ours:
a list or tag that differs is read again, the deleted are read where their number differs, and any other status that
differs means that everything has to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from ctct_etl.account.dialect import Conversation, Request
from ctct_etl.account.moments import shortly_before
from ctct_etl.account.v3.costing import pages_of
from ctct_etl.account.v3.fetching import read_names
from ctct_etl.account.v3.finding import count_contacts, read_contact
from ctct_etl.account.v3.laying_over import COUNTED, TOTAL, Table
from ctct_etl.account.v3.reading import utc_text
from ctct_etl.account.v3.words import expect_object
from ctct_etl.columns import CONTACT_ID, DELETED, LIST, STATUS, TAG, UPDATED_AT
from ctct_etl.plan.changed import Changed, Stale
from ctct_etl.plan.snapshot import Snapshot

QUIET_REQUESTS = 9  # what a refresh costs when nothing changed
_NAMES_REQUESTS = 4  # of a full fetch, besides its pages
_IDS_A_FILTER = {LIST: ("lists", 25), TAG: ("tags", 50)}
LEARNING_SHARE = 5  # just after a full fetch, a fifth of its cost is spent on lists whose numbers differ


def refresh_account(
    known: Snapshot, now: Callable[[], datetime], *, sparing: bool = True
) -> Conversation[Changed | Stale]:
    """See `Dialect.refresh`."""
    whole = full_cost(len(known.contacts))
    if sparing and whole <= QUIET_REQUESTS:
        return Stale("a refresh would cost no fewer requests")
    names, told = yield from read_names(now)
    breach = _find_breach(known, names) or (yield from _find_rewind(known))
    if breach:
        return Stale(breach)
    table = Table(known, names)
    statuses, breach = yield from _catch_up(table)
    told |= statuses
    if breach:
        return Stale(breach)
    breach = yield from _read_differing(table, told, whole)
    if breach:
        return Stale(breach)
    return table.changed(_exceed(told, table.count_statuses() | table.count_members()))


def full_cost(contacts: int) -> int:
    """How many requests it costs to read an account of so many contacts whole."""
    return _NAMES_REQUESTS + pages_of(contacts)


def _find_breach(known: Snapshot, names: Snapshot) -> str:
    """Why what is known can't be told under today's names: such changes are rare, and no date shows whom they touch."""
    if known.account["encoded_account_id"] != names.account["encoded_account_id"]:
        return "the cache is another account's"
    for kind, before, after in ((LIST, known.lists, names.lists), (TAG, known.tags, names.tags)):
        if set(before.values()) - set(after.values()):
            return f"a {kind} was removed"
    now = {custom.id: custom for custom in names.custom_fields.values()}
    for custom in known.custom_fields.values():
        then = now.get(custom.id)
        if then is not None and (then.type, list(then.choices.items())) != (custom.type, list(custom.choices.items())):
            return "the choices of a custom field were changed"
    return ""


def _find_rewind(known: Snapshot) -> Conversation[str]:
    """Has the account lost its newest change? Then it was put back to an earlier state, and no date shows that."""
    times = known.contacts[UPDATED_AT]
    newest = times.max() if len(times) else ""
    if not newest:
        return ""
    contact = yield from read_contact(str(known.contacts[CONTACT_ID][times == newest].iloc[0]))
    is_kept = contact is not None and utc_text(contact.get("updated_at")) >= newest
    return "" if is_kept else "the account was put back to an earlier state"


def _catch_up(table: Table) -> Conversation[tuple[dict[str, int], str]]:
    """Read what changed until the statuses agree; return their numbers as told, and why they can't be made to agree.

    The second time reads only what has changed since the first began: somebody signs up at any moment.
    """
    excess = table.known.excess
    for since in (table.known.fetched_at, table.names.fetched_at):
        for filter_ in ("updated_after", "optout_after"):
            yield from table.read({filter_: shortly_before(since)})
        told = yield from _read_counts()
        deleted = f"{STATUS} {DELETED}"
        if told[deleted] != table.count_statuses()[deleted]:
            yield from table.read({STATUS: DELETED})
            if table.has_lost_deleted():
                return told, "a deleted contact is back"
        differing = _differ(told, table.count_statuses(), excess or {}) - {deleted}
        if not differing:
            return told, ""
    if excess is None:  # so the service counts
        return told, ""
    words = ", ".join(sorted(key.removeprefix(f"{STATUS} ") for key in differing))
    return told, f"the account's number of contacts does not agree ({words})"


def _read_counts() -> Conversation[dict[str, int]]:
    """By "status NAME"; the deleted are counted by no other way than their own."""
    body = expect_object((yield Request("GET", "/contacts/counts")), "number of contacts")
    counts = {name: body[name] for name in (TOTAL, *COUNTED) if isinstance(body.get(name), int)}
    counts[DELETED] = yield from count_contacts({"status": DELETED})
    return {f"{STATUS} {name}": count for name, count in counts.items()}


def _read_differing(table: Table, told: Mapping[str, int], whole: int) -> Conversation[str]:
    """Read the members of every list and tag again whose number differs; return why that would not do."""
    excess = table.known.excess
    differing = sorted(_differ(told, table.count_members(), excess or {}))
    cost = sum(pages_of(told[key]) for key in differing)
    if excess is None and cost * LEARNING_SHARE > whole:
        return ""
    if cost >= whole:
        return "so many lists changed that reading everything costs less"
    for kind, (filter_, most) in _IDS_A_FILTER.items():
        ids = [id_ for key in differing for one, id_ in [key.split(" ", 1)] if one == kind]
        for start in range(0, len(ids), most):
            yield from table.read({filter_: ",".join(ids[start : start + most])})
            table.end_memberships(kind, ids[start : start + most])
    return ""


def _differ(told: Mapping[str, int], counted: Mapping[str, int], excess: Mapping[str, int]) -> set[str]:
    """What the service counts otherwise than we do, its own way of counting allowed for."""
    return {key for key, number in told.items() if key in counted and number - counted[key] != excess.get(key, 0)}


def _exceed(told: Mapping[str, int], counted: Mapping[str, int]) -> dict[str, int]:
    return {key: more for key, number in sorted(told.items()) if (more := number - counted.get(key, number))}
