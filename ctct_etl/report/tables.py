"""The report's long tables, from a plan's: joined, in the plan's order, every cell text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.columns import (
    ADD,
    AFTER,
    AGREED,
    BEFORE,
    CHANGE,
    COLUMN,
    CONTACT,
    CONTACT_FIELDS,
    CREATE,
    EMAIL,
    FIELD,
    KIND,
    LIST,
    NAME,
    ORIGIN_FILE,
    ORIGIN_ROW,
    ORIGIN_SHEET,
    OUTCOME,
    PROBLEM,
    REASON,
    REJECT,
    ROW,
    SEVERITY,
    TAG,
    VALUE,
    WARN,
    WON,
    WON_BY,
)
from ctct_etl.plan.tables import ACTION, PlanTables
from ctct_etl.report.shapes import DETAIL, WHERE, WON_WHERE

_LISTED_COLUMNS = (EMAIL, ACTION, FIELD, BEFORE, AFTER, REASON, WHERE)
MOST_CHANGES = 200_000  # that a report lists; all of them stand in the plan's actions.jsonl
# What differs from row to row within one reason: a quoted value, a row number, a date.
_COLUMNS = r'\bcolumn "([^"]*)"'
_VALUES = r'"[^"]*"|\b\d{4}-\d\d-\d\d\b'
_ROW_NUMBERS = r"\brow \d[\d,]*"
_CUSTOM = len(CONTACT_FIELDS)
_PLACES = {**{field: at for at, field in enumerate(CONTACT_FIELDS)}, LIST: _CUSTOM + 1, TAG: _CUSTOM + 2}


def generalise(reasons: pd.Series) -> pd.Series:
    """Leave out of reasons what differs from row to row; the column that a reason names stays, in other quotes."""
    named = reasons.str.replace(_COLUMNS, r"column “\1”", regex=True)
    return named.str.replace(_VALUES, "…", regex=True).str.replace(_ROW_NUMBERS, "row …", regex=True)


def place_field(field: str) -> tuple[int, str]:
    """Sort key of fields as people know one another: name first, then the rest, custom fields, lists, tags."""
    return _PLACES.get(field, _CUSTOM), field


def say_where(origins: pd.DataFrame) -> pd.Series:
    """Say where rows stand, as a person would: "members.xlsx, sheet Members, row 17"."""
    if origins.empty:  # as most tables of most reports are
        return pd.Series([], origins.index, dtype="str")
    sheet = origins[ORIGIN_SHEET].astype("str")
    named = (", sheet " + sheet).where(sheet != "", "")
    row = origins[ORIGIN_ROW].astype("int64").astype("str")
    return (origins[ORIGIN_FILE].astype("str") + named + ", row " + row).astype("str")


@dataclass(frozen=True)
class Changes:
    """table: EMAIL · ACTION · FIELD · BEFORE · AFTER · REASON · WHERE. total: how many there are, listed or not.
    actions: how many contacts each action concerns.
    """

    table: pd.DataFrame
    total: int
    actions: Mapping[str, int]


def list_changes(windows: Iterable[PlanTables], most: int = MOST_CHANGES) -> Changes:
    """List the changed fields, lists and tags of contacts; a new contact that has only its address shows that.

    At most `most`, of whole contacts, new ones last: the first load of a million people has tens of millions, and what
    happens to people whom the account knows must not drown in it.
    """
    known, new = _Listed(most), _Listed(most)
    total, actions = 0, Counter[str]()
    for tables in windows:
        creates = (tables.actions[ACTION] == CREATE).to_numpy()
        counts = _count_by_contact(tables)
        counts += creates & (counts == 0)
        total += int(counts.sum())
        actions.update({str(action): count for action, count in tables.actions[ACTION].value_counts().items()})
        known.take(tables, counts, ~creates)
        new.take(tables, counts, creates)
    listed = pd.concat([known.table(most), new.table(most - known.count)], ignore_index=True)
    return Changes(listed.sort_values(EMAIL, kind="stable", ignore_index=True), total, dict(actions))


class _Listed:
    """The changes of whole contacts, as many as there is room for."""

    def __init__(self, most: int) -> None:
        self._room = most
        self._full = False
        self.count = 0
        self.tables: list[pd.DataFrame] = [_no_changes()]

    def take(self, tables: PlanTables, counts: npt.NDArray[np.int64], meant: npt.NDArray[np.bool_]) -> None:
        if self._full:
            return
        fits = meant & (np.cumsum(np.where(meant, counts, 0)) <= self._room)
        self._full = not (fits == meant).all()
        self._room -= int(counts[fits].sum())
        self.count += int(counts[fits].sum())
        if fits.any():
            self.tables.append(_lay_out(tables, fits))

    def table(self, most: int) -> pd.DataFrame:
        """What is listed of whole contacts, `most` changes at the most."""
        table = pd.concat(self.tables, ignore_index=True)
        end = pd.Series(np.arange(1, len(table) + 1)).groupby(table[EMAIL]).transform("max")
        return table[(end <= most).to_numpy()]


def _lay_out(tables: PlanTables, chosen: npt.NDArray[np.bool_]) -> pd.DataFrame:
    actions = tables.actions
    bare = (actions[ACTION] == CREATE).to_numpy() & (_count_by_contact(tables) == 0)
    changed = _as_text(_of_contacts(tables.changes, chosen), [CONTACT, FIELD, BEFORE, AFTER])
    table = pd.concat([changed, _membership_changes(_of_contacts(tables.memberships, chosen))], ignore_index=True)
    alone = actions.index[bare & chosen]
    address = pd.DataFrame({CONTACT: alone, FIELD: EMAIL, BEFORE: "", AFTER: actions.loc[alone, EMAIL]})
    table = _sort_for_people(pd.concat([table, address], ignore_index=True))
    contact = actions.loc[table[CONTACT], [EMAIL, ACTION, REASON]].reset_index(drop=True)
    where = (
        _first_origins(_of_contacts(tables.origins, chosen)).reindex(table[CONTACT]).fillna("").reset_index(drop=True)
    )
    laid = {**contact, FIELD: table[FIELD], BEFORE: table[BEFORE], AFTER: table[AFTER], WHERE: where}
    return pd.DataFrame({name: laid[name] for name in _LISTED_COLUMNS}, dtype="str")


def _no_changes() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in _LISTED_COLUMNS}, dtype="str")


def list_rows(rows: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """List the source rows that came to one outcome: WHERE, EMAIL, REASON; index as in `rows`."""
    chosen = rows[rows[OUTCOME] == outcome]
    return pd.DataFrame(
        {WHERE: say_where(chosen), EMAIL: chosen[EMAIL].fillna(""), REASON: chosen[REASON]}, dtype="str"
    )


def list_rejects(rows: pd.DataFrame, problems: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """List the rejected rows, each with the column and value of its first problem, and all of them in DETAIL."""
    rejects = list_rows(rows, outcome)
    faults = problems[(problems[SEVERITY] == REJECT) & problems[ROW].isin(rejects.index)]
    first = faults.drop_duplicates(ROW).set_index(ROW)[[COLUMN, VALUE]]
    detail = faults.groupby(ROW, sort=False)[PROBLEM].agg("; ".join)
    joined = rejects.join(first).join(detail.rename(DETAIL)).fillna("")
    return joined.astype("str").reset_index(drop=True)


def list_cautions(rows: pd.DataFrame, problems: pd.DataFrame) -> pd.DataFrame:
    """List what was odd about cells and rejected nobody."""
    odd = problems[problems[SEVERITY] == WARN].reset_index(drop=True)
    row = rows.loc[odd[ROW]].reset_index(drop=True)
    cells = {name: odd[name].fillna("") for name in (COLUMN, VALUE, PROBLEM)}
    return pd.DataFrame({WHERE: say_where(row), EMAIL: row[EMAIL].fillna(""), **cells}, dtype="str")


def list_edits(edits: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """List what people wrote in the account and what stays there, by address and field."""
    row = rows.loc[edits[ROW]].reset_index(drop=True)
    texts = {name: edits[name] for name in (FIELD, AGREED, BEFORE, VALUE)}
    listed = pd.DataFrame({EMAIL: row[EMAIL].fillna(""), **texts, WHERE: say_where(row)}, dtype="str")
    return listed.sort_values(EMAIL, kind="stable", ignore_index=True)


def list_collisions(collisions: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """List where rows of one address differ, by address and row."""
    lost, won = (rows.loc[collisions[name]].reset_index(drop=True) for name in (ROW, WON_BY))
    texts = {name: collisions[name] for name in (FIELD, VALUE, WON, AFTER)}
    places = {WHERE: say_where(lost), WON_WHERE: say_where(won)}
    listed = pd.DataFrame({EMAIL: lost[EMAIL].fillna(""), **texts, **places}, dtype="str")
    return listed.sort_values(EMAIL, kind="stable", ignore_index=True)


def _count_by_contact(tables: PlanTables) -> npt.NDArray[np.int64]:
    size = len(tables.actions)
    counts = [np.bincount(each[CONTACT].to_numpy(), minlength=size) for each in (tables.changes, tables.memberships)]
    return (counts[0] + counts[1]).astype(np.int64)


def _of_contacts(table: pd.DataFrame, chosen: npt.NDArray[np.bool_]) -> pd.DataFrame:
    return table if chosen.all() else table[chosen[table[CONTACT].to_numpy()]]


def _sort_for_people(table: pd.DataFrame) -> pd.DataFrame:
    rank = {field: at for at, field in enumerate(sorted(table[FIELD].unique(), key=place_field))}
    order = table.assign(rank=table[FIELD].map(rank).astype("int64"))
    return order.sort_values([CONTACT, "rank"], kind="stable", ignore_index=True).drop(columns="rank")


def _membership_changes(memberships: pd.DataFrame) -> pd.DataFrame:
    """A membership reads like a field: put on a list is "" → its name, taken off is its name → ""."""
    text = _as_text(memberships, [CONTACT, KIND, NAME, CHANGE])
    added = text[CHANGE] == ADD
    return pd.DataFrame(
        {
            CONTACT: text[CONTACT],
            FIELD: text[KIND],
            BEFORE: text[NAME].mask(added, ""),
            AFTER: text[NAME].where(added, ""),
        }
    )


def _first_origins(origins: pd.DataFrame) -> pd.Series:
    """Say where the first row of each contact stands, and how many more rows had a say."""
    first = origins.drop_duplicates(CONTACT)
    more = origins.groupby(CONTACT).size().reindex(first[CONTACT]).to_numpy() - 1
    many = pd.Series(more, index=first.index).astype("str")
    where = say_where(first) + (" (+" + many + " more)").where(more > 0, "")
    return where.set_axis(first[CONTACT])


def _as_text(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return table[columns].astype({name: "str" for name in columns if name != CONTACT})
