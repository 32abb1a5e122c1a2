"""Fake plans: rows written as a person tells them, and a manifest counted from them, as the workflow counts it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from ctct_etl.columns import (
    ACTIONS,
    ADD,
    AFTER,
    AGREED,
    BEFORE,
    CHANGE,
    COLUMN,
    CONTACT,
    EMAIL,
    FIELD,
    KIND,
    LIST,
    NAME,
    ORIGIN_FILE,
    ORIGIN_ROW,
    ORIGIN_SHEET,
    OUTCOME,
    PROBLEM,
    REASON,
    REMOVE_FROM,
    ROW,
    ROW_OUTCOMES,
    SEVERITY,
    TAG,
    VALUE,
    WON,
    WON_BY,
    WRITING_ACTIONS,
)
from ctct_etl.plan.tables import ACTION, Plan, PlanTables, Verdict, no_collisions, no_edits


@dataclass
class PlanBuilder:
    """Gathers rows and actions; `build()` lays them out as the plan's tables."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    edits: list[dict[str, Any]] = field(default_factory=list)
    collisions: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    file: str = "members.xlsx"

    def row(self, email: str | None, outcome: str, reason: str) -> int:
        self.rows.append({"email": email, "outcome": outcome, "reason": reason})
        return len(self.rows) - 1

    def problem(self, row: int, column: str, value: str, problem: str, severity: str = "reject") -> None:
        self.problems.append({ROW: row, FIELD: "", COLUMN: column, VALUE: value, PROBLEM: problem, SEVERITY: severity})

    def edit(self, row: int, name: str, agreed: str, account: str, source: str) -> None:
        self.edits.append({ROW: row, FIELD: name, BEFORE: account, VALUE: source, AGREED: agreed})

    def collide(self, row: int, winner: int, name: str, said: str, won: str) -> None:
        self.collisions.append({ROW: row, WON_BY: winner, FIELD: name, VALUE: said, WON: won, AFTER: won})

    def reject(self, email: str | None, reason: str, column: str = "E-mail", value: str | None = None) -> None:
        row = self.row(email, "rejected", reason)
        self.problem(row, column, email or "" if value is None else value, reason)

    def action(
        self,
        action: str,
        email: str,
        changes: dict[str, tuple[str, str]] | None = None,
        add: tuple[str, ...] = (),
        remove: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
        reason: str = "new.create",
    ) -> None:
        rows = [] if action == "remove" else [self.row(email, action, reason)]
        given = {"changes": changes or {}, "add": add, "remove": remove, "tags": tags, "rows": rows}
        self.actions.append({"action": action, "email": email, "reason": reason, **given})

    def build(self, **manifest: Any) -> Plan:
        actions = sorted(self.actions, key=lambda each: each["email"])
        tables = PlanTables(
            actions=_frame([{EMAIL: a["email"], ACTION: a["action"], REASON: a["reason"]} for a in actions],
                           [EMAIL, ACTION, REASON], {ACTION: "category"}),
            changes=_frame([{CONTACT: at, FIELD: name, BEFORE: before, AFTER: after} for at, a in enumerate(actions)
                            for name, (before, after) in sorted(a["changes"].items())],
                           [CONTACT, FIELD, BEFORE, AFTER], {CONTACT: "int64", FIELD: "category"}),
            memberships=_memberships(actions),
            origins=self._origins(actions),
            wanted=_frame([], [CONTACT, KIND, NAME], {CONTACT: "int64", KIND: "category", NAME: "category"}),
        )  # fmt: skip
        rows = self._rows()
        problems = _frame(
            self.problems, [ROW, FIELD, COLUMN, VALUE, PROBLEM, SEVERITY], {ROW: "int64", SEVERITY: "category"}
        )
        edits = pd.concat([no_edits(), pd.DataFrame(self.edits, columns=list(no_edits()))])
        collisions = pd.concat([no_collisions(), pd.DataFrame(self.collisions, columns=list(no_collisions()))])
        counted = _manifest(tables, rows, self.unchanged)
        counted["changes"]["kept_edits"] = {str(name): int(n) for name, n in edits[FIELD].value_counts().items()}
        counted["changes"]["collisions"] = {str(name): int(n) for name, n in collisions[FIELD].value_counts().items()}
        return Plan(counted | manifest, tables, rows, problems, edits, collisions)

    def _rows(self) -> pd.DataFrame:
        told = [
            {ORIGIN_FILE: self.file, ORIGIN_SHEET: "Members", ORIGIN_ROW: at + 2, EMAIL: row["email"],
             OUTCOME: row["outcome"], REASON: row["reason"]}
            for at, row in enumerate(self.rows)
        ]  # fmt: skip
        columns = [ORIGIN_FILE, ORIGIN_SHEET, ORIGIN_ROW, EMAIL, OUTCOME, REASON]
        return _frame(told, columns, {ORIGIN_FILE: "category", ORIGIN_SHEET: "category", ORIGIN_ROW: "int64"})

    def _origins(self, actions: list[dict[str, Any]]) -> pd.DataFrame:
        told = [
            {CONTACT: at, ORIGIN_FILE: self.file, ORIGIN_SHEET: "Members", ORIGIN_ROW: row + 2}
            for at, action in enumerate(actions)
            for row in action["rows"]
        ]
        kinds = {CONTACT: "int64", ORIGIN_FILE: "category", ORIGIN_SHEET: "category", ORIGIN_ROW: "int64"}
        return _frame(told, [CONTACT, ORIGIN_FILE, ORIGIN_SHEET, ORIGIN_ROW], kinds)


