"""What the source wants of each contact, for a dialect that reads no others: whom it need not show whole."""

from __future__ import annotations

from collections import defaultdict

from ctct_etl.account.dialect import Wish
from ctct_etl.columns import CONTACT, EMAIL, KIND, LIST, NAME
from ctct_etl.stages.deduping import mapped_fields
from ctct_etl.workflow.deriving import Desire


def wishes_of(desire: Desire) -> dict[str, Wish]:
    """Address → what its rows say together. A missing value is no opinion."""
    contacts, wanted = desire.contacts, desire.wanted[(desire.wanted[KIND] == LIST).to_numpy()]
    lists: dict[int, list[str]] = defaultdict(list)
    for contact, name in zip(wanted[CONTACT].tolist(), wanted[NAME].astype("str").tolist(), strict=True):
        lists[contact].append(name)
    fields: list[dict[str, str]] = [{} for _ in range(len(contacts))]
    for field in mapped_fields(contacts.columns):
        column = contacts[field]
        for place, value, said in zip(range(len(fields)), column.tolist(), column.notna().tolist(), strict=True):
            if said and field != EMAIL:
                fields[place][field] = value
    return {
        address: Wish(says, tuple(lists[place]))
        for place, (address, says) in enumerate(zip(contacts[EMAIL].tolist(), fields, strict=True))
    }
