"""What the state remembers of an account between runs: every membership of a list that was seen or written.

    accounts/NAME/memberships-ACCOUNT.parquet     one row a membership ever held, in the order of first sight:
        EMAIL str · LIST category (the list's id) · SINCE int32, the version of this memory that first knew it, or knew
        it again after we had taken it off · OFF bool: we took it off, so that whoever is off now has not left · BY
        category: the run that last took it off, "" for none

ACCOUNT is the service's own id of the account: a name in accounts.yaml that now means another account has no memory of
it (run/known_accounts.py tells so). A file that can't be read stops the run: without it, people who left would be put
back.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pandas.api.types import union_categoricals

from ctct_etl.columns import EMAIL, LIST
from ctct_etl.errors import StateError
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.state import StateDirectory
from ctct_etl.stages.arrow import TEXT, Positions, arrow, series, take

SINCE = "since"
OFF = "off"
BY = "by"

MEMORY_FILE = "memberships-*.parquet"


def read_memberships(state: StateDirectory, name: str, account: Mapping[str, str]) -> pd.DataFrame | None:
    """Return every membership that is remembered, the columns as above; None before the first run. Raises StateError.

    A file of before SINCE, OFF and BY counts as known since version 1, and nothing taken off.
    """
    path = _place(state, name, account)
    try:
        with path.open("rb") as stream:
            held = pq.ParquetFile(stream).read()
        size, columns = held.num_rows, held.column_names
        since = held[SINCE].to_numpy() if SINCE in columns else np.ones(size)
        off = held[OFF].to_numpy() if OFF in columns else np.zeros(size)
        by = _as_categories(held[BY]) if BY in columns else _all_blank(size)
        known = {EMAIL: series(_in_one(held[EMAIL]).cast(TEXT)), LIST: _as_categories(held[LIST])}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, pa.ArrowException) as fault:
        raise StateError(
            f"{path}: the memory of who left which list can't be read ({fault}) — put back a copy of it; if there is "
            "none, remove it, knowing that who left before today may then be put back"
        ) from fault
    return pd.DataFrame({**known, SINCE: since.astype(np.int32), OFF: off.astype(bool), BY: by}, copy=False)


def _in_one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _as_categories(column: pa.ChunkedArray) -> pd.Categorical:
    encoded = _in_one(column.dictionary_encode().unify_dictionaries())
    return pd.Categorical.from_codes(encoded.indices.to_numpy(), pd.Index(encoded.dictionary.to_pylist(), dtype="str"))


def _all_blank(size: int) -> pd.Categorical:
    return pd.Categorical.from_codes(np.zeros(size, np.int8), pd.Index([""], dtype="str"))


def newest_version(known: pd.DataFrame | None) -> int:
    """The version of a memory as `read_memberships` gives it: it grows whenever a membership enters; 0 for none."""
    return 0 if known is None or known.empty else int(known[SINCE].max())


def remember_memberships(
    state: StateDirectory,
    name: str,
    account: Mapping[str, str],
    held: pd.DataFrame,
    taken: pd.DataFrame | None = None,
    *,
    read: pd.DataFrame | None = None,
    superseded: pd.DataFrame | None = None,
    by: str = "",
    ids: Mapping[str, str] | None = None,
    above: int = 0,
) -> int:
    """Add what is held, and then what the run `by` took off (both EMAIL, LIST); return the version that this makes.

    Whoever is held on a list that we took them off has come back. What that run `read` before it wrote says so too, but
    not of what it took off itself; and a look that was `superseded` by another never does: it may be older than that.
    What a run took off counts once: recorded again, when that run is resumed after others, it would hide that the
    person came back and left meanwhile. Nothing is ever forgotten. ids: name → id of lists that were remembered by
    name, before they had an id. above: a version that was given before, and is not given again. Raises StateError.
    """
    before = read_memberships(state, name, account)
    known = _empty() if before is None else _by_id(before, ids or {})
    version = max(above, newest_version(known)) + 1
    if superseded is not None and len(superseded):
        known = _add_held(known, superseded, version, stays_off=known[OFF])
    if read is not None and len(read):
        known = _add_held(known, read, version, stays_off=known[BY] == by)
    known = _add_held(known, held, version)
    if taken is not None and len(taken):
        known = _take_off(known, taken, by)
    if before is None or not known.equals(before):
        write_durably(_place(state, name, account), _as_parquet(known))
    return newest_version(known)


def _by_id(known: pd.DataFrame, ids: Mapping[str, str]) -> pd.DataFrame:
    named = known[LIST].isin(list(ids))
    if not named.any():
        return known
    lists = known[LIST].astype("str")
    renamed = known.assign(**{LIST: lists.mask(named, lists.map(ids)).astype("category")})
    unique: pd.DataFrame = renamed.drop_duplicates([EMAIL, LIST], keep="last", ignore_index=True)
    return unique


def _add_held(
    known: pd.DataFrame, held: pd.DataFrame, version: int, stays_off: pd.Series | None = None
) -> pd.DataFrame:
    """stays_off: which of the known are not taken for back again by being held here."""
    held = held.assign(**{LIST: held[LIST].astype("category")})
    at = _locate(held, known)
    back = np.zeros(len(known), dtype=bool)
    back[at[at >= 0]] = True
    back &= known[OFF].to_numpy()
    if stays_off is not None:
        back &= ~stays_off.to_numpy(dtype=bool)
    if back.any():
        since = np.where(back, version, known[SINCE].to_numpy()).astype(np.int32)
        known = known.assign(**{OFF: known[OFF].to_numpy() & ~back, SINCE: since})
    new = _first_of_each(held[[EMAIL, LIST]][at < 0])
    if new.empty:
        return known
    size = len(new)
    told: dict[str, Any] = {SINCE: np.full(size, version, np.int32), OFF: np.zeros(size, bool), BY: _all_blank(size)}
    return _append(known, new.assign(**told))


def _take_off(known: pd.DataFrame, taken: pd.DataFrame, by: str) -> pd.DataFrame:
    at = _locate(taken.assign(**{LIST: taken[LIST].astype("category")}), known)
    now = np.zeros(len(known), dtype=bool)
    now[at[at >= 0]] = True
    now &= (known[BY] != by).to_numpy(dtype=bool)
    whose = known[BY] if by in known[BY].cat.categories else known[BY].cat.add_categories([by])
    return known.assign(**{OFF: known[OFF].to_numpy() | now, BY: whose.mask(now, by)})


def _locate(asked: pd.DataFrame, known: pd.DataFrame) -> Positions:
    """Where each membership that is asked for is among the known ones, -1 for nowhere.

    One list after the other: a hash of all addresses with their lists would take more memory than all of the table.
    """
    at = np.full(len(asked), -1, dtype=np.int64)
    held = _rows_by_list(known)
    for name, rows in _rows_by_list(asked).items():
        if name in held:
            there = take(arrow(known[EMAIL]), held[name])
            found = pc.fill_null(pc.index_in(take(arrow(asked[EMAIL]), rows), value_set=there), -1).to_numpy()
            at[rows] = np.where(found >= 0, held[name][found], -1)
    return at


def _rows_by_list(memberships: pd.DataFrame) -> dict[str, Positions]:
    lists = memberships[LIST].cat
    codes = lists.codes.to_numpy()
    rows = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(lists.categories)))
    parts = np.split(rows, ends[:-1]) if len(ends) else []
    return {str(name): part for name, part in zip(lists.categories, parts, strict=True) if len(part)}


def _first_of_each(memberships: pd.DataFrame) -> pd.DataFrame:
    """The memberships, each once."""
    lists = memberships[LIST].cat
    address = arrow(memberships[EMAIL]).dictionary_encode().indices.to_numpy().astype(np.int64)
    first = np.unique(address * (len(lists.categories) + 1) + lists.codes.to_numpy(), return_index=True)[1]
    return memberships if len(first) == len(memberships) else memberships.take(np.sort(first))


def _append(known: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, Any] = {
        EMAIL: series(pa.concat_arrays([arrow(known[EMAIL]), arrow(new[EMAIL])])),
        **{name: union_categoricals([known[name].array, new[name].array]) for name in (LIST, BY)},
        **{name: np.concatenate([known[name].to_numpy(), new[name].to_numpy()]) for name in (SINCE, OFF)},
    }
    return pd.DataFrame(columns, copy=False)[list(known)]


def _empty() -> pd.DataFrame:
    none = _all_blank(0).remove_unused_categories()
    numbers = {SINCE: np.zeros(0, np.int32), OFF: np.zeros(0, bool)}
    return pd.DataFrame({EMAIL: pd.Series([], dtype="str"), LIST: none, **numbers, BY: none})


def _as_parquet(known: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    known.to_parquet(content, index=False)
    return content.getvalue()


def _place(state: StateDirectory, name: str, account: Mapping[str, str]) -> Path:
    return state.account(name) / MEMORY_FILE.replace("*", quote(account["encoded_account_id"], safe=""))
