"""The plan's tables: what happens to every contact, and what became of every row.

`plan.json` is the manifest beside them; `actions.jsonl` holds `PlanTables`, `rows.parquet` holds `rows`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import AFTER, AGREED, BEFORE, CONTACT, EMAIL, FIELD, ROW, VALUE, WON, WON_BY

SCHEMA_VERSION = 1

# Actions that an apply holds at a time, which bounds its memory: as many as two full imports take.
WINDOW = 78_000

ROUTE = "route"  # str: the operations that carry the action, joined with "+"; "" when nothing is sent
ROUTE_REASON = "route_reason"  # str: why this route and not a cheaper one

# Routes, named after the operation of the service that carries the change.
JSON_IMPORT = "contacts_json_import"
POST_CONTACT = "post_contact"
PUT_CONTACT = "put_contact"
REVIVE_CONTACT = "revive_contact"
ADD_LISTS = "add_list_memberships"
REMOVE_LISTS = "remove_list_memberships"
ADD_TAGS = "contacts_taggings_add"
DELETE_CONTACT = "delete_contact"
# Of dialect v1, whose PUT holds the whole contact, its lists included.
PUT_WHOLE = "put_whole_contact"
ADD_CONTACTS = "add_contacts"
REMOVE_FROM_LISTS = "remove_contacts_from_lists"

# What every update of a plan rests on: IF_IN_NO_LIST, IF_IN or IF_NOT_IN → names of lists; {} for nothing.
RestsOn = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class PlanTables:
    """What happens to contacts: every contact that was decided, but those `unchanged`, which are only counted.

    actions: ordered by EMAIL, RangeIndex. EMAIL str · ACTION category · REASON str · CONTACT_ID, UPDATED_AT, STATUS str
        (as in the snapshot; "" for a create) · ROUTE, ROUTE_REASON str · OPT_IN_SOURCE, PERMISSION str (for creates,
        else "") · EVIDENCE_DATE, EVIDENCE_SOURCE str (for creates, and for updates of deleted contacts; else "")
    changes: CONTACT int64 (position in actions) · FIELD category · BEFORE, AFTER str; by contact, then field
    memberships: CONTACT int64 · KIND, NAME category · CHANGE category (ADD | REMOVE_FROM); by contact, kind, name
    origins: CONTACT int64 · ORIGIN_FILE, ORIGIN_SHEET category · ORIGIN_ROW int64; by contact, then source order
    wanted: CONTACT int64 · KIND, NAME category: every list and tag that the mapping wants for the contact, whether it
        is there already or not; an import may put nobody on any other list
    """

    actions: pd.DataFrame
    changes: pd.DataFrame
    memberships: pd.DataFrame
    origins: pd.DataFrame
    wanted: pd.DataFrame


ACTION = "action"
PERMISSION = "permission"


@dataclass(frozen=True)
class Verdict:
    """What one guard says of a plan: its figure, its limit, and whether it stops the plan."""

    guard: str
    figure: str  # "412 of 5,030 contacts (8.2%)"
    value: int  # the count that the limit is compared with
    whole: int  # what a limit in per cent is a share of; 0 where there is no such thing
    limit: str  # "30%" or "500", or the accepted one
    tripped: bool
    accepted: bool  # a person said yes up to `limit`
    cure: str  # the option that accepts it, and what to read first


def no_edits() -> pd.DataFrame:
    """The edits of a plan that keeps none."""
    return _empty([ROW], [FIELD, BEFORE, VALUE, AGREED])


def no_collisions() -> pd.DataFrame:
    """The collisions of a plan that has none."""
    return _empty([ROW, WON_BY], [FIELD, VALUE, WON, AFTER])


def _empty(positions: Sequence[str], texts: Sequence[str]) -> pd.DataFrame:
    kinds = {**dict.fromkeys(positions, "int64"), **dict.fromkeys(texts, "str")}
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})


@dataclass(frozen=True)
class Plan:
    """A plan: manifest, tables, rows.

    manifest: plain JSON data (plan.json); its keys are documented in docs/plan.md.
    rows: one row a source row, RangeIndex: ORIGIN_* · EMAIL str (canonical, or as written when it can't be read;
        NaN for a blank one) · OUTCOME, REASON str, never missing.
    problems: ROW int64 · FIELD · COLUMN · VALUE · PROBLEM str · SEVERITY category — what was wrong with cells.
    edits: ROW int64 (position in rows) · FIELD, BEFORE, VALUE, AGREED str — what people wrote in the account and keep.
    collisions: ROW, WON_BY int64 · FIELD, VALUE, WON, AFTER str — where rows of one address differ, the first of them.
    """

    manifest: Mapping[str, Any]
    tables: PlanTables
    rows: pd.DataFrame
    problems: pd.DataFrame
    edits: pd.DataFrame = field(default_factory=no_edits)
    collisions: pd.DataFrame = field(default_factory=no_collisions)

    def windows(self, size: int = WINDOW) -> Iterator[PlanTables]:
        """Yield the tables of `size` actions at a time, in the plan's order; CONTACT counts within the window."""
        return cut_windows(self.tables, size)

    def row_parts(self) -> Iterator[pd.DataFrame]:
        """Yield the rows, some at a time, one part at least; their index is the one that they have in all."""
        yield self.rows


