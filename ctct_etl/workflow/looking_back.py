"""The runs before one, as its report compares itself with them: read from their plans and outcomes alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from ctct_etl.columns import DONE, DRY_RUN_COMMAND, PLAN_COMMAND, REJECTED, WRITING_ACTIONS
from ctct_etl.errors import StateError
from ctct_etl.report.shapes import EarlierRun
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.history import DRY_RUN, NOTHING_TO_DO, PLANNED, RUNNING, STOPPED, PastRun, list_runs

MOST = 10
_LOOKED_AT = 100  # of the pipeline's runs: dry runs and plans lie among them, and are passed over
_GOOD = ("done", "part", NOTHING_TO_DO)


def look_back(state: Path, manifest: Mapping[str, Any]) -> tuple[EarlierRun, ...]:
    """Return the last runs of the same pipeline and account before the one of `manifest`, the newest first.

    Dry runs, plans that nobody applied, and runs that take another back are no nights, and left out. A comparison is
    never worth the run: what can't be read is passed over.
    """
    name, account = manifest["pipeline"]["name"], manifest["account"]["name"]
    try:
        runs = list_runs(StateDirectory(state, makes=False), pipeline=name, account=account, limit=_LOOKED_AT)
    except StateError:
        return ()
    nights = (past for past in runs if isinstance(past, PastRun) and _is_night(past, manifest))
    return tuple(islice(map(_tell, nights), MOST))


def look_back_from(directory: Path, manifest: Mapping[str, Any]) -> tuple[EarlierRun, ...]:
    """The same for a plan that lies in a state's runs; one that lies elsewhere has no runs before it."""
    place = directory.absolute()
    return look_back(place.parents[1], manifest) if place.parent.name == "runs" else ()


def _is_night(past: PastRun, manifest: Mapping[str, Any]) -> bool:
    """The id of a run begins with its moment, and so sorts by it."""
    card = past.card
    was_meant = past.ended not in (DRY_RUN, PLANNED, RUNNING) and not (
        past.ended == STOPPED and card.command in (DRY_RUN_COMMAND, PLAN_COMMAND)
    )
    return card.run < manifest["run"] and not card.reverts and was_meant


def _tell(past: PastRun) -> EarlierRun:
    card = past.card
    done = card.applied.results if card.applied else None
    return EarlierRun(
        run=card.run,
        at=card.made_at,
        ended="reverted" if past.reverted else past.ended,
        good=past.ended in _GOOD and not past.reverted,
        rows=card.rows["rows"],
        rejected=card.rows[REJECTED],
        people={action: done[action].get(DONE, 0) if done else card.contacts[action] for action in WRITING_ACTIONS},
        not_done=card.not_done + card.pending,
        requests=card.applied.requests if card.applied else None,
    )
