from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ctct_etl import columns as c
from ctct_etl.plan.tables import POST_CONTACT
from ctct_etl.stages.reverting import Turned
from tests.account.plans import Act
from tests.stages.turning import ANN, back, moved, only, turned

ACT = {"first_name": "Ann"}
SINCE = "2026-11-23T22:00:00Z"
MADE = {c.CREATED_AT: "2026-11-23T22:05:00Z", "first_name": "Ann"}


def created(now: Mapping[str, Any] | None, since: str | None = None) -> Turned:
    act = Act(ANN, c.CREATE, ACT, add=["News"], tags=["vip"])
    return turned(act, now, routes=[POST_CONTACT], since=since)


def test_is_taken_off_its_lists_and_keeps_its_fields():
    found = created({**MADE, "lists": ["News", "Club"]})
    assert (only(found)[0], back(found), moved(found)) == ("remove", [], [("News", "remove")])
    assert (found.staying, found.deleted) == (1, 0)


def test_is_deleted_when_asked_for_and_nobody_touched_it():
    found = created({**MADE, "lists": ["News"], "tags": ["vip"]}, SINCE)
    assert only(found) == ("remove", "reverts run run-1: deletes the contact that it created")
    assert back(found) == [("first_name", "Ann", ""), ("status", "implicit", "deleted")]
    assert (moved(found), found.deleted) == ([("News", "remove")], 1)


@pytest.mark.parametrize(
    "touched",
    [
        {"first_name": "Anna"},
        {"last_name": "Lee"},
        {"lists": ["Club"]},
        {"tags": ["board"]},
        {c.STATUS: c.EXPLICIT},
        {c.CREATED_AT: "2026-11-23T21:59:59Z"},
        {c.CREATED_AT: ""},
    ],
)
def test_is_not_deleted_when_anything_is_otherwise(touched):
    found = created({**MADE, "lists": ["News"], **touched}, SINCE)
    assert (found.deleted, found.edited, back(found)) == (0, 1, [])
    assert "not deleted: it is not as the run left it" in only(found)[1]


def test_who_unsubscribed_is_not_deleted():
    found = created({**MADE, c.STATUS: c.UNSUBSCRIBED}, SINCE)
    assert only(found) == ("skip", "left alone: unsubscribed since")
