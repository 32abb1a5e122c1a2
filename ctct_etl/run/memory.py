"""What the state remembers of an account between runs: every membership of a list that was seen or written.

    accounts/NAME/memberships-ACCOUNT.parquet     one row a membership ever held, in the order of first sight:
        EMAIL, LIST str (the list's id) · SINCE int32, the version of this memory that first knew it, or knew it again
        after we had taken it off · OFF bool: we took it off, so that whoever is off now has not left · BY str: the run
        that last took it off, "" for none

ACCOUNT is the service's own id of the account: a name in accounts.yaml that now means another account has no memory of
it (run/known_accounts.py tells so). A file that can't be read stops the run: without it, people who left would be put
back.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ctct_etl.columns import EMAIL, LIST
from ctct_etl.errors import StateError
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.state import StateDirectory
from ctct_etl.stages.arrow import arrow, join, series

SINCE = "since"
OFF = "off"
BY = "by"

MEMORY_FILE = "memberships-*.parquet"
# Between the parts of a key; no address and no id of a list holds it.
_JOINT = "\x1f"


def read_memberships(state: StateDirectory, name: str, account: Mapping[str, str]) -> pd.DataFrame | None:
    """Return every membership that is remembered, the columns as above; None before the first run. Raises StateError.

    A file of before SINCE, OFF and BY counts as known since version 1, and nothing taken off.
    """
    path = _place(state, name, account)
    try:
        held = pq.read_table(io.BytesIO(path.read_bytes()))
        known = pd.DataFrame({column: series(arrow(held[column].to_pandas())) for column in (EMAIL, LIST)})
        size = held.num_rows
        since = held[SINCE].to_numpy() if SINCE in held.column_names else np.ones(size)
        off = held[OFF].to_numpy() if OFF in held.column_names else np.zeros(size)
        by = held[BY].to_pandas().astype("str") if BY in held.column_names else series(pa.array([""] * size))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, pa.ArrowException) as fault:
        raise StateError(
            f"{path}: the memory of who left which list can't be read ({fault}) — put back a copy of it; if there is "
            "none, remove it, knowing that who left before today may then be put back"
        ) from fault
    return known.assign(**{SINCE: since.astype(np.int32), OFF: off.astype(bool), BY: by})


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
    renamed = known.assign(**{LIST: known[LIST].mask(named, known[LIST].map(ids))})
    unique: pd.DataFrame = renamed.drop_duplicates([EMAIL, LIST], keep="last", ignore_index=True)
    return unique


def _add_held(
    known: pd.DataFrame, held: pd.DataFrame, version: int, stays_off: pd.Series | None = None
) -> pd.DataFrame:
    """stays_off: which of the known are not taken for back again by being held here."""
    keys = _keys(held)
    at = pc.index_in(keys, value_set=_keys(known))
    found = at.drop_null().to_numpy()
    back = np.zeros(len(known), dtype=bool)
    back[found] = True
    back &= known[OFF].to_numpy()
    if stays_off is not None:
        back &= ~stays_off.to_numpy(dtype=bool)
    if back.any():
        since = np.where(back, version, known[SINCE].to_numpy()).astype(np.int32)
        known = known.assign(**{OFF: known[OFF].to_numpy() & ~back, SINCE: since})
    new: pd.DataFrame = held[[EMAIL, LIST]][at.is_null().to_numpy(zero_copy_only=False)].drop_duplicates()
    if new.empty:
        return known
    size = len(new)
    never = pd.Series([""] * size, new.index, dtype="str")
    told = pd.DataFrame({SINCE: np.full(size, version, np.int32), OFF: np.zeros(size, bool), BY: never}, new.index)
    return pd.concat([known, pd.concat([new, told], axis=1)], ignore_index=True)


def _take_off(known: pd.DataFrame, taken: pd.DataFrame, by: str) -> pd.DataFrame:
    named: npt.NDArray[np.bool_] = pc.is_in(_keys(known), value_set=_keys(taken)).to_numpy(zero_copy_only=False)
    now = named & (known[BY] != by).to_numpy(dtype=bool)
    off: npt.NDArray[np.bool_] = known[OFF].to_numpy() | now
    return known.assign(**{OFF: off}).assign(**{BY: known[BY].mask(now, by)})


def _keys(memberships: pd.DataFrame) -> pa.Array:
    return join(arrow(memberships[EMAIL]), arrow(memberships[LIST]), between=_JOINT)


def _empty() -> pd.DataFrame:
    text = pd.Series([], dtype="str")
    columns = {EMAIL: text, LIST: text, SINCE: np.zeros(0, np.int32), OFF: np.zeros(0, bool), BY: text}
    return pd.DataFrame(columns)


def _as_parquet(known: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    known.to_parquet(content, index=False)
    return content.getvalue()


def _place(state: StateDirectory, name: str, account: Mapping[str, str]) -> Path:
    return state.account(name) / MEMORY_FILE.replace("*", quote(account["encoded_account_id"], safe=""))
