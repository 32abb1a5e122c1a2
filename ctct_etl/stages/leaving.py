"""Who left a list is not put back: a list that a contact was on, and is on no longer, is never added again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import CONTACT, EMAIL, KIND, LIST, NAME, READD
from ctct_etl.stages.arrow import arrow, series
from ctct_etl.stages.matching import Match

# Between the parts of a key; no address and no name of a list holds it.
_JOINT = "\x1f"


def find_left(
    added: pd.DataFrame, desired: pd.DataFrame, match: Match, remembered: pd.DataFrame | None
) -> npt.NDArray[np.bool_]:
    """Say of each membership that would be added whether its contact was on that list before.

    Needs: added CONTACT int64 (position in desired), KIND, NAME category: wanted, and not there now · desired EMAIL ·
    remembered EMAIL str, NAME category: every membership of a list that was ever seen or written, but those that we
    took off ourselves; None on a first run. So whoever was on a list and is not has left it.
    """
    left = np.zeros(len(added), dtype=bool)
    known = (added[KIND] == LIST).to_numpy() & (match.at[added[CONTACT].to_numpy()] >= 0)
    if remembered is None or remembered.empty or not known.any():
        return left
    asked = added[known]
    addresses = arrow(desired[EMAIL]).take(pa.array(asked[CONTACT].to_numpy()))
    # Few are added on a night, so the memory of everyone is narrowed to them before any key is built.
    about = remembered[pc.is_in(arrow(remembered[EMAIL]), value_set=addresses).to_numpy(zero_copy_only=False)]
    held = pd.Index(about[EMAIL].str.cat(about[NAME].astype("str"), sep=_JOINT))
    wanted = series(addresses).str.cat(asked[NAME].astype("str").reset_index(drop=True), sep=_JOINT)
    left[np.flatnonzero(known)] = wanted.isin(held).to_numpy()
    return left


def part_left(added: pd.DataFrame, left: npt.NDArray[np.bool_]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is added and what is not, because the contact left it and no rule says `readd`.

    Needs: added READD bool: a rule that names it says so. Sets: READD, of what is added: it was left, and is put back.
    """
    back = left & added[READD].to_numpy()
    return added.assign(**{READD: back})[~left | back], added[left & ~back]


def take_away(memberships: pd.DataFrame, departed: pd.DataFrame) -> pd.DataFrame:
    """Return the memberships without those departed; both CONTACT, KIND, NAME, and departed is a part of the others."""
    return memberships if departed.empty else memberships[~memberships.index.isin(departed.index)]


def tell_left(departed: pd.DataFrame, size: int) -> npt.NDArray[np.object_]:
    """For each of `size` contacts the words about the lists that it left and stays off, "" for none.

    Needs: departed CONTACT int64, NAME category; by contact.
    """
    return _tell(departed, size, "not added again")


def tell_readded(readded: pd.DataFrame, size: int) -> npt.NDArray[np.object_]:
    """The same of the lists that it left and is put back on."""
    return _tell(readded, size, "added again (readd)")


def _tell(memberships: pd.DataFrame, size: int, what: str) -> npt.NDArray[np.object_]:
    words = np.full(size, "", dtype=object)
    if len(memberships):
        names = memberships[NAME].astype("str").groupby(memberships[CONTACT].to_numpy()).agg(", ".join)
        words[names.index.to_numpy()] = ("left the list " + names + f": {what}").to_numpy(dtype=object)
    return words
