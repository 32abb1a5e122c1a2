"""Part with old runs, but with none that anything may still need."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ctct_etl.errors import CtctError, RunLocked, StateError
from ctct_etl.run.locking import lock_account
from ctct_etl.run.pipeline_runs import read_pipeline
from ctct_etl.run.run_cards import RunCard, Unreadable
from ctct_etl.run.run_removal import delete_set_aside, find_stranger, measure_run, set_aside
from ctct_etl.run.state import StateDirectory
from ctct_etl.run.underway import is_underway
from ctct_etl.workflow.history import RUNNING, PastRun, list_runs

_PRUNING = "history prune"  # what holds an account's lock meanwhile


@dataclass(frozen=True)
class Removed:
    """A run that was removed, or would be; `bytes` of its files."""

    run: str
    pipeline: str
    account: str
    ended: str
    last_moment: datetime
    bytes: int


@dataclass(frozen=True)
class Staying:
    """What is as old and stays, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Pruned:
    removed: Sequence[Removed]
    staying: Sequence[Staying]


@dataclass(frozen=True)
class Wanted:
    """Which runs are to go. keep: the younger ones stay. pipeline, account: None for all. spare: a run that stays."""

    now: datetime
    keep: timedelta
    pipeline: str | None = None
    account: str | None = None
    spare: str = ""


def prune_runs(state: StateDirectory, wanted: Wanted, *, dry_run: bool = False, holding: str | None = None) -> Pruned:
    """Remove the runs that are older than `wanted.keep`; with `dry_run` say which.

    Never one that is at work or can be resumed, the last good run of a pipeline, the last that changed its account, or
    a directory in which anything is not ours. Each account is locked while its runs leave the list, so that none is
    applied at that moment; `holding` is the one that the caller has locked. Raises StateError.
    """
    seen = StateDirectory(state.path, makes=False)
    removed, staying = _decide(seen, wanted)
    if dry_run:
        return Pruned(removed, staying)
    gone: list[Removed] = []
    for account in sorted({each.account for each in removed}):
        try:
            with _locked(state, account, holding):
                # Decided again: until the lock was held, a run could be resumed.
                now_removed = [each for each in _decide(seen, wanted)[0] if each.account == account]
                for each in now_removed:
                    set_aside(seen.runs() / each.run)
                gone += now_removed
        except RunLocked as fault:
            held = [each for each in removed if each.account == account]
            staying += [Staying(each.run, f"{fault}") for each in held]
    if seen.runs().is_dir():
        delete_set_aside(seen.runs())
    return Pruned(gone, staying)


def prune_own(state: StateDirectory, wanted: Wanted, holding: str) -> list[str]:
    """Remove old runs as a run of the account `holding` ends; say in words what was not as wished.

    Nothing is raised: that old runs stay is no reason to call tonight's run a failure.
    """
    try:
        removed = prune_runs(state, wanted, holding=holding).removed
    except CtctError as fault:
        return [f"old runs could not be removed: {fault}"]
    if not removed:
        return []
    runs = "1 run" if len(removed) == 1 else f"{len(removed):,} runs"
    return [f"{runs} older than {wanted.keep.days}d removed, as `keep` says"]


def _decide(state: StateDirectory, wanted: Wanted) -> tuple[list[Removed], list[Staying]]:
    removed: list[Removed] = []
    staying: list[Staying] = []
    runs = list_runs(state)
    needed = _find_needed(state, [past.card for past in runs if isinstance(past, PastRun)])
    for past in runs:
        if isinstance(past, Unreadable):
            if wanted.pipeline is None and wanted.account is None:
                staying.append(Staying(past.directory.name, past.why))
        elif not _is_meant(past.card, wanted):
            continue
        elif wanted.now - past.card.last_moment > wanted.keep and past.card.run != wanted.spare:
            why = _why_it_stays(state, past, needed)
            if why:
                staying.append(Staying(past.card.run, why))
            else:
                removed.append(_describe(past))
    return removed, staying


def _is_meant(card: RunCard, wanted: Wanted) -> bool:
    return wanted.pipeline in (None, card.pipeline) and wanted.account in (None, card.account)


def _why_it_stays(state: StateDirectory, past: PastRun, needed: dict[str, str]) -> str:
    card = past.card
    if past.ended == RUNNING:
        return "is at work"
    if past.resumable or is_underway(state, card.account, card.run):
        return "is not finished: resume it, or let the next run of the account close it"
    if card.run in needed:
        return needed[card.run]
    try:
        stranger = find_stranger(card.directory)
    except OSError as fault:
        return f"can't be read ({fault.strerror or fault})"
    return f'has "{stranger}", which is not of this program: move it elsewhere' if stranger else ""


def _find_needed(state: StateDirectory, cards: Sequence[RunCard]) -> dict[str, str]:
    """Run → why it is needed, of `cards`, the newest first.

    Raises StateError: without the memory nobody knows which run was the last good one.
    """
    needed: dict[str, str] = {}
    changed: set[tuple[str, str, str]] = set()
    good: dict[tuple[str, str, str], str] = {}
    for card in cards:
        key = (card.account, card.account_id, card.pipeline)
        if key not in good:
            good[key] = read_pipeline(state, card.account, {"encoded_account_id": card.account_id}, card.pipeline).run
        if card.done and key not in changed:
            changed.add(key)
            needed[card.run] = f"is the last run of {card.pipeline} that changed the account: revert needs it"
        if card.run == good[key]:
            needed.setdefault(card.run, f"is the last good run of {card.pipeline}")
    return needed


def _describe(past: PastRun) -> Removed:
    card = past.card
    return Removed(card.run, card.pipeline, card.account, past.ended, card.last_moment, _measure(card.directory))


def _measure(directory: Path) -> int:
    try:
        return measure_run(directory)
    except OSError as fault:
        raise StateError(f"{directory}: can't be read ({fault.strerror or fault}) — look at its rights") from fault


def _locked(state: StateDirectory, account: str, holding: str | None) -> AbstractContextManager[None]:
    return nullcontext() if account == holding else lock_account(state, account, _PRUNING)
