"""Actions as JSON lines: one serialiser for the plan on disk, its digest and whoever compares two plans.

A line is what `json.dumps(action, sort_keys=True, ensure_ascii=False, separators=(",", ":"))` makes of

    action · address · contact_id · reason · route · route_reason · status · updated_at     text
    before, after           the changed fields and their values, "" for none; the same keys in both
    lists                   {"add": [...], "remove": [...]}: sorted names
    tags                    {"add": [...]}: sorted names
    consent                 {} or evidence_date, evidence_source, opt_in_source, permission
    origins                 [{"file", "row", "sheet"}, ...]: every source row that had a say
    wanted                  {"lists": [...], "tags": [...]}: sorted names that the mapping wants, there already or not
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl import columns as c
from ctct_etl.plan.tables import ACTION, PERMISSION, ROUTE, ROUTE_REASON, WINDOW, PlanTables, join_windows
from ctct_etl.run.json_columns import escape, gather, glue, join_bytes, plain

# JSON key → column, for what a line holds as plain text and for the consent.
_TEXTS = {
    "action": ACTION,
    "address": c.EMAIL,
    "contact_id": c.CONTACT_ID,
    "reason": c.REASON,
    "route": ROUTE,
    "route_reason": ROUTE_REASON,
    "status": c.STATUS,
    "updated_at": c.UPDATED_AT,
}
_CONSENT = {
    "evidence_date": c.EVIDENCE_DATE,
    "evidence_source": c.EVIDENCE_SOURCE,
    "opt_in_source": c.OPT_IN_SOURCE,
    "permission": PERMISSION,
}
_PIECE = 10_000  # lines read at a time
_CHUNK = 100_000  # actions serialised at a time: bounds the memory, and keeps a chunk's text below Arrow's 2 GiB


def write_action_lines(tables: PlanTables) -> Iterator[bytes]:
    """Yield the lines of `tables` in their order, as UTF-8, some 100,000 actions a piece.

    Works by columns: a million actions take seconds, where a loop over them takes tens of seconds.
    Raises ValueError for a missing value, or a tag to be taken off: a plan has neither.
    """
    if ((tables.memberships[c.KIND] == c.TAG) & (tables.memberships[c.CHANGE] == c.REMOVE_FROM)).any():
        raise ValueError("a plan takes no tags off: the lines have no place for it")
    changes = _order(tables.changes, c.FIELD)
    names, wanted = _order(tables.memberships, c.NAME), _order(tables.wanted, c.NAME)
    origins = _order(tables.origins)
    for start in range(0, len(tables.actions), _CHUNK):
        stop = min(start + _CHUNK, len(tables.actions))
        parts = (_between(table, start, stop) for table in (changes, names, origins, wanted))
        yield _write_chunk(tables.actions.iloc[start:stop], *parts)


def _order(table: pd.DataFrame, within: str | None = None) -> pd.DataFrame:
    """Sort by contact, then by the text of a category, as code points: the order of JSON's sorted keys."""
    key = table[c.CONTACT].to_numpy(dtype=np.int64)
    if within is not None:
        named = pd.Categorical(table[within])
        ranks = pd.Series(np.argsort(np.argsort(named.categories.to_numpy(dtype=object)))).to_numpy(dtype=np.int64)
        key = key * (len(ranks) + 1) + np.append(ranks, -1)[named.codes]
    return table if (np.diff(key) >= 0).all() else table.iloc[np.argsort(key, kind="stable")]


def _between(table: pd.DataFrame, start: int, stop: int) -> pd.DataFrame:
    """The rows of contacts `start` to `stop`, counted from `start`; `table` is sorted by contact."""
    contact = table[c.CONTACT].to_numpy()
    first, last = np.searchsorted(contact, [start, stop])
    return table.iloc[first:last].assign(**{c.CONTACT: contact[first:last] - start})


def _write_chunk(
    actions: pd.DataFrame, changes: pd.DataFrame, names: pd.DataFrame, origins: pd.DataFrame, wanted: pd.DataFrame
) -> bytes:
    count = len(actions)
    text = {key: escape(actions[column]) for key, column in _TEXTS.items()}
    field = escape(changes[c.FIELD])

    def pairs(column: str) -> pa.Array:
        return gather(count, changes[c.CONTACT], glue('"', field, '":"', escape(changes[column]), '"'))

    def members(table: pd.DataFrame, mask: pd.Series) -> pa.Array | str:
        chosen = table[mask]
        return gather(count, chosen[c.CONTACT], glue('"', escape(chosen[c.NAME]), '"')) if len(chosen) else ""

    listed, added = names[c.KIND] == c.LIST, names[c.CHANGE] == c.ADD
    origin = glue(
        '{"file":"', escape(origins[c.ORIGIN_FILE]), '","row":', plain(origins[c.ORIGIN_ROW]),
        ',"sheet":"', escape(origins[c.ORIGIN_SHEET]), '"}',
    )  # fmt: skip
    lines = glue(
        '{"action":"', text["action"], '","address":"', text["address"],
        '","after":{', pairs(c.AFTER), '},"before":{', pairs(c.BEFORE),
        '},"consent":{', _consent(actions), '},"contact_id":"', text["contact_id"],
        '","lists":{"add":[', members(names, listed & added), '],"remove":[', members(names, listed & ~added),
        ']},"origins":[', gather(count, origins[c.CONTACT], origin),
        '],"reason":"', text["reason"], '","route":"', text["route"], '","route_reason":"', text["route_reason"],
        '","status":"', text["status"], '","tags":{"add":[', members(names, ~listed),
        ']},"updated_at":"', text["updated_at"],
        '","wanted":{"lists":[', members(wanted, wanted[c.KIND] == c.LIST),
        '],"tags":[', members(wanted, wanted[c.KIND] == c.TAG), "]}}\n",
    )  # fmt: skip
    if lines.null_count:
        raise ValueError(f"{lines.null_count} actions have a missing value; a plan has none")
    return join_bytes(lines)


