"""Read the whole account: summary, lists, custom fields, tags, then every contact, page by page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from ctct_etl.account.dialect import Conversation, Request, Response
from ctct_etl.account.moments import earlier
from ctct_etl.account.text_column import TextColumn
from ctct_etl.account.v3.paging import read_items, turn_pages
from ctct_etl.account.v3.reading import column_names, decode_contacts
from ctct_etl.account.v3.wire import CUSTOM_FIELDS_PAGE_SIZE, INCLUDES, PAGE_SIZE
from ctct_etl.account.v3.words import expect_object
from ctct_etl.columns import CONTACT, CONTACT_ID, KIND, LIST, NAME, TAG
from ctct_etl.plan.doubles import find_doubles
from ctct_etl.plan.snapshot import CustomField, Snapshot

log = logging.getLogger(__name__)

_LISTS = {"limit": str(PAGE_SIZE), "status": "active"}
_TAGS = {"limit": str(PAGE_SIZE)}


def fetch_account(now: Callable[[], datetime]) -> Conversation[Snapshot]:
    """Read everything with one request a page of 500. `status=all`: those who left are the ones not to miss."""
    names = yield from fetch_names(now)
    gathered = Gathered(names.custom_fields)
    query = {"status": "all", "limit": str(PAGE_SIZE), "include": INCLUDES}
    yield from turn_pages("/contacts", "contacts", query, gathered.take)
    if gathered.surplus:
        log.info("%d further phones or addresses of one kind were read past: the first counts", gathered.surplus)
    contacts, memberships = gathered.tables(names.lists, names.tags)
    return replace(names, contacts=contacts, memberships=memberships)


def fetch_names(now: Callable[[], datetime]) -> Conversation[Snapshot]:
    """Read what the account is and which lists, custom fields and tags it has; a snapshot without any contact."""
    return (yield from read_names(now))[0]


def read_names(now: Callable[[], datetime]) -> Conversation[tuple[Snapshot, dict[str, int]]]:
    """As `fetch_names`, and how many contacts the service counts on each list and tag: "list ID", "tag ID".

    A list that it gives no count for (a segment) is left out.
    """
    started = now().astimezone(UTC)
    response: Response = yield Request("GET", "/account/summary")
    summary = expect_object(response, "summary (it needs the scope account_read)")
    lists = yield from read_items("/contact_lists", "lists", _LISTS | {"include_membership_count": "all"})
    customs = yield from read_custom_fields()
    tags = yield from read_items("/contact_tags", "tags", _TAGS | {"include_count": "true"})
    counts = _counts(lists, LIST, "list_id", "membership_count") | _counts(tags, TAG, "tag_id", "contacts_count")
    names, labels = _ids(lists, "list_id"), _ids(tags, "tag_id")
    contacts, memberships = Gathered(customs).tables(names, labels)
    account = {key: str(summary.get(key) or "") for key in ("encoded_account_id", "organization_name")}
    fetched_at = earlier(started, response.date)
    return Snapshot(contacts, memberships, names, labels, customs, account, fetched_at), counts


def read_lists() -> Conversation[dict[str, str]]:
    return _ids((yield from read_items("/contact_lists", "lists", _LISTS)), "list_id")


def read_tags() -> Conversation[dict[str, str]]:
    return _ids((yield from read_items("/contact_tags", "tags", _TAGS)), "tag_id")


def read_custom_fields() -> Conversation[dict[str, CustomField]]:
    query = {"limit": str(CUSTOM_FIELDS_PAGE_SIZE)}
    items = yield from read_items("/contact_custom_fields", "custom_fields", query)
    return {str(item["label"]): custom_field(item) for item in items if item.get("label")}


def _ids(items: Sequence[Mapping[str, Any]], key: str) -> dict[str, str]:
    """Name → id."""
    return {str(item["name"]): str(item[key]) for item in items if item.get("name") and item.get(key)}


def _counts(items: Sequence[Mapping[str, Any]], kind: str, key: str, count: str) -> dict[str, int]:
    return {f"{kind} {item[key]}": item[count] for item in items if item.get(key) and isinstance(item.get(count), int)}


def custom_field(item: Mapping[str, Any]) -> CustomField:
    """A definition as the service tells it. Choices that were deleted can't be chosen any more."""
    choices = [one for one in item.get("choices") or () if isinstance(one, dict) and not one.get("deleted_at")]
    choices.sort(key=lambda one: one.get("display_order") or 0)
    return CustomField(
        id=str(item.get("custom_field_id") or ""),
        label=str(item["label"]),
        type=item.get("type") or "string",
        name=str(item.get("name") or ""),
        choices={str(one.get("choice_label")): str(one.get("choice_id")) for one in choices},
    )


