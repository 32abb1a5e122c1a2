"""What has moved in the account between a plan and now. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, PlanTables, RestsOn
from ctct_etl.stages.arrow import Positions
from ctct_etl.stages.locating import locate

_LONGEST_QUOTE = 40


def find_conflicts(tables: PlanTables, snapshot: Snapshot, rests_on: RestsOn | None = None) -> pd.DataFrame:
    """Return EMAIL and WORDS of every writing action whose contact is not as the plan saw it, in the plan's order.

    A create conflicts when its address is there now. An update or a removal: when the contact is gone, has another
    address or status, when a field that it changes is not as it was, or a list or tag is on or off already, and when
    its contact no longer satisfies `rests_on`, the plan's. What the action does not rest on may have moved. Values are
    compared as they are written: both sides were decoded alike.
    """
    writing = tables.actions[ACTION].isin(c.WRITING_ACTIONS)
    parts = [*_find_moved_contacts(tables, snapshot), *_find_moved_parts(tables, snapshot)]
    moved = pd.concat([*parts, _find_left_alone(tables, snapshot, rests_on or {})])
    moved = moved[writing.reindex(moved.index).to_numpy(dtype=bool)]
    words = moved.sort_index(kind="stable").groupby(level=0).agg("; ".join)
    addresses = tables.actions[c.EMAIL].reindex(words.index)
    return pd.DataFrame(
        {c.EMAIL: pd.Series(addresses.array, dtype="str"), c.WORDS: pd.Series(words.array, dtype="str")}
    )


def find_leavers(tables: PlanTables, snapshot: Snapshot, remembered: pd.DataFrame) -> pd.DataFrame:
    """Return EMAIL and WORDS of every contact that the plan puts on a list which it was on, and left, since the plan.

    Needs: remembered EMAIL str, NAME category, every membership that was first seen or written after the plan was made:
    one that is not there came and went in between.
    """
    members, addresses = tables.memberships, tables.actions[c.EMAIL]
    asked = members[((members[c.KIND] == c.LIST) & (members[c.CHANGE] == c.ADD)).to_numpy()]
    at = asked[c.CONTACT].to_numpy()
    place, names = _locate(tables, snapshot)[at], asked[c.NAME].astype("str").array
    held = _held_by(place, snapshot)
    lists = held[(held[c.KIND] == c.LIST).to_numpy()]
    there = pd.MultiIndex.from_arrays([lists[c.CONTACT], lists[c.NAME].astype("str")])
    about = remembered[remembered[c.EMAIL].isin(addresses.array[at]).to_numpy()]
    was = pd.MultiIndex.from_frame(about[[c.EMAIL, c.NAME]].astype("str"))
    gone = (
        (place >= 0)
        & pd.MultiIndex.from_arrays([addresses.array[at], names]).isin(was)
        & ~pd.MultiIndex.from_arrays([place, names]).isin(there)
    )
    left = pd.DataFrame({c.EMAIL: addresses.array[at][gone], c.WORDS: names[gone]}).astype("str")
    left[c.WORDS] = 'left the list "' + left[c.WORDS] + '" since the plan'
    return left.drop_duplicates(c.EMAIL, ignore_index=True)


def leave_out(tables: PlanTables, addresses: set[str]) -> PlanTables:
    """The plan's tables without the actions of `addresses`."""
    return keep_actions(tables, ~tables.actions[c.EMAIL].isin(addresses).to_numpy(dtype=bool))


def keep_actions(tables: PlanTables, kept: npt.NDArray[np.bool_]) -> PlanTables:
    """The plan's tables with the actions of a mask alone."""
    if kept.all():
        return tables
    position = np.where(kept, np.cumsum(kept) - 1, -1)

    def keep(table: pd.DataFrame) -> pd.DataFrame:
        contact = position[table[c.CONTACT].to_numpy()]
        kept_rows: pd.DataFrame = table.assign(**{c.CONTACT: contact})[contact >= 0].reset_index(drop=True)
        return kept_rows

    parts = {name: keep(getattr(tables, name)) for name in ("changes", "memberships", "origins", "wanted")}
    return replace(tables, actions=tables.actions[kept].reset_index(drop=True), **parts)


