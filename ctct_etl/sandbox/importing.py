"""The bulk import: rows by address, existing contacts changed only in what a row says, everyone onto the lists.

Documented and kept here: a new contact is `implicit`, opted in by `Account`; an existing one keeps its
permission; a deleted one comes back; an unsubscribed one is put on no list and counted; of rows with one
address the last wins. Ours, where the sources are silent: a row that breaks a length or names an unknown
custom field is refused whole and counted in `error_count`; a telephone number that is not of the
United States is left out of its row.
"""

import re
from collections.abc import Mapping

from . import values
from .catalog import Entry, find_entries, read_entries
from .consent import Change, revive
from .documents import Document
from .records import (
    CORE_PROPERTIES,
    Contact,
    add_to_lists,
    find_by_address,
    insert_contact,
    read_lists,
    save_contact,
)
from .seeding import describe_phone, describe_street
from .starting import start_contact
from .switches import Switches

ADDRESS_LENGTH = 50
PHONE_LENGTH = 50
PHONE_KEYS = {
    "phone": "other",
    "home_phone": "home",
    "work_phone": "work",
    "mobile_phone": "mobile",
    "other_phone": "other",
}
BIRTHDAY_KEYS = ("birthday_month", "birthday_day")
STREET_KEYS = {"street": "street", "city": "city", "state": "state", "zip": "postal_code", "country": "country"}
_US_PHONE = re.compile(r"(\+?1)?\d{10}")


class CorrectableFault(ValueError):
    """What the service lets a person mend in its web pages: address, birthday, anniversary, no identity."""


class RowFault(ValueError):
    """What it does not."""


def import_contacts(change: Change, payload: Document) -> Document:
    """Take the rows in. `payload`: `rows` and `list_ids`, `extra_rows` for a header that is counted too."""
    lists = find_entries(change.db, "list", payload["list_ids"])
    fields = {str(entry.document["name"]): entry for entry in read_entries(change.db, "custom_field")}
    people: set[str] = set()
    counts = {"error_count": 0, "correctable_count": 0}
    kept_off: set[str] = set()
    errors: list[str] = []
    for number, row in enumerate(payload["rows"], start=1):
        try:
            contact = _take_row(change, row, fields)
        except ValueError as fault:
            counts["correctable_count" if isinstance(fault, CorrectableFault) else "error_count"] += 1
            errors.append(f"row {number}: {fault}")
            continue
        people.add(contact.contact_id)
        if not _join(change, contact, lists):
            kept_off.add(contact.contact_id)
    status = {
        "items_total_count": len(payload["rows"]) + len(payload.get("extra_rows", ())),
        "person_count": len(people),
        **counts,
        "cannot_add_to_list_count": len(kept_off),
    }
    return {"status": status, "activity_errors": errors}


def _take_row(change: Change, row: Document, fields: Mapping[str, Entry]) -> Contact:
    given = {key: value for key, value in row.items() if not _is_ignored(value, change.switches)}
    _check_row(given, fields)
    contact = find_by_address(change.db, given["email"].strip())
    is_new = contact is None
    contact = contact or start_contact(change, given["email"].strip(), "implicit", "Account")
    _set_core(contact, given)
    _set_phones(contact, given, change.stamp)
    _set_streets(contact, given, change)
    _set_custom_fields(contact, given, fields, change.switches)
    if len(contact.phone_numbers) > values.PHONES:
        raise RowFault("too many phone numbers")
    revive(contact)
    contact.core.update(updated_at=change.stamp, update_source="Account")
    if is_new:
        insert_contact(change.db, contact)
    else:
        save_contact(change.db, contact)
    return contact


def _join(change: Change, contact: Contact, lists: list[Entry]) -> bool:
    """Put the contact on the lists; False when consent or the number of lists forbids it."""
    if contact.is_unsubscribed:
        return False
    joined = {*read_lists(change.db, contact.seq), *(entry.no for entry in lists)}
    if len(joined) > values.LISTS:
        return False
    add_to_lists(change.db, contact.seq, (entry.no for entry in lists))
    return True


def _is_ignored(value: object, switches: Switches) -> bool:
    return value in ("", None) and switches.import_blank == "ignore"