class Gathered:
    """Pages on their way to one table: each is kept as Arrow columns, a quarter of the size of its dicts."""

    def __init__(self, customs: Mapping[str, CustomField]) -> None:
        self._customs = customs
        self._columns = {name: TextColumn() for name in column_names(customs)}
        self._held = {LIST: _Held(), TAG: _Held()}
        self.count = 0
        self.surplus = 0

    def take(self, contacts: Sequence[Mapping[str, Any]]) -> None:
        page = decode_contacts(contacts, self._customs)
        for name, column in self._columns.items():
            column.extend(page.columns[name])
        for kind, (positions, ids) in ((LIST, page.in_lists), (TAG, page.with_tags)):
            self._held[kind].take(positions, ids, self.count)
        self.count += len(contacts)
        self.surplus += page.surplus

    def tables(self, lists: Mapping[str, str], tags: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """contacts and memberships as `Snapshot` documents them; more pages may be taken afterwards.

        A contact that moved while the pages were turned comes twice: its last reading counts.
        """
        texts = {name: pd.Series(column.texts(), dtype="str") for name, column in self._columns.items()}
        contacts = pd.DataFrame(texts, copy=False)
        memberships = _lay_out(self._held, {LIST: lists, TAG: tags})
        doubles = contacts[CONTACT_ID].iloc[find_doubles(contacts[CONTACT_ID])]
        if len(doubles):
            last = np.ones(len(contacts), dtype=bool)
            last[doubles.index[doubles.duplicated(keep="last")]] = False
            contacts = contacts[last].reset_index(drop=True)
            memberships = memberships[last[memberships[CONTACT].to_numpy()]].reset_index(drop=True)
            memberships[CONTACT] = (np.cumsum(last) - 1)[memberships[CONTACT].to_numpy()]
        return contacts, memberships


class _Held:
    """The lists, or the tags, of contacts: position and id, each id's text kept once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._at: list[np.ndarray[Any, np.dtype[np.int64]]] = [np.zeros(0, np.int64)]
        self._which: list[np.ndarray[Any, np.dtype[np.int32]]] = [np.zeros(0, np.int32)]

    def take(self, positions: Sequence[int], ids: Sequence[str], offset: int) -> None:
        numbers = self._numbers
        self._at.append(np.asarray(positions, dtype=np.int64) + offset)
        self._which.append(np.array([numbers.setdefault(id_, len(numbers)) for id_ in ids], dtype=np.int32))

    def table(self) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int32]], list[str]]:
        """Of each membership the contact's position and the number of the id; the ids by their numbers."""
        return np.concatenate(self._at), np.concatenate(self._which), list(self._numbers)


def _lay_out(held: Mapping[str, _Held], names: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Ids become names. One that the account does not name keeps its id: the contact still is in some list."""
    tables = {kind: each.table() for kind, each in held.items()}
    told = []
    for kind, (_, _, ids) in tables.items():
        by_id = {id_: name for name, id_ in names[kind].items()}
        told.append([by_id.get(id_, id_) for id_ in ids])
    numbers = {name: number for number, name in enumerate(sorted({name for each in told for name in each}))}
    which = [
        np.array([numbers[name] for name in each], dtype=np.int32)[at]
        for each, (_, at, _) in zip(told, tables.values(), strict=True)
    ]
    kinds = np.repeat(np.arange(len(tables), dtype=np.int8), list(map(len, which)))
    return pd.DataFrame(
        {
            CONTACT: np.concatenate([at for at, _, _ in tables.values()]),
            KIND: pd.Categorical.from_codes(kinds, pd.Index(list(tables), dtype="str")).remove_unused_categories(),
            NAME: pd.Categorical.from_codes(np.concatenate(which), pd.Index(list(numbers), dtype="str")),
        }
    )
