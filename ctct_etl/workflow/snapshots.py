"""The account as it is now: read before every plan, and again before a plan that was kept is applied.

Where a snapshot of it is cached, only what changed since is read. The account is read whole when that is asked for, at
every seventh reading, when the cache is too old, and when its numbers say that something was missed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pandas as pd

from ctct_etl.account.dialect import EVERYBODY, READ_AT_ONCE, Wanted
from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import CONTACT_ID, EMAIL, STATUS, UPDATED_AT
from ctct_etl.errors import Busy, StateError
from ctct_etl.plan.changed import NO_OTHERS, Changed, Stale, find_superseded, merge_changes, order_twins
from ctct_etl.plan.snapshot import FULL, REFRESHED, Capabilities, Reading, Snapshot
from ctct_etl.plan.tables import Planned
from ctct_etl.run.setting_aside import set_aside
from ctct_etl.run.snapshot_cache import Age, CachedSnapshot, CacheRefused, keep_cache, open_cache
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.context import Context

log = logging.getLogger(__name__)

FULL_EVERY = 7
PART = READ_AT_ONCE
LONGEST_AGE = timedelta(days=180)  # as long as a login lasts that nobody uses
MANY = 100_000  # contacts
_NEEDED = (CONTACT_ID, EMAIL, STATUS, UPDATED_AT)

Keep = Callable[[Snapshot, Age], None]


def take_snapshot(
    context: Context,
    state: StateDirectory,
    account: OpenAccount,
    wanted: Wanted = EVERYBODY,
    columns: Collection[str] | None = None,
    *,
    again: bool = False,
) -> Snapshot:
    """Read the account, or what changed in it, and keep the snapshot for the next time; nothing is changed by it.

    wanted: whom it has to show, where the dialect reads no others.
    With `columns` the contacts have these, and what the refresh itself needs, and a refreshed snapshot is not kept.
    again: the account is read a further time in this run, which makes no full reading due.
    Raises what the session raises. A cache that can't be used or kept costs requests, and is told as a warning.
    """
    context.progress("reading the account", 0, None)
    sent, warnings = account.session.requests_sent, list[str]()
    cached, why = _recall(context, state, account, warnings, again)
    how, snapshot, age, keep = FULL, None, None, partial(_keep, state, account, warnings)
    if cached is not None:
        found = _refresh(context, account, cached, wanted, columns, keep, warnings)
        if isinstance(found, Stale):
            why = found.why
        else:
            snapshot, how, why = found, REFRESHED, f"last read whole on {cached.age.full_at[:10]}"
            age = replace(cached.age, refreshes=cached.age.refreshes + (not again))
    if snapshot is None or age is None:
        snapshot = _read_whole(context, state, account, wanted, keep)
        age = Age(snapshot.fetched_at, 0)
    snapshot = order_twins(snapshot)
    if columns is None or how == FULL:
        keep(snapshot, age)
    reading = Reading(how, why, account.session.requests_sent - sent, tuple(warnings))
    return replace(snapshot, contacts=_only(snapshot.contacts, columns), reading=reading)


def want_of(plan: Planned, account: OpenAccount) -> Wanted:
    """Whom a reading for `plan` has to show: all whom it decided, or everybody where the dialect reads no fewer."""
    if not account.dialect.describe().reads_wanted:
        return EVERYBODY
    return Wanted(frozenset(address for window in plan.windows() for address in window.actions[EMAIL]))


def _recall(
    context: Context,
    state: StateDirectory,
    account: OpenAccount,
    warnings: list[str],
    again: bool,
) -> tuple[CachedSnapshot | None, str]:
    """The cached snapshot, if it may be refreshed, else why not."""
    if context.full and not again:
        return None, "--full asks for it"
    try:
        cached = open_cache(state, account.name, account.dialect.describe().dialect)
        if cached is None:
            return None, "nothing was cached"
        why = _outdated(cached, account.dialect.describe(), context.now(), again)
        return (None, why) if why else (cached, "")
    except CacheRefused as refused:
        return None, _tell_refused(warnings, refused)


def _outdated(cached: CachedSnapshot, capabilities: Capabilities, now: datetime, again: bool) -> str:
    """Why a cache that is whole is not worth refreshing; "" if it is.

    Where each contact is a request, a full reading is none to do by the way: what has changed is documented there.
    """
    if not cached.checked:
        return "a refresh would save nothing"
    if cached.age.refreshes >= FULL_EVERY - 1 and not again and not capabilities.reads_wanted:
        return f"every {FULL_EVERY}th reading is a full one"
    age = now - datetime.fromisoformat(cached.fetched_at)
    if age > LONGEST_AGE or age < -LONGEST_AGE:
        return f"the cache is of {cached.fetched_at[:10]}"
    return ""


def _refresh(
    context: Context,
    account: OpenAccount,
    cached: CachedSnapshot,
    wanted: Wanted,
    columns: Collection[str] | None,
    keep: Keep,
    warnings: list[str],
) -> Snapshot | Stale:
    """Refresh what is cached. An account that is had whole is loaded but for what a refresh asks of it: the rest of a
    column is wanted when the same column of the result is made.
    """
    asked = None if columns is None else {*columns, *_NEEDED}
    try:
        if account.dialect.describe().reads_wanted:
            return _read_on(context, account, cached.load(asked), cached.age, wanted, keep if columns is None else None)
        known = cached.load(_NEEDED)
        found = account.session.converse(account.dialect.refresh(known, wanted, sparing=context.full is None))
        return found if isinstance(found, Stale) else _merge(known, found, cached.columns(asked))
    except CacheRefused as refused:
        return Stale(_tell_refused(warnings, refused))


def _tell_refused(warnings: list[str], refused: CacheRefused) -> str:
    _warn(warnings, f"the cached snapshot of the account is not used: {refused} — the account is read whole")
    return "the cache could not be used"


def _read_on(
    context: Context, account: OpenAccount, known: Snapshot, age: Age, wanted: Wanted, keep: Keep | None
) -> Snapshot | Stale:
    """Refresh `known`, of this age, until it shows all who are wanted. What is read of them is kept part by part: where
    each contact is a request, a day has too few for many, and the next one goes on where this one stopped.
    """
    for part in _parts(wanted, known.contacts[EMAIL]):
        found = account.session.converse(account.dialect.refresh(known, part, sparing=context.full is None))
        if isinstance(found, Stale):
            return found
        known = _merge(known, found)
        if keep is not None and part is not wanted:
            keep(known, age)
    return known


def _parts(wanted: Wanted, known: Collection[str]) -> Iterator[Wanted]:
    """`wanted` growing, by no more than PART who are not known; itself at last."""
    if wanted.addresses is not None:
        missing = sorted(set(wanted.addresses) - set(known))
        for end in range(PART, len(missing), PART):
            yield replace(wanted, addresses=frozenset(missing[:end]), lists=())
    yield wanted


def _read_whole(context: Context, state: StateDirectory, account: OpenAccount, wanted: Wanted, keep: Keep) -> Snapshot:
    """Fetch everything, then what changed meanwhile, so that the tables can be compared with the service's counts."""
    first = next(_parts(wanted, ()))
    snapshot = account.session.converse(account.dialect.fetch(first))
    if first is not wanted:
        age = Age(snapshot.fetched_at, 0)
        keep(snapshot, age)
        whole = _read_on(context, account, snapshot, age, wanted, keep)
        if isinstance(whole, Stale):
            raise Busy(f"the account changed while it was read ({whole.why}) — run it again")
        return whole
    if snapshot.excess is not None:  # there is nothing that it could be compared with
        return snapshot
    order = list(map(str, snapshot.contacts))
    with _set_aside(state, account, snapshot.contacts) as others:
        found = account.session.converse(account.dialect.refresh(snapshot, sparing=context.full is not False))
        if isinstance(found, Changed):
            return _merge(snapshot, found, others)
        columns = {name: others[name] if name in others else snapshot.contacts[name] for name in order}
        return replace(snapshot, contacts=pd.DataFrame(columns, copy=False))


