"""From rows to contacts: what the rows of one address say together."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import (
    CONTACT,
    EMAIL,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    KIND,
    NAME,
    OPTED_OUT,
    OUTCOME,
    READD,
    REJECTED,
    ROW,
)
from ctct_etl.config.mapping import Dedupe
from ctct_etl.stages.arrow import Mask, Positions, arrow, leads_run, present, series, sort_unique, take, truths
from ctct_etl.stages.deduping import mapped_fields, rank_doubles

WINNER = "@winner"  # int64: position of the row that won


def fold_contacts(rows: pd.DataFrame, spec: Dedupe) -> pd.DataFrame:
    """Make one desired contact of the rows of each address; the index is CONTACT.

    Contacts stand in the order of their winning rows: sorting a million addresses, and gathering every column in that
    order, would cost more than all the rest. Who lays out the plan sorts the few contacts that have an action.

    Needs: rows as dedupe_rows gives them. Returns EMAIL, the mapped fields, EVIDENCE_DATE and EVIDENCE_SOURCE (when
    mapped) str · OPTED_OUT bool, true when any row of the person says so, a rejected one too · WINNER int64.
    With `fill_blanks` each field is that of the best row that has an opinion ("" is one); evidence moves as a pair.
    """
    winner, choose = _choose_rows(rows, spec)

    def fold(columns: tuple[str, ...]) -> list[pa.Array]:
        values = [arrow(rows[column]) for column in columns]
        source = choose(values)
        return [take(array, source) for array in values]

    groups = _groups(rows)
    with ThreadPoolExecutor(2) as pool:
        folded = list(pool.map(fold, groups))
    pairs = zip(groups, folded, strict=True)
    columns = {name: series(array) for group, arrays in pairs for name, array in zip(group, arrays, strict=True)}
    return pd.DataFrame({**columns, OPTED_OUT: _any_opted_out(rows, winner), WINNER: winner})


def trace_values(rows: pd.DataFrame, spec: Dedupe) -> pd.DataFrame:
    """Say of each contact from which row `fold_contacts` takes its values; the index is CONTACT.

    Needs: rows as dedupe_rows gives them. Returns positions in rows, int64: EMAIL, the mapped fields, EVIDENCE_DATE,
    EVIDENCE_SOURCE (when mapped) · WINNER. Where no row has an opinion it is the row that won.
    """
    winner, choose = _choose_rows(rows, spec)
    chosen = {group: choose([arrow(rows[name]) for name in group]) for group in _groups(rows)}
    return pd.DataFrame({**{name: at for group, at in chosen.items() for name in group}, WINNER: winner})


def _groups(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """Columns that are of one row each."""
    groups: list[tuple[str, ...]] = [(field,) for field in mapped_fields(rows.columns)]
    return [*groups, (EVIDENCE_DATE, EVIDENCE_SOURCE)] if EVIDENCE_DATE in rows else groups


def _choose_rows(rows: pd.DataFrame, spec: Dedupe) -> tuple[Positions, Callable[[list[pa.Array]], Positions]]:
    """Return each contact's winning row, and what chooses the row that columns, read together, are taken from."""
    contact = rows[CONTACT].to_numpy()
    winner = np.flatnonzero((contact >= 0) & rows[OUTCOME].isna().to_numpy())
    if spec.merge != "fill_blanks":
        return winner, lambda values: winner
    ranked = rank_doubles(rows, contact, spec)[0]
    owner = contact[ranked]
    return winner, lambda values: _fill_from(winner, ranked, owner, values)


def _fill_from(winner: Positions, ranked: Positions, owner: Positions, values: list[pa.Array]) -> Positions:
    """Return for each contact the best row in which all of the values are present, the winner when there is none."""
    known: Mask = np.ones(len(ranked), dtype=bool)
    for array in values:
        known &= present(array)[ranked]
    candidate, whose = ranked[known], owner[known]
    best = leads_run(whose)
    source = winner.copy()
    source[whose[best]] = candidate[best]
    return source


def _any_opted_out(rows: pd.DataFrame, winner: Positions) -> Mask:
    """Whose rows say no. A row that was rejected for something else still says it, by its address."""
    opted_out = np.zeros(len(winner), dtype=bool)
    contact, says_no = rows[CONTACT].to_numpy(), rows[OPTED_OUT].to_numpy(dtype=bool)
    if not says_no.any():
        return opted_out
    opted_out[contact[says_no & (contact >= 0)]] = True
    rejected = np.flatnonzero(says_no & (contact < 0) & (rows[OUTCOME] == REJECTED).to_numpy(dtype=bool))
    if len(rejected):
        said = take(arrow(rows[EMAIL]), rejected)
        opted_out |= truths(pc.is_in(take(arrow(rows[EMAIL]), winner), value_set=said))
    return opted_out


def fold_memberships(memberships: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Unite the lists and tags of each contact's rows: CONTACT int64 · KIND, NAME category · READD bool, whether any of
    the rows says so; by contact, kind and name.

    Needs: memberships as map_memberships gives them · rows with CONTACT; a row without a contact has no say.
    """
    contact = rows[CONTACT].to_numpy()[memberships[ROW].to_numpy()]
    kinds, names = memberships[KIND].cat, memberships[NAME].cat
    size = max(1, len(names.categories))
    width = max(1, len(kinds.categories)) * size
    code = contact * width + kinds.codes.to_numpy().astype(np.int64) * size + names.codes.to_numpy()
    unique = sort_unique(code[contact >= 0])
    who, rest = np.divmod(unique, width)
    kind, name = np.divmod(rest, size)
    return pd.DataFrame(
        {
            CONTACT: who,
            KIND: pd.Categorical.from_codes(kind, categories=kinds.categories),
            NAME: pd.Categorical.from_codes(name, categories=names.categories),
            READD: np.isin(unique, code[memberships[READD].to_numpy()]),
        }
    )
