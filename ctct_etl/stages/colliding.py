"""Where rows of one address say different things: field by field, what each said and what counts."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import AFTER, CONTACT, EMAIL, FIELD, MERGED, OUTCOME, ROW, VALUE, WON, WON_BY
from ctct_etl.plan.tables import no_collisions
from ctct_etl.stages.arrow import Mask, Positions, arrow, present, series, take, truths
from ctct_etl.stages.deduping import mapped_fields
from ctct_etl.stages.folding import WINNER

MOST = 100_000  # that are listed; all of them are counted


class Collisions(NamedTuple):
    """table: ROW, WON_BY int64 (positions of the merged row and of the one that won) · FIELD str · VALUE, WON, AFTER
    str: what the merged row says, what the winner says, what counts; by row, then field, of the first rows, MOST at the
    most. by_field: how many there are.
    """

    table: pd.DataFrame
    by_field: Mapping[str, int]


NO_COLLISIONS = Collisions(no_collisions(), {})


def find_collisions(rows: pd.DataFrame, contacts: pd.DataFrame) -> Collisions:
    """Find the values of merged rows that are not as the winning row has them.

    Needs: rows as dedupe_rows gives them · contacts as fold_contacts does. A row without an opinion collides with none.
    """
    losers = np.flatnonzero((rows[CONTACT] >= 0).to_numpy() & truths(pc.equal(arrow(rows[OUTCOME]), MERGED)))
    contact = rows[CONTACT].to_numpy()[losers]
    winners = contacts[WINNER].to_numpy()[contact]
    fields = [field for field in mapped_fields(rows.columns) if field != EMAIL]

    def compare(field: str) -> Mask:
        return _differ(arrow(rows[field]), losers, winners)

    with ThreadPoolExecutor(2) as pool:  # fields are independent, and the kernels release the interpreter
        differs = dict(zip(fields, pool.map(compare, fields), strict=True))
    of_row = np.sum([*differs.values(), np.zeros(len(losers), bool)], axis=0, dtype=np.int64)
    fits = np.cumsum(of_row) <= MOST
    parts = [_lay_out(rows, contacts, field, *(each[differs[field] & fits] for each in (losers, winners, contact)))
             for field in fields if differs[field].any()]  # fmt: skip
    table = list_first(pd.concat([no_collisions(), *parts], ignore_index=True))
    by_field = {field: int(mask.sum()) for field, mask in differs.items() if mask.any()}
    return Collisions(table, dict(sorted(by_field.items())))


def list_first(table: pd.DataFrame) -> pd.DataFrame:
    """Sort collisions by row and field; those of the first rows, MOST at the most, and all of a row or none."""
    table = table.sort_values([ROW, FIELD], kind="stable", ignore_index=True)
    end = np.searchsorted(table[ROW].to_numpy(), table[ROW].to_numpy(), side="right")
    return table[end <= MOST]


def _differ(values: pa.Array, losers: Positions, winners: Positions) -> Mask:
    said, won = take(values, losers), take(values, winners)
    return present(said) & truths(pc.fill_null(pc.not_equal(said, won), True))


def _lay_out(
    rows: pd.DataFrame, contacts: pd.DataFrame, field: str, losers: Positions, winners: Positions, contact: Positions
) -> pd.DataFrame:
    said = arrow(rows[field])
    texts = {VALUE: take(said, losers), WON: take(said, winners), AFTER: take(arrow(contacts[field]), contact)}
    return pd.DataFrame(
        {ROW: losers, WON_BY: winners, FIELD: pd.Series([field] * len(losers), dtype="str")}
        | {name: series(pc.fill_null(text, "")) for name, text in texts.items()}
    )
