"""Memberships of lists as pairs of an address and a list, by the list's name in an account or by its id: pure.

Pairs have EMAIL str and NAME category, or LIST category for an id: lists are few, and memberships many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from ctct_etl.columns import CONTACT, EMAIL, KIND, LIST, NAME
from ctct_etl.plan.snapshot import Snapshot


def seen_pairs(snapshot: Snapshot) -> pd.DataFrame:
    """Whoever is on a list, but those without an address."""
    lists = snapshot.memberships[(snapshot.memberships[KIND] == LIST).to_numpy()]
    held = make_pairs(snapshot.contacts[EMAIL].take(lists[CONTACT].to_numpy()), lists[NAME])
    return held[(held[EMAIL] != "").to_numpy()]


def superseded_pairs(snapshot: Snapshot) -> pd.DataFrame:
    """Whoever was on a list at an earlier look of the same reading: see `Snapshot.seen`."""
    seen = no_pairs() if snapshot.seen is None else make_pairs(snapshot.seen[EMAIL], snapshot.seen[NAME])
    return seen[(seen[EMAIL] != "").to_numpy()]


def pairs_by_id(memberships: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """The pairs by LIST: a list that is renamed is still the one that people left.

    One made in this run keeps its name until it is seen with its id.
    """
    return pd.DataFrame({EMAIL: memberships[EMAIL], LIST: _translate(memberships[NAME], snapshot.lists)})


def pairs_by_name(held: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """The pairs by NAME; a list that the account has no more keeps its id."""
    names = {identity: each for each, identity in snapshot.lists.items()}
    return make_pairs(held[EMAIL], _translate(held[LIST], names))


def _translate(names: pd.Series, words: Mapping[str, str]) -> pd.Series:
    """Lists are few and memberships many: a word is looked up once for each list. What has none stays as it is."""
    told = [words.get(each, each) for each in names.cat.categories]
    different = list(dict.fromkeys(told))
    numbers = np.array([different.index(each) for each in told], dtype=np.int64)
    codes = numbers[names.cat.codes.to_numpy()] if len(names) else names.cat.codes.to_numpy()
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(different, dtype="str")), index=names.index)


def no_pairs() -> pd.DataFrame:
    return make_pairs(pd.Series([], dtype="str"), pd.Series([], dtype="str"))


def make_pairs(addresses: pd.Series, names: pd.Series) -> pd.DataFrame:
    held = names.astype("category").cat
    named = held.set_categories(held.categories.astype("str"))  # without any they may be of another kind
    return pd.DataFrame({EMAIL: addresses.astype("str").array, NAME: named.array})


def join_pairs(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    parts = [no_pairs(), *parts]
    addresses = pd.concat([part[EMAIL] for part in parts], ignore_index=True)
    return pd.DataFrame({EMAIL: addresses, NAME: union_categoricals([part[NAME].array for part in parts])})
