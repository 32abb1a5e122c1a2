"""What POST, PUT and DELETE of a contact do, once the entry has been read."""

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from .. import consent, values
from ..catalog import Entry
from ..consent import Change
from ..records import Contact, find_by_address, insert_contact, read_lists, replace_lists, save_contact
from ..starting import start_contact
from .atom import CTCT, Element, name_contact
from .errors import Refusal, forbidden, invalid
from .fields import READ_ONLY, WRITABLE, find_fault, read_slots, write_fields
from .greeting import greet_new, notify_update
from .numbered import find_list
from .reading import read_number, read_values
from .showing import OPT_INS
from .standing import SOURCES_BY_WORD, read_shown_lists

_ADDRESS, _SOURCE, _LISTS = "EmailAddress", "OptInSource", "ContactLists"


@dataclass(frozen=True)
class Given:
    """What an entry says of a contact. `source` is Account, Contact, or None where it has no OptInSource."""

    address: str
    source: str | None
    fields: Mapping[str, str]
    lists: list[Entry]


def read_given(change: Change, payload: Element) -> Given:
    """Raises a 400 for a value that the service does not take."""
    texts = read_values(payload)
    address, word = texts.pop(_ADDRESS, "").strip(), texts.pop(_SOURCE, "").strip()
    fields = _pick_fields(change, texts)
    if not address:
        raise invalid(f"{_ADDRESS} is required")
    fault = find_fault({_ADDRESS: address, **fields}, change.switches)
    if fault is None and not values.is_address(address):
        fault = f"{_ADDRESS} is not a valid e-mail address"
    if fault is None and word and word not in SOURCES_BY_WORD:
        fault = f"{_SOURCE} must be one of {', '.join(SOURCES_BY_WORD.keys())}"
    if fault:
        raise invalid(fault)
    return Given(address.lower(), SOURCES_BY_WORD.get(word), fields, _read_lists(change, payload))


def create_contact(change: Change, given: Given) -> Contact:
    """POST: a new contact on at least one list [D-CREATE]. An address known in any status is 409 [F-UNIFIED2]."""
    if given.source is None:
        raise invalid(f"{_SOURCE} is required")
    if not given.lists:
        raise invalid("a new contact must be on at least one valid ContactList")
    twin = find_by_address(change.db, given.address)
    if twin:
        raise _refuse_twin(change, twin)
    contact = start_contact(change, given.address, _choose_permission(change, given.source), given.source)
    insert_contact(change.db, contact)
    write_fields(contact, given.fields, read_slots(change.db), change.stamp)
    _put_on_lists(change, contact, given.lists, given.source)
    save_contact(change.db, contact)
    greet_new(change, contact, given.lists, given.source)
    return contact


def replace_contact(change: Change, contact: Contact, entry_id: str, given: Given) -> None:
    """PUT: the whole contact. What is left out is emptied, the lists are exactly those sent [D-ADDLIST]."""
    source = _choose_source(change, given)
    _check_entry_id(change, contact, entry_id)
    twin = find_by_address(change.db, given.address)
    if twin and twin.seq != contact.seq:
        raise Refusal(change.switches.v1_address_taken, "the address belongs to another contact")
    _check_transition(change, contact, given, source)
    if contact.is_unsubscribed:
        consent.opt_in_again(change, contact, "explicit", source)
    if given.lists:
        consent.revive(contact)
    if twin is None:
        contact.core["email_address"].update(address=given.address, updated_at=change.stamp)
    omitted = dict.fromkeys(WRITABLE, "") | {"EmailType": "HTML"}
    wanted = given.fields if change.switches.v1_put_omitted == "keep" else {**omitted, **given.fields}
    write_fields(contact, wanted, read_slots(change.db), change.stamp)
    _put_on_lists(change, contact, given.lists, source)
    contact.core.update(update_source=source, updated_at=change.stamp)
    save_contact(change.db, contact)
    if source == "Contact":
        notify_update(change, contact)


