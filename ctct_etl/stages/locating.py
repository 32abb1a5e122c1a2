"""Where some contacts stand among many. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from ctct_etl.stages.arrow import Positions, arrow


def locate(wanted: pd.Series, known: pd.Series) -> Positions:
    """Return for each of `wanted` the position in `known` at which it stands first; -1 for none, and for "".

    Needs: both str; `wanted` names nobody twice, "" aside. What is hashed are the wanted: an account has a million, and
    a window of a plan asks for some thousands of them.
    """
    places = np.full(len(wanted), -1, dtype=np.int64)
    found = pc.index_in(arrow(known), value_set=arrow(wanted))
    at = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))[::-1]  # of several the first is written last
    places[found.drop_null().to_numpy()[::-1]] = at
    places[(wanted == "").to_numpy(dtype=bool)] = -1
    return places
