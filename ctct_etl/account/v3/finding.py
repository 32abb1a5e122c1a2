"""Read single contacts, and those that changed since a moment: what is read before and after a write.

What many pages show is taken in page by page, and of each only what is asked for is kept: a contact with everything is
some kilobytes, and a job has 39,000 of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from ctct_etl.account.dialect import Conversation, Request, Response
from ctct_etl.account.entries import Entry
from ctct_etl.account.moments import shortly_before
from ctct_etl.account.v3.paging import read_items, turn_pages
from ctct_etl.account.v3.reading import canonical_address, ids_of, status_of
from ctct_etl.account.v3.wire import INCLUDES, PAGE_SIZE
from ctct_etl.account.v3.words import expect_object, refusal_of
from ctct_etl.columns import DELETED, UNSUBSCRIBED

Contact = Mapping[str, Any]
Take = Callable[[list[dict[str, Any]]], None]

LEFT_STATUSES = (DELETED, UNSUBSCRIBED, "pending_confirmation", "temp_hold", "not_set")
_LISTS_A_FILTER = 25
_TAGS_A_FILTER = 50
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


def count_contacts(filters: Mapping[str, str]) -> Conversation[int]:
    """How many contacts match; -1 when the service does not say."""
    query = {**filters, "limit": "1", "include_count": "true"}
    count = expect_object((yield Request("GET", "/contacts", query)), "contacts").get("contacts_count")
    return count if isinstance(count, int) else -1


def read_contact(contact_id: str) -> Conversation[Contact | None]:
    """One contact, whole; None when the account does not know the id."""
    response: Response = yield Request("GET", f"/contacts/{contact_id}", {"include": INCLUDES})
    if response.status == 404:
        return None
    if not response.ok:
        raise refusal_of(response)
    return expect_object(response, "contact")


def turn_contacts(filters: Mapping[str, str], take: Take, include: str = "") -> Conversation[None]:
    """Hand every page of contacts that match `filters` to `take`; of all statuses unless they name some."""
    query = {"status": "all", "limit": str(PAGE_SIZE), **filters} | ({"include": include} if include else {})
    yield from turn_pages("/contacts", "contacts", query, take)


def read_departures(since: str, wanted: Iterable[Entry]) -> Conversation[dict[str, str]]:
    """Address → status now, of those `wanted` who were deleted, opted out or otherwise left since.

    By contact id too, since an address can be changed before its contact leaves: the key is the one of the entry.
    Three queries: an opt-out moves no update time, and whether a deletion does is documented nowhere, so that all who
    are deleted are read. Their number alone would not do: one may be deleted and another come back. Our own writes
    leave contacts implicit or explicit, so they don't come along, and a long run stays cheap.
    """
    names, left = dict[str, str](), dict[str, str]()
    for entry in wanted:
        names[entry.address] = names[entry.contact_id or entry.address] = entry.address

    def take(page: list[dict[str, Any]]) -> None:
        for one in page:
            if address := names.get(str(one.get("contact_id"))) or names.get(address_of(one)):
                left[address] = status_of(one)

    moment = shortly_before(since)
    yield from turn_contacts({"updated_after": moment, "status": ",".join(LEFT_STATUSES)}, take)
    yield from turn_contacts({"optout_after": moment, "status": UNSUBSCRIBED}, take)
    yield from turn_contacts({"status": DELETED}, take)
    return left


class Member(NamedTuple):
    """A member of a list. lists: ids of all that it is on, where they were asked for."""

    status: str
    lists: frozenset[str]


def read_members(list_id: str, wanted: Collection[str], *, with_lists: bool = False) -> Conversation[dict[str, Member]]:
    """Contact id → what it is now, of those `wanted` who are on the list."""
    ids, held, members = set(wanted), "list_memberships", dict[str, Member]()

    def take(page: list[dict[str, Any]]) -> None:
        for one in page:
            if (id_ := str(one.get("contact_id"))) in ids:
                members[id_] = Member(status_of(one), frozenset(ids_of(one, held)))

    yield from turn_contacts({"lists": list_id}, take, include=held if with_lists else "")
    return members


def read_holders(key: str, ids: Collection[str], wanted: Collection[str]) -> Conversation[dict[str, set[str]]]:
    """Contact id → the lists or tags (`key`) that it holds, of those `wanted` who hold any of `ids`."""
    most, held = (_LISTS_A_FILTER, "list_memberships") if key == "lists" else (_TAGS_A_FILTER, "taggings")
    contacts, ordered, holders = set(wanted), sorted(ids), dict[str, set[str]]()

    def take(page: list[dict[str, Any]]) -> None:
        holders.update((id_, ids_of(one, held)) for one in page if (id_ := str(one.get("contact_id"))) in contacts)

    for start in range(0, len(ordered), most):
        yield from turn_contacts({key: ",".join(ordered[start : start + most])}, take, include=held)
    return holders


def address_of(contact: Contact) -> str:
    mail = contact.get("email_address")
    return canonical_address(mail.get("address")) if isinstance(mail, dict) else ""
