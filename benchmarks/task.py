"""The work that all programs do, as data: which column is which field, and how values are written.

Every program reads `source.csv`, `contacts.parquet` and `memberships.parquet` of one directory, and writes
`actions.jsonl` and `rows.parquet` into another:

1. Trim every cell; what is blank then is no opinion.
2. Lower an address and check it; a row without a good one is rejected.
3. Title-case first names; bring phones to E.164, dates to ISO, states and countries to codes. A value that can't be
   read is no opinion.
4. Of several rows with one address the newest wins, of equally new ones the later; its blanks are filled from the
   next. The lists of all its rows are united; everybody is on the newsletter.
5. Compare every field that has an opinion with the account's, phones by their digits and states by their code,
   and every list.
6. Write an action for each contact to be created, updated or skipped (unsubscribed): address, action, before and after
   of changed fields, lists to add, origin rows. Write address and outcome of every row.
"""

from __future__ import annotations

from typing import Final

SOURCE: Final = "source.csv"
CONTACTS: Final = "contacts.parquet"
MEMBERSHIPS: Final = "memberships.parquet"
ACTIONS: Final = "actions.jsonl"
ROWS: Final = "rows.parquet"

EMAIL: Final = "E-mail"
INTERESTS: Final = "Interests"
UPDATED: Final = "Updated"
NEWSLETTER: Final = "Newsletter"
UNSUBSCRIBED: Final = "unsubscribed"

PHONE: Final = "phone.mobile"
JOINED: Final = "anniversary"
STATE: Final = "address.home.state"
COUNTRY: Final = "address.home.country"
FIRST_NAME: Final = "first_name"
CUSTOM: Final = tuple(f"custom.Text {number}" for number in range(1, 7))
# Contact field → the source's column.
COLUMNS: Final = {
    FIRST_NAME: "First Name",
    "last_name": "Last Name",
    "job_title": "Role",
    "company_name": "Company",
    PHONE: "Cell",
    JOINED: "Joined",
    "address.home.street": "Street",
    "address.home.city": "City",
    STATE: "State",
    "address.home.postal_code": "ZIP",
    COUNTRY: "Country",
    **{field: field.removeprefix("custom.") for field in CUSTOM},
}
DAY_FORMAT: Final = "%d/%m/%Y"

# An ordinary address in lower case: what each of the programs accepts at once.
ADDRESS: Final = r"^[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@(?:[a-z0-9-]+\.)+[a-z]{2,4}$"
TEN_DIGITS: Final = r"^(?:\+?1[-. ]?)?\(?([2-9][0-9]{2})\)?[-. ]?([0-9]{3})[-. ]?([0-9]{4})$"

COUNTRIES: Final = {"us": "US", "usa": "US", "united states": "US", "ca": "CA", "canada": "CA", "uk": "GB", "gb": "GB"}
STATES: Final = {
    "US": {
        "AL": "Alabama", "AZ": "Arizona", "CA": "California", "CO": "Colorado", "FL": "Florida", "GA": "Georgia",
        "IL": "Illinois", "MA": "Massachusetts", "ME": "Maine", "MI": "Michigan", "NC": "North Carolina",
        "NJ": "New Jersey", "NY": "New York", "OH": "Ohio", "OR": "Oregon", "PA": "Pennsylvania", "TX": "Texas",
        "VA": "Virginia", "VT": "Vermont", "WA": "Washington",
    },
    "CA": {"AB": "Alberta", "BC": "British Columbia", "ON": "Ontario", "QC": "Quebec"},
    "GB": {"Kent": "Kent", "Essex": "Essex", "Norfolk": "Norfolk"},
}  # fmt: skip


def code_state(country: str | None, state: str) -> str | None:
    """The code of a state in the United States or Canada, its name elsewhere; None if the country has no such state."""
    if country not in ("US", "CA", None):
        return state
    for place in ("US", "CA") if country is None else (country,):
        for code, name in STATES[place].items():
            if state.lower() in (code.lower(), name.lower()):
                return code
    return state if country is None else None
