"""Read single contacts, and those that changed since a moment: what is read before and after a write."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ctct_etl.account.dialect import Conversation, Request, Response
from ctct_etl.account.v3.paging import read_items, turn_pages
from ctct_etl.account.v3.reading import canonical_address
from ctct_etl.account.v3.wire import INCLUDES, PAGE_SIZE
from ctct_etl.account.v3.words import expect_object, refusal_of
from ctct_etl.columns import DELETED

Contact = Mapping[str, Any]

_OVERLAP = timedelta(minutes=10)  # clocks differ, and what is being written may be dated a moment earlier
_LISTS_A_FILTER = 25
_TAGS_A_FILTER = 50
_LEFT = "deleted,unsubscribed,pending_confirmation,temp_hold,not_set"
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def find_by_address(address: str) -> Conversation[Contact | None]:
    """The contact with this address, whatever its status; None when there is none.

    The answer is compared, not trusted: whether the filter minds letter case is documented nowhere.
    """
    query = {"email": address, "status": "all", "include": INCLUDES, "limit": str(PAGE_SIZE)}
    found = yield from read_items("/contacts", "contacts", query)
    return next((contact for contact in found if address_of(contact) == address), None)


def find_in_conflict(address: str, refused: Response) -> Conversation[Contact | None]:
    """The contact on which a create stumbled: by address, else by the id in the service's words.

    The filter may mind the letter case in which an address was stored.
    """
    found = yield from find_by_address(address)
    if found is None and (named := _UUID.search(str(refused.body))):
        contact = yield from read_contact(named[0])
        found = contact if contact is not None and address_of(contact) == address else None
    return found


def read_contact(contact_id: str) -> Conversation[Contact | None]:
    """One contact, whole; None when the account does not know the id."""
    response: Response = yield Request("GET", f"/contacts/{contact_id}", {"include": INCLUDES})
    if response.status == 404:
        return None
    if not response.ok:
        raise refusal_of(response)
    return expect_object(response, "contact")


def read_changed(since: str, filters: Mapping[str, str], include: str = INCLUDES) -> Conversation[dict[str, Contact]]:
    """Contacts by address that match `filters`, a time filter among them being set by `since`."""
    query = {"status": "all", "limit": str(PAGE_SIZE)} | ({"include": include} if include else {})
    query |= {key: value or shortly_before(since) for key, value in filters.items()}
    found: dict[str, Contact] = {}
    yield from turn_pages("/contacts", "contacts", query, lambda page: found.update(by_address(page)))
    return found


def read_departures(since: str, deleted: int) -> Conversation[dict[str, Contact]]:
    """Who was deleted, opted out or otherwise left since: by address. `deleted`: how many were deleted then.

    Three queries, for an opt-out moves no update time, and whether a deletion does is documented nowhere: only when
    their number differs are the deleted ones read. Our own writes leave contacts implicit or explicit, so they don't
    come along, and a long run stays cheap.
    """
    left = yield from read_changed(since, {"updated_after": "", "status": _LEFT}, include="")
    left |= yield from read_changed(since, {"optout_after": "", "status": "unsubscribed"}, include="")
    if (yield from count_contacts({"status": DELETED})) != deleted:
        left |= yield from read_changed(since, {"status": DELETED}, include="")
    return left


def count_contacts(filters: Mapping[str, str]) -> Conversation[int]:
    """How many contacts match; -1 when the service does not say."""
    query = {**filters, "limit": "1", "include_count": "true"}
    count = expect_object((yield Request("GET", "/contacts", query)), "contacts").get("contacts_count")
    return count if isinstance(count, int) else -1


def read_members(key: str, ids: Collection[str]) -> Conversation[dict[str, Contact]]:
    """Contacts by id that hold any of `ids`; `key` is the filter: "lists" or "tags"."""
    most = _LISTS_A_FILTER if key == "lists" else _TAGS_A_FILTER
    ordered = sorted(ids)
    members: dict[str, Contact] = {}
    for start in range(0, len(ordered), most):
        some = ",".join(ordered[start : start + most])
        query = {key: some, "status": "all", "limit": str(PAGE_SIZE), "include": "list_memberships,taggings"}
        yield from turn_pages(
            "/contacts", "contacts", query, lambda page: members.update((str(c.get("contact_id")), c) for c in page)
        )
    return members


def by_address(contacts: Iterable[Contact]) -> dict[str, Contact]:
    return {address: contact for contact in contacts if (address := address_of(contact))}


def address_of(contact: Contact) -> str:
    mail = contact.get("email_address")
    return canonical_address(mail.get("address")) if isinstance(mail, dict) else ""


def shortly_before(moment: str) -> str:
    """`moment` less the overlap."""
    return shift(moment, -_OVERLAP)


def shift(moment: str, by: timedelta) -> str:
    """A moment (ISO 8601) later or earlier, in UTC, to the second."""
    at = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return (at + by).isoformat(timespec="seconds").replace("+00:00", "Z")
