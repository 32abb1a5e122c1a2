"""The account at one moment, as tables, and what its dialect can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

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
    """

    dialect: str
    fields: Mapping[str, int]
    most: Mapping[str, int]


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
    fetched_at: ISO 8601, UTC, the moment before the first request.
    """

    contacts: pd.DataFrame
    memberships: pd.DataFrame
    lists: Mapping[str, str]
    tags: Mapping[str, str]
    custom_fields: Mapping[str, CustomField]
    account: Mapping[str, str]
    fetched_at: str
