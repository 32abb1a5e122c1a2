"""What the contact fields are called on the v1 wire, and how long their values may be.

The service's own table of limits is lost; what is certain is that it refuses a value that is too long, and with it the
whole contact [D-ADDLIST]. The numbers are the strictest that later products name [KB-IMPORT, V2-RES]. Of a note none is
known, so that only the service refuses one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctct_etl.columns import (
    ADDRESS_PREFIX,
    COMPANY_NAME,
    CUSTOM_PREFIX,
    EMAIL,
    FIRST_NAME,
    JOB_TITLE,
    LAST_NAME,
    LIST,
    MIDDLE_NAME,
    NOTE,
    PHONE_PREFIX,
    TAG,
)
from ctct_etl.plan.snapshot import Capabilities, CustomField

PAGE_SIZE: Final = 50  # fixed [D-COLL]; as many addresses are looked for at once [F-BULK]
BULK_FROM: Final = (
    25  # so many contacts for the same lists go by a bulk activity, fewer one by one [D-CREATE, F-CHOOSE]
)
BULK_MOST: Final = 20_000  # contacts of one activity [F-LIMITS] …
BULK_MOST_BYTES: Final = 3_800_000  # … and no more than later versions take, 4 MB [F-BULKDEL]
CUSTOM_NUMBERS: Final = range(1, 16)

BY_OWNER, BY_CONTACT = "ACTION_BY_CUSTOMER", "ACTION_BY_CONTACT"
EMAIL_ELEMENT, STATUS_ELEMENT, UPDATED_ELEMENT = "EmailAddress", "Status", "LastUpdateTime"
STATE, STATE_NAME, COUNTRY, COUNTRY_NAME = "StateCode", "StateName", "CountryCode", "CountryName"
POSTAL_CODE, SUB_POSTAL_CODE = "PostalCode", "SubPostalCode"
CUSTOM_ELEMENT: Final = "CustomField"

_HOME = f"{ADDRESS_PREFIX}home."
STATE_FIELD, COUNTRY_FIELD, POSTAL_FIELD = f"{_HOME}state", f"{_HOME}country", f"{_HOME}postal_code"
WIRE_NAMES: Final = {
    EMAIL: EMAIL_ELEMENT,
    FIRST_NAME: "FirstName",
    MIDDLE_NAME: "MiddleName",
    LAST_NAME: "LastName",
    JOB_TITLE: "JobTitle",
    COMPANY_NAME: "CompanyName",
    f"{PHONE_PREFIX}home": "HomePhone",
    f"{PHONE_PREFIX}work": "WorkPhone",
    f"{_HOME}street": "Addr1",
    f"{_HOME}street2": "Addr2",
    f"{_HOME}street3": "Addr3",
    f"{_HOME}city": "City",
    STATE_FIELD: STATE,  # or StateName, see reading.py
    POSTAL_FIELD: POSTAL_CODE,  # and SubPostalCode
    COUNTRY_FIELD: COUNTRY,
    NOTE: "Note",
}

# The columns of a bulk activity [D-ADDACT]. None for what is left out of one, see routing.py.
BULK_COLUMNS: Final = {
    EMAIL: "EMAIL ADDRESS",
    FIRST_NAME: "FIRST NAME",
    MIDDLE_NAME: "MIDDLE NAME",
    LAST_NAME: "LAST NAME",
    JOB_TITLE: "JOB TITLE",
    COMPANY_NAME: "COMPANY NAME",
    f"{PHONE_PREFIX}home": "HOME PHONE",
    f"{PHONE_PREFIX}work": "WORK PHONE",
    f"{_HOME}street": "ADDRESS LINE 1",
    f"{_HOME}street2": "ADDRESS LINE 2",
    f"{_HOME}street3": "ADDRESS LINE 3",
    f"{_HOME}city": "CITY",
    POSTAL_FIELD: "POSTAL CODE",
}

_LONGEST: Final = {EMAIL: 80, f"{PHONE_PREFIX}home": 25, f"{PHONE_PREFIX}work": 25, POSTAL_FIELD: 25, NOTE: 1_000_000}
LONGEST: Final = {field: _LONGEST.get(field, 50) for field in WIRE_NAMES}
LONGEST_CUSTOM: Final = 50
_MOST_LISTS: Final = 1_000_000  # none is known


def custom_fields_of(numbers: Mapping[str, int]) -> dict[str, CustomField]:
    """Label → definition. The service numbers its custom fields, and holds text in them; no API tells their labels."""
    return {
        label: CustomField(str(number), label, "string", f"CUSTOM FIELD {number}") for label, number in numbers.items()
    }


def describe_v1(numbers: Mapping[str, int]) -> Capabilities:
    """What dialect v1 can hold; `numbers`: label → number of the account's custom fields."""
    return Capabilities(
        dialect="v1",
        fields=LONGEST | {CUSTOM_PREFIX: LONGEST_CUSTOM},
        most={LIST: _MOST_LISTS, TAG: 0, "custom": len(CUSTOM_NUMBERS), "phone": 2},
        reads_wanted=True,
        needs_list=True,
        deletes=False,
        custom_fields=custom_fields_of(numbers),
    )


def atom_time(moment: str) -> str:
    """With milliseconds, as the service writes times and is asked [D-SYNC]."""
    return moment.replace("Z", ".000Z")
