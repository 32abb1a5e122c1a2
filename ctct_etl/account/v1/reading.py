"""Contacts as the service tells them → canonical values, and back. Pure.

Statuses: Active is implicit; Removed is registered but on no list, and implicit too; Unconfirmed waits for its
confirmation; Do Not Mail is unsubscribed. A status that nobody knows is taken for the last: it is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ctct_etl.account.addresses import canonical_address
from ctct_etl.account.moments import utc_text
from ctct_etl.account.v1.atom import Entry
from ctct_etl.account.v1.wire import (
    COUNTRY,
    COUNTRY_FIELD,
    COUNTRY_NAME,
    CUSTOM_ELEMENT,
    EMAIL_ELEMENT,
    POSTAL_CODE,
    POSTAL_FIELD,
    STATE,
    STATE_FIELD,
    STATE_NAME,
    STATUS_ELEMENT,
    SUB_POSTAL_CODE,
    UPDATED_ELEMENT,
    WIRE_NAMES,
)
from ctct_etl.columns import (
    CONTACT_ID,
    CREATED_AT,
    CUSTOM_PREFIX,
    EMAIL,
    IMPLICIT,
    OPT_OUT_DATE,
    OPT_OUT_SOURCE,
    PENDING,
    READ_ONLY_FIELDS,
    STATUS,
    UNREADABLE,
    UNSUBSCRIBED,
    UPDATED_AT,
    is_custom,
)
from ctct_etl.plan.snapshot import CustomField

Customs = Mapping[str, CustomField]

_STATUSES = {"Active": IMPLICIT, "Removed": IMPLICIT, "Unconfirmed": PENDING, "Do Not Mail": UNSUBSCRIBED}
_TIMES = {CREATED_AT: "InsertTime", UPDATED_AT: UPDATED_ELEMENT, OPT_OUT_DATE: "OptOutTime"}
_ZIP_PLUS_4 = re.compile(r"(\d{5})-(\d{4})")
_STATE_CODE = re.compile(r"[A-Z]{2}")
_CODED = ("", "US", "CA")  # the countries whose states have codes, and one that is not told


@dataclass(frozen=True)
class Contact:
    """One contact in full details. path: of its edit link, from the host's root."""

    entry: Entry
    path: str

    @property
    def number(self) -> str:
        return number_of(self.entry.id)

    @property
    def address(self) -> str:
        return address_of(self.entry)

    @property
    def status(self) -> str:
        return status_of(self.entry)

    @property
    def lists(self) -> dict[str, str]:
        """Number → id, as the service writes it, of the lists that it is on. None goes by another's number: a PUT names
        each as it was read, whatever it is.
        """
        held: dict[str, str] = {}
        for identifier in self.entry.lists or ():
            number = number_of(identifier)
            held[identifier if number in held else number] = identifier
        return held

    @property
    def updated(self) -> str:
        return self.entry.values.get(UPDATED_ELEMENT, "")


@dataclass(frozen=True)
class Unread:
    """A contact of whom the service sends a document that can't be understood: nobody knows what it holds."""

    number: str


def number_of(identifier: str) -> str:
    """The number at the end of an id: unique in the account, whatever host and scheme stand before it [REC]."""
    return identifier.rstrip("/").rpartition("/")[2]


def address_of(entry: Entry) -> str:
    return canonical_address(entry.values.get(EMAIL_ELEMENT, ""))


def status_of(entry: Entry) -> str:
    return _STATUSES.get(entry.values.get(STATUS_ELEMENT, "").strip(), UNSUBSCRIBED)


def column_names(customs: Customs) -> list[str]:
    return [*READ_ONLY_FIELDS, *WIRE_NAMES, *(f"{CUSTOM_PREFIX}{label}" for label in customs)]


def decode_contact(contact: Contact, customs: Customs) -> dict[str, str]:
    """Every column of `column_names`."""
    values = contact.entry.values
    row = dict.fromkeys(column_names(customs), "")
    row |= {field: values.get(element, "") for field, element in WIRE_NAMES.items()}
    row |= {name: utc_text(values.get(element, "")) for name, element in _TIMES.items()}
    row |= {f"{CUSTOM_PREFIX}{label}": values.get(f"{CUSTOM_ELEMENT}{one.id}", "") for label, one in customs.items()}
    row[STATE_FIELD] = values.get(STATE, "") or values.get(STATE_NAME, "")
    row[COUNTRY_FIELD] = values.get(COUNTRY, "").upper()  # returned in lower case [REC]
    row[POSTAL_FIELD] = "-".join(filter(None, (values.get(POSTAL_CODE, ""), values.get(SUB_POSTAL_CODE, ""))))
    return row | {
        CONTACT_ID: contact.number,
        EMAIL: contact.address,
        STATUS: contact.status,
        OPT_OUT_SOURCE: values.get("OptOutSource", ""),
    }


def decode_unread(contact: Unread, address: str, customs: Customs) -> dict[str, str]:
    """Every column of `column_names`, for a contact of whom no more is known than the address."""
    known = {CONTACT_ID: contact.number, EMAIL: address, STATUS: UNREADABLE}
    return dict.fromkeys(column_names(customs), "") | known


def encode_values(after: Mapping[str, str], held: Mapping[str, str], customs: Customs) -> dict[str, str]:
    """Return the elements that say `after`. held: the contact's elements as read, {} for a new one.

    A state is a code or a name, never both [CF7]. Which of them depends on the country, so the two go together.
    """
    elements = {}
    for field, value in after.items():
        if is_custom(field):
            elements[f"{CUSTOM_ELEMENT}{customs[field.removeprefix(CUSTOM_PREFIX)].id}"] = value
        else:
            elements[WIRE_NAMES[field]] = value
    if POSTAL_FIELD in after:
        split = _ZIP_PLUS_4.fullmatch(after[POSTAL_FIELD])
        elements[POSTAL_CODE], elements[SUB_POSTAL_CODE] = split.groups() if split else (after[POSTAL_FIELD], "")
    if STATE_FIELD in after or COUNTRY_FIELD in after:
        elements |= _encode_place(after, held)
    return elements


def _encode_place(after: Mapping[str, str], held: Mapping[str, str]) -> dict[str, str]:
    country = after.get(COUNTRY_FIELD, held.get(COUNTRY, "").upper())
    state = after.get(STATE_FIELD, held.get(STATE, "") or held.get(STATE_NAME, ""))
    coded = bool(_STATE_CODE.fullmatch(state)) and country in _CODED
    elements = {STATE: state if coded else "", STATE_NAME: "" if coded else state}
    if COUNTRY_FIELD in after:  # the name of the country before would contradict the code
        elements |= {COUNTRY: country.lower(), COUNTRY_NAME: ""}
    return elements
