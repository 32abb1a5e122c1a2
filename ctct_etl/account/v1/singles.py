"""Create one contact by POST; change one by GET, then PUT of the whole entry.

The owner acts, never the contact [D-UPD]: the one exception is a create for which there is evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctct_etl.account.dialect import Answer, Checkpoint, Conversation, Operation, Request, Response, Result
from ctct_etl.account.entries import Entry, read_load
from ctct_etl.account.v1.atom import Malformed, changed_contact, new_contact
from ctct_etl.account.v1.comparing import (
    UNKNOWN,
    has_left,
    is_created,
    lost_by_update,
    moved,
    unmet,
    why_untouched,
)
from ctct_etl.account.v1.fetching import Side, fetch_names
from ctct_etl.account.v1.finding import find_contact, read_contact
from ctct_etl.account.v1.reading import Contact, encode_values
from ctct_etl.account.v1.wire import BY_CONTACT, BY_OWNER, EMAIL_ELEMENT
from ctct_etl.account.v1.words import words_of
from ctct_etl.columns import CONFLICT, DONE, FAILED
from ctct_etl.errors import AccountError, Denied

BEFORE_IMAGE = "before"
NO_IMAGES: Mapping[str, Any] = {}
_KNOWN = "the account has this contact, and not as the plan would create it"


class ListGone(AccountError):
    """A list that the plan names is not there: nothing was sent."""


def send_post(operation: Operation, side: Side) -> Conversation[Answer]:
    """201 is done. 409 is a conflict, unless the contact that is there is what we promised: a lost write of ours.

    403 too: some answer with it for who opted out, where others say 409 [F-409DUP].
    """
    load = read_load(operation)
    (entry,) = load.entries
    ids = yield from list_ids(entry.lists, side)
    values = {EMAIL_ELEMENT: entry.address} | encode_values(entry.after, {}, load.customs)
    try:
        body = new_contact(values, ids, BY_CONTACT if entry.opt_in_source == "contact" else BY_OWNER)
    except ValueError as unfit:
        return answer(entry, FAILED, str(unfit))
    response: Response = yield Request("POST", "/contacts", body=body)
    if response.ok:
        return answer(entry, DONE)
    if response.status not in (403, 409):
        return answer(entry, FAILED, words_of(response))
    found = yield from find_contact(entry.address)
    if found is not None and is_created(found, entry, load.customs):
        return answer(entry, DONE)
    return answer(entry, CONFLICT, f"{_KNOWN}: {words_of(response)}" if found else words_of(response))


def settle_post(operation: Operation) -> Conversation[Answer]:
    load = read_load(operation)
    (entry,) = load.entries
    found = yield from find_contact(entry.address)
    if found is None:
        return Answer((), fallback=(operation,))
    is_ours = is_created(found, entry, load.customs, was_sent=True)
    return answer(entry, DONE) if is_ours else answer(entry, CONFLICT, _KNOWN)


def send_put(operation: Operation, side: Side) -> Conversation[Answer]:
    """Change one contact that still is as the plan found it.

    The PUT is the entry as read just before, with the changes: who left a list meanwhile is not put back by an echo.
    It is read back where no contact of its status has been yet. Raises Denied when the service kept less than it was
    sent: the run must not go on.
    """
    load = read_load(operation)
    (entry,) = load.entries
    before = yield from read_contact(entry.contact_id)
    words = why_untouched(before, entry, load)
    if words or before is None:
        return answer(entry, CONFLICT, words)
    if not unmet(before, entry, load.customs):
        return answer(entry, DONE)
    if fields := moved(before, entry, load.customs):
        return answer(entry, CONFLICT, f"changed in the account since the plan: {', '.join(fields)}")
    lists = yield from _lists_after(before, entry, side)
    values = encode_values(entry.after, before.entry.values, load.customs)
    try:
        body = changed_contact(before.entry.document, values, [*lists.values()], BY_OWNER)
    except ValueError as unfit:
        return answer(entry, FAILED, str(unfit))
    image = picture(before)
    yield Checkpoint({BEFORE_IMAGE: image})
    response: Response = yield Request("PUT", before.path, body=body, from_root=True, rests_on_read=True)
    images, proved = {entry.address: image}, True
    if not response.ok:
        return answer(entry, CONFLICT if response.status in (404, 409) else FAILED, words_of(response), images)
    if before.status not in side.memory.kept or load.prove:
        proved = yield from _prove_kept(before, values, lists, side)
    return Answer((Result(entry.address, DONE),), before=images, proved=proved)


def settle_put(operation: Operation, detail: Mapping[str, Any]) -> Conversation[Answer]:
    """As promised: done. Not touched since it was read for the PUT: sent again. Else a conflict.

    A PUT takes effect whole. So where the contact has changed since, and not as promised, the PUT came and somebody
    acted after it, or it never came and somebody else did: neither is overwritten.
    """
    load = read_load(operation)
    (entry,) = load.entries
    before = detail.get(BEFORE_IMAGE)
    images = {entry.address: before} if before else {}
    try:
        now = yield from read_contact(entry.contact_id)
    except Malformed as fault:  # the PUT may have come, so that its image is worth keeping
        return answer(entry, CONFLICT, f"its answer was lost, and {fault}", images)
    if now is None:
        return answer(entry, CONFLICT, UNKNOWN, images)
    left = unmet(now, entry, load.customs)
    if not left:
        return Answer((Result(entry.address, DONE),), before=images)
    if words := why_untouched(now, entry, load):
        return answer(entry, CONFLICT, words, images)
    if moved(now, entry, load.customs) or (before and picture(now) != before):
        if before:  # the PUT may have put them on these, and they may have left them since
            images = {entry.address: before | {"lists": sorted({*before["lists"], *entry.ours})}}
        return answer(entry, CONFLICT, f"not as promised after the update: {', '.join(left)}", images)
    return Answer((), before=images, fallback=(operation,))


def list_ids(numbers: tuple[str, ...], side: Side) -> Conversation[list[str]]:
    """The ids of lists, as the service writes them: what is sent must name them so, and not by anything made up.

    Raises ListGone for one that the account does not have.
    """
    known = side.memory.list_ids
    if not set(numbers) <= known.keys():
        yield from fetch_names(side)
    if gone := sorted(set(numbers) - known.keys()):
        raise ListGone(f"the account does not have list {', '.join(gone)} any more: plan again")
    return [known[number] for number in numbers]


def picture(contact: Contact) -> dict[str, Any]:
    """The contact as plain data: what it was, and by which to tell whether it changed."""
    return {"values": dict(contact.entry.values), "lists": sorted(contact.lists)}


def lists_in(image: Mapping[str, Any]) -> tuple[str, ...]:
    """The numbers of the lists of a contact, by its picture."""
    return tuple(image["lists"])


def answer(entry: Entry, result: str, words: str = "", images: Mapping[str, Any] = NO_IMAGES) -> Answer:
    return Answer((Result(entry.address, result, words),), before=images)


def _lists_after(before: Contact, entry: Entry, side: Side) -> Conversation[dict[str, str]]:
    """Number → id of the lists that the contact is to be on: where it is now, and what the plan changes."""
    joined = tuple(number for number in sorted(entry.ours) if number not in before.lists)
    ids = yield from list_ids(joined, side)
    kept = {number: identifier for number, identifier in before.lists.items() if number not in entry.off}
    return kept | dict(zip(joined, ids, strict=True))


def _prove_kept(before: Contact, sent: Mapping[str, str], lists: Mapping[str, str], side: Side) -> Conversation[bool]:
    """Read the contact back whole. False for who left at this very moment: that proves nothing."""
    try:
        now = yield from read_contact(before.number)
    except Malformed as fault:
        raise Denied(
            f"the service keeps what nobody can read of contact {before.number} since its update ({fault}), and no "
            "further update was sent — look at this contact, and report this before the next run"
        ) from None
    if now is None or has_left(now):
        return False
    if lost := lost_by_update(before, now, sent, lists):
        raise Denied(
            f"the service did not keep what the update of contact {before.number} held ({', '.join(lost)}), and no "
            "further update was sent — look at this contact, and report this before the next run"
        )
    side.memory.kept.add(before.status)
    return True