@contextmanager
def _set_aside(
    state: StateDirectory, account: OpenAccount, contacts: pd.DataFrame
) -> Iterator[Mapping[str, pd.Series]]:
    """What a refresh asks nothing of, on disk where there is much of it: what is read next may be all of it again."""
    with ExitStack() as stack:
        others = NO_OTHERS
        if len(contacts) >= MANY:
            with suppress(StateError):  # then it is held twice for a while
                others = stack.enter_context(set_aside(state, account.name, contacts, _NEEDED))
        yield others


def _merge(known: Snapshot, found: Changed, others: Mapping[str, pd.Series] = NO_OTHERS) -> Snapshot:
    seen = find_superseded(known, found)
    if known.seen is not None:
        seen = pd.concat([known.seen, seen], ignore_index=True)
    return replace(merge_changes(known, found, others), seen=seen)


def _keep(state: StateDirectory, account: OpenAccount, warnings: list[str], snapshot: Snapshot, age: Age) -> None:
    try:
        keep_cache(state, account.name, account.dialect.describe().dialect, snapshot, age)
    except StateError as fault:
        _warn(warnings, f"the snapshot of the account is not kept, so the next run reads all of it again: {fault}")


def _warn(warnings: list[str], words: str) -> None:
    warnings.append(words)
    log.warning(words)


def _only(contacts: pd.DataFrame, columns: Collection[str] | None) -> pd.DataFrame:
    return contacts if columns is None else contacts[[name for name in contacts if name in {*columns, *_NEEDED}]]
