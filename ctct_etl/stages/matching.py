"""Find each desired contact in the account. A contact is its e-mail address, in any letter case."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ctct_etl.columns import EMAIL
from ctct_etl.stages.arrow import arrow, filled


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
    # Both sides are hashed once, together: equal addresses get one number, in the order of first appearance.
    number = pa.concat_arrays([known, wanted]).dictionary_encode().indices.to_numpy().astype(np.int64)
    theirs, ours = number[: len(known)], number[len(known) :]
    place = np.full(number.max(initial=-1) + 1, -1, dtype=np.int64)
    place[theirs[::-1]] = np.arange(len(theirs))[::-1]  # the first of several is written last, and stays
    named = filled(known)
    holders = np.bincount(theirs[named], minlength=len(place))
    return Match(place[ours], holders[ours] > 1, int(np.count_nonzero(~named)))
