"""Who is on a managed list and in the source no more? They are taken off the managed lists, and touched otherwise not.

Present is every address that can be read in any row, whatever its outcome: a row that `rows.where` leaves out, that is
rejected or that says no mail is still a row about that person. Lists that a row no longer names are no opinion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import (
    CHANGE,
    CONTACT,
    CONTACT_ID,
    CONTENT,
    EMAIL,
    EXPLICIT,
    IMPLICIT,
    KIND,
    LIST,
    NAME,
    REASON,
    REMOVE,
    REMOVE_FROM,
    STATUS,
    UPDATED_AT,
)
from ctct_etl.config.pipeline import Pipeline
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, PlanTables
from ctct_etl.stages.arrow import arrow, take, truths
from ctct_etl.stages.matching import Match
from ctct_etl.stages.permitting import find_left_alone
from ctct_etl.stages.refusing import key_contents

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]

_REFUSED = "the service refused to take them off in the last 7 days (--retry-refused)"
_REASON = "absent.action: remove_from_lists; no row of the source has this address"


@dataclass(frozen=True)
class Absence:
    """at: int64, positions in the snapshot's contacts of those to take off the managed lists, ordered by address.
    absent: how many are absent in all. left_alone: why → how many of them stay as they are. members: contacts on
    managed lists, absent or not.
    """

    at: Positions
    absent: int
    left_alone: Mapping[str, int]
    members: int


def find_absent(snapshot: Snapshot, present: pa.Array, pipeline: Pipeline, suppressed: Mapping[str, str]) -> Absence:
    """Find the absent contacts on `managed_lists`, and which of them are taken off.

    Needs: present: canonical addresses · suppressed: canonical address → the file that names it.
    With `absent.action: keep` all are left alone.
    """
    contacts = snapshot.contacts
    members = _find_members(snapshot, pipeline.managed_lists)
    addresses = take(arrow(contacts[EMAIL]), members)
    # Without an address nobody can be looked for in the source: such contacts are ignored, and counted elsewhere.
    absent = members[truths(pc.not_equal(addresses, "")) & ~truths(pc.is_in(addresses, value_set=present))]
    open_ = np.ones(len(absent), dtype=bool)
    left_alone: dict[str, int] = {}
    for mask, why in _rules(snapshot, absent, pipeline, suppressed):
        if count := int((mask & open_).sum()):
            left_alone[why] = left_alone.get(why, 0) + count
        open_ &= ~mask
    removed = absent[open_]
    order = pc.sort_indices(take(arrow(contacts[EMAIL]), removed)).to_numpy()
    return Absence(removed[order], len(absent), left_alone, len(members))


def _find_members(snapshot: Snapshot, managed: tuple[str, ...]) -> Positions:
    memberships = snapshot.memberships
    chosen = ((memberships[KIND] == LIST) & memberships[NAME].isin(list(managed))).to_numpy()
    return np.unique(memberships[CONTACT].to_numpy()[chosen])


def _rules(
    snapshot: Snapshot, absent: Positions, pipeline: Pipeline, suppressed: Mapping[str, str]
) -> Iterator[tuple[Mask, str]]:
    """Who is left alone, and why; the first that applies is counted."""
    everyone, addresses = arrow(snapshot.contacts[EMAIL]), take(arrow(snapshot.contacts[EMAIL]), absent)
    named = pa.array(list(suppressed), addresses.type)
    yield truths(pc.is_in(addresses, value_set=named)), "suppress"
    found = pc.index_in(everyone, value_set=addresses.unique()).drop_null().to_numpy()
    holders = np.bincount(found, minlength=len(addresses.unique()))
    yield holders[pc.index_in(addresses, value_set=addresses.unique()).to_numpy()] > 1, "ambiguous"
    status = take(arrow(snapshot.contacts[STATUS]), absent)
    for each in status.unique().to_pylist():
        # Who has left stays as they are, and of who is not settled only fields may change.
        if each not in (IMPLICIT, EXPLICIT):
            yield truths(pc.equal(status, each)), each or "no status"
    if pipeline.absent.action == "keep":
        yield np.ones(len(absent), dtype=bool), "absent.action: keep"
    match = Match(absent, np.zeros(len(absent), dtype=bool), 0)
    yield from find_left_alone(pipeline.existing, snapshot, match)


def leave_refused_removals(
    absence: Absence, tables: PlanTables, snapshot: Snapshot, managed: tuple[str, ...], refusals: pd.DataFrame
) -> Absence:
    """Leave alone whom the service refused to take off these very lists. Needs: refusals as `leave_refused` does."""
    addresses = snapshot.contacts[EMAIL].take(absence.at)
    asked = addresses.isin(refusals[EMAIL]).to_numpy(dtype=bool)
    if not asked.any():
        return absence
    parts = ("actions", "changes", "memberships", "origins", "wanted")
    nothing = replace(tables, **{name: getattr(tables, name).iloc[:0] for name in parts})
    alone = add_removals(nothing, replace(absence, at=absence.at[asked]), snapshot, managed)
    told = refusals.set_index(EMAIL)[CONTENT].reindex(alone.actions[EMAIL]).to_numpy()
    refused = asked.copy()
    refused[asked] = key_contents(alone) == told
    if not refused.any():
        return absence
    return replace(
        absence, at=absence.at[~refused], left_alone={**absence.left_alone, _REFUSED: int(np.count_nonzero(refused))}
    )


def add_removals(tables: PlanTables, absence: Absence, snapshot: Snapshot, managed: tuple[str, ...]) -> PlanTables:
    """Put an action `remove` for each of `absence.at` among the actions, in the order of addresses.

    Each takes its contact off every managed list that it is on. None of these addresses is in `tables`.
    """
    if not len(absence.at):
        return tables
    ours, theirs = tables.actions, _actions(tables.actions, absence.at, snapshot)
    together = pd.concat([ours, theirs], ignore_index=True)
    order = pc.sort_indices(arrow(together[EMAIL])).to_numpy()
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    moved = {name: _move(getattr(tables, name), place) for name in ("changes", "origins", "wanted")}
    taken = _memberships(absence.at, snapshot, managed)
    taken = taken.assign(**{CONTACT: place[taken[CONTACT].to_numpy() + len(ours)]})
    return replace(
        tables,
        actions=together.iloc[order].reset_index(drop=True).assign(**{ACTION: _actions_of(together, order)}),
        memberships=_unite(_move(tables.memberships, place), taken),
        **moved,
    )


def _actions(like: pd.DataFrame, at: Positions, snapshot: Snapshot) -> pd.DataFrame:
    account = snapshot.contacts[[EMAIL, CONTACT_ID, UPDATED_AT, STATUS]].iloc[at].reset_index(drop=True)
    told = {**account, ACTION: REMOVE, REASON: _REASON}
    return pd.DataFrame({column: told.get(column, "") for column in like}, index=account.index, dtype="str")


def _actions_of(together: pd.DataFrame, order: Positions) -> pd.Categorical:
    return pd.Categorical(together[ACTION].astype("str").array[order])


def _memberships(at: Positions, snapshot: Snapshot, managed: tuple[str, ...]) -> pd.DataFrame:
    """CONTACT int64 (position in `at`) · KIND, NAME str · CHANGE."""
    rows = snapshot.memberships
    number = np.full(len(snapshot.contacts), -1, dtype=np.int64)
    number[at] = np.arange(len(at))
    whose = number[rows[CONTACT].to_numpy()]
    chosen = ((rows[KIND] == LIST) & rows[NAME].isin(list(managed))).to_numpy() & (whose >= 0)
    names = rows[NAME].astype("str")[chosen]
    return pd.DataFrame({CONTACT: whose[chosen], KIND: LIST, NAME: names.array, CHANGE: REMOVE_FROM})


def _move(table: pd.DataFrame, place: Positions) -> pd.DataFrame:
    """Positions keep their order, so the table keeps its own."""
    return table.assign(**{CONTACT: place[table[CONTACT].to_numpy()]})


def _unite(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Both tables of memberships, by contact, kind and name."""
    texts = [KIND, NAME, CHANGE]
    both = pd.concat([one.astype(dict.fromkeys(texts, "str")), other], ignore_index=True)
    both = both.sort_values([CONTACT, KIND, NAME], ignore_index=True)
    return both.astype(dict.fromkeys(texts, "category"))