def _consent(actions: pd.DataFrame) -> pa.Array | str:
    """The inside of each consent object; empty where nothing is said of it."""
    given = np.logical_or.reduce([(actions[column] != "").to_numpy(dtype=bool) for column in _CONSENT.values()])
    if not given.any():
        return ""
    pieces: list[Any] = []
    for key, column in _CONSENT.items():
        pieces += [f'{"," if pieces else ""}"{key}":"', escape(actions[column]), '"']
    return pc.if_else(pa.array(given), glue(*pieces), "")


# -- reading --------------------------------------------------------------------------------------------

_KINDS = pd.CategoricalDtype([c.LIST, c.TAG])
_DTYPES: dict[str, Any] = {
    c.CONTACT: "int64",
    c.ORIGIN_ROW: "int64",
    ACTION: pd.CategoricalDtype(list(c.ACTIONS)),
    c.KIND: _KINDS,
    c.CHANGE: pd.CategoricalDtype([c.ADD, c.REMOVE_FROM]),
    **dict.fromkeys((c.FIELD, c.NAME, c.ORIGIN_FILE, c.ORIGIN_SHEET), "category"),
}  # every other column is str


class _Columns:
    """A table that grows by rows and is kept by columns."""

    def __init__(self, *names: str) -> None:
        self._values: dict[str, list[Any]] = {name: [] for name in names}
        self._appends = [values.append for values in self._values.values()]

    def add(self, *row: Any) -> None:
        for append, value in zip(self._appends, row, strict=True):
            append(value)

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame({name: _series(values, _DTYPES.get(name, "str")) for name, values in self._values.items()})


def _series(values: list[Any], dtype: Any) -> pd.Series:
    read = pd.Series(values, dtype="int64" if dtype == "int64" else "str")
    return read if dtype in ("int64", "str") else read.astype(dtype)


def read_windows(lines: Iterable[bytes], size: int = WINDOW) -> Iterator[PlanTables]:
    """Yield the tables of `size` lines at a time, as `cut_windows` does of a plan in memory."""
    rest = iter(lines)
    tables = _read_window(rest, size)
    while True:
        whole = len(tables.actions) == size
        yield tables
        del tables  # two windows are never held at once
        if not whole or (tables := _read_window(rest, size)).actions.empty:
            return


def _read_window(lines: Iterator[bytes], size: int) -> PlanTables:
    """A piece at a time becomes columns: as Python's texts, a window takes several times the memory of its tables."""
    parts: list[PlanTables] = []
    left = size
    while left:
        wanted = min(_PIECE, left)
        parts.append(read_action_lines(islice(lines, wanted)))
        left -= len(parts[-1].actions)
        if len(parts[-1].actions) < wanted:  # the end: to read none costs as much as to read a few
            break
    return parts[0] if len(parts) == 1 else join_windows(parts)


def read_action_lines(lines: Iterable[bytes]) -> PlanTables:
    """The tables that `write_action_lines` was given: same rows and values, categories as small as they can be.

    A plain loop: a plan is read by `apply` and `show`, where a request a quarter second is the pace; Arrow's JSON
    reader would guess types and make one column of every field that any action changes.
    Raises ValueError, KeyError or TypeError for lines that nobody wrote here.
    """
    actions = _Columns(*_TEXTS.values(), *_CONSENT.values())
    changes = _Columns(c.CONTACT, c.FIELD, c.BEFORE, c.AFTER)
    names = _Columns(c.CONTACT, c.KIND, c.NAME, c.CHANGE)
    origins = _Columns(c.CONTACT, c.ORIGIN_FILE, c.ORIGIN_SHEET, c.ORIGIN_ROW)
    wanted = _Columns(c.CONTACT, c.KIND, c.NAME)
    for contact, line in enumerate(lines):
        entry = json.loads(line)
        actions.add(*(entry[key] for key in _TEXTS), *(entry["consent"].get(key, "") for key in _CONSENT))
        for field, after in entry["after"].items():
            changes.add(contact, field, entry["before"][field], after)
        for kind, name, change in sorted(_memberships(entry)):
            names.add(contact, kind, name, change)
        for origin in entry["origins"]:
            origins.add(contact, origin["file"], origin["sheet"], origin["row"])
        for kind, key in ((c.LIST, "lists"), (c.TAG, "tags")):
            for name in entry["wanted"][key]:
                wanted.add(contact, kind, name)
    return PlanTables(actions.frame(), changes.frame(), names.frame(), origins.frame(), wanted.frame())


def _memberships(entry: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        *((c.LIST, name, c.ADD) for name in entry["lists"]["add"]),
        *((c.LIST, name, c.REMOVE_FROM) for name in entry["lists"]["remove"]),
        *((c.TAG, name, c.ADD) for name in entry["tags"]["add"]),
    ]
