"""What became of a plan: told by the apply as it ends, kept beside the plan, read again by `show`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctct_etl.columns import CONFLICT, DONE, EMAIL, FAILED, PENDING_RESULT, RESULT, RESULTS, WORDS, WRITING_ACTIONS
from ctct_etl.errors import PlanRefused
from ctct_etl.plan.tables import ACTION, Plan
from ctct_etl.run.applying import Applied
from ctct_etl.run.plan_directory import write_page

OUTCOME_FILE = "outcome.json"
_KEYS = {"accepted", "run", "started_at", "ended_at", "ended", "stopped", "results", "requests", "not_done"}


def describe_begun(plan: Plan, started_at: str) -> dict[str, Any]:
    """Return the outcome of an apply that has just begun: what stands there if it is killed before it can tell more."""
    counts = plan.manifest["counts"]["contacts"]
    return {
        "run": plan.manifest["run"],
        "accepted": dict(plan.manifest["accepted"]),
        "started_at": started_at,
        "ended_at": "",
        "ended": "interrupted",
        "stopped": "it was ended before it could say how far it came",
        "results": {
            action: {result: counts[action] if result == PENDING_RESULT else 0 for result in RESULTS}
            for action in WRITING_ACTIONS
        },
        "requests": 0,
        "not_done": [],
    }


def describe_applied(plan: Plan, applied: Applied, started_at: str, ended_at: str) -> dict[str, Any]:
    """Return the outcome as plain data: the numbers that console, page and JSON show after an apply."""
    rest = applied.results[applied.results[RESULT] != DONE]
    partly = any(count[result] for count in applied.counts.values() for result in (CONFLICT, FAILED))
    return {
        "run": plan.manifest["run"],
        "accepted": dict(plan.manifest["accepted"]),
        "started_at": started_at,
        "ended_at": ended_at,
        "ended": "part" if applied.ended == "done" and partly else applied.ended,
        "stopped": str(applied.stopped) if applied.stopped is not None else "",
        "results": {action: dict(results) for action, results in applied.counts.items()},
        "requests": applied.requests,
        "not_done": [
            {"address": address, "action": action, "result": result, "words": words}
            for address, action, result, words in rest[[EMAIL, ACTION, RESULT, WORDS]].itertuples(index=False)
        ],
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
