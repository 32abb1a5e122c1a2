"""Is a contact as an entry promises, has it moved since the plan, and did a PUT keep the rest? Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ctct_etl.account.comparing import RULED_OUT, breaks_rule, moved_values, unmet_values
from ctct_etl.account.entries import Entry, Load
from ctct_etl.account.v1.atom import Entry as Document
from ctct_etl.account.v1.reading import Contact, Customs, decode_contact, status_of
from ctct_etl.account.v1.wire import COUNTRY_NAME, STATE_NAME
from ctct_etl.columns import FIRST_NAME, IMPLICIT, LAST_NAME, MIDDLE_NAME, PENDING, UNSUBSCRIBED

UNKNOWN = "the account does not know this contact any more"
# What the service makes of other elements, or of the moment.
_MADE_BY_SERVICE = frozenset({"Name", "Status", "LastUpdateTime", "OptInTime", "OptInSource", COUNTRY_NAME, STATE_NAME})


def why_untouched(contact: Contact | None, entry: Entry, load: Load) -> str:
    """Why a contact is left as it is: what moved besides its fields; "" for nothing."""
    if contact is None:
        return UNKNOWN
    if contact.status != entry.status:
        return f"its status changed since the plan: {entry.status or 'none'} → {contact.status}"
    if contact.address != entry.address:
        return "its address changed since the plan"
    if breaks_rule(contact.lists, entry, load.rule):
        return RULED_OUT
    return ""


def unmet(contact: Contact, entry: Entry, customs: Customs) -> list[str]:
    """What of a known contact's entry is not (yet) as promised: fields, "lists"."""
    held = set(contact.lists)
    lists = set(entry.ours) - held or set(entry.off) & held
    return [*unmet_values(decode_contact(contact, customs), entry, customs), *(["lists"] if lists else [])]


def moved(contact: Contact, entry: Entry, customs: Customs) -> list[str]:
    return moved_values(decode_contact(contact, customs), entry, customs)


def is_created(contact: Contact, entry: Entry, customs: Customs, *, was_sent: bool = False) -> bool:
    """Is it what we promised to create, and nobody who left?

    was_sent: so it may well be ours. Who has the very values that were sent, and is off a list, has left that since.
    """
    # Where confirmed opt-in is switched on, who asked for it is Unconfirmed until the mail is answered [F-WELCOME].
    may_be = {IMPLICIT, PENDING} if entry.opt_in_source == "contact" else {IMPLICIT}
    return (
        contact.status in may_be
        and (set(entry.lists) <= set(contact.lists) or (was_sent and bool(entry.after)))
        and not unmet_values(decode_contact(contact, customs), entry, customs)
    )


def shows_otherwise(shown: Document, entry: Entry) -> bool:
    """Do the limited details of a contact contradict what it was to be created as? Of a name they have the parts alone,
    turned round [REC], and whether the middle one is among them is not told.
    """
    first, last, middle = (_words(entry.after.get(field, "")) for field in (FIRST_NAME, LAST_NAME, MIDDLE_NAME))
    return status_of(shown) != IMPLICIT or _words(shown.values.get("Name", "")) - middle != (first | last) - middle


def _words(name: str) -> set[str]:
    return set(name.replace(",", " ").casefold().split())


def has_left(contact: Contact) -> bool:
    return contact.status == UNSUBSCRIBED


def lost_by_update(before: Contact, now: Contact, sent: Mapping[str, str], lists: Mapping[str, str]) -> list[str]:
    """What a PUT took with it though it held it: names of elements, "lists", "status".

    sent: the elements that it set · lists: those that it held. A service that drops a part leaves nothing of it; what
    became something else, or one list of several that is gone, is the doing of a person at the same moment.
    """
    lost = [
        name
        for name, value in before.entry.values.items()
        if name not in sent and name not in _MADE_BY_SERVICE and value.strip() and not now.entry.values.get(name)
    ]
    if lists and not set(lists) & set(now.lists):
        lost.append("lists")
    if before.status != now.status and not _has_confirmed(before, now):
        lost.append("status")
    return lost


def _has_confirmed(before: Contact, now: Contact) -> bool:
    """Has the person answered the confirmation mail meanwhile? No update does that for them."""
    confirmed = [contact.entry.values.get("Confirmed", "").strip().lower() == "true" for contact in (before, now)]
    return before.status == PENDING and now.status == IMPLICIT and confirmed == [False, True]
