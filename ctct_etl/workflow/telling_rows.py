"""The rows of one address as plain data: every cell that is used, and what each stage made of it."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from ctct_etl.columns import (
    COLUMN,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    FIELD,
    KIND,
    NAME,
    OPTED_OUT,
    ORDER,
    ORIGIN_FILE,
    ORIGIN_ROW,
    ORIGIN_SHEET,
    OUTCOME,
    PROBLEM,
    REASON,
    ROW,
    SEVERITY,
    VALUE,
)
from ctct_etl.config.mapping import FieldRule, Mapping
from ctct_etl.stages.deduping import mapped_fields
from ctct_etl.stages.folding import WINNER
from ctct_etl.workflow.tracing import Traced

_NAMED = re.compile(r"\{([^{}]+)\}")


def tell_rows(traced: Traced, decided: pd.DataFrame, mapping: Mapping) -> list[dict[str, Any]]:
    """decided: the same rows with what became of them."""
    won = set(traced.values[WINNER].tolist()) if len(traced.values) else set()
    return [
        {
            **tell_origin(decided.iloc[at]),
            "outcome": str(decided[OUTCOME].iloc[at]),
            "reason": str(decided[REASON].iloc[at]),
            "won": at in won,
            "fields": [_tell_field(traced, at, field, rule) for field, rule in mapping.fields.items()],
            "lists_and_tags": _tell_memberships(traced, at),
            "other": _tell_rest(traced, at),
            "problems": _tell_problems(traced, at),
        }
        for at in range(len(traced.at))
    ]


def tell_mentioned(decided: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {**tell_origin(row), "outcome": str(row[OUTCOME]), "reason": str(row[REASON])} for _, row in decided.iterrows()
    ]


def tell_desired(traced: Traced) -> list[dict[str, Any]]:
    """Each value of the desired contact, and the row that it is of; None where no row has an opinion."""
    told = []
    for field in mapped_fields(traced.desire.contacts.columns) if len(traced.values) else ():
        at = int(traced.values[field].iloc[0])
        filled = at != int(traced.values[WINNER].iloc[0])
        value = _text(traced.desire.contacts[field].iloc[0])
        origin = tell_origin(traced.source.iloc[at]) if value is not None else None
        told.append({"field": field, "value": value, "of": origin, "filled": filled})
    return told


def tell_origin(row: pd.Series) -> dict[str, Any]:
    return {"file": str(row[ORIGIN_FILE]), "sheet": str(row[ORIGIN_SHEET]), "row": int(row[ORIGIN_ROW])}


def _tell_field(traced: Traced, at: int, field: str, rule: FieldRule) -> dict[str, Any]:
    columns = [rule.column] if rule.column is not None else list(dict.fromkeys(_NAMED.findall(str(rule.template))))
    return {
        "field": field,
        "cells": {column: _text(traced.source[column].iloc[at]) for column in columns},
        "mapped": _text(traced.mapped[field].iloc[at]),
        "cleaned": _text(traced.cleaned[field].iloc[at]),
    }


def _tell_memberships(traced: Traced, at: int) -> list[dict[str, str]]:
    mine = traced.memberships[(traced.memberships[ROW] == at).to_numpy()]
    return [{"kind": str(kind), "name": str(name)} for kind, name in zip(mine[KIND], mine[NAME], strict=True)]


def _tell_rest(traced: Traced, at: int) -> dict[str, Any]:
    """What is read of a row beside its fields: whether it says no mail, its date, its evidence of consent."""
    row = traced.mapped.iloc[at]
    told = {"opted_out": bool(row[OPTED_OUT])}
    dates = {"order": ORDER, "evidence_date": EVIDENCE_DATE, "evidence_source": EVIDENCE_SOURCE}
    return told | {key: _text(row[name]) for key, name in dates.items() if name in row and _text(row[name])}


def _tell_problems(traced: Traced, at: int) -> list[dict[str, Any]]:
    """What was wrong with its cells; a column that is no field's, which an expectation looked at, has no field."""
    mine = traced.problems[(traced.problems[ROW] == at).to_numpy()]
    keys = {"field": FIELD, "column": COLUMN, "value": VALUE, "problem": PROBLEM, "severity": SEVERITY}
    return [{key: _text(row[name]) for key, name in keys.items()} for _, row in mine.iterrows()]


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
