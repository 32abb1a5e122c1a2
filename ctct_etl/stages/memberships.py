"""Lists and tags that the rows name, as one long table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import KIND, LIST, NAME, READD, ROW, TAG
from ctct_etl.config.mapping import Condition, ListFromColumn, ListWhen, Mapping, TagFromColumn, TagWhen
from ctct_etl.stages.arrow import Positions, arrow, present, sort_unique, trim
from ctct_etl.stages.conditions import select
from ctct_etl.stages.translations import look_up

Rule = str | ListFromColumn | ListWhen | TagFromColumn | TagWhen


class _Named(NamedTuple):
    rows: Positions
    kind: str
    names: pa.Array  # dictionary-encoded text, one for each of rows
    readd: bool = False


def map_memberships(source: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """Say which lists and tags each row names: ROW int64 · KIND, NAME category · READD bool, whether any rule that
    names it says `readd`; unique, by row, kind and name.

    A cell is split where the rule says so; every part is trimmed, blank ones dropped. `values` goes by trimmed text,
    letter case ignored; what it does not name is taken as it stands, and what it translates to nothing is dropped.
    """
    return _lay_out([*_named(source, LIST, mapping.lists), *_named(source, TAG, mapping.tags)])


def _named(source: pd.DataFrame, kind: str, rules: Iterable[Rule]) -> Iterator[_Named]:
    for rule in rules:
        if isinstance(rule, TagFromColumn):
            named = _from_column(source, kind, rule)
        elif isinstance(rule, str):
            named = _constant(source, kind, rule, None)
        else:
            named = _constant(source, kind, rule.tag if isinstance(rule, TagWhen) else rule.list, rule.when)
        yield named._replace(readd=isinstance(rule, ListFromColumn | ListWhen) and rule.readd)


def _constant(source: pd.DataFrame, kind: str, name: str, when: Condition | None) -> _Named:
    rows = np.arange(len(source)) if when is None else np.flatnonzero(select(source, when).to_numpy())
    codes = pa.array(np.zeros(len(rows), dtype=np.int32))
    return _Named(rows, kind, pa.DictionaryArray.from_arrays(codes, pa.array([name])))


def _from_column(source: pd.DataFrame, kind: str, rule: TagFromColumn) -> _Named:
    written = arrow(source[rule.column]).dictionary_encode()
    cells = written.dictionary
    owner: Positions = np.arange(len(cells))  # of each part, among the distinct cells
    if rule.split is not None:
        parts = pc.split_pattern(cells, rule.split)
        owner, cells = pc.list_parent_indices(parts).to_numpy(), pc.list_flatten(parts)
    encoded = cells.dictionary_encode()
    names = trim(encoded.dictionary)
    if rule.values is not None:
        translated, known = look_up(names, rule.values)
        names = trim(pc.if_else(pa.array(known), translated, names))
    named = present(names)[encoded.indices.to_numpy()]
    owner, codes = owner[named], encoded.indices.to_numpy()[named]
    rows, at = _spread(pc.fill_null(written.indices, -1).to_numpy(), owner, len(written.dictionary))
    return _Named(rows, kind, pa.DictionaryArray.from_arrays(pa.array(codes[at]), names))


def _spread(cell: npt.NDArray[np.int32], owner: Positions, size: int) -> tuple[Positions, Positions]:
    """Give every row the parts of its cell: rows, and positions in `owner`, by row and then part.

    Needs: cell: the number of each row's cell, -1 for a blank one · owner: whose each part is, in order.
    """
    many = np.append(np.bincount(owner, minlength=size), 0)
    first = np.append(np.searchsorted(owner, np.arange(size)), 0)
    of_row = many[cell]
    rows = np.repeat(np.arange(len(cell)), of_row)
    before = np.cumsum(of_row) - of_row
    return rows, first[cell][rows] + np.arange(len(rows)) - before[rows]


def _lay_out(parts: list[_Named]) -> pd.DataFrame:
    """Number all names alike and drop what is said twice: one int64 a membership, so that no text is compared."""
    names = sorted({name for part in parts for name in part.names.dictionary.to_pylist() if name is not None})
    kinds = [LIST, TAG]
    width = max(1, len(kinds) * len(names))
    index = pa.array(names, pa.string())
    codes = [np.zeros(0, dtype=np.int64)]
    again = [np.zeros(0, dtype=np.int64)]
    for part in parts:
        places = pc.fill_null(pc.index_in(part.names.dictionary.cast(pa.string()), value_set=index), -1).to_numpy()
        place = places.astype(np.int64)[part.names.indices.to_numpy()]
        codes.append(part.rows.astype(np.int64) * width + kinds.index(part.kind) * len(names) + place)
        if part.readd:
            again.append(codes[-1])
    unique = sort_unique(np.concatenate(codes))
    row, rest = np.divmod(unique, width)
    kind, name = np.divmod(rest, max(1, len(names)))
    return pd.DataFrame(
        {
            ROW: row,
            KIND: pd.Categorical.from_codes(kind, categories=pd.Index(kinds, dtype="str")),
            NAME: pd.Categorical.from_codes(name, categories=pd.Index(names, dtype="str")),
            READD: np.isin(unique, np.concatenate(again)),
        }
    )