def _frame(told: list[dict[str, Any]], columns: list[str], kinds: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(told, columns=columns).astype({column: kinds.get(column, "str") for column in columns})


def _memberships(actions: list[dict[str, Any]]) -> pd.DataFrame:
    told = [
        {CONTACT: at, KIND: kind, NAME: name, CHANGE: change}
        for at, action in enumerate(actions)
        for kind, names, change in (
            (LIST, action["add"], ADD), (LIST, action["remove"], REMOVE_FROM), (TAG, action["tags"], ADD)
        )
        for name in names
    ]  # fmt: skip
    kinds = {CONTACT: "int64", KIND: "category", NAME: "category", CHANGE: "category"}
    return _frame(told, [CONTACT, KIND, NAME, CHANGE], kinds)


def _manifest(tables: PlanTables, rows: pd.DataFrame, unchanged: int) -> dict[str, Any]:
    outcomes = rows[OUTCOME].value_counts()
    verbs = tables.actions[ACTION].value_counts()
    contacts = {action: int(verbs.get(action, 0)) for action in ACTIONS} | {"unchanged": unchanged}
    writes = sum(contacts[action] for action in WRITING_ACTIONS)
    requests = {"contacts_json_import": 1, "post_contact": 4, "total": 5} if writes else {"total": 0}
    return {
        "schema_version": 1,
        "run": "20261123T224501Z-3f2a",
        "pipeline": {"name": "nightly-members", "sha256": "1f" * 32},
        "mapping": {"sha256": "2e" * 32},
        "account": {"name": "sandbox", "dialect": "v3", "encoded_account_id": "a07e1",
                    "organization_name": "Lakeside Rowing Club"},
        "source": {
            "files": [{"path": "data/inbox/members.xlsx", "sha256": "3d" * 32, "size": 412_000,
                       "modified_at": "2026-11-23T18:02:11Z"}],
            "blank_rows": 10,
            "notes": ["members.xlsx: the header was found on row 3"],
        },
        "snapshot": {"fetched_at": "2026-11-23T22:44:58Z", "contacts": 8000,
                     "by_status": {"implicit": 7000, "explicit": 600, "unsubscribed": 400},
                     "lists": {"Newsletter": 5000, "Travel Club": 120, "Board": 12}, "tags": {}},
        "made_at": "2026-11-23T22:45:01Z",
        "version": "0.1.0",
        "counts": {"rows": len(rows), **{each: int(outcomes.get(each, 0)) for each in ROW_OUTCOMES},
                   "contacts": contacts},
        "changes": {
            "by_field": _count_fields(tables.changes),
            "lists": _count_memberships(tables.memberships, LIST),
            "tags": _count_memberships(tables.memberships, TAG),
            "absorbed": {"phone.mobile": 120},
        },
        "guards": [
            guard("max_updates", "2 of 7,600 contacts of the account would be updated (0.0%)", 2, "30%"),
            guard("max_creates", "3 would be created, against 7,600 contacts that the account has (0.0%)", 3, "50%"),
            guard("max_rejected", "2 of 12 rows are rejected (16.7%)", 2, "50%"),
        ],
        "accepted": {},
        "prerequisites": {"lists": ["Volunteers"], "custom_fields": [], "tags": []},
        "cost": {"requests": requests, "minutes": 0.1, "left_today": 9000},
        "mails": {"welcome": 0, "confirmation": 0},
        "warnings": ["whether these people left a list before can't be known on a first run"],
        "files": {"actions.jsonl": "4c" * 32, "rows.parquet": "5b" * 32},
        "digest": "6a" * 32,
    }  # fmt: skip


def guard(
    name: str, figure: str, value: int, limit: str, tripped: bool = False, accepted: bool = False
) -> dict[str, Any]:
    cure = f"read the report, then --accept {name}={value}" if tripped else ""
    return asdict(Verdict(name, figure, value, 7600, limit, tripped, accepted, cure))


def _count_fields(changes: pd.DataFrame) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for name, before, after in changes[[FIELD, BEFORE, AFTER]].itertuples(index=False):
        kind = "set" if before == "" else "cleared" if after == "" else "changed"
        counts.setdefault(name, {"set": 0, "changed": 0, "cleared": 0})[kind] += 1
    return counts


def _count_memberships(memberships: pd.DataFrame, kind: str) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for each, name, change in memberships[[KIND, NAME, CHANGE]].itertuples(index=False):
        if each == kind:
            counts.setdefault(name, {"add": 0, "remove": 0})[change] += 1
    return counts


def small_plan(**manifest: Any) -> Plan:
    """A dozen rows with one of everything: what a page has to show at least once."""
    plan = PlanBuilder(unchanged=2)
    plan.action(
        "create", "ann@example.org", {"first_name": ("", "Ann"), "last_name": ("", "O'Neil")}, add=("Newsletter",)
    )
    plan.action(
        "create", "bo@example.org", {"address.home.postal_code": ("", "01001")}, add=("Newsletter", "Travel Club")
    )
    plan.action("create", "cy@example.org")
    plan.action(
        "update",
        "dee@example.org",
        {"first_name": ("Dee", "Deirdre"), "custom.Member Level": ("Gold", "")},
        tags=("spring-2026",),
        reason="existing.update: always",
    )
    plan.action(
        "update", "eva@example.org", {"phone.mobile": ("+1 555 0100", "+1 555 0199")}, reason="existing.update: always"
    )
    plan.action("remove", "gone@example.org", remove=("Newsletter",), reason="absent: remove_from_lists")
    plan.action("skip", "left@example.org", reason="unsubscribed in the account on 2026-03-01: never changed")
    same = plan.row("same@example.org", "unchanged", "the account already says the same")
    plan.edit(same, "last_name", "Smith", "Smyth", "Smithe")
    plan.row("same2@example.org", "unchanged", "the account already says the same")
    lost = plan.row("eva@example.org", "merged", "merged into members.xlsx, sheet Members, row 6: it is later")
    plan.collide(lost, 4, "phone.mobile", "+1 555 0100", "+1 555 0199")
    plan.reject("zed@@example.org", '"zed@@example.org" is not an e-mail address — correct the cell')
    plan.reject(None, "the row has no e-mail address — fill the cell", value="")
    plan.problem(0, "Cell", "12", '"12" is not a phone number; the field is left as it is', severity="warn")
    return plan.build(**manifest)


def applied(ended: str = "done", **results: dict[str, int]) -> dict[str, Any]:
    """What an apply of `small_plan` leaves behind."""
    whole = {"create": {"done": 3}, "update": {"done": 2}, "remove": {"done": 1}}
    return {
        "run": "20261123T224501Z-3f2a",
        "started_at": "2026-11-23T22:46:00Z",
        "ended_at": "2026-11-23T22:46:09Z",
        "ended": ended,
        "results": whole | results,
        "requests": 7,
        "stopped": "",
        "not_done": [],
    }
