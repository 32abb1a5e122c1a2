"""The bulk import of v1: rows by address, of one address the last [F-DUPBULK], everyone onto the lists.

What it does to contacts that are there already is said of a later version only, and open here: absent columns, blanks
and other lists are switches. Nobody who opted out comes back by it: that takes their own act [D-UPD].
"""

from collections.abc import Mapping

from .. import values
from ..catalog import Entry, find_entries
from ..consent import Change, revive
from ..documents import Document
from ..fates import ROW_ERRORS
from ..records import Contact, add_to_lists, find_by_address, insert_contact, read_lists, replace_lists, save_contact
from ..starting import start_contact
from . import places
from .fields import WRITABLE, find_fault, read_slots, write_fields
from .greeting import greet_new
from .tables import COUNTRY, STATE


class RowFault(ValueError):
    """Why a row is refused; the others go on."""


def add_contacts(change: Change, payload: Document) -> Document:
    """Take the rows in. `payload`: `rows` as `read_table` gives them, and `list_ids`."""
    lists = find_entries(change.db, "list", payload["list_ids"])
    slots = read_slots(change.db)
    last = {str(row["address"]).lower(): row for row in payload["rows"]}
    errors: list[Document] = []
    count = 0
    for row in last.values():
        try:
            count += _take_row(change, row, lists, slots)
        except RowFault as fault:
            errors.append({**row, "message": str(fault)})
    return tell_rows(payload, count, errors)


def tell_rows(payload: Document, done: int, errors: list[Document]) -> Document:
    """What a job over rows tells; its counters have the names of v3's import, so that faults can count with them."""
    counts = {"error_count": len(errors), "correctable_count": 0, "cannot_add_to_list_count": 0}
    status = {"items_total_count": len(payload["rows"]), "person_count": done, **counts}
    return {"status": status, "activity_errors": [], ROW_ERRORS: errors}


def _take_row(change: Change, row: Document, lists: list[Entry], slots: Mapping[str, Entry]) -> bool:
    """Whether the contact was taken in; False when it opted out and is passed over in silence."""
    fields = _read_fields(row, change)
    address = str(row["address"]).lower()
    contact = find_by_address(change.db, address)
    if contact is None:
        contact = start_contact(change, address, "implicit", "Account")
        insert_contact(change.db, contact)
        _fill(change, contact, fields, lists, slots)
        if change.switches.v1_import_welcomes:
            greet_new(change, contact, lists, "Account", "bulk import")
        return True
    if contact.is_unsubscribed:
        if change.switches.v1_import_do_not_mail == "error":
            raise RowFault("the contact has opted out")
        return False
    if change.switches.v1_import_absent == "cleared":
        fields = dict.fromkeys(WRITABLE, "") | {"EmailType": "HTML"} | fields
    _fill(change, contact, fields, lists, slots)
    return True


def _fill(
    change: Change, contact: Contact, fields: Mapping[str, str], lists: list[Entry], slots: Mapping[str, Entry]
) -> None:
    write_fields(contact, fields, slots, change.stamp)
    numbers = [entry.no for entry in lists]
    if change.switches.v1_import_other_lists == "kept":
        add_to_lists(change.db, contact.seq, numbers)
    elif numbers and set(read_lists(change.db, contact.seq)) != set(numbers):
        replace_lists(change.db, contact.seq, numbers)
    if lists:
        revive(contact)
    contact.core.update(updated_at=change.stamp, update_source="Account")
    save_contact(change.db, contact)


def _read_fields(row: Document, change: Change) -> dict[str, str]:
    """What a row says, by element. Raises RowFault."""
    if "fault" in row:
        raise RowFault(row["fault"])
    if not values.is_address(row["address"]):
        raise RowFault("the e-mail address is not valid")
    keeps_blanks = change.switches.v1_import_blank == "clear"
    given = {name: text for name, text in row["values"].items() if text or keeps_blanks}
    if COUNTRY in given:
        given |= _split_place("Country", given.pop(COUNTRY), places.find_country, places.COUNTRIES)
    if STATE in given:
        given |= _split_place("State", given.pop(STATE), places.find_state, places.STATES)
    fault = find_fault({"EmailAddress": row["address"], **given}, change.switches)
    if fault:
        raise RowFault(fault)
    return given


def _split_place(what: str, text: str, find: places.Find, names: Mapping[str, str]) -> dict[str, str]:
    """Code and name of a state or country; an unknown one is a fault of its row [D-OLDACT]."""
    code = find(text) if text else ""
    if code is None:
        raise RowFault(f"{what.lower()} is unknown")
    return {f"{what}Code": code, f"{what}Name": names.get(code, "")}
