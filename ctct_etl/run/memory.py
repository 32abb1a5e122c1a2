"""What the state remembers of an account between runs: every membership of a list that was seen or written.

    accounts/NAME/memberships-ACCOUNT.parquet     EMAIL, LIST str (the list's id), one row a membership ever held

ACCOUNT is the service's own id of the account, so that a name in accounts.yaml that now means another account starts
with no memory. A file that can't be read stops the run: without it, people who left would be put back.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pyarrow as pa

from ctct_etl.columns import EMAIL, LIST
from ctct_etl.errors import StateError
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.state import StateDirectory


def read_memberships(state: StateDirectory, name: str, account: Mapping[str, str]) -> pd.DataFrame | None:
    """Return every membership that is remembered, EMAIL and LIST str; None before the first run. Raises StateError."""
    path = _place(state, name, account)
    try:
        held: pd.DataFrame = pd.read_parquet(path)[[EMAIL, LIST]].astype("str")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, pa.ArrowException) as fault:
        raise StateError(
            f"{path}: the memory of who left which list can't be read ({fault}) — put back a copy of it; if there is "
            "none, remove it, knowing that who left before today may then be put back"
        ) from fault
    return held


def remember_memberships(
    state: StateDirectory, name: str, account: Mapping[str, str], held: list[pd.DataFrame]
) -> None:
    """Add memberships (EMAIL, LIST) to the memory; nothing is ever forgotten. Raises StateError."""
    known = read_memberships(state, name, account)
    parts = held if known is None else [known, *held]
    together = pd.concat(parts, ignore_index=True).astype("str").drop_duplicates()
    if known is not None and len(together) == len(known):
        return
    content = io.BytesIO()
    together.sort_values([EMAIL, LIST]).to_parquet(content, index=False)
    write_durably(_place(state, name, account), content.getvalue())


def _place(state: StateDirectory, name: str, account: Mapping[str, str]) -> Path:
    return state.account(name) / f"memberships-{quote(account['encoded_account_id'], safe='')}.parquet"
