"""The fields of a contact under their v1 names: read from the account, and written back to it.

What v3 has too is kept where v3 keeps it, and the rest in the contact's `v1` part, so that either dialect leaves alone
what it can't say. CustomFieldN is the Nth custom field of type string, in the order they were made; where there are
fewer, v1 has the text to itself. Addr1 to PostalCode are the home address, HomePhone and WorkPhone the phones of those
kinds. A value that is written as it was shown leaves the account's own text as it is.
"""

import sqlite3
from collections.abc import Mapping

from ..catalog import Entry, read_entries
from ..documents import Document
from ..records import ONLY_V1, Contact
from ..seeding import describe_phone, describe_street
from ..switches import Switches
from . import places

CORE = {"FirstName": "first_name", "LastName": "last_name", "JobTitle": "job_title", "CompanyName": "company_name"}
PHONES = {"HomePhone": "home", "WorkPhone": "work"}
CUSTOM = tuple(name for name in ONLY_V1 if name.startswith("CustomField"))
ADDRESS = ("Addr1", "City", "StateCode", "StateName", "CountryCode", "CountryName", "PostalCode")
ORDER = (
    *("FirstName", "MiddleName", "LastName", "JobTitle", "CompanyName", "HomePhone", "WorkPhone"),
    *("Addr1", "Addr2", "Addr3", "City", "StateCode", "StateName", "CountryCode", "CountryName"),
    *("PostalCode", "SubPostalCode", "Note", *CUSTOM),
)
"""The order in which the service shows them [REC]."""

WRITABLE = ("EmailType", *ORDER)
READ_ONLY = {
    "id",  # an attribute, which one client repeats as an element [PERL]
    *("Status", "Name", "Confirmed", "OptInTime", "InsertTime", "LastUpdateTime"),
    *("OptOutTime", "OptOutSource", "OptOutReason"),
}

LENGTHS = {
    **dict.fromkeys(("FirstName", "MiddleName", "LastName", "JobTitle", "CompanyName"), 50),
    **dict.fromkeys(("Addr1", "Addr2", "Addr3", "City", "StateName", *CUSTOM), 50),
    **dict.fromkeys(("CountryName", "PostalCode", "SubPostalCode"), 25),
    "EmailAddress": 80,
}
"""Longest values [KB-IMPORT, CF7, KWS]: hints of later or other products, for the official table is lost. Of Note
none is known."""


def read_slots(db: sqlite3.Connection) -> dict[str, Entry]:
    """The custom fields that stand behind CustomField1 to 15."""
    texts = [entry for entry in read_entries(db, "custom_field") if entry.document["type"] == "string"]
    return dict(zip(CUSTOM, texts, strict=False))


def read_fields(contact: Contact, slots: Mapping[str, Entry]) -> dict[str, str]:
    """All that can be written, by element, empty where there is nothing."""
    shown = dict.fromkeys(WRITABLE, "")
    shown.update({name: str(contact.v1[name]) for name in ONLY_V1 if name in contact.v1})
    shown["EmailType"] = shown["EmailType"] or "HTML"
    shown.update({name: str(contact.core.get(own) or "") for name, own in CORE.items()})
    for name, kind in PHONES.items():
        shown[name] = str((_find_kind(contact.phone_numbers, kind) or {}).get("phone_number") or "")
    shown.update(_show_address(_find_kind(contact.street_addresses, "home") or {}))
    values = {part["custom_field_id"]: part.get("value") for part in contact.custom_fields}
    shown.update({name: str(values.get(entry.id) or "") for name, entry in slots.items()})
    return shown


def write_fields(contact: Contact, wanted: Mapping[str, str], slots: Mapping[str, Entry], stamp: str) -> None:
    """Set what differs from what is shown. `wanted` may leave elements out; they stay."""
    shown = read_fields(contact, slots)
    changed = {name: text for name, text in wanted.items() if text != shown[name]}
    for name, text in changed.items():
        if name in CORE:
            _put(contact.core, CORE[name], text)
        elif name in PHONES:
            _write_phone(contact, PHONES[name], text, stamp)
        elif name in slots:
            _write_custom(contact, slots[name].id, text)
        elif name in ONLY_V1:
            _put(contact.v1, name, text)
    if changed.keys() & set(ADDRESS):
        _write_address(contact, shown, {**shown, **wanted}, stamp)


def find_fault(given: Mapping[str, str], switches: Switches) -> str | None:
    """Why these values are refused; over-long ones are never cut [D-ADDLIST]."""
    lengths = {**LENGTHS, **dict.fromkeys(PHONES, switches.v1_phone_length)}
    if given.get("CountryCode"):
        lengths.pop("CountryName")  # it is the code's own name then, some of which are longer
    for name, text in given.items():
        if len(text) > lengths.get(name, len(text)):
            return f"{name} is longer than {lengths[name]} characters"
    if given.get("EmailType", "") not in ("", "HTML", "Text"):
        return "EmailType must be HTML or Text"
    country = given.get("CountryCode", "")
    if country and country.upper() not in places.COUNTRIES:
        return "CountryCode is not valid"
    state = given.get("StateCode", "")
    if state and (state.upper() not in places.STATES or country.upper() not in ("", "US", "CA")):
        return "StateCode is not a state of the United States or Canada"
    return None


def _show_address(home: Document) -> dict[str, str]:
    state, country = str(home.get("state") or ""), str(home.get("country") or "")
    parts = (str(home.get(name) or "") for name in ("street", "city"))
    texts = (*parts, *places.show_state(state, country), *places.show_country(country))
    return dict(zip(ADDRESS, (*texts, str(home.get("postal_code") or "")), strict=True))


def _write_address(contact: Contact, shown: Mapping[str, str], wanted: Mapping[str, str], stamp: str) -> None:
    """Where a code is given it counts, else the name."""
    before = _find_kind(contact.street_addresses, "home") or {}
    country, state = before.get("country"), before.get("state")
    if _prefer_code(wanted, "Country") != _prefer_code(shown, "Country"):
        country = wanted["CountryCode"].upper() or wanted["CountryName"]
    if _prefer_code(wanted, "State") != _prefer_code(shown, "State"):
        state = wanted["StateCode"].upper() or wanted["StateName"]
    given = {"street": wanted["Addr1"], "city": wanted["City"], "state": state, "country": country}
    given["postal_code"] = wanted["PostalCode"]
    others = [part for part in contact.street_addresses if part is not before]
    if not any(given.values()):
        contact.street_addresses = others
        return
    described = describe_street({"kind": "home", **given}, contact.contact_id, stamp)
    described["created_at"] = before.get("created_at", stamp)
    contact.street_addresses = [*others, described]


def _prefer_code(values: Mapping[str, str], what: str) -> str:
    return values[f"{what}Code"].upper() or values[f"{what}Name"]


def _write_phone(contact: Contact, kind: str, text: str, stamp: str) -> None:
    before = _find_kind(contact.phone_numbers, kind)
    others = [part for part in contact.phone_numbers if part is not before]
    given = {"kind": kind, "phone_number": text}
    contact.phone_numbers = others + ([describe_phone(given, contact.contact_id, stamp)] if text else [])


def _write_custom(contact: Contact, field_id: str, text: str) -> None:
    others = [part for part in contact.custom_fields if part["custom_field_id"] != field_id]
    contact.custom_fields = others + ([{"custom_field_id": field_id, "value": text}] if text else [])


def _find_kind(parts: list[Document], kind: str) -> Document | None:
    return next((part for part in parts if part.get("kind") == kind), None)


def _put(values: Document, name: str, text: str) -> None:
    values.pop(name, None)
    if text:
        values[name] = text