class Planned(Protocol):
    """A plan, wherever it lies: in memory (`Plan`), or in its directory, read a window at a time."""

    @property
    def manifest(self) -> Mapping[str, Any]: ...

    @property
    def rows(self) -> pd.DataFrame: ...

    @property
    def problems(self) -> pd.DataFrame: ...

    @property
    def edits(self) -> pd.DataFrame: ...

    @property
    def collisions(self) -> pd.DataFrame: ...

    def windows(self) -> Iterator[PlanTables]: ...

    def row_parts(self) -> Iterator[pd.DataFrame]: ...


def cut_windows(tables: PlanTables, size: int) -> Iterator[PlanTables]:
    """Yield the tables of `size` actions at a time; a plan without any action is one empty window."""
    long = [_by_contact(table) for table in (tables.changes, tables.memberships, tables.origins, tables.wanted)]
    for start in range(0, max(len(tables.actions), 1), size):
        stop = start + size
        yield PlanTables(
            tables.actions.iloc[start:stop].reset_index(drop=True), *(_between(table, start, stop) for table in long)
        )


def join_windows(windows: Sequence[PlanTables]) -> PlanTables:
    """Lay windows, one or more, end to end as the tables of one plan: what `cut_windows` does, backwards."""
    starts = np.cumsum([0, *(len(each.actions) for each in windows)])
    parts = {}
    for name in ("actions", "changes", "memberships", "origins", "wanted"):
        tables = [getattr(each, name) for each in windows]
        if name != "actions":
            tables = [table.assign(**{CONTACT: table[CONTACT] + start})
                      for table, start in zip(tables, starts, strict=False)]  # fmt: skip
        joined = pd.concat(tables, ignore_index=True)
        categories = [column for column, dtype in tables[0].dtypes.items() if dtype == "category"]
        parts[name] = joined.astype(dict.fromkeys(categories, "category"))  # windows have categories of their own
    return PlanTables(**parts)


def merge_by_address(parts: Sequence[PlanTables]) -> PlanTables:
    """Lay plans, one or more, of different people into each other, in the order of addresses; routes as they are."""
    joined = join_windows(parts)
    if len(parts) == 1:
        return joined
    order = pc.sort_indices(pa.array(joined.actions[EMAIL], pa.large_string())).to_numpy()
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    moved = {
        name: _by_contact(table.assign(**{CONTACT: place[table[CONTACT].to_numpy()]})).reset_index(drop=True)
        for name in ("changes", "memberships", "origins", "wanted")
        for table in (getattr(joined, name),)
    }
    return PlanTables(joined.actions.iloc[order].reset_index(drop=True), **moved)


def _by_contact(table: pd.DataFrame) -> pd.DataFrame:
    contact = table[CONTACT].to_numpy()
    return table if (np.diff(contact) >= 0).all() else table.iloc[np.argsort(contact, kind="stable")]


def _between(table: pd.DataFrame, start: int, stop: int) -> pd.DataFrame:
    contact = table[CONTACT].to_numpy()
    first, last = np.searchsorted(contact, [start, stop])
    part: pd.DataFrame = table.iloc[first:last].assign(**{CONTACT: contact[first:last] - start})
    return part.reset_index(drop=True)
