"""What past runs did with one address, the newest first."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import Any

from ctct_etl.run.address_history import find_mention
from ctct_etl.run.run_cards import Unreadable
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.history import PastRun, list_runs

MOST_LOOKED_AT = 100  # runs: a large one takes a tenth of a second
_TOLD = ("action", "reason", "route", "before", "after", "lists", "tags")


def tell_past(state: StateDirectory, account: str, address: str, most: int) -> dict[str, Any]:
    """Tell the last `most` runs of the account that had to do with `address`, and what can't be read among the runs.

    looked_at: how many runs were; older: whether there are some that were not. Raises StateError.
    """
    runs = [run for run in list_runs(state) if isinstance(run, Unreadable) or run.card.account == account]
    told: list[dict[str, Any]] = []
    looked_at = 0
    for run in islice(runs, MOST_LOOKED_AT):
        if sum("unreadable" not in one for one in told) == most:
            break
        looked_at += 1
        if one := _tell_run(run, address):
            told.append(one)
    return {"runs": told, "looked_at": looked_at, "older": len(runs) > looked_at}


def _tell_run(run: PastRun | Unreadable, address: str) -> dict[str, Any]:
    """{} for a run that had nothing to do with it."""
    if isinstance(run, Unreadable):
        return {"run": run.directory.name, "unreadable": run.why}
    card = run.card
    try:
        mention = find_mention(card, address)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        return {"run": card.run, "unreadable": f"can't be read ({type(fault).__name__})"}
    if mention is None:
        return {}
    rows = [dict(zip(("file", "sheet", "row", "outcome", "reason"), row, strict=True)) for row in mention.rows]
    return {
        "run": card.run,
        "pipeline": card.pipeline,
        "command": card.command,
        "when": (card.applied and card.applied.started_at) or card.made_at,
        "ended": run.ended,
        "reverted_by": run.reverted_by,
        **{key: mention.action.get(key) for key in _TOLD},
        "rows": rows,
        **{key: value for key, value in asdict(mention).items() if key in ("result", "words")},
    }
