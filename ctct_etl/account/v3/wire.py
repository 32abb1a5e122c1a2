"""What the contact fields are called on the v3 wire, and how long their values may be (provider's OpenAPI file)."""

from __future__ import annotations

from typing import Final, NamedTuple

from ctct_etl.columns import (
    ADDRESS_FIELDS,
    ADDRESS_KINDS,
    ADDRESS_PREFIX,
    ANNIVERSARY,
    BIRTHDAY,
    COMPANY_NAME,
    CONTACT_FIELDS,
    CUSTOM_PREFIX,
    EMAIL,
    FIRST_NAME,
    JOB_TITLE,
    LAST_NAME,
    LIST,
    ONLY_V1,
    PHONE_KINDS,
    PHONE_PREFIX,
    TAG,
)
from ctct_etl.plan.snapshot import Capabilities

PAGE_SIZE: Final = 500  # the most of a page of contacts, lists, tags; of ids in a bulk activity
CUSTOM_FIELDS_PAGE_SIZE: Final = 100
INCLUDES: Final = "custom_fields,list_memberships,taggings,phone_numbers,street_addresses"
IMPORT_MOST_CONTACTS: Final = 39_000  # the service silently drops what is over 40,000 (one text says 39,999)
IMPORT_MOST_BYTES: Final = 3_800_000  # … and what is over 4 MB
IMPORT_LONGEST_ADDRESS: Final = 50
ACCOUNT: Final = "Account"  # create_source, update_source: the account's own act
CONTACT_ITSELF: Final = "Contact"

PHONES: Final = "phone_numbers"
ADDRESSES: Final = "street_addresses"
CUSTOMS: Final = "custom_fields"


class Place(NamedTuple):
    """Where a field stands in a contact: in the object or array `part` ("" for the contact itself), by `kind`."""

    part: str
    kind: str
    key: str


_PLAIN: Final = (FIRST_NAME, LAST_NAME, JOB_TITLE, COMPANY_NAME, ANNIVERSARY)


def _places() -> dict[str, Place]:
    places = {EMAIL: Place("email_address", "", "address")}
    places |= {field: Place("", "", field) for field in _PLAIN}
    places[BIRTHDAY] = Place("", "", "birthday_month")  # and birthday_day, which always comes with it
    places |= {f"{PHONE_PREFIX}{kind}": Place(PHONES, kind, "phone_number") for kind in PHONE_KINDS}
    for field in ADDRESS_FIELDS:
        kind, part = field.removeprefix(ADDRESS_PREFIX).split(".")
        if field not in ONLY_V1:
            places[field] = Place(ADDRESSES, kind, part)
    return {field: places[field] for field in CONTACT_FIELDS if field in places}


WIRE_NAMES: Final = _places()
# Properties of the contact itself: a PUT nulls each of these that it leaves out.
CORE_PROPERTIES: Final = (*_PLAIN, "birthday_month", "birthday_day")
WHOLE_ADDRESS: Final = tuple(p.key for p in WIRE_NAMES.values() if p.part == ADDRESSES and p.kind == ADDRESS_KINDS[0])

_LONGEST_BY_KEY: Final = {
    "address": 80, "birthday_month": 5, "anniversary": 10, "phone_number": 25, "street": 255,
}  # fmt: skip
LONGEST_CUSTOM: Final = 255
LONGEST: Final = {field: _LONGEST_BY_KEY.get(place.key, 50) for field, place in WIRE_NAMES.items()}


def _import_names() -> dict[str, str]:
    names = {field: field for field in _PLAIN if field != ANNIVERSARY} | {EMAIL: "email"}
    for field, place in WIRE_NAMES.items():
        if place.part == PHONES:
            names[field] = f"{place.kind}_phone"
        if place.part == ADDRESSES:
            # The home address has no prefix: of the prefixed spelling the contract misprints the country's key.
            prefix = "" if place.kind == "home" else f"{place.kind}_"
            names[field] = prefix + ("zip" if place.key == "postal_code" else place.key)
    return names


# What a field is called in a row of the JSON import. No dates: the format that it takes is documented nowhere.
IMPORT_NAMES: Final = _import_names()


def describe_v3() -> Capabilities:
    fields = LONGEST | {CUSTOM_PREFIX: LONGEST_CUSTOM}
    return Capabilities(dialect="v3", fields=fields, most={LIST: 50, TAG: 50, "custom": 25, "phone": 3})