def leave_out_details(tables: PlanTables) -> PlanTables:
    """The same actions, resting on nothing but that their contacts are there with the same status; no creates."""
    kept = leave_out(tables, set(tables.actions[c.EMAIL][tables.actions[ACTION] == c.CREATE]))
    return replace(kept, changes=kept.changes.iloc[:0], memberships=kept.memberships.iloc[:0])


def _find_moved_contacts(tables: PlanTables, snapshot: Snapshot) -> Iterator[pd.Series]:
    """Words by action, for contacts that came, went, or are other than they were."""
    actions, now = tables.actions, snapshot.contacts
    writing = actions[ACTION].isin(c.WRITING_ACTIONS).to_numpy(dtype=bool)
    known = (actions[c.CONTACT_ID] != "").to_numpy(dtype=bool)
    came = writing & ~known & (locate(actions[c.EMAIL], now[c.EMAIL]) >= 0)
    yield _say(came, "the account has this contact since the plan")
    at = _locate(tables, snapshot)
    rests, there = writing & known, at >= 0
    yield _say(rests & ~there, "the account does not know this contact any more")
    for column, words in (
        (c.EMAIL, "its address changed since the plan"),
        (c.STATUS, "its status changed since the plan"),
    ):
        current = now[column].reindex(at).to_numpy(dtype=object)
        planned = actions[column].to_numpy(dtype=object)
        differs = rests & there & (current != planned)
        if column == c.STATUS:
            # Who comes back may be back by a write of ours whose answer was lost: the read before the write tells.
            differs &= planned != c.DELETED
        at_odds = np.flatnonzero(differs)
        if column == c.EMAIL:
            yield _say(differs, words)
        else:
            yield pd.Series(
                [f"{words}: {planned[i] or 'none'} → {current[i] or 'none'}" for i in at_odds], at_odds, dtype="str"
            )


def _find_moved_parts(tables: PlanTables, snapshot: Snapshot) -> Iterator[pd.Series]:
    """Words by action, for fields, lists and tags that are not as they were."""
    at = _locate(tables, snapshot)
    yield _find_moved_fields(tables.changes, snapshot, at)
    members = tables.memberships
    place = at[members[c.CONTACT].to_numpy()]
    held = _held_by(place, snapshot)
    there = pd.MultiIndex.from_arrays([held[c.CONTACT], held[c.KIND].astype("str"), held[c.NAME].astype("str")])
    asked = pd.MultiIndex.from_arrays([place, members[c.KIND].astype("str"), members[c.NAME].astype("str")])
    on = asked.isin(there)
    adds = (members[c.CHANGE] == c.ADD).to_numpy(dtype=bool)
    wrong = np.flatnonzero((place >= 0) & (on == adds))
    yield pd.Series(
        [f'{"on" if on[i] else "off"} the {members[c.KIND].iloc[i]} "{members[c.NAME].iloc[i]}" since the plan'
         for i in wrong],
        members[c.CONTACT].to_numpy()[wrong], dtype="str",
    )  # fmt: skip


def _find_left_alone(tables: PlanTables, snapshot: Snapshot, rests_on: RestsOn) -> pd.Series:
    """Words by action, for updates and removals of contacts that the plan's rule leaves alone by their lists now."""
    if not rests_on:
        return pd.Series(dtype="str")
    changing = tables.actions[ACTION].isin((c.UPDATE, c.REMOVE)).to_numpy(dtype=bool)
    changing = changing & (tables.actions[c.STATUS] != c.DELETED).to_numpy(
        dtype=bool
    )  # who is brought back is not there yet
    at = _locate(tables, snapshot)
    lists = _lists_without_ours(tables, snapshot, at)
    (rule, names), *_ = rests_on.items()
    if rule != c.IF_IN_NO_LIST:
        lists = lists[lists[c.NAME].isin(list(names)).to_numpy()]
    members = np.zeros(len(snapshot.contacts) + 1, dtype=bool)  # the last place is that of contacts not there
    members[lists[c.CONTACT].to_numpy(dtype=np.int64)] = True
    broken = ~members[at] if rule == c.IF_IN else members[at]
    said = " ".join((rule, ", ".join(names))).strip()
    words = f"its lists changed since the plan: existing.update: {said} leaves it alone now"
    return _say(changing & (at >= 0) & broken, words)


