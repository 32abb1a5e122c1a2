"""The account's side: its lists, its fields, its contacts, and what is left of the day's requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import CONTACT, CUSTOM_PREFIX, KIND, LIST, NAME
from ctct_etl.config.loading import load_account
from ctct_etl.errors import UsageError
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.state import StateDirectory
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.opening import opened_account
from ctct_etl.workflow.snapshots import take_snapshot

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet program would run


@contextmanager
def _opened(context: Context, name: str) -> Iterator[OpenAccount]:
    account = load_account(name, context.accounts, context.environment)
    with opened_account(context, name, account, StateDirectory(context.state)) as opened:
        yield opened


def _fetch(context: Context, name: str) -> Snapshot:
    with _opened(context, name) as account:
        return take_snapshot(context, StateDirectory(context.state), account)


def list_lists(context: Context, name: str) -> list[dict[str, Any]]:
    """The account's lists by name, with their ids and how many contacts each has."""
    with _opened(context, name) as account:
        if account.dialect.describe().reads_wanted:  # then the service itself counts the members
            snapshot = account.session.converse(account.dialect.fetch_names())
        else:
            snapshot = take_snapshot(context, StateDirectory(context.state), account)
    held = snapshot.memberships
    counts = snapshot.counted
    if counts is None:
        counts = {str(each): int(n) for each, n in held[NAME][held[KIND] == LIST].astype("str").value_counts().items()}
    return [
        {"list": each, "contacts": counts.get(each, 0), "id": identity}
        for each, identity in sorted(snapshot.lists.items())
    ]


def list_fields(context: Context, name: str) -> list[dict[str, Any]]:
    """Every field that a mapping can name: longest value, and type and choices of custom fields."""
    with _opened(context, name) as account:
        names = account.session.converse(account.dialect.fetch_names())
        longest = account.dialect.describe().fields
    fields = [
        {"field": field, "type": "text", "longest": length, "choices": ""}
        for field, length in longest.items()
        if not field.startswith(CUSTOM_PREFIX)
    ]
    custom = [
        {"field": f"{CUSTOM_PREFIX}{each.label}", "type": each.type, "longest": longest[CUSTOM_PREFIX],
         "choices": "; ".join(each.choices)}
        for each in names.custom_fields.values()
    ]  # fmt: skip
    return [*fields, *sorted(custom, key=lambda each: str(each["field"]))]


def pull_contacts(context: Context, name: str, out: Path) -> int:
    """Write every contact of the account to a .parquet or .csv file of mode 0600; return how many."""
    if out.suffix not in (".parquet", ".csv"):
        raise UsageError(f"{out.name}: the kind of file is not known — name it .parquet or .csv")
    snapshot = _fetch(context, name)
    frame = snapshot.contacts.assign(lists=_joined(snapshot, LIST), tags=_joined(snapshot, "tag"))
    if out.suffix == ".parquet":
        write_durably(out, frame.to_parquet(index=False))
        return len(frame)
    write_durably(out, frame.apply(_neutralise).to_csv(index=False).encode("utf-8"))
    return len(frame)


def _neutralise(column: pd.Series) -> pd.Series:
    """A cell that a spreadsheet program would run as a formula gets an apostrophe in front."""
    return column.mask(column.str.startswith(FORMULA_STARTS), "'" + column)


def _joined(snapshot: Snapshot, kind: str) -> pd.Series:
    """The names of each contact's lists (or tags), joined with "; "."""
    held = snapshot.memberships[snapshot.memberships[KIND] == kind].astype({NAME: "str"}).sort_values([CONTACT, NAME])
    names = held.groupby(CONTACT)[NAME].agg("; ".join)
    return names.reindex(snapshot.contacts.index).fillna("").astype("str")


def tell_quota(context: Context, name: str) -> dict[str, Any]:
    """How many requests of this UTC day are used and left, as this machine has counted them."""
    with _opened(context, name) as account:
        used, left = account.budget.used(), account.budget.left()
    return {"account": name, "used": used, "left": "no limit" if left is None else left, "resets": "00:00 UTC"}
