"""What the state remembers of values: the last on which the source and the account agreed, for `respect_edits`.

    accounts/NAME/values-ACCOUNT.parquet     one row an address: EMAIL str · one str column a field, null where nothing
        is known: what a run wrote last, or found to be the same on both sides

ACCOUNT is the service's own id. A value that is not known counts as a person's own: nothing is overwritten by mistake.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ctct_etl.columns import EMAIL, VALUE
from ctct_etl.errors import StateError
from ctct_etl.plan.remembered import none_known
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.state import StateDirectory
from ctct_etl.stages.arrow import TEXT, Positions, arrow, series


def read_values(state: StateDirectory, name: str, account: Mapping[str, str]) -> pd.DataFrame:
    """Return what is remembered: EMAIL and the fields, str, NaN where nothing is known. Raises StateError."""
    path = _place(state, name, account)
    try:
        held = pq.read_table(io.BytesIO(path.read_bytes()))
        held = held.select([EMAIL, *(column for column in held.column_names if column != EMAIL)])
        return pd.DataFrame({column: series(arrow(held[column].to_pandas())) for column in held.column_names})
    except FileNotFoundError:
        return none_known()
    except (OSError, ValueError, KeyError, pa.ArrowException) as fault:
        raise StateError(
            f"{path}: the memory of values can't be read ({fault}) — put back a copy of it, or remove it: then what "
            "differs in the account counts as edited there, and stays"
        ) from fault


def remember_values(
    state: StateDirectory, name: str, account: Mapping[str, str], values: Mapping[str, pd.DataFrame]
) -> None:
    """Let the last known value of each field be these: field → EMAIL, VALUE str, an address once. Raises StateError."""
    before = read_values(state, name, account)
    addresses = arrow(before[EMAIL])
    for told in values.values():
        new = arrow(told[EMAIL])
        new = new.filter(pc.invert(pc.is_in(new, value_set=addresses)))
        addresses = pa.concat_arrays([addresses, new]) if len(new) else addresses
    columns = {field: arrow(before[field]) for field in before if field != EMAIL}
    after = {field: _extend(held, len(addresses)) for field, held in columns.items()}
    for field, told in values.items():
        held = after.get(field, pa.nulls(len(addresses), TEXT))
        after[field] = _put(held, pc.index_in(arrow(told[EMAIL]), value_set=addresses).to_numpy(), arrow(told[VALUE]))
    if after.keys() == columns.keys() and all(after[field].equals(columns[field]) for field in after):
        return
    content = io.BytesIO()
    pq.write_table(pa.table({EMAIL: addresses, **dict(sorted(after.items()))}), content, compression="zstd")
    write_durably(_place(state, name, account), content.getvalue())


def _extend(held: pa.Array, size: int) -> pa.Array:
    return pa.concat_arrays([held, pa.nulls(size - len(held), TEXT)]) if len(held) < size else held


def _put(held: pa.Array, at: Positions, values: pa.Array) -> pa.Array:
    source = np.arange(len(held))
    source[at] = len(held) + np.arange(len(values))
    return pa.concat_arrays([held, values]).take(pa.array(source))


def _place(state: StateDirectory, name: str, account: Mapping[str, str]) -> Path:
    return state.account(name) / f"values-{quote(account['encoded_account_id'], safe='')}.parquet"
