"""The report as plain data: what console, page and JSON all render, and nothing that they would have to count.

Every number stands here once. Large tables stay DataFrames of text, in the order of the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from ctct_etl.columns import DONE, REJECTED, RESULTS, WRITING_ACTIONS
from ctct_etl.plan.tables import Verdict

# planned: nothing sent yet · stopped: a guard tripped · underway: an apply has begun · the others: how it ended.
State = Literal["planned", "stopped", "underway", "done", "part", "interrupted", "quota", "failed"]

# Columns of the report's tables that no other table has; the rest are named in columns.py.
WHERE = "where"  # str: file, sheet and row of the (first) source row, as a person says it
WON_WHERE = "won_where"  # str: the same of the row that won over it
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
    """How many contacts are put on, or taken off, one list or tag (`kind`: columns.LIST | TAG).

    before: how many it had when the account was read; None where that is not known.
    """

    kind: str
    name: str
    add: int
    remove: int
    before: int | None = None

    @property
    def after(self) -> int | None:
        return None if self.before is None else self.before + self.add - self.remove


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
class EarlierRun:
    """One run of the pipeline before this one. people: action → how many were done; planned, where nothing was sent.

    ended: as `history` tells it. good: it went through, and nobody took it back.
    """

    run: str
    at: str
    ended: str
    good: bool
    rows: int
    rejected: int
    people: Mapping[str, int]
    not_done: int
    requests: int | None


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
    pipeline_path: str
    pipeline_sha256: str
    mapping_path: str
    mapping_sha256: str
    suites: Mapping[str, str]  # file of expectations → SHA-256
    digests: Mapping[str, str]
    snapshot_at: str
    snapshot_contacts: int
    snapshot_by_status: Mapping[str, int]
    snapshot_how: str
    snapshot_requests: int
    version: str


@dataclass(frozen=True)
class Report:
    """One plan, and what became of it.

    changes: one row a changed field, list or tag of a contact, tables.MOST_CHANGES of `change_count` at most:
        EMAIL · ACTION · FIELD ("list", "tag" for memberships) · BEFORE · AFTER · REASON · WHERE
    rejects: one row a rejected source row: WHERE · EMAIL · REASON · COLUMN · VALUE · DETAIL
    skips: one row a source row that was skipped, merges: merged into another: WHERE · EMAIL · REASON
    cautions: one row a warning about a cell: WHERE · EMAIL · COLUMN · VALUE · PROBLEM
    edits: one row a value that a person wrote in the account and that stays: EMAIL · FIELD · AGREED · BEFORE (what the
        account has) · VALUE (what the source says) · WHERE
    collisions: one row a value of a merged row that the winning row has otherwise, the first of `collision_count`:
        EMAIL · FIELD · VALUE (of the merged row) · WON (of the winner) · AFTER (what counts) · WHERE · WON_WHERE
    resting: lists and tags that nobody is put on or taken off. earlier: runs before this one, the newest first.
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
    resting: tuple[MembershipCount, ...]
    absorbed: Mapping[str, int]
    kept_edits: Mapping[str, int]
    guards: tuple[Verdict, ...]
    prerequisites: Mapping[str, tuple[str, ...]]
    cost: Cost
    mails: Mapping[str, int]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    told_at: str  # when an apply that is under way last said how far it is, "" otherwise
    stopped: str  # why an apply ended early, "" otherwise
    not_done: tuple[NotDone, ...]
    not_done_count: int
    verification: Verification | None
    provenance: Provenance
    earlier: tuple[EarlierRun, ...]
    change_count: int
    changes: pd.DataFrame
    rejects: pd.DataFrame
    skips: pd.DataFrame
    merges: pd.DataFrame
    cautions: pd.DataFrame
    edits: pd.DataFrame
    collision_count: int
    collisions: pd.DataFrame

    def count_rows(self, outcome: str) -> int:
        return next(each.count for each in self.outcomes if each.outcome == outcome)

    def count_contacts(self, action: str) -> int:
        return next(each.planned for each in self.actions if each.action == action)

    @property
    def wanted(self) -> int:
        """How many contacts are to be written."""
        return sum(self.count_contacts(action) for action in WRITING_ACTIONS)

    def count_results(self) -> dict[str, int]:
        """What became of them, by columns.RESULTS; while nothing was sent, nothing did."""
        return {
            result: sum(each.results[result] for each in self.actions if each.results is not None) for result in RESULTS
        }

    def as_a_run(self) -> EarlierRun:
        """This one, as later ones will see it."""
        people = {each.action: each.planned if each.results is None else each.results[DONE] for each in self.actions}
        return EarlierRun(
            run=self.run,
            at=self.made_at,
            ended=self.state,
            good=self.state in ("done", "part"),
            rows=self.rows,
            rejected=self.count_rows(REJECTED),
            people={action: people[action] for action in WRITING_ACTIONS},
            not_done=self.not_done_count,
            requests=self.cost.used,
        )
