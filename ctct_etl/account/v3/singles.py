"""Create one contact by POST; change one by GET, then PUT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctct_etl.account.comparing import RULED_OUT, breaks_rule
from ctct_etl.account.dialect import Answer, Checkpoint, Conversation, Operation, Request, Response, Result
from ctct_etl.account.entries import Entry, Load, read_load
from ctct_etl.account.repeating import from_its_read
from ctct_etl.account.v3.activities import await_activity
from ctct_etl.account.v3.bodies import UnknownChoice, post_body, put_body, whole_body
from ctct_etl.account.v3.comparing import (
    ARRAYS,
    at_stake,
    has_left,
    lost_by_update,
    moved_fields,
    unmet_fields,
    unmet_lists,
)
from ctct_etl.account.v3.finding import address_of, find_by_address, find_in_conflict, read_contact
from ctct_etl.account.v3.memory import Memory
from ctct_etl.account.v3.reading import ids_of, status_of
from ctct_etl.account.v3.wire import ACCOUNT
from ctct_etl.account.v3.words import expect_object, words_of
from ctct_etl.columns import CONFLICT, DELETED, DONE, FAILED, IMPLICIT, PENDING, UPDATED_AT
from ctct_etl.errors import Denied, TurnedAway, Unsettled
from ctct_etl.plan.tables import ADD_LISTS, ADD_TAGS

Contact = Mapping[str, Any]

BEFORE_IMAGE = "before"
NO_IMAGES: Mapping[str, Contact] = {}


def send_post(operation: Operation, memory: Memory) -> Conversation[Answer]:
    """201 is done. 409 is a conflict, unless the contact that is there is what we promised: a lost write of ours."""
    load = read_load(operation)
    (entry,) = load.entries
    try:
        body = post_body(entry, load.customs)
    except UnknownChoice as unknown:
        return _answer(entry, FAILED, str(unknown))
    response: Response = yield Request("POST", "/contacts", body=body)
    if response.ok:
        memory.count_created(1)
        return _answer(entry, DONE)
    if response.status != 409:
        return _answer(entry, FAILED, words_of(response))
    found = yield from find_in_conflict(entry.address, response)
    if found is not None and _is_created(found, entry, load):
        return _answer(entry, DONE)
    return _answer(entry, CONFLICT, words_of(response))


def settle_post(operation: Operation) -> Conversation[Answer]:
    load = read_load(operation)
    (entry,) = load.entries
    found = yield from find_by_address(entry.address)
    if found is None:
        return Answer((), fallback=(operation,))
    if _is_created(found, entry, load):
        return _answer(entry, DONE)
    return _answer(entry, CONFLICT, "the account has this contact, and not as the plan would create it")


def send_put(operation: Operation, kept: set[str]) -> Conversation[Answer]:
    """Change one contact that still is as the plan found it.

    The contact is read just before, since the PUT carries its whole self. It is read again after when the PUT leaves
    something to the service that is not among `kept`, which takes it in. Raises Denied when the service drops what the
    PUT leaves out: the run must not go on.
    """
    load = read_load(operation)
    (entry,) = load.entries
    before = yield from read_contact(entry.contact_id)
    words = why_untouched(before, entry, load)
    if words or before is None:
        return _answer(entry, CONFLICT, words)
    if not unmet_fields(before, entry, load.customs):
        return _answer(entry, DONE)
    if moved := moved_fields(before, entry, load.customs):
        return _answer(entry, CONFLICT, f"changed in the account since the plan: {', '.join(moved)}")
    try:
        body = put_body(before, entry, load.customs)
    except UnknownChoice as unknown:
        return _answer(entry, FAILED, str(unknown))
    yield Checkpoint({BEFORE_IMAGE: before})
    response: Response = yield Request("PUT", f"/contacts/{entry.contact_id}", body=body, rests_on_read=True)
    images, proved = {entry.address: before}, True
    if not response.ok:
        return _answer(entry, CONFLICT if response.status == 409 else FAILED, words_of(response), images)
    if (risked := at_stake(before, body)) - kept or load.prove:
        proved = yield from _prove_kept(before, body, entry, load)
        kept |= risked if proved else set()
    return Answer((Result(entry.address, DONE),), before=images, proved=proved)


def settle_put(operation: Operation, detail: Mapping[str, Any]) -> Conversation[Answer]:
    """All changed fields as promised: done. As it was read for the PUT: sent again. Else a conflict.

    A PUT moves the update time. So where that has moved, and the fields are not as promised, the PUT came and somebody
    edited them back, or it never came and somebody else did something: neither is overwritten.
    """
    load = read_load(operation)
    (entry,) = load.entries
    now = yield from read_contact(entry.contact_id)
    before = detail.get(BEFORE_IMAGE)
    images = {entry.address: before} if before else {}
    if now is None:
        return _answer(entry, CONFLICT, "the account does not know this contact any more", images)
    left = unmet_fields(now, entry, load.customs)
    if not left:
        return Answer((Result(entry.address, DONE),), before=images)
    if words := why_untouched(now, entry, load):
        return _answer(entry, CONFLICT, words, images)
    is_touched = before is not None and before.get(UPDATED_AT) != now.get(UPDATED_AT)
    if is_touched or moved_fields(now, entry, load.customs):
        return _answer(entry, CONFLICT, f"not as promised after the update: {', '.join(left)}", images)
    return Answer((), before=images, fallback=(operation,))


def lists_in(image: Contact) -> tuple[str, ...]:
    """The ids of the lists of a contact as it was read."""
    return tuple(image.get("list_memberships") or ())


def why_untouched(contact: Contact | None, entry: Entry, load: Load) -> str:
    """Why a contact is left as it is: what moved besides its fields; "" for nothing."""
    if contact is None:
        return "the account does not know this contact any more"
    status = status_of(contact)
    if status == DELETED:
        return "deleted since the plan"
    if status != entry.status:
        return f"its permission changed since the plan: {entry.status or 'none'} → {status or 'none'}"
    if address_of(contact) != entry.address:
        return "its address changed since the plan"
    if breaks_rule(ids_of(contact, "list_memberships"), entry, load.rule):
        return RULED_OUT
    return ""


def _is_created(contact: Contact, entry: Entry, load: Load) -> bool:
    """Is it what we promised to create, and nobody who left altogether?

    Who is off a list that the account's own act put them on has left that since, and is not put back.
    """
    # Where confirmed opt-in is switched on, who asked for it is pending until the mail is answered.
    pending = {PENDING} if entry.opt_in_source == "contact" else set()
    return not (
        status_of(contact) not in {entry.permission or IMPLICIT} | pending
        or unmet_fields(contact, entry, load.customs)
        or (unmet_lists(contact, entry.lists) and not _is_by_account(contact, entry))
    )


def _is_by_account(contact: Contact, entry: Entry) -> bool:
    return contact.get("create_source") == ACCOUNT and entry.opt_in_source != "contact"


def _prove_kept(before: Contact, body: Mapping[str, Any], entry: Entry, load: Load) -> Conversation[bool]:
    """Read the contact back whole. False when it left at this very moment: then nothing is proved, and nothing mended.

    Raises Denied, after mending what can be, when the service dropped what the PUT of `body` left out.
    """
    now = yield from read_contact(entry.contact_id)
    if now is None or has_left(now):
        return False
    lost = lost_by_update(before, now, entry, load.customs)
    if not lost:
        return True
    try:
        lists = _find_dropped_lists(before, now, body)
        yield from from_its_read(lambda: _mend(before, lists, entry, load))
        mended = "it was put back as far as it can be told from what a person does"
    except (TurnedAway, Unsettled):
        mended = "whether it was put back is not known"
    raise Denied(
        f"the service did not keep what the update of contact {entry.contact_id} left out ({', '.join(lost)}): {mended}"
        ", and no further update was sent — look at this contact, and report this before the next run"
    )


def _find_dropped_lists(before: Contact, now: Contact, body: Mapping[str, Any]) -> set[str]:
    """Ids of the lists that a PUT of `body` took with it.

    Who is on no list any more may have left their last one at this very moment. So it is the service's doing only where
    all else that the PUT left out is gone too.
    """
    held = "list_memberships"
    others = [part for part in ARRAYS if part != held and before.get(part) and part not in body]
    dropped = bool(others) and not any(now.get(part) for part in [held, *others])
    return ids_of(before, held) if dropped else set()


def _mend(before: Contact, lists: set[str], entry: Entry, load: Load) -> Conversation[None]:
    """Send what the contact had a moment ago and has no more, the rest as it is now; then `lists` and its tags, as
    deltas. Who left altogether stays gone, and so are lists not put back on who is on any by now.
    """
    now = yield from read_contact(entry.contact_id)
    if now is None or has_left(now):
        return
    if lost_values := {key: value for key, value in before.items() if value and not now.get(key)}:
        whole = whole_body({**now, **lost_values}, entry, load.customs)
        yield Request("PUT", f"/contacts/{entry.contact_id}", body=whole, rests_on_read=True)
    parts = (
        (ADD_LISTS, "list_memberships", "list_ids", lists),
        (ADD_TAGS, "taggings", "tag_ids", ids_of(before, "taggings")),
    )
    for route, held, ids, had in parts:
        if lost := sorted(had if not ids_of(now, held) else ()):
            wish = {"source": {"contact_ids": [entry.contact_id]}, ids: lost}
            response: Response = yield Request("POST", f"/activities/{route}", body=wish, rests_on_read=True)
            if response.ok:
                yield from await_activity(str(expect_object(response, "activity").get("activity_id")))


def _answer(entry: Entry, result: str, words: str = "", images: Mapping[str, Contact] = NO_IMAGES) -> Answer:
    return Answer((Result(entry.address, result, words),), before=images)
