"""The report as plain data: what console, page and JSON all render, and nothing that they would have to count.

Every number stands here once. Large tables stay DataFrames of text, in the order of the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from ctct_etl.plan.tables import Verdict

# planned: nothing sent yet · stopped: a guard tripped · the others: how an apply ended.
State = Literal["planned", "stopped", "done", "part", "interrupted", "quota", "failed"]

# Columns of the report's tables that no other table has; the rest are named in columns.py.
WHERE = "where"  # str: file, sheet and row of the (first) source row, as a person says it
DETAIL = "detail"  # str: every problem that rejected the row, with the value seen


@dataclass(frozen=True)
class ReasonCount:
    """One reason, without the values that differ from row to row, and how many rows it decided."""

    reason: str
    count: int


@dataclass(frozen=True)
class OutcomeCount:
    """How many rows came to one outcome (columns.ROW_OUTCOMES), and why, the most frequent reason first."""

    outcome: str
    count: int
    reasons: tuple[ReasonCount, ...]


@dataclass(frozen=True)
class ActionCount:
    """How many contacts one action concerns; `results` says what became of them, by columns.RESULTS, after an apply."""

    action: str
    planned: int
    results: Mapping[str, int] | None


@dataclass(frozen=True)
class FieldCount:
    """How often one field is set (was blank), changed, cleared."""

    field: str
    set: int
    changed: int
    cleared: int


@dataclass(frozen=True)
class MembershipCount:
    """How many contacts are put on, or taken off, one list or tag (`kind`: columns.LIST | TAG)."""

    kind: str
    name: str
    add: int
    remove: int


@dataclass(frozen=True)
class Cost:
    """requests: by operation, without the total. left_today: None where the account counts no requests."""

    requests: Mapping[str, int]
    total: int
    minutes: float
    left_today: int | None
    used: int | None  # requests that an apply did send


@dataclass(frozen=True)
class NotDone:
    """One contact that an apply did not finish: its result and, when the service refused, the service's own words."""

    address: str
    action: str
    result: str
    words: str


@dataclass(frozen=True)
class Broken:
    """One value that was read back after an apply and is not what the plan promised."""

    address: str
    field: str
    promised: str
    found: str


@dataclass(frozen=True)
class Verification:
    """Contacts read back after an apply, how many are as promised, and what is not."""

    checked: int
    as_promised: int
    differences: tuple[Broken, ...]


@dataclass(frozen=True)
class SourceFile:
    path: str
    sha256: str
    size: int
    modified_at: str


@dataclass(frozen=True)
class Provenance:
    """Where the plan came from: enough to say later which file, which configs and which moment it rests on."""

    files: tuple[SourceFile, ...]
    pipeline_sha256: str
    mapping_sha256: str
    digests: Mapping[str, str]
    snapshot_at: str
    snapshot_contacts: int
    snapshot_by_status: Mapping[str, int]
    version: str


@dataclass(frozen=True)
class Report:
    """One plan, and what became of it.

    changes: one row a changed field, list or tag of a contact, tables.MOST_CHANGES of `change_count` at most:
        EMAIL · ACTION · FIELD ("list", "tag" for memberships) · BEFORE · AFTER · REASON · WHERE
    rejects: one row a rejected source row: WHERE · EMAIL · REASON · COLUMN · VALUE · DETAIL
    skips: one row a source row that was skipped, merges: merged into another: WHERE · EMAIL · REASON
    cautions: one row a warning about a cell: WHERE · EMAIL · COLUMN · VALUE · PROBLEM
    """

    run: str
    pipeline: str
    account: str
    organization: str
    dialect: str
    made_at: str
    started_at: str
    ended_at: str
    state: State
    headline: str
    summary: tuple[str, ...]
    rows: int
    blank_rows: int
    outcomes: tuple[OutcomeCount, ...]
    actions: tuple[ActionCount, ...]
    fields: tuple[FieldCount, ...]
    memberships: tuple[MembershipCount, ...]
    absorbed: Mapping[str, int]
    kept_edits: Mapping[str, int]
    guards: tuple[Verdict, ...]
    prerequisites: Mapping[str, tuple[str, ...]]
    cost: Cost
    mails: Mapping[str, int]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    stopped: str  # why an apply ended early, "" otherwise
    not_done: tuple[NotDone, ...]
    not_done_count: int
    verification: Verification | None
    provenance: Provenance
    change_count: int
    changes: pd.DataFrame
    rejects: pd.DataFrame
    skips: pd.DataFrame
    merges: pd.DataFrame
    cautions: pd.DataFrame

    def count_rows(self, outcome: str) -> int:
        return next(each.count for each in self.outcomes if each.outcome == outcome)

    def count_contacts(self, action: str) -> int:
        return next(each.planned for each in self.actions if each.action == action)
