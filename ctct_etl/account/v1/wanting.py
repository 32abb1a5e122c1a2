"""Read who is wanted of an account.

A collection shows neither names nor fields nor lists: each contact takes a request of its own. So nobody is read who
does not matter: wanted addresses are searched, many at once, and only those that are found are looked at one by one,
but for those of whom an export tells enough.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ctct_etl.account.dialect import Conversation, Wanted
from ctct_etl.account.v1.atom import Entry
from ctct_etl.account.v1.fetching import Gathered, Side, fetch_names, glimpse, read_members
from ctct_etl.account.v1.finding import CONTACT_KIND, find_contacts, read_contacts, turn_feed
from ctct_etl.account.v1.reading import Contact, Unread, address_of, number_of
from ctct_etl.account.v1.sketching import sketch_contacts
from ctct_etl.plan.snapshot import Snapshot


def fetch_account(side: Side, wanted: Wanted) -> Conversation[Snapshot]:
    """Read the wanted; with nobody named everybody, each whole, Removed and Do Not Mail contacts too [F-REMOVEDALL]."""
    names = yield from fetch_names(side)
    numbers: dict[str, str] = {}
    sketches: list[Contact] = []
    if wanted.addresses is None:

        def take(entries: Sequence[Entry]) -> None:
            numbers.update((number_of(one.id), address_of(one)) for one in entries if one.kind == CONTACT_KIND)

        yield from turn_feed("/contacts", "contacts", take)
    else:
        names = yield from glimpse(names)
        numbers, sketches = yield from find_wanted(side, names, wanted, wanted.addresses)
        for name in wanted.lists:
            if name in names.lists:
                members = yield from read_members(names.lists[name])
                numbers.update(members)
    gathered = Gathered(side.customs)
    shown = gather_sketches(gathered, sketches)
    left = [number for number in numbers if number not in shown]

    def take_full(number: str, contact: Contact | Unread | None) -> None:
        if isinstance(contact, Unread):
            gathered.take_unread(contact, numbers[number])
        elif contact is not None:
            gathered.take(contact)

    yield from read_contacts(left, take_full)
    contacts, memberships = gathered.tables(names.lists)
    return replace(names, contacts=contacts, memberships=memberships)


def find_wanted(
    side: Side, names: Snapshot, wanted: Wanted, addresses: Collection[str]
) -> Conversation[tuple[dict[str, str], list[Contact]]]:
    """Search `addresses`; return number → address of those who have to be read, and sketches of who need not be."""
    found = yield from find_contacts(addresses)
    sketches = yield from sketch_contacts(side, names, wanted, found)
    shown = {sketch.number for sketch in sketches}
    numbers = {number_of(entry.id): address for address, entry in sorted(found.items())}
    return {number: address for number, address in numbers.items() if number not in shown}, sketches


def gather_sketches(gathered: Gathered, sketches: Iterable[Contact]) -> set[str]:
    """Take them, and return their numbers."""
    numbers = set[str]()
    for sketch in sketches:
        gathered.take(sketch)
        numbers.add(sketch.number)
    return numbers
