"""Read the whole account: summary, lists, custom fields, tags, then every contact, page by page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ctct_etl.account.dialect import Conversation, Request
from ctct_etl.account.v3.paging import read_items, turn_pages
from ctct_etl.account.v3.reading import Page, column_names, decode_contacts
from ctct_etl.account.v3.wire import CUSTOM_FIELDS_PAGE_SIZE, INCLUDES, PAGE_SIZE
from ctct_etl.account.v3.words import expect_object
from ctct_etl.columns import CONTACT, CONTACT_ID, KIND, LIST, NAME, TAG
from ctct_etl.plan.snapshot import CustomField, Snapshot

log = logging.getLogger(__name__)

_TEXT = pa.large_string()


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
    fetched_at = now().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    summary = expect_object((yield Request("GET", "/account/summary")), "summary (it needs the scope account_read)")
    lists = yield from read_lists()
    customs = yield from read_custom_fields()
    tags = yield from read_tags()
    contacts, memberships = Gathered(customs).tables(lists, tags)
    account = {key: str(summary.get(key) or "") for key in ("encoded_account_id", "organization_name")}
    return Snapshot(contacts, memberships, lists, tags, customs, account, fetched_at)


def read_lists() -> Conversation[dict[str, str]]:
    query = {"limit": str(PAGE_SIZE), "status": "active"}
    items = yield from read_items("/contact_lists", "lists", query)
    return {str(item["name"]): str(item["list_id"]) for item in items if item.get("name") and item.get("list_id")}


def read_tags() -> Conversation[dict[str, str]]:
    items = yield from read_items("/contact_tags", "tags", {"limit": str(PAGE_SIZE)})
    return {str(item["name"]): str(item["tag_id"]) for item in items if item.get("name") and item.get("tag_id")}


def read_custom_fields() -> Conversation[dict[str, CustomField]]:
    query = {"limit": str(CUSTOM_FIELDS_PAGE_SIZE)}
    items = yield from read_items("/contact_custom_fields", "custom_fields", query)
    return {str(item["label"]): custom_field(item) for item in items if item.get("label")}


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
        self._tables: list[pa.Table] = []
        self._ids: dict[str, tuple[list[np.ndarray[Any, np.dtype[np.int64]]], list[str]]] = {
            LIST: ([], []),
            TAG: ([], []),
        }
        self._count = 0
        self.surplus = 0

    def take(self, contacts: Sequence[Mapping[str, Any]]) -> None:
        page = decode_contacts(contacts, self._customs)
        self._keep(page)
        self._count += len(contacts)
        self.surplus += page.surplus

    def _keep(self, page: Page) -> None:
        names = column_names(self._customs)
        self._tables.append(pa.table([_arrow(page.columns[name]) for name in names], names=names))
        for kind, (positions, ids) in ((LIST, page.in_lists), (TAG, page.with_tags)):
            self._ids[kind][0].append(np.asarray(positions, dtype=np.int64) + self._count)
            self._ids[kind][1].extend(ids)

    def tables(self, lists: Mapping[str, str], tags: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """contacts and memberships as `Snapshot` documents them.

        A contact that moved while the pages were turned comes twice: its last reading counts.
        """
        names = column_names(self._customs)
        empty = pa.table([pa.array([], _TEXT) for _ in names], names=names)
        table = pa.concat_tables([empty, *self._tables]).combine_chunks()
        contacts = pd.DataFrame({name: pd.Series(table.column(name), dtype="str") for name in names})
        ids = contacts[CONTACT_ID]
        last = ~(ids.duplicated(keep="last") & (ids != "")).to_numpy()
        position = np.cumsum(last) - 1
        parts = []
        for kind, known in ((LIST, lists), (TAG, tags)):
            at = np.concatenate([np.zeros(0, np.int64), *self._ids[kind][0]])
            parts.append(_memberships(at, self._ids[kind][1], kind, known))
        memberships = pd.concat(parts, ignore_index=True)
        memberships = memberships[last[memberships[CONTACT].to_numpy()]]
        memberships = memberships.assign(**{CONTACT: position[memberships[CONTACT].to_numpy()]})
        memberships = memberships.astype({KIND: "category", NAME: "category"})
        return contacts[last].reset_index(drop=True), memberships.reset_index(drop=True)


def _memberships(
    at: np.ndarray[Any, np.dtype[np.int64]], ids: list[str], kind: str, known: Mapping[str, str]
) -> pd.DataFrame:
    """Ids become names. One that is not among the account's lists keeps its id: the contact still is in some list."""
    coded = pa.array(ids, _TEXT).dictionary_encode()
    by_id = {id_: name for name, id_ in known.items()}
    names = pa.array([by_id.get(id_, id_) for id_ in coded.dictionary.to_pylist()], _TEXT)
    return pd.DataFrame({CONTACT: at, KIND: kind, NAME: pd.Series(names.take(coded.indices), dtype="str")})


def _arrow(values: list[str]) -> pa.Array:
    try:
        return pa.array(values, _TEXT)
    except UnicodeEncodeError:  # half of a surrogate pair: JSON may hold it, UTF-8 may not
        return pa.array([value.encode("utf-8", "replace").decode("utf-8") for value in values], _TEXT)