def _check_row(row: Document, fields: Mapping[str, Entry]) -> None:
    address = row.get("email")
    if not isinstance(address, str) or not address.strip():
        raise CorrectableFault("has no email")
    if not values.is_address(address.strip()):
        raise CorrectableFault("email is not valid")
    if row.get("anniversary") and values.read_date(str(row["anniversary"])) is None:
        raise CorrectableFault("anniversary is not valid")
    birthday = values.find_birthday_fault(row.get("birthday_month") or None, row.get("birthday_day") or None)
    if birthday:
        raise CorrectableFault(birthday)
    for key, value in row.items():
        if value is not None and not isinstance(value, str) and key not in BIRTHDAY_KEYS:
            raise RowFault(f"{key} must be a string")
        if value is not None and len(str(value)) > _longest(key):
            raise RowFault(f"{key} is longer than {_longest(key)} characters")
        if key.startswith("cf:"):
            _check_custom_field(key.removeprefix("cf:"), value, fields)


def _check_custom_field(name: str, value: object, fields: Mapping[str, Entry]) -> None:
    if name not in fields:
        raise RowFault(f"there is no custom field {name}")
    definition = fields[name].document
    if value not in ("", None) and not values.takes_choices(definition):
        fault = values.find_value_fault(definition, str(value))
        if fault:
            raise RowFault(f"cf:{name} {fault}")


def _longest(key: str) -> int:
    if key == "email":
        return ADDRESS_LENGTH
    if key.startswith("cf:") or key.endswith(("street", "street2")):
        return values.VALUE_LENGTH
    return PHONE_LENGTH if key in PHONE_KEYS else 50


def _set_core(contact: Contact, row: Document) -> None:
    for name in CORE_PROPERTIES:
        if name not in row:
            continue
        value = row[name]
        if value in ("", None):
            contact.core.pop(name, None)
        else:
            contact.core[name] = values.read_date(str(value)) if name == "anniversary" else value


def _set_phones(contact: Contact, row: Document, stamp: str) -> None:
    for key, kind in PHONE_KEYS.items():
        if key not in row:
            continue
        number = str(row[key] or "")
        if number and not _US_PHONE.fullmatch(re.sub(r"[\s().-]", "", number)):
            continue
        others = [phone for phone in contact.phone_numbers if phone["kind"] != kind]
        given = {"kind": kind, "phone_number": number}
        contact.phone_numbers = others + ([describe_phone(given, contact.contact_id, stamp)] if number else [])


def _set_streets(contact: Contact, row: Document, change: Change) -> None:
    for kind in values.STREET_KINDS:
        given = _read_street(row, kind, change.switches)
        if not given:
            continue
        before = next((part for part in contact.street_addresses if part["kind"] == kind), {})
        if change.switches.import_partial_address == "merged":
            given = {name: before.get(name) for name in values.STREET_LENGTHS} | given
        others = [part for part in contact.street_addresses if part["kind"] != kind]
        filled = any(given.values())
        described = describe_street({"kind": kind, **given}, contact.contact_id, change.stamp)
        contact.street_addresses = others + ([described] if filled else [])


def _read_street(row: Document, kind: str, switches: Switches) -> Document:
    """The parts of one postal address that the row speaks of; a bare key is the home address."""
    given: Document = {}
    for prefix in ("", "home_") if kind == "home" else (f"{kind}_",):
        for key, name in STREET_KEYS.items():
            written = switches.import_home_country if prefix + key == "home_country" else prefix + key
            if written in row:
                given[name] = row[written]
        if row.get(prefix + "street2"):
            given["street"] = " ".join(part for part in (given.get("street"), row[prefix + "street2"]) if part)
    return given


def _set_custom_fields(contact: Contact, row: Document, fields: Mapping[str, Entry], switches: Switches) -> None:
    for key in row:
        if not key.startswith("cf:"):
            continue
        entry = fields[key.removeprefix("cf:")]
        filled = _fill_field(entry, row[key], switches)
        if filled is None:
            continue
        others = [part for part in contact.custom_fields if part["custom_field_id"] != entry.id]
        contact.custom_fields = others + ([filled] if filled else [])
    if len(contact.custom_fields) > values.CUSTOM_FIELDS:
        raise RowFault("too many custom fields")


def _fill_field(entry: Entry, value: object, switches: Switches) -> Document | None:
    """The field as the contact will have it: empty for cleared, None for left as it is."""
    if value in ("", None):
        return {}
    if not values.takes_choices(entry.document):
        return {"custom_field_id": entry.id, "value": str(value)}
    ids = [str(choice["choice_id"]) for choice in entry.document["choices"] if choice["choice_label"] == value]
    if switches.import_choice == "ignored" or not ids:
        return None
    return {"custom_field_id": entry.id, "choice_ids": ids}