def opt_out(change: Change, contact: Contact) -> None:
    """DELETE: Do Not Mail and off all lists, nothing is erased [D-OPTOUT]. Once more changes nothing."""
    if not contact.is_unsubscribed:
        consent.unsubscribe(change, contact, "Account")
        contact.v1.pop(OPT_INS, None)
    replace_lists(change.db, contact.seq, ())
    save_contact(change.db, contact)


def _pick_fields(change: Change, texts: Mapping[str, str]) -> dict[str, str]:
    """The writable elements. Unknown ones do no harm where they are empty [F-400ID]; read-only ones are not used."""
    unknown = [name for name in texts.keys() - {*WRITABLE, *READ_ONLY, _LISTS} if texts[name].strip()]
    if unknown and change.switches.v1_unknown_elements == "refused":
        raise invalid(f"{min(unknown)} is no element of a Contact")
    fields = {name: texts[name] for name in WRITABLE if name in texts}
    if not fields.get("EmailType", "HTML").strip():
        fields["EmailType"] = "HTML"
    return fields


def _read_lists(change: Change, payload: Element) -> list[Entry]:
    """The lists that were sent, each once. System lists are no lists to be on."""
    entries = {}
    for holder in payload.findall(f"{{{CTCT}}}{_LISTS}"):
        for element in holder:
            number = read_number(element.get("id", ""), "lists")
            entry = find_list(change.db, number) if number else None
            if entry is None or etree.QName(element).localname != "ContactList":
                raise invalid("there is a ContactList that is not a valid list")
            entries[entry.no] = entry
    return list(entries.values())


def _choose_permission(change: Change, source: str) -> str:
    """Whoever signs up must confirm where the account wants it; its owner's contacts need not [F-WELCOME]."""
    if source == "Account":
        return "implicit"
    return "pending_confirmation" if change.switches.confirmed_opt_in else "explicit"


def _choose_source(change: Change, given: Given) -> str:
    """What a GET showed may be sent back, and it has none [D-UPD, D-ERR]; the wrapper sends an empty one then [RUN].

    Then the owner acts, so that whoever opted out is not brought back by it.
    """
    if given.source is None and change.switches.v1_put_without_source == "refused":
        raise invalid(f"{_SOURCE} is required")
    return given.source or "Account"


def _check_entry_id(change: Change, contact: Contact, entry_id: str) -> None:
    if change.switches.v1_put_id == "checked" and read_number(entry_id, "contacts") != str(contact.seq):
        raise invalid(f"there are errors in the common Atom sections: id is not {name_contact(contact.seq)}")


def _check_transition(change: Change, contact: Contact, given: Given, source: str) -> None:
    """Who opted out comes back by their own act alone, and onto a list [D-UPD, F-OTOS]."""
    if contact.is_unsubscribed and (source == "Account" or not given.lists):
        if change.switches.v1_do_not_mail_put == 403:
            raise Refusal(403, "the contact has opted out")
        who = "CUSTOMER" if source == "Account" else "CONTACT"
        raise invalid(f"the status transition from O to S is not allowed for ACTION_BY_{who}, confirmed opt-in off")
    left = set(read_shown_lists(change.db, contact)) - {entry.no for entry in given.lists}
    if source == "Contact" and left and change.switches.v1_contact_leaves_list == 400:
        raise invalid("a contact can not be taken off a list with ACTION_BY_CONTACT")


def _put_on_lists(change: Change, contact: Contact, lists: list[Entry], source: str) -> None:
    """Exactly these lists. Whether the time of an opt-in stays where the list stays is not known."""
    before = set(read_lists(change.db, contact.seq))
    keeps = change.switches.v1_put_opt_in_time == "kept"
    email = contact.email
    known = {str(no): [email["opt_in_source"], email["opt_in_date"]] for no in before} | contact.v1.get(OPT_INS, {})
    now = [source, change.stamp]
    opt_ins = {str(e.no): known[str(e.no)] if keeps and e.no in before else now for e in lists}
    contact.v1[OPT_INS] = opt_ins
    replace_lists(change.db, contact.seq, (entry.no for entry in lists))


def _refuse_twin(change: Change, twin: Contact) -> Refusal:
    if twin.is_unsubscribed and change.switches.v1_do_not_mail_post == 403:
        return forbidden()
    return Refusal(409, "there is a contact with this EmailAddress")
