"""What became of a plan: told by the apply as it ends, kept beside the plan, read again by `show`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctct_etl.columns import CONFLICT, FAILED, PENDING_RESULT, RESULTS, WRITING_ACTIONS
from ctct_etl.errors import PlanRefused
from ctct_etl.plan.tables import Planned
from ctct_etl.run.applying import Applied
from ctct_etl.run.plan_directory import write_page
from ctct_etl.run.run_files import OUTCOME_FILE
from ctct_etl.workflow.totals import Totals

Json = Mapping[str, Any]
_KEYS = {"accepted", "run", "started_at", "ended_at", "ended", "stopped", "results", "requests", "not_done"}


def describe_begun(plan: Planned, started_at: str) -> dict[str, Any]:
    """Return the outcome of an apply that has just begun: what stands there if it is killed before it can tell more."""
    counts = plan.manifest["counts"]["contacts"]
    return {
        "run": plan.manifest["run"],
        "accepted": dict(plan.manifest["accepted"]),
        "started_at": started_at,
        "ended_at": "",
        "ended": "interrupted",
        "told_at": started_at,
        "stopped": "it was cut off before it could tell how it ended",
        "results": {
            action: {result: counts[action] if result == PENDING_RESULT else 0 for result in RESULTS}
            for action in WRITING_ACTIONS
        },
        "requests": 0,
        "not_done": [],
        "not_told": [],
        "verification": None,
    }


def describe_applied(
    plan: Planned, applied: Applied, totals: Totals, verification: Json | None, started_at: str, ended_at: str
) -> dict[str, Any]:
    """Return the outcome as plain data: the numbers that console, page and JSON show after an apply.

    verification: what `Verification.describe` gave; None when the account was not read back.
    """
    partly = any(count[result] for count in totals.counts.values() for result in (CONFLICT, FAILED))
    partly = partly or bool(verification and verification["differences"])
    return {
        "run": plan.manifest["run"],
        "accepted": dict(plan.manifest["accepted"]),
        "started_at": started_at,
        "ended_at": ended_at,
        "told_at": "",
        "ended": "part" if applied.ended == "done" and partly else applied.ended,
        "stopped": str(applied.stopped) if applied.stopped is not None else "",
        "results": totals.counts,
        "requests": applied.requests,
        "not_done": totals.not_done,
        "not_told": [],
        "verification": verification,
    }


def keep_outcome(directory: Path, outcome: Mapping[str, Any]) -> None:
    content = json.dumps(outcome, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_page(directory, content.encode("utf-8"), OUTCOME_FILE)


def read_outcome(directory: Path) -> dict[str, Any] | None:
    """Return the outcome of a plan that was applied, None for one that was not."""
    path = directory / OUTCOME_FILE
    try:
        outcome = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        raise _refuse(path, str(fault)) from fault
    if not isinstance(outcome, dict) or not outcome.keys() >= _KEYS:
        raise _refuse(path, "parts of it are missing")
    return outcome


def _refuse(path: Path, why: str) -> PlanRefused:
    return PlanRefused(f"{path}: can't be read ({why}) — look at report.html, or apply the plan with --resume")
