"""The account at one moment, as tables, and what its dialect can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import pandas as pd

FULL: Final = "full"
REFRESHED: Final = "refreshed"

CustomType = Literal[
    "string", "text_area", "date", "datetime", "number", "currency", "boolean", "single_select", "multi_select"
]


@dataclass(frozen=True)
class CustomField:
    """A custom field as the account defines it; `choices` are the labels of a select field, with their ids."""

    id: str
    label: str
    type: CustomType
    name: str = ""  # what an import calls it (`cf:<name>`); made by the service, never computed
    choices: Mapping[str, str] = field(default_factory=dict)  # label → choice id, in the account's order


@dataclass(frozen=True)
class Capabilities:
    """What a dialect can hold. Stages ask this, never which dialect it is.

    fields: every contact field it can write, with its longest value in characters (`custom.` for any custom field).
    most: how many of a kind one contact can hold, by "list", "tag", "custom", "phone".
    reads_wanted: its account can't be had whole, so that a reading shows those who are asked for, and no others.
    needs_list: nobody can be created who is put on no list.
    deletes: a contact can be deleted, and that is not an opt-out.
    custom_fields: label → definition, where the accounts file says which there are, and not the account.
    """

    dialect: str
    fields: Mapping[str, int]
    most: Mapping[str, int]
    reads_wanted: bool = False
    needs_list: bool = False
    deletes: bool = True
    custom_fields: Mapping[str, CustomField] | None = None


@dataclass(frozen=True)
class Reading:
    """How a snapshot came about, for people: it changes nothing of what is planned.

    how: FULL or REFRESHED. why: a clause that says why it was read so. requests: how many that took, repeats included.
    warnings: what was wrong with the cache, if anything.
    """

    how: str = FULL
    why: str = ""
    requests: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """The account's contacts, lists, custom fields and tags as fetched at one moment.

    contacts: one row a contact, RangeIndex, every column `str` dtype, "" where the account has no value:
        CONTACT_ID · EMAIL (canonical; "" for contacts without an address) · the read-only fields of columns.py ·
        one column a contact field that the dialect can hold · one column `custom.<label>` a custom field defined
        (select fields by label; several labels joined with ";" in the account's order). ISO 8601 UTC times.
    memberships: one row a list or tag of a contact: CONTACT int64 (position in contacts) · KIND, NAME category.
    lists, tags: name → id. custom_fields: label → CustomField.
    account: what identifies the account: `encoded_account_id`, `organization_name`.
    fetched_at: ISO 8601, UTC, the moment before the first request of this fetch or refresh. Where the service's clock
        is behind ours it is the service's: "changed since" is asked in its time.
    excess: how many more contacts the service counts than there are in the tables, where that is not 0: by
        "status NAME", "list ID" or "tag ID". None: the tables were never compared with the service's counts.
    reading: how it was read.
    counted: how many contacts the service counts on each list, by name, where the tables hold only those who were
        asked for; None where they hold everybody.
    glimpsed: so many contacts the account was seen to have beside that, none of whom has to be in the tables.
    seen: EMAIL, NAME str: the lists on which a look before the last one showed contacts that were then looked at again;
        whoever is on them no more has left them. None for a single look.
    """

    contacts: pd.DataFrame
    memberships: pd.DataFrame
    lists: Mapping[str, str]
    tags: Mapping[str, str]
    custom_fields: Mapping[str, CustomField]
    account: Mapping[str, str]
    fetched_at: str
    excess: Mapping[str, int] | None = None
    reading: Reading = Reading()
    seen: pd.DataFrame | None = None
    counted: Mapping[str, int] | None = None
    glimpsed: int = 0

    def use_up(self, *columns: str) -> None:
        """Give back what its contacts take, but for these columns: nobody asks this snapshot for more any more."""
        for name in set(map(str, self.contacts)) - set(columns):
            del self.contacts[name]

    @property
    def population(self) -> int | None:
        """So many contacts the account has at the least, beside being those in the tables; None: it is just those."""
        return None if self.counted is None else max((self.glimpsed, *self.counted.values()))
