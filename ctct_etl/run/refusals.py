"""What the state remembers of refusals: contacts that the service refused, and with which words.

    accounts/NAME/refusals-ACCOUNT.parquet     one row an address: EMAIL str · CONTENT uint64, what was to be sent
        (stages/refusing.py) · WORDS str, the service's own · AT str, when, ISO 8601, UTC

A refused contact is left alone for LEFT_ALONE while the same would be sent. ACCOUNT is the service's own id.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ctct_etl.columns import AT, CONTENT, EMAIL, UNTIL, WORDS
from ctct_etl.errors import StateError
from ctct_etl.plan.remembered import none_refused
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.state import StateDirectory

LEFT_ALONE = timedelta(days=7)
# The beginnings of what we say ourselves of a failure: of all other failures the words are the service's.
OUR_WORDS = ("no operation carries it", "no route carries this contact", "nothing was said of this contact", "sent")

_COLUMNS = {EMAIL: "str", CONTENT: "uint64", WORDS: "str", AT: "str"}


def read_refusals(state: StateDirectory, name: str, account: Mapping[str, str], now: str) -> pd.DataFrame:
    """Return the refusals that still hold at `now` (ISO 8601, UTC): the columns as above, and UNTIL. Raises StateError.

    One that lies after `now` was dated by a clock that has been set back since: it holds nobody up.
    """
    path = _place(state, name, account)
    try:
        found: pd.DataFrame = pd.read_parquet(path)[[*_COLUMNS]].astype(_COLUMNS)
        since = pd.to_datetime(found[AT], utc=True, format="ISO8601")
    except FileNotFoundError:
        return none_refused()
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as fault:
        raise StateError(
            f"{path}: the memory of refused contacts can't be read ({fault}) — remove it: they are sent once more then"
        ) from fault
    holds = ((since <= pd.Timestamp(now)) & (pd.Timestamp(now) < since + LEFT_ALONE)).to_numpy()
    until = (since + LEFT_ALONE).dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype("str")
    return found.assign(**{UNTIL: until})[holds].reset_index(drop=True)


def remember_refusals(
    state: StateDirectory,
    name: str,
    account: Mapping[str, str],
    refused: pd.DataFrame,
    done: Iterable[pd.Series],
    now: str,
) -> None:
    """Add `refused` (EMAIL, CONTENT, WORDS; one row an address), dated `now`; forget who is done, and what is over.

    done: addresses, some at a time. Raises StateError.
    """
    before = read_refusals(state, name, account, now)[[*_COLUMNS]]
    # Few are remembered, and a million may be done: it is the few that are looked for among them.
    meant = [part[part.isin(before[EMAIL]).to_numpy()] for part in done]
    over = before[EMAIL].isin(pd.concat([refused[EMAIL], *meant])).to_numpy()
    dated = refused.assign(**{AT: pd.Series(now, refused.index, dtype="str")})
    after = pd.concat([before[~over], dated.astype(_COLUMNS)], ignore_index=True)[[*_COLUMNS]]
    if after.equals(before):
        return
    content = io.BytesIO()
    after.to_parquet(content, index=False)
    write_durably(_place(state, name, account), content.getvalue())


def is_refusal(words: pd.Series) -> npt.NDArray[np.bool_]:
    """Say which words of failed actions are the service's: what we failed at ourselves is tried again."""
    ours = np.zeros(len(words), dtype=bool)
    for beginning in OUR_WORDS:
        ours |= words.str.startswith(beginning).to_numpy(dtype=bool)
    return ~ours


def _place(state: StateDirectory, name: str, account: Mapping[str, str]) -> Path:
    return state.account(name) / f"refusals-{quote(account['encoded_account_id'], safe='')}.parquet"