def _lists_without_ours(tables: PlanTables, snapshot: Snapshot, at: Positions) -> pd.DataFrame:
    """CONTACT (position in the snapshot), NAME: lists as they are but for what the plan adds and removes.

    A plan that was begun before may have done so already.
    """
    parts = []
    for memberships, place in ((_held_by(at, snapshot), None), (tables.memberships, at)):
        lists = memberships[(memberships[c.KIND] == c.LIST).to_numpy()]
        contact = lists[c.CONTACT].to_numpy()
        lists = lists.assign(
            **{c.CONTACT: contact if place is None else place[contact], c.NAME: lists[c.NAME].astype("str")}
        )
        parts.append(lists[(lists[c.CONTACT] >= 0).to_numpy()])
    held, ours = parts
    by = [c.CONTACT, c.NAME]
    added, removed = (ours[(ours[c.CHANGE] == change).to_numpy()][by] for change in (c.ADD, c.REMOVE_FROM))
    left = held[~pd.MultiIndex.from_frame(held[by]).isin(pd.MultiIndex.from_frame(added))][by]
    return pd.concat([left, removed], ignore_index=True)


def _find_moved_fields(changes: pd.DataFrame, snapshot: Snapshot, at: Positions) -> pd.Series:
    place = at[changes[c.CONTACT].to_numpy()]
    fields = changes[c.FIELD].astype("str")
    found = []
    for field in fields.unique():
        rows = np.flatnonzero((fields == field).to_numpy(dtype=bool) & (place >= 0))
        before = changes[c.BEFORE].iloc[rows].to_numpy(dtype=object)
        # A custom field that the plan still has to make is nowhere yet: everybody's is empty.
        now = (
            snapshot.contacts[field].iloc[place[rows]].to_numpy(dtype=object)
            if field in snapshot.contacts
            else np.full(len(rows), "", dtype=object)
        )
        wrong = np.flatnonzero(before != now)
        words = [f"{field} was {_cite(before[i])} in the plan and is {_cite(now[i])}" for i in wrong]
        found.append(pd.Series(words, changes[c.CONTACT].to_numpy()[rows[wrong]], dtype="str"))
    return pd.concat(found) if found else pd.Series(dtype="str")


def _held_by(places: Positions, snapshot: Snapshot) -> pd.DataFrame:
    """The memberships of these contacts alone: an account has a million, and a window of the plan asks for few."""
    asked = np.zeros(len(snapshot.contacts), dtype=bool)
    asked[places[places >= 0]] = True
    held = snapshot.memberships
    theirs: pd.DataFrame = held[asked[held[c.CONTACT].to_numpy()]]
    return theirs


def _locate(tables: PlanTables, snapshot: Snapshot) -> Positions:
    """The position in the snapshot of each action's contact by its id; -1 for none."""
    return locate(tables.actions[c.CONTACT_ID], snapshot.contacts[c.CONTACT_ID])


def _say(mask: npt.NDArray[np.bool_], words: str) -> pd.Series:
    at = np.flatnonzero(mask)
    return pd.Series([words] * len(at), at, dtype="str")


def _cite(value: str) -> str:
    if not value:
        return "empty"
    return f'"{value[:_LONGEST_QUOTE]}…"' if len(value) > _LONGEST_QUOTE else f'"{value}"'
