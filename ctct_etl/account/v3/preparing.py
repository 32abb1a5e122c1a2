"""Make the lists, custom fields and tags that a plan needs and the account lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ctct_etl.account.dialect import Conversation, Prerequisites, Request, Response
from ctct_etl.account.v3.fetching import custom_field, read_custom_fields, read_lists, read_tags
from ctct_etl.account.v3.words import expect_object
from ctct_etl.columns import CUSTOM_PREFIX
from ctct_etl.errors import Unsettled
from ctct_etl.plan.snapshot import Snapshot

Made = TypeVar("Made")


def prepare_account(wanted: Prerequisites, snapshot: Snapshot) -> Conversation[Snapshot]:
    """Make what is wanted and not there; return the snapshot with the new ids. Fields are made of type text."""
    lists, tags = dict(snapshot.lists), dict(snapshot.tags)
    customs = dict(snapshot.custom_fields)
    for name in wanted.lists:
        if name not in lists:
            lists[name] = yield from _make("/contact_lists", {"name": name}, name, read_lists, _id("list_id"))
    for label in wanted.custom_fields:
        if label not in customs:
            body = {"label": label, "type": "string"}
            customs[label] = yield from _make("/contact_custom_fields", body, label, read_custom_fields, custom_field)
    for name in wanted.tags:
        if name not in tags:
            tags[name] = yield from _make("/contact_tags", {"name": name}, name, read_tags, _id("tag_id"))
    blank = {f"{CUSTOM_PREFIX}{label}": "" for label in customs if f"{CUSTOM_PREFIX}{label}" not in snapshot.contacts}
    contacts = snapshot.contacts.assign(**blank).astype(dict.fromkeys(blank, "str"))
    return replace(snapshot, lists=lists, tags=tags, custom_fields=customs, contacts=contacts)


def _make(
    path: str,
    body: Mapping[str, Any],
    name: str,
    read_all: Callable[[], Conversation[dict[str, Made]]],
    made: Callable[[Mapping[str, Any]], Made],
) -> Conversation[Made]:
    """POST it; a 409 or a lost answer means that it may be there: look it up, and send again only what is not."""
    for attempt in range(2):
        response: Response | None = None
        try:
            response = yield Request("POST", path, body=body)
        except Unsettled:
            if attempt:
                raise
        if response is not None and response.status != 409:
            return made(expect_object(response, f'new entry "{name}" in {path}'))
        existing = yield from read_all()
        if name in existing:
            return existing[name]
        if response is not None:
            return made(expect_object(response, f'new entry "{name}" in {path}'))
    raise AssertionError("the second attempt returns or raises")


def _id(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda item: str(item[key])
