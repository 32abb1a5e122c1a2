"""Bring a deleted contact back: read it, PUT it whole with its lists, read it again.

The contact's permission is the one it had, so nobody comes back who had unsubscribed; and the consent that the plan
names has to be younger than the deletion as it is read now, not as the plan saw it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctct_etl.account.dialect import Answer, Checkpoint, Conversation, Operation, Request, Response, Result
from ctct_etl.account.entries import Entry, Load, read_load
from ctct_etl.account.v3.bodies import UnknownChoice, revival_body
from ctct_etl.account.v3.comparing import moved_fields, unmet_fields
from ctct_etl.account.v3.finding import address_of, read_contact
from ctct_etl.account.v3.reading import ids_of, permission_of, status_of, utc_text
from ctct_etl.account.v3.singles import BEFORE_IMAGE
from ctct_etl.account.v3.words import words_of
from ctct_etl.columns import CONFLICT, DELETED, DONE, EXPLICIT, FAILED, IMPLICIT

Contact = Mapping[str, Any]


def send_revival(operation: Operation) -> Conversation[Answer]:
    """Revive one contact that still is deleted as the plan found it. One that is back as promised is done."""
    load = read_load(operation)
    (entry,) = load.entries
    before = yield from read_contact(entry.contact_id)
    if before is not None and _is_back(before, entry, load):
        return _answer(entry, DONE)
    words = _why_untouched(before, entry, load)
    if words or before is None:
        return _answer(entry, CONFLICT, words)
    try:
        body = revival_body(before, entry, load.customs)
    except UnknownChoice as unknown:
        return _answer(entry, FAILED, str(unknown))
    yield Checkpoint({BEFORE_IMAGE: before})
    response: Response = yield Request("PUT", f"/contacts/{entry.contact_id}", body=body, rests_on_read=True)
    if not response.ok:
        return _answer(entry, CONFLICT if response.status == 409 else FAILED, words_of(response))
    now = yield from read_contact(entry.contact_id)
    as_promised = now is not None and _is_back(now, entry, load)
    result = Result(entry.address, DONE) if as_promised else Result(
        entry.address, FAILED, "the account took the update, and the contact did not come back as planned"
    )  # fmt: skip
    return Answer((result,), before={entry.address: before})


def settle_revival(operation: Operation, detail: Mapping[str, Any]) -> Conversation[Answer]:
    """Back as promised: done. Still deleted as the plan found it: send it again. Else a conflict."""
    load = read_load(operation)
    (entry,) = load.entries
    now = yield from read_contact(entry.contact_id)
    before = detail.get(BEFORE_IMAGE)
    images = {entry.address: before} if before else {}
    if now is not None and _is_back(now, entry, load):
        return Answer((Result(entry.address, DONE),), before=images)
    if words := _why_untouched(now, entry, load):
        return Answer((Result(entry.address, CONFLICT, words),), before=images)
    return Answer((), before=images, fallback=(operation,))


def _is_back(contact: Contact, entry: Entry, load: Load) -> bool:
    """It came back onto its lists, or not at all: whoever is back and on one of them no more has left it since."""
    return (
        status_of(contact) in (IMPLICIT, EXPLICIT)
        and not unmet_fields(contact, entry, load.customs)
        and set(entry.tags) <= ids_of(contact, "taggings")
    )


def _why_untouched(contact: Contact | None, entry: Entry, load: Load) -> str:
    """Why a contact stays as it is; "" for one that may come back."""
    if contact is None:
        return "the account does not know this contact any more"
    if status_of(contact) != DELETED:
        return f"no longer deleted since the plan: {status_of(contact) or 'no permission'}"
    mail = contact.get("email_address") or {}
    if permission_of(contact) not in (IMPLICIT, EXPLICIT) or mail.get("opt_out_date") or mail.get("opt_out_source"):
        return "unsubscribed or not confirmed before it was deleted: it stays so"
    day, place = (*entry.evidence, "", "")[:2]
    deleted = utc_text(contact.get("deleted_at"))[:10]
    if not place or day <= deleted:
        return f"deleted on {deleted}, and the consent was given no later: deleted again since the plan"
    if address_of(contact) != entry.address:
        return "its address changed since the plan"
    moved = moved_fields(contact, entry, load.customs)
    return f"changed in the account since the plan: {', '.join(moved)}" if moved else ""


def _answer(entry: Entry, result: str, words: str = "") -> Answer:
    return Answer((Result(entry.address, result, words),))
