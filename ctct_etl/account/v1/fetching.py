"""Read the lists of an account and who is on them, and gather contacts into tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from ctct_etl.account.dialect import Conversation, Request, Response
from ctct_etl.account.moments import earlier
from ctct_etl.account.v1.atom import Entry
from ctct_etl.account.v1.finding import CONTACT_KIND, turn_on
from ctct_etl.account.v1.memory import Memory
from ctct_etl.account.v1.reading import (
    Contact,
    Customs,
    Unread,
    address_of,
    column_names,
    decode_contact,
    decode_unread,
    number_of,
)
from ctct_etl.account.v1.wire import PAGE_SIZE
from ctct_etl.account.v1.words import expect_feed
from ctct_etl.columns import CONTACT, KIND, LIST, NAME
from ctct_etl.errors import AccountError
from ctct_etl.plan.snapshot import Snapshot

LIST_KIND, MEMBER_KIND = "ContactList", "ContactListMember"
ACTIVE_GROUP = "active"
_SYSTEM_LISTS = frozenset({ACTIVE_GROUP, "do-not-mail", "removed"})  # in the feed, and no lists: groups by status [REC]


@dataclass(frozen=True)
class Side:
    """One account's side, as every conversation needs it. username: the account's, which identifies it."""

    username: str
    customs: Customs
    memory: Memory
    now: Callable[[], datetime]


def fetch_names(side: Side) -> Conversation[Snapshot]:
    """Read the account's lists; a snapshot without any contact. Its custom fields are those of the accounts file."""
    started = side.now().astimezone(UTC)
    lists, counted = dict[str, str](), dict[str, int]()

    def take(entries: Sequence[Entry]) -> None:
        for entry in entries:
            number = number_of(entry.id)
            if entry.kind != LIST_KIND:
                continue
            side.memory.learn_lists({number: entry.id})
            if number in _SYSTEM_LISTS:
                continue
            name = entry.values.get("Name", "")
            lists[name] = number
            counted[name] = int(count) if (count := entry.values.get("ContactCount", "").strip()).isdecimal() else 0

    first: Response = yield Request("GET", "/lists")
    yield from turn_on(first, "lists", take)
    contacts, memberships = Gathered(side.customs).tables(lists)
    account = {"encoded_account_id": side.username, "organization_name": side.username}
    fetched_at = earlier(started, first.date)
    return Snapshot(contacts, memberships, lists, {}, side.customs, account, fetched_at, excess={}, counted=counted)


def glimpse(names: Snapshot) -> Conversation[Snapshot]:
    """Look at the first page of all contacts, where the lists tell of fewer: not all of them have counts [D-LISTCOLL],
    and who is on none is in none. Else an account of which nobody is wanted would pass for empty, or for small.
    """
    if max((names.counted or {}).values(), default=0) >= PAGE_SIZE:
        return names
    first: Response = yield Request("GET", "/contacts")
    return replace(names, glimpsed=sum(entry.kind == CONTACT_KIND for entry in expect_feed(first, "contacts").entries))


def read_members(list_number: str) -> Conversation[dict[str, str]]:
    """Number → address of a list's members. Their edit links lead nowhere [CFM]: the id tells who they are."""
    members = yield from find_members(list_number)
    if members is None:
        raise AccountError(f"the account removed list {list_number} while it was read — run again")
    return members


def find_members(list_number: str) -> Conversation[dict[str, str] | None]:
    """The same; None where the account does not have the list any more: a 404 [D-ERR]."""
    members: dict[str, str] = {}

    def take(entries: Sequence[Entry]) -> None:
        members.update((number_of(one.id), address_of(one)) for one in entries if one.kind == MEMBER_KIND)

    first: Response = yield Request("GET", f"/lists/{list_number}/members")
    if first.status == 404:
        return None
    yield from turn_on(first, "members", take)
    return members


class Gathered:
    """Contacts on their way to one table."""

    def __init__(self, customs: Customs) -> None:
        self._customs = customs
        self._columns: dict[str, list[str]] = {name: [] for name in column_names(customs)}
        self._held: tuple[list[int], list[str]] = ([], [])
        self._count = 0

    def take(self, contact: Contact) -> None:
        numbers = sorted(contact.lists)
        self._held[0].extend([self._count] * len(numbers))
        self._held[1].extend(numbers)
        self._take_row(decode_contact(contact, self._customs))

    def take_unread(self, contact: Unread, address: str) -> None:
        """Of whom no more is known than the address, and that they are there."""
        self._take_row(decode_unread(contact, address, self._customs))

    def _take_row(self, row: Mapping[str, str]) -> None:
        for name, value in row.items():
            self._columns[name].append(value)
        self._count += 1

    def tables(self, lists: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """contacts and memberships as `Snapshot` documents them. A list that is not named keeps its number."""
        contacts = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in self._columns.items()})
        names = {number: name for name, number in lists.items()}
        positions, numbers = self._held
        held = [names.get(number, number) for number in numbers]
        memberships = pd.DataFrame(
            {CONTACT: np.array(positions, dtype=np.int64), KIND: LIST, NAME: pd.Series(held, dtype="str")}
        )
        return contacts, memberships.astype({KIND: "category", NAME: "category"})
