"""Several rows with one address: one wins, the others are merged into it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import (
    CONTACT,
    CONTACT_FIELDS,
    EMAIL,
    MERGED,
    ORDER,
    ORIGIN_FILE,
    ORIGIN_ROW,
    ORIGIN_SHEET,
    OUTCOME,
    REASON,
    is_custom,
)
from ctct_etl.config.mapping import Dedupe, Newest, Prefer
from ctct_etl.stages.arrow import Mask, Positions, arrow, leads_run, take, truths


def dedupe_rows(rows: pd.DataFrame, spec: Dedupe) -> pd.DataFrame:
    """Decide one winner for each address.

    Needs: RangeIndex in source order · EMAIL str, canonical where undecided · ORDER str, ISO · ORIGIN_COLUMNS ·
    OUTCOME, REASON str, NaN while undecided
    Sets:  CONTACT int64, the number of the row's contact in the order of winning rows, -1 for rows decided before ·
           OUTCOME merged and REASON on every loser, naming the winner's origin
    Of rows that are equal by the rule the later one wins.
    """
    undecided = np.flatnonzero(rows[OUTCOME].isna().to_numpy())
    address = np.full(len(rows), -1, dtype=np.int64)
    address[undecided] = take(arrow(rows[EMAIL]), undecided).dictionary_encode().indices.to_numpy()
    ranked, leads = rank_doubles(rows, address, spec)
    losers, winners = ranked[~leads], ranked[leads][np.cumsum(leads) - 1][~leads]
    rows = rows.assign(**{CONTACT: _number_contacts(address, losers)})
    if not len(losers):
        return rows
    outcome, reason = rows[OUTCOME].copy(), rows[REASON].copy()
    outcome.iloc[losers] = MERGED
    reason.iloc[losers] = _tell_winners(rows, losers, winners, spec.prefer)
    return rows.assign(**{OUTCOME: outcome, REASON: reason})


def _number_contacts(address: Positions, losers: Positions) -> Positions:
    """Number the addresses in the order of their winning rows, so that folding walks every column from end to end."""
    wins = address >= 0
    wins[losers] = False
    winner = np.flatnonzero(wins)
    number = np.empty(len(winner) + 1, dtype=np.int64)
    number[address[winner]] = np.arange(len(winner))
    number[-1] = -1  # of address -1: rows decided before
    return number[address]


def rank_doubles(rows: pd.DataFrame, contact: Positions, spec: Dedupe) -> tuple[Positions, Mask]:
    """Return the positions of all rows that share their contact with another, by contact and then best first, and
    which of them lead their contact. Only what is double is sorted: a few per cent of the rows.

    Needs: ORDER · the mapped fields · contact: a number for each row, -1 for one that takes no part
    """
    taking_part = contact >= 0
    count = np.bincount(contact[taking_part])
    double = np.flatnonzero(taking_part)
    double = double[count[contact[double]] > 1]
    ranked = double[np.lexsort((*_preference(rows, double, spec), contact[double]))]
    return ranked, leads_run(contact[ranked])


def _preference(rows: pd.DataFrame, double: Positions, spec: Dedupe) -> tuple[Positions, ...]:
    """Sort keys, the weightiest last (as np.lexsort wants them), least is best."""
    prefer = spec.prefer
    if prefer == "first":
        return (double,)
    if prefer == "last":
        return (-double,)
    if prefer == "most_complete":
        return (-double, -_count_filled(rows, double))
    rank = _rank_order(take(arrow(rows[ORDER]), double))
    return (-double, np.where(rank < 0, len(double), -rank if isinstance(prefer, Newest) else rank))


def _rank_order(order: pa.Array) -> Positions:
    """Rank the texts from 0, equal ones alike; -1 for a blank."""
    encoded = order.dictionary_encode()
    sort = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(sort), dtype=np.int64)
    rank[sort] = np.arange(len(sort))
    at = pc.fill_null(encoded.indices, -1).to_numpy()
    return np.where(at < 0, -1, rank[at]) if len(rank) else np.full(len(order), -1, dtype=np.int64)


def _count_filled(rows: pd.DataFrame, double: Positions) -> Positions:
    filled = np.zeros(len(double), dtype=np.int64)
    for field in mapped_fields(rows.columns):
        values = take(arrow(rows[field]), double)
        filled += pc.fill_null(pc.not_equal(values, ""), False).to_numpy(zero_copy_only=False)
    return filled


def mapped_fields(columns: Iterable[str]) -> list[str]:
    return [column for column in columns if column in CONTACT_FIELDS or is_custom(column)]


def _tell_winners(rows: pd.DataFrame, losers: Positions, winners: Positions, prefer: Prefer) -> npt.NDArray[np.object_]:
    """Name the origin of the row that won: "members.xlsx, Members, row 17 is later"."""
    won = rows[[ORIGIN_FILE, ORIGIN_SHEET, ORIGIN_ROW]].iloc[winners].reset_index(drop=True)
    sheet = won[ORIGIN_SHEET].astype("str")
    place = won[ORIGIN_FILE].astype("str") + (", " + sheet).where(sheet != "", "")
    place = place + ", row " + won[ORIGIN_ROW].astype("str") + " is "
    return (place + _say_why(rows, losers, winners, prefer)).to_numpy(dtype=object)


def _say_why(rows: pd.DataFrame, losers: Positions, winners: Positions, prefer: Prefer) -> pd.Series:
    if isinstance(prefer, str) and prefer != "most_complete":
        return pd.Series("later" if prefer == "last" else "earlier", index=range(len(losers)), dtype="str")
    if prefer == "most_complete":
        words = ("more complete", "as complete, and later")
        equal = _count_filled(rows, losers) == _count_filled(rows, winners)
    else:
        words = ("newer", "as new, and later") if isinstance(prefer, Newest) else ("older", "as old, and later")
        order = pc.fill_null(arrow(rows[ORDER]), "")
        equal = truths(pc.equal(take(order, losers), take(order, winners)))
    return pd.Series(np.where(equal, words[1], words[0]), dtype="str")
