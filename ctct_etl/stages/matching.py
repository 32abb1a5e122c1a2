"""Find each desired contact in the account. A contact is its e-mail address, in any letter case."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import EMAIL
from ctct_etl.stages.arrow import arrow, filled, present


class Match(NamedTuple):
    """at: int64, position in the snapshot's contacts of each desired contact, -1 for none.
    ambiguous: bool, True where the account has two contacts with this one canonical address.
    without_address: how many contacts of the account have no address and are ignored.
    """

    at: npt.NDArray[np.int64]
    ambiguous: npt.NDArray[np.bool_]
    without_address: int


def match_contacts(desired: pd.DataFrame, contacts: pd.DataFrame) -> Match:
    """Join on the canonical address alone.

    Needs: desired EMAIL str, unique, never missing or "" · contacts EMAIL str, canonical, "" for none
    """
    wanted, known = arrow(desired[EMAIL]), arrow(contacts[EMAIL])
    # Desired addresses are unique: looking the account's up among them finds its doubles by the way.
    found = _look_up(known, wanted)
    theirs, ours = np.flatnonzero(present(found)), found.drop_null().to_numpy()
    at = np.full(len(desired), -1, dtype=np.int64)
    at[ours[::-1]] = theirs[::-1]  # the first of several is written last, and stays
    holders = np.bincount(ours, minlength=len(desired))
    return Match(at, holders > 1, int(np.count_nonzero(~filled(known))))


def _look_up(values: pa.Array, among: pa.Array) -> pa.Array:
    """Positions of `values` in `among`, null for none; by two halves of what is looked through, side by side."""
    half = len(among) // 2
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda part: pc.index_in(values, value_set=part), (among[:half], among[half:]))
    return pc.coalesce(first, pc.add(second, half))
