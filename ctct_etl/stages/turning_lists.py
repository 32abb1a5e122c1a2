"""Which memberships of lists go back when a run is taken back: off again, or on again. Pure."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PlanTables

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]
_NAMED = [c.CONTACT, c.KIND, c.NAME]


def find_held(tables: PlanTables, at: Positions, snapshot: Snapshot) -> Mask:
    """Say of each membership of the plan whether the account has it now."""
    members = tables.memberships
    place = at[members[c.CONTACT].to_numpy()]
    near = snapshot.memberships[snapshot.memberships[c.CONTACT].isin(place).to_numpy()]
    there = pd.MultiIndex.from_arrays([near[c.CONTACT], near[c.KIND].astype("str"), near[c.NAME].astype("str")])
    asked = pd.MultiIndex.from_arrays([place, members[c.KIND].astype("str"), members[c.NAME].astype("str")])
    held: Mask = asked.isin(there)
    return held


def turn_lists(
    tables: PlanTables,
    put_on: Mask,
    taken_off: Mask,
    held: Mask,
    may_be_on: Mask,
    lists: Collection[str],
    remembered: pd.DataFrame | None,
) -> tuple[pd.DataFrame, pd.Series, frozenset[str]]:
    """Return the memberships that go back, words by contact about those that do not, and lists that are not there now.

    put_on, taken_off: contacts whose lists the run has changed · held: see `find_held` · may_be_on: contacts whose
    permission lets them be on a list · remembered: see `turn_round`.
    """
    members = tables.memberships
    contact = members[c.CONTACT].to_numpy()
    of_list, adds = (members[c.KIND] == c.LIST).to_numpy(), (members[c.CHANGE] == c.ADD).to_numpy()
    on, off = of_list & adds & put_on[contact], of_list & ~adds & taken_off[contact]
    known = members[c.NAME].isin(list(lists)).to_numpy(dtype=bool)
    left = _have_left(members, tables.actions, remembered)
    missing = off & ~held
    again = missing & known & may_be_on[contact] & ~left
    change = np.where(again, c.ADD, c.REMOVE_FROM)
    turned = members[_NAMED].astype({c.NAME: "str", c.KIND: "str"}).assign(**{c.CHANGE: change})[(on & held) | again]
    gone = frozenset(members[c.NAME][(on | off) & ~known].astype("str"))
    return turned.reset_index(drop=True), _tell_refused(members, missing & ~again, known, left), gone


def find_still_wanted(wanted: pd.DataFrame, turned: pd.DataFrame) -> pd.DataFrame:
    """The lists that the reverted run wanted for each contact, but those that it is taken off: an import may use them.

    Tags are no import's business.
    """
    lists = wanted[(wanted[c.KIND] == c.LIST).to_numpy()].astype({c.NAME: "str", c.KIND: "str"})
    off = turned[(turned[c.CHANGE] == c.REMOVE_FROM).to_numpy()]
    keys = pd.MultiIndex.from_frame(lists[[c.CONTACT, c.NAME]])
    still: pd.DataFrame = lists[~keys.isin(pd.MultiIndex.from_frame(off[[c.CONTACT, c.NAME]]))]
    return still


def _have_left(members: pd.DataFrame, actions: pd.DataFrame, remembered: pd.DataFrame | None) -> Mask:
    """Who is on the list no longer by their own doing: what we took off ourselves is not remembered as held."""
    if remembered is None or members.empty:
        return np.zeros(len(members), dtype=bool)
    addresses = actions[c.EMAIL].take(members[c.CONTACT].to_numpy())
    about = remembered[remembered[c.EMAIL].isin(addresses).to_numpy()]
    pairs = pd.MultiIndex.from_arrays([addresses.astype("str"), members[c.NAME].astype("str")])
    left: Mask = pairs.isin(pd.MultiIndex.from_frame(about[[c.EMAIL, c.NAME]].astype("str")))
    return left


def _tell_refused(members: pd.DataFrame, refused: Mask, known: Mask, left: Mask) -> pd.Series:
    rows = members[refused]
    why = np.select(
        [~known[refused], left[refused]],
        ["the account has no such list any more", "the person has left it since"],
        default="the contact may not be put on a list",
    )
    words = "not put back on the list " + rows[c.NAME].astype("str") + ": " + pd.Series(why, rows.index, dtype="str")
    return words.set_axis(rows[c.CONTACT].to_numpy()).astype("str")
