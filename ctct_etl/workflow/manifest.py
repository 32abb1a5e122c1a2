"""Count a plan: the numbers of plan.json, from which console, page and JSON are all rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.account.dialect import Forecast
from ctct_etl.columns import (
    ACTIONS,
    ADD,
    AFTER,
    BEFORE,
    CHANGE,
    CONTACT,
    DELETED,
    FIELD,
    IF_IN,
    IF_IN_NO_LIST,
    IF_NOT_IN,
    KIND,
    LIST,
    NAME,
    OUTCOME,
    REMOVE_FROM,
    ROW_OUTCOMES,
    STATUS,
    TAG,
    UNCHANGED,
)
from ctct_etl.config.pipeline import IfIn, IfNotIn, UpdateRule
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, PlanTables
from ctct_etl.stages.colliding import NO_COLLISIONS, Collisions
from ctct_etl.workflow.deriving import Derived


def count_outcomes(derived: Derived) -> dict[str, Any]:
    """rows and each of their outcomes; `contacts`: each action of contacts."""
    outcomes = derived.rows[OUTCOME].value_counts()
    actions = derived.tables.actions[ACTION].value_counts()
    contacts = {action: int(actions.get(action, 0)) for action in ACTIONS}
    contacts[UNCHANGED] = derived.unchanged
    return {
        "rows": len(derived.rows),
        **{outcome: int(outcomes.get(outcome, 0)) for outcome in ROW_OUTCOMES},
        "contacts": contacts,
    }


def count_changes(derived: Derived, collisions: Collisions = NO_COLLISIONS) -> dict[str, Any]:
    """by_field: set, changed and cleared values. lists, tags: added, removed. absorbed: differences of writing.

    kept_edits: by field, how many edits of people stay. left, readded: for each list, how many left it and are not put
    back, and are. collisions: by field, how many values of merged rows are not as the winning row has them.
    """
    kept = derived.respected.kept[FIELD].value_counts()
    return {
        "by_field": _count_fields(derived.tables),
        "lists": _count_memberships(derived.tables.memberships, LIST),
        "tags": _count_memberships(derived.tables.memberships, TAG),
        "absorbed": dict(sorted(derived.absorbed.items())),
        "kept_edits": {str(field): int(count) for field, count in sorted(kept.items())},
        "left": dict(sorted(derived.departed.items())),
        "readded": dict(sorted(derived.readded.items())),
        "collisions": dict(collisions.by_field),
    }


def _count_fields(tables: PlanTables) -> dict[str, dict[str, int]]:
    changes = tables.changes
    cleared, fresh = ((changes[column] == "").to_numpy() for column in (AFTER, BEFORE))
    return _count_pairs(changes[FIELD], np.where(cleared, 2, ~fresh), ("set", "changed", "cleared"))


def _count_memberships(memberships: pd.DataFrame, kind: str) -> dict[str, dict[str, int]]:
    chosen = memberships[(memberships[KIND] == kind).to_numpy()]
    return _count_pairs(chosen[NAME], (chosen[CHANGE] == REMOVE_FROM).to_numpy(), (ADD, REMOVE_FROM))


def _count_pairs(names: pd.Series, kind: npt.NDArray[Any], kinds: Sequence[str]) -> dict[str, dict[str, int]]:
    """Name → kind → how often they stand together, of every kind. names: a category; kind: places in `kinds`."""
    known = names.cat.categories
    counts = np.bincount(
        names.cat.codes.to_numpy(dtype=np.int64) * len(kinds) + kind, minlength=len(known) * len(kinds)
    )
    told = zip(map(str, known), counts.reshape(len(known), len(kinds)).tolist(), strict=True)
    return {name: dict(zip(kinds, row, strict=True)) for name, row in sorted(told) if any(row)}


def describe_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """When and how the account was read, and who is in it. how: "full" or "refreshed", and why.

    lists, tags: how many contacts are on each, those that are deleted left out.
    """
    statuses = snapshot.contacts[STATUS].value_counts()
    return {
        "fetched_at": snapshot.fetched_at,
        "contacts": len(snapshot.contacts),
        "by_status": {str(status): int(count) for status, count in sorted(statuses.items())},
        "lists": dict(sorted((snapshot.counted or _count_members(snapshot, LIST)).items())),
        "tags": _count_members(snapshot, TAG) if snapshot.counted is None else {},
        "how": snapshot.reading.how,
        "why": snapshot.reading.why,
        "requests": snapshot.reading.requests,
    }


def _count_members(snapshot: Snapshot, kind: str) -> dict[str, int]:
    """Lists and tags that nobody is on are counted too."""
    held, known = snapshot.memberships, snapshot.lists if kind == LIST else snapshot.tags
    living = (snapshot.contacts[STATUS] != DELETED).to_numpy()
    counts = held[NAME][(held[KIND] == kind).to_numpy() & living[held[CONTACT].to_numpy()]].value_counts()
    return {name: int(counts.get(name, 0)) for name in sorted(known)}


def describe_rest(update: UpdateRule) -> dict[str, list[str]]:
    """What every update rests on, so that it can be judged again when the plan is applied: rule → lists."""
    if isinstance(update, IfIn):
        return {IF_IN: list(update.if_in)}
    if isinstance(update, IfNotIn):
        return {IF_NOT_IN: list(update.if_not_in)}
    return {IF_IN_NO_LIST: []} if update == IF_IN_NO_LIST else {}


def describe_forecast(forecast: Forecast, left_today: int | None) -> dict[str, Any]:
    sums = {name: dict(getattr(forecast, name)) for name in ("requests", "writes", "reads", "at_most")}
    return {
        "cost": {
            **sums,
            "readings": asdict(forecast.readings),
            "minutes": forecast.minutes,
            "left_today": left_today,
        },
        "mails": dict(forecast.mails),
        "welcome_by_list": dict(forecast.welcome_by_list),
    }
