"""Past runs: how each ended, found by its directory, its mark, its account's lock and the reverts that came later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ctct_etl.columns import DRY_RUN_COMMAND, RUN_COMMAND
from ctct_etl.errors import PlanRefused, StateError, UsageError
from ctct_etl.run.lock_cards import read_card
from ctct_etl.run.pipeline_runs import read_pipeline
from ctct_etl.run.run_cards import RunCard, Unreadable, read_run
from ctct_etl.run.run_files import MANIFEST
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.underway import is_underway

LAST = "last"
# How a run ended, besides what an apply says of itself: done, part, interrupted, quota, failed.
RUNNING, STOPPED, PLANNED, DRY_RUN = "running", "stopped", "planned", "dry_run"
NOTHING_TO_DO, INTERRUPTED = "nothing_to_do", "interrupted"

_WENT_THROUGH = ("done", "part")
_SHOWN = 3  # of the runs there are, where one is named that is not


@dataclass(frozen=True)
class PastRun:
    """ended: how. resumable: whether `apply --resume` goes on with it. reverted_by: "" also where that is not known."""

    card: RunCard
    ended: str
    resumable: bool
    reverted: bool
    reverted_by: str


def list_runs(
    state: StateDirectory, *, pipeline: str | None = None, account: str | None = None, limit: int | None = None
) -> list[PastRun | Unreadable]:
    """Return the runs of the state, the newest first, and what lies among them; `limit` counts the runs.

    What can't be read is of no known pipeline, and of no account.

    state: one that makes nothing will do. Raises StateError if the runs themselves can't be listed.
    """
    found, runs = [], 0
    for past in _choose_runs(state, pipeline, account):
        found.append(past)
        runs += isinstance(past, PastRun)
        if runs == limit:
            break
    return found


def find_run(state: StateDirectory, which: str, *, pipeline: str | None = None, account: str | None = None) -> PastRun:
    """Return the run `which`: an id, the beginning of one, "last", or the directory of a plan.

    Raises UsageError if it is none, or several; PlanRefused for one that can't be read.
    """
    if which == LAST:
        runs = _choose_runs(state, pipeline, account)
        found = next((past for past in runs if isinstance(past, PastRun)), None)
        if found is None:
            raise UsageError(f"there is no run in {state.path} that this would be the last of — see `ctct-etl history`")
        return found
    names = _names(state)
    matching = [which] if which in names else [name for name in names if which and name.startswith(which)]
    if len(matching) > 1:
        raise UsageError(f'"{which}" begins {len(matching)} runs: {", ".join(matching[:_SHOWN])} — write more of it')
    directory = state.runs() / matching[0] if matching else Path(which)
    if not matching and not (directory / MANIFEST).is_file():
        known = f"the last runs are {', '.join(names[:_SHOWN])}" if names else f"there is none in {state.path}"
        raise UsageError(f'there is no run "{which}" — {known}; or name the directory of a plan')
    told = read_run(directory)
    if isinstance(told, Unreadable):
        raise PlanRefused(f"{told.directory}: {told.why}")
    later = (past.card for past in _read_runs(state) if isinstance(past, PastRun))
    return _judge(state, told, {card.reverts: card.run for card in later if _took_back(card)}, _reverted(state))


def describe_run(past: PastRun | Unreadable) -> dict[str, Any]:
    """Tell a run as plain data, for reports and machines."""
    if isinstance(past, Unreadable):
        return {"run": past.directory.name, "directory": str(past.directory), "unreadable": past.why}
    card = past.card
    told = asdict(card) | {key: value for key, value in asdict(past).items() if key != "card"}
    applied = told.pop("applied") or {}
    return told | {
        "directory": str(card.directory),
        "report": card.report,
        "writes": card.writes,
        "started_at": applied.get("started_at", ""),
        "ended_at": applied.get("ended_at", ""),
        "stopped": applied.get("stopped", ""),
        "results": applied.get("results"),
        "pending": card.pending,
        "requests": {**card.requests, "used": applied.get("requests")},
        "verification": applied.get("verification"),
    }


def _names(state: StateDirectory) -> list[str]:
    """What lies among the runs, the newest first, but for what is half made or half removed."""
    try:
        return sorted((path.name for path in state.runs().iterdir() if not path.name.startswith(".")), reverse=True)
    except FileNotFoundError:
        return []
    except OSError as fault:
        cure = "give this user the right to read it, or name another --state-dir"
        raise StateError(f"{state.runs()}: can't be read ({fault.strerror or fault}) — {cure}") from fault


def _choose_runs(state: StateDirectory, pipeline: str | None, account: str | None) -> Iterator[PastRun | Unreadable]:
    for past in _read_runs(state):
        if isinstance(past, Unreadable):
            if not pipeline and not account:
                yield past
        elif pipeline in (None, past.card.pipeline) and account in (None, past.card.account):
            yield past


def _read_runs(state: StateDirectory) -> Iterator[PastRun | Unreadable]:
    """A revert is newer than what it takes back, and so is read before it."""
    reverted_by: dict[str, str] = {}
    was_reverted = _reverted(state)
    for name in _names(state):
        told = read_run(state.runs() / name)
        if isinstance(told, Unreadable):
            yield told
        elif told.run != name:
            yield Unreadable(told.directory, f"is a copy of the run {told.run}, under another name")
        else:
            if _took_back(told):
                reverted_by.setdefault(told.reverts, told.run)
            yield _judge(state, told, reverted_by, was_reverted)


def _took_back(card: RunCard) -> bool:
    return bool(card.reverts and card.applied and card.applied.ended in _WENT_THROUGH)


def _judge(
    state: StateDirectory, card: RunCard, reverted_by: dict[str, str], was_reverted: Callable[[RunCard], bool]
) -> PastRun:
    by = reverted_by.get(card.run, "")
    marked = is_underway(state, card.account, card.run)
    ended = _find_end(state, card, marked)
    resumable = ended != RUNNING and bool(card.applied) and (marked or (card.pending > 0 and ended in _WENT_THROUGH))
    return PastRun(card, ended, resumable, bool(by) or was_reverted(card), by)


def _find_end(state: StateDirectory, card: RunCard, marked: bool) -> str:
    begun = marked or (card.applied is None and card.command == RUN_COMMAND and not card.guards and card.writes > 0)
    if begun and (holder := read_card(state.lock(card.account))) and holder.run == card.run and holder.is_alive:
        return RUNNING
    if card.applied is not None:
        return card.applied.ended
    if card.guards:
        return STOPPED
    if card.command == RUN_COMMAND:
        return INTERRUPTED if card.writes else NOTHING_TO_DO
    return DRY_RUN if card.command == DRY_RUN_COMMAND else PLANNED


def _reverted(state: StateDirectory) -> Callable[[RunCard], bool]:
    """What the state remembers as reverted, where the plan that did it lies elsewhere. Each pipeline is read once."""
    known: dict[tuple[str, str, str], frozenset[str]] = {}

    def is_reverted(card: RunCard) -> bool:
        key = (card.account, card.account_id, card.pipeline)
        if key not in known:
            try:
                told = read_pipeline(state, card.account, {"encoded_account_id": card.account_id}, card.pipeline)
                known[key] = frozenset(told.reverted)
            except StateError:  # the next run tells of it, and how to mend it; here it only says less
                known[key] = frozenset()
        return card.run in known[key]

    return is_reverted
