"""Find each desired contact in the account. A contact is its e-mail address, in any letter case."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from ctct_etl.columns import EMAIL
from ctct_etl.stages.arrow import arrow


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

    Needs: desired EMAIL str, never missing · contacts EMAIL str, canonical, "" for none
    """
    wanted, known = arrow(desired[EMAIL]), arrow(contacts[EMAIL])
    at = pc.fill_null(pc.index_in(wanted, value_set=known), -1).to_numpy(zero_copy_only=False).astype(np.int64)
    blank = pc.equal(known, "").to_numpy(zero_copy_only=False)
    doubled = contacts[EMAIL].duplicated(keep=False).to_numpy() & ~blank
    ambiguous = np.zeros(len(desired), dtype=bool)
    if doubled.any():
        ambiguous = desired[EMAIL].isin(contacts[EMAIL][doubled]).to_numpy()
    return Match(at, ambiguous, int(blank.sum()))
