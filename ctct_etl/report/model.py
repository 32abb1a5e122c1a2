"""Build the one model that console, page and JSON render: every number is counted, and checked, here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pandas as pd

from ctct_etl.columns import (
    ACTIONS,
    DONE,
    LIST,
    REJECTED,
    RESULTS,
    REVERTS,
    ROW,
    ROW_OUTCOMES,
    TAG,
    WON_BY,
    WRITING_ACTIONS,
)
from ctct_etl.plan.tables import DELETE_CONTACT, Planned, Verdict
from ctct_etl.report.headline import write_headline, write_summary
from ctct_etl.report.rows import Rows, list_all_rows
from ctct_etl.report.shapes import (
    ActionCount,
    Broken,
    Cost,
    EarlierRun,
    FieldCount,
    MembershipCount,
    NotDone,
    OutcomeCount,
    Provenance,
    ReasonCount,
    Report,
    SourceFile,
    State,
    Verification,
)
from ctct_etl.report.tables import Changes, list_changes, list_collisions, list_edits, place_field

__all__ = ["NumbersDisagree", "Report", "build_brief", "build_report"]

Json = Mapping[str, Any]
_TABLES = ("changes", "rejects", "skips", "merges", "cautions", "edits", "collisions")
_NO_TABLES = {"change_count": 0, **{name: pd.DataFrame() for name in _TABLES}}


class NumbersDisagree(AssertionError):
    """The numbers of a plan contradict each other: a fault of the program, never of the data."""


def build_report(plan: Planned, outcome: Json | None, earlier: Sequence[EarlierRun] = ()) -> Report:
    """Build the report of a plan, and of what an apply made of it.

    outcome: run, started_at, ended_at, told_at, ended (a shapes.State), stopped (why it ended
        early), results (action → result → count), requests, not_done ({address, action, result, words}, the first of
        them), verification (None, or checked, as_promised, differences ({address, field, promised, found}));
        None while nothing was sent. earlier: the runs before it, the newest first.
    Raises NumbersDisagree unless rows = rejected + merged + unchanged + skip + create + update, each as the rows say,
    and, after an apply, every written action = done + conflict + failed + pending.
    """
    rows, changes = _list_rows(plan), list_changes(plan.windows())
    tables = _list_tables(changes, plan, rows)
    outcomes = _count_outcomes(rows, plan.manifest["counts"])
    return _assemble(plan.manifest, outcome, outcomes, changes.actions, tables, earlier)


def build_brief(manifest: Json, outcome: Json | None) -> Report:
    """Build the report of a plan from its manifest alone: every number of it, no reason, no table, no earlier run."""
    counts = manifest["counts"]
    outcomes = tuple(OutcomeCount(each, counts[each], ()) for each in ROW_OUTCOMES)
    return _assemble(manifest, outcome, outcomes, counts["contacts"], {**_NO_TABLES}, ())


def _list_rows(plan: Planned) -> Rows:
    told = (plan.edits[ROW], plan.collisions[ROW], plan.collisions[WON_BY])
    return list_all_rows(plan.row_parts(), plan.problems, pd.concat(told).unique())


def _assemble(
    manifest: Json,
    outcome: Json | None,
    outcomes: tuple[OutcomeCount, ...],
    found: Mapping[str, int],
    tables: Json,
    earlier: Sequence[EarlierRun],
) -> Report:
    counts = manifest["counts"]
    actions = _count_actions(found, counts["contacts"], outcome)
    guards = tuple(Verdict(**guard) for guard in manifest["guards"])
    cost, memberships = _read_cost(manifest["cost"], outcome), _count_memberships(manifest)
    state = _find_state(guards, outcome)
    return Report(
        **_identify_plan(manifest),
        **_tell_end(outcome or {}),
        **tables,
        state=state,
        headline=write_headline(
            state, actions, reverts=manifest.get(REVERTS, ""), deletes=DELETE_CONTACT in manifest["cost"]["requests"]
        ),
        summary=write_summary(guards, manifest["mails"], cost, counts[REJECTED], counts["rows"]),
        rows=counts["rows"],
        outcomes=outcomes,
        actions=actions,
        fields=_count_fields(manifest["changes"]["by_field"]),
        memberships=tuple(each for each in memberships if each.add or each.remove),
        resting=tuple(each for each in memberships if not each.add and not each.remove),
        earlier=tuple(earlier),
        collision_count=sum(manifest["changes"].get("collisions", {}).values()),
        absorbed=dict(manifest["changes"].get("absorbed", {})),
        kept_edits=dict(manifest["changes"].get("kept_edits", {})),
        guards=guards,
        prerequisites={kind: tuple(names) for kind, names in sorted(manifest["prerequisites"].items()) if names},
        cost=cost,
        mails=dict(manifest["mails"]),
        warnings=tuple(manifest["warnings"]),
    )


def _identify_plan(manifest: Json) -> dict[str, Any]:
    account, source = manifest["account"], manifest["source"]
    return {
        "run": manifest["run"],
        "pipeline": manifest["pipeline"]["name"],
        "account": account["name"],
        "organization": account.get("organization_name") or account["name"],
        "dialect": account["dialect"],
        "made_at": manifest["made_at"],
        "blank_rows": source.get("blank_rows", 0),
        "notes": tuple(map(str, source.get("notes", ()))),
        "provenance": _read_provenance(manifest),
    }


def _tell_end(ended: Json) -> dict[str, Any]:
    counts = ended.get("results", {}).values()
    return {
        "started_at": ended.get("started_at", ""),
        "ended_at": ended.get("ended_at", ""),
        "told_at": ended.get("told_at", ""),
        "stopped": ended.get("stopped", ""),
        "not_done": tuple(NotDone(**each) for each in ended.get("not_done", ())),
        "not_done_count": sum(count.get(result, 0) for count in counts for result in RESULTS if result != DONE),
        "verification": _read_verification(ended.get("verification")),
    }


def _list_tables(changes: Changes, plan: Planned, rows: Rows) -> dict[str, Any]:
    return {
        "change_count": changes.total,
        "changes": changes.table,
        "rejects": rows.rejects,
        "skips": rows.skips,
        "merges": rows.merges,
        "cautions": rows.cautions,
        "edits": list_edits(plan.edits, rows.named),
        "collisions": list_collisions(plan.collisions, rows.named),
    }


def _count_outcomes(rows: Rows, counts: Json) -> tuple[OutcomeCount, ...]:
    for outcome in ROW_OUTCOMES:
        _agree(f"rows {outcome}", counts[outcome], sum(rows.tally.get(outcome, {}).values()))
    _agree("rows = " + " + ".join(ROW_OUTCOMES), counts["rows"], sum(counts[outcome] for outcome in ROW_OUTCOMES))
    _agree("rows", counts["rows"], rows.total)
    return tuple(OutcomeCount(outcome, counts[outcome], _rank_reasons(rows, outcome)) for outcome in ROW_OUTCOMES)


def _rank_reasons(rows: Rows, outcome: str) -> tuple[ReasonCount, ...]:
    ranked = sorted(rows.tally.get(outcome, {}).items(), key=lambda item: (-item[1], item[0]))
    return tuple(ReasonCount(reason, count) for reason, count in ranked)


def _count_actions(found: Mapping[str, int], contacts: Json, outcome: Json | None) -> tuple[ActionCount, ...]:
    counted = []
    for action in ACTIONS:
        results = None
        if action in WRITING_ACTIONS:
            _agree(f"contacts {action}", contacts[action], found.get(action, 0))
            results = _read_results(action, contacts[action], outcome)
        counted.append(ActionCount(action, contacts[action], results))
    return tuple(counted)


def _read_results(action: str, planned: int, outcome: Json | None) -> Mapping[str, int] | None:
    if outcome is None:
        return None
    given = outcome["results"].get(action, {})
    results = {result: int(given.get(result, 0)) for result in RESULTS}
    _agree(f"{action} = " + " + ".join(RESULTS), planned, sum(results.values()))
    return results


def _count_fields(by_field: Json) -> tuple[FieldCount, ...]:
    return tuple(FieldCount(field, **by_field[field]) for field in sorted(by_field, key=place_field))


def _count_memberships(manifest: Json) -> tuple[MembershipCount, ...]:
    """Of every list and tag that the account has, or that is made for it. Older plans tell of those that change."""
    counted = []
    for kind, key in ((LIST, "lists"), (TAG, "tags")):
        changed, held = manifest["changes"][key], manifest["snapshot"].get(key)
        made = manifest["prerequisites"].get(key, ())
        for name in sorted({*changed, *(held or ())}):
            count = changed.get(name, {})
            before = None if held is None else held.get(name, 0 if name in made else None)
            counted.append(MembershipCount(kind, name, count.get("add", 0), count.get("remove", 0), before))
    return tuple(counted)


def _read_cost(cost: Json, outcome: Json | None) -> Cost:
    requests = {operation: count for operation, count in sorted(cost["requests"].items()) if operation != "total"}
    used = outcome["requests"] if outcome else None
    return Cost(requests, cost["requests"]["total"], cost["minutes"], cost.get("left_today"), used)


def _find_state(guards: tuple[Verdict, ...], outcome: Json | None) -> State:
    if outcome is not None:
        return cast(State, outcome["ended"])
    return "stopped" if any(guard.tripped for guard in guards) else "planned"


def _read_verification(verification: Json | None) -> Verification | None:
    if verification is None:
        return None
    differences = tuple(Broken(**each) for each in verification.get("differences", ()))
    return Verification(verification["checked"], verification["as_promised"], differences)


def _read_provenance(manifest: Json) -> Provenance:
    snapshot = manifest["snapshot"]
    return Provenance(
        files=tuple(SourceFile(**file) for file in manifest["source"]["files"]),
        pipeline_path=manifest["pipeline"].get("path", ""),
        pipeline_sha256=manifest["pipeline"]["sha256"],
        mapping_path=manifest["mapping"].get("path", ""),
        mapping_sha256=manifest["mapping"]["sha256"],
        suites={suite["path"]: suite["sha256"] for suite in manifest["mapping"].get("suites", ())},
        digests=_read_digests(manifest),
        snapshot_at=snapshot["fetched_at"],
        snapshot_contacts=snapshot["contacts"],
        snapshot_by_status=dict(sorted(snapshot["by_status"].items())),
        snapshot_how=snapshot.get("how", ""),
        snapshot_requests=snapshot.get("requests", 0),
        version=manifest["version"],
    )


def _read_digests(manifest: Json) -> dict[str, str]:
    """Only a plan that was written has them: its files', and its own."""
    whole = {"plan.json": manifest["digest"]} if "digest" in manifest else {}
    return {**manifest.get("files", {}), **whole}


def _agree(what: str, said: int, counted: int) -> None:
    if said != counted:
        raise NumbersDisagree(f"{what}: the plan says {said:,}, its tables say {counted:,} — please report this fault")
