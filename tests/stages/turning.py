"""Runs of one action, turned round, and what a reader wants to know of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.plan.tables import ACTION, ADD_LISTS, ADD_TAGS, PUT_CONTACT, REMOVE_LISTS, ROUTE
from ctct_etl.stages.reverting import Turned, turn_round
from tests.account.plans import Act, plan_tables
from tests.tables import snapshot

ANN = "ann@x.org"
EVERY_ROUTE = (PUT_CONTACT, ADD_LISTS, REMOVE_LISTS, ADD_TAGS)


def turned(
    act: Act,
    now: Mapping[str, Any] | None,
    routes: Sequence[str] = EVERY_ROUTE,
    left: Sequence[tuple[str, str]] = (),
    lists: Sequence[str] = ("News", "Club"),
    since: str | None = None,
    custom_fields: Sequence[CustomField] = (),
) -> Turned:
    """The one action of a run, turned round in an account that has `now` (None: it has nobody)."""
    account = snapshot([{c.EMAIL: ANN, **now}] if now is not None else [], lists=lists, custom_fields=custom_fields)
    act.contact_id = act.contact_id or "id-0"
    done = pd.DataFrame({c.EMAIL: [act.email] * len(routes), ROUTE: list(routes)}, dtype="str")
    remembered = pd.DataFrame(left, columns=[c.EMAIL, c.NAME], dtype="str")
    return turn_round(plan_tables([act]), done, account, remembered, "run-1", since)


def only(found: Turned) -> tuple[str, str]:
    """What happens to the one contact, and why."""
    (action,) = found.tables.actions[ACTION].tolist()
    (reason,) = found.tables.actions[c.REASON].tolist()
    return str(action), str(reason)


def back(found: Turned) -> list[tuple[str, str, str]]:
    """(field, before, after)."""
    return [tuple(map(str, line)) for line in found.tables.changes[[c.FIELD, c.BEFORE, c.AFTER]].to_numpy()]


def moved(found: Turned) -> list[tuple[str, str]]:
    """(list, add or remove)."""
    return [tuple(map(str, line)) for line in found.tables.memberships[[c.NAME, c.CHANGE]].to_numpy()]
