"""Read what changed since a snapshot, and who is wanted and not in it.

A contact counts as changed when a detail or a list of it changes [D-SYNC]; three calls cover Active, Removed and
Do Not Mail. Where Unconfirmed contacts fall is documented nowhere, so those that are known are looked at each time; and
so is each whose document was not understood before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ctct_etl.account.dialect import Conversation, Wanted
from ctct_etl.account.moments import shortly_before
from ctct_etl.account.v1.atom import Entry
from ctct_etl.account.v1.fetching import Gathered, Side, fetch_names, glimpse, read_members
from ctct_etl.account.v1.finding import CONTACT_KIND, read_contacts, turn_feed
from ctct_etl.account.v1.reading import Contact, Unread, address_of, number_of
from ctct_etl.account.v1.sketching import find_outdated
from ctct_etl.account.v1.wanting import find_wanted, gather_sketches
from ctct_etl.account.v1.wire import atom_time
from ctct_etl.columns import CONTACT, CONTACT_ID, EMAIL, NAME, PENDING, STATUS, UNREADABLE
from ctct_etl.plan.changed import Changed, Stale
from ctct_etl.plan.snapshot import Snapshot

GROUPS = ("active", "removed", "do-not-mail")


def refresh_account(side: Side, known: Snapshot, wanted: Wanted) -> Conversation[Changed | Stale]:
    """See `Dialect.refresh`."""
    if wanted.addresses is None:
        return Stale("everybody is asked for, and what is cached may be a part")
    names = yield from fetch_names(side)
    if breach := _find_breach(known, names):
        return Stale(breach)
    names = yield from glimpse(names)
    addresses = dict(zip(known.contacts[CONTACT_ID].tolist(), known.contacts[EMAIL].tolist(), strict=True))
    numbers = {
        number: addresses[number]
        for number in [*_numbers_of(known, PENDING, UNREADABLE), *find_outdated(known, names, wanted)]
    }
    missing = set(wanted.addresses) - set(known.contacts[EMAIL])

    def take(entries: Sequence[Entry]) -> None:
        for entry in entries:
            number, address = number_of(entry.id), address_of(entry)
            if entry.kind == CONTACT_KIND and (number in addresses or address in missing):
                numbers[number] = address
                missing.discard(address)

    for group in GROUPS:
        query = {"updatedsince": atom_time(shortly_before(known.fetched_at)), "listtype": group}
        yield from turn_feed("/contacts", "changed contacts", take, query)
    for name in wanted.lists:
        if name in names.lists:
            members = yield from read_members(names.lists[name])
            numbers.update(
                (one, members.get(one) or addresses.get(one, "")) for one in _differing(members, name, known)
            )
            missing -= set(members.values())
    found, sketches = yield from find_wanted(side, names, wanted, missing)
    numbers.update(found)
    return (yield from _read_again(side, names, known, numbers, sketches))


def _read_again(
    side: Side, names: Snapshot, known: Snapshot, numbers: Mapping[str, str], sketches: Iterable[Contact]
) -> Conversation[Changed | Stale]:
    """numbers: number → address, of those to read."""
    gathered, gone = Gathered(side.customs), set[str]()

    def take(number: str, contact: Contact | Unread | None) -> None:
        if contact is None:
            gone.add(number)
        elif isinstance(contact, Unread):
            gathered.take_unread(contact, numbers[number])
        else:
            gathered.take(contact)

    shown = gather_sketches(gathered, sketches)
    yield from read_contacts(
        [number for number in numbers if number not in shown], take, unread_before=set(_numbers_of(known, UNREADABLE))
    )
    if gone:  # v1 erases nobody [D-OPTOUT]: then this is not the account that it was
        return Stale("a contact is gone, which the service does to none")
    contacts, memberships = gathered.tables(names.lists)
    ended = np.zeros(len(known.memberships), dtype=np.bool_)
    return Changed(replace(names, contacts=contacts, memberships=memberships), ended)


def _find_breach(known: Snapshot, names: Snapshot) -> str:
    """Why what is known can't be told under today's names, or does not hold all that is asked for."""
    if known.account["encoded_account_id"] != names.account["encoded_account_id"]:
        return "the cache is another account's"
    if set(known.lists.values()) - set(names.lists.values()):
        return "a list was removed"
    held = {custom.id for custom in known.custom_fields.values()}
    if {custom.id for custom in names.custom_fields.values()} - held:
        return "custom_fields in accounts.yaml names one that was not read before"
    return ""


def _numbers_of(known: Snapshot, *statuses: str) -> list[str]:
    contacts = known.contacts
    return contacts[CONTACT_ID][contacts[STATUS].isin(statuses).to_numpy()].astype("str").tolist()


def _differing(members: Mapping[str, str], name: str, known: Snapshot) -> list[str]:
    """Who is on the list and not known to be, or the other way round."""
    held = known.memberships
    at = held[CONTACT][(held[NAME] == name).to_numpy()].to_numpy()
    on = {str(number) for number in known.contacts[CONTACT_ID].take(pd.unique(at))}
    return sorted(on ^ set(members))
