"""Turn a run round: from what it did and what the account has now to what takes it back. Pure.

Only what still is as the run left it goes back; what was edited since is kept, and told. Consent is never touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl import columns as c
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ACTION,
    ADD_CONTACTS,
    ADD_LISTS,
    ADD_TAGS,
    DELETE_CONTACT,
    JSON_IMPORT,
    PERMISSION,
    POST_CONTACT,
    PUT_CONTACT,
    PUT_WHOLE,
    REMOVE_FROM_LISTS,
    REMOVE_LISTS,
    REVIVE_CONTACT,
    ROUTE,
    ROUTE_REASON,
    PlanTables,
)
from ctct_etl.stages.keys import comparison_key
from ctct_etl.stages.turning_lists import find_held, find_still_wanted, turn_lists
from ctct_etl.stages.untouched import find_untouched, undo_creates

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]
_NOW = (c.CONTACT_ID, c.UPDATED_AT, c.STATUS)


@dataclass(frozen=True)
class Turned:
    """tables: what takes it back; routes are still blank. unchanged: contacts that need nothing.
    staying: contacts that the run created and that stay · deleted: that are deleted · edited: created contacts that
    were to be deleted and are not as the run left them · kept: values that were edited since, and stay
    tags: tag → contacts that keep it · gone_lists: lists that the account has no longer under that name.
    """

    tables: PlanTables
    unchanged: int
    staying: int
    deleted: int
    edited: int
    kept: int
    tags: Mapping[str, int]
    gone_lists: frozenset[str]


def turn_round(
    tables: PlanTables,
    done: pd.DataFrame,
    snapshot: Snapshot,
    remembered: pd.DataFrame | None,
    run: str,
    delete_made_since: str | None = None,
) -> Turned:
    """Turn round what was done of a window of the plan of `run`.

    Needs: done EMAIL, ROUTE str: the routes of each contact that were done, whole · remembered EMAIL str, NAME
    category: every membership of a list ever seen or written, but those that we took off ourselves (None: no memory).
    delete_made_since: contacts that the run created are deleted if the account made them at this moment or later and
    nobody touched them; None: they stay, off the lists that they were put on.
    """
    deeds = _Deeds(tables, done)
    at = _locate(tables.actions, snapshot)
    why = _why_left_alone(tables.actions, at, snapshot)
    open_ = deeds.touched & (why == "")
    changes, edited = _turn_fields(tables, deeds.fields & open_, at, snapshot)
    held = find_held(tables, at, snapshot)
    on, off, may_be_on = deeds.put_on & open_, deeds.taken_off & open_, _may_be_on_a_list(at, snapshot)
    members, refusals, gone = turn_lists(tables, on, off, held, may_be_on, snapshot.lists, remembered)
    whole = find_untouched(tables, deeds.created & open_, at, snapshot, delete_made_since)
    changes, members = _add_deletions(whole, changes, members, at, snapshot)
    stay = deeds.created & open_ & ~whole
    spared = stay & (delete_made_since is not None)
    words = _join([_tell_edited(edited), refusals, _tell_spared(spared)], len(at))
    action = _decide(changes, members, whole, words, deeds.touched, why)
    return Turned(
        tables=_lay_out(tables, action, _say(run, action, words, whole, why), changes, members, at, snapshot),
        unchanged=int((deeds.touched & (action == c.UNCHANGED)).sum()),
        staying=int(stay.sum()),
        deleted=int(whole.sum()),
        edited=int(spared.sum()),
        kept=len(edited),
        tags=_count_tags(tables, held, deeds.tagged & open_ & ~whole),
        gone_lists=gone,
    )


class _Deeds:
    """What was done to whom, as masks over the actions of a window."""

    def __init__(self, tables: PlanTables, done: pd.DataFrame) -> None:
        action = tables.actions[ACTION].astype("str").to_numpy(dtype=object)

        def by(*routes: str) -> Mask:
            addresses = done[c.EMAIL][done[ROUTE].isin(routes).to_numpy()]
            return tables.actions[c.EMAIL].isin(addresses).to_numpy(dtype=bool)

        self.created = by(JSON_IMPORT, ADD_CONTACTS, POST_CONTACT) & (action == c.CREATE)
        self.fields = by(JSON_IMPORT, PUT_CONTACT, PUT_WHOLE, REVIVE_CONTACT) & (action == c.UPDATE)
        self.put_on = by(JSON_IMPORT, ADD_CONTACTS, POST_CONTACT, PUT_WHOLE, REVIVE_CONTACT, ADD_LISTS)
        self.taken_off = by(REMOVE_LISTS, REMOVE_FROM_LISTS, PUT_WHOLE)
        self.tagged = by(POST_CONTACT, REVIVE_CONTACT, ADD_TAGS)
        deleted = by(DELETE_CONTACT)
        self.touched = self.created | self.fields | self.put_on | self.taken_off | self.tagged | deleted


def _locate(actions: pd.DataFrame, snapshot: Snapshot) -> Positions:
    """The position of each contact: by its id, or by its address if the run created it; -1 for none, or several."""
    contacts = snapshot.contacts
    by_id = pd.Index(contacts[c.CONTACT_ID])
    known = by_id.get_indexer(pd.Index(actions[c.CONTACT_ID])) if by_id.is_unique else np.full(len(actions), -1)
    single = np.flatnonzero(~contacts[c.EMAIL].duplicated(keep=False).to_numpy())
    found = pd.Index(contacts[c.EMAIL].take(single)).get_indexer(pd.Index(actions[c.EMAIL]))
    by_address = np.where(found >= 0, single[found] if len(single) else -1, -1)
    created = (actions[c.CONTACT_ID] == "").to_numpy()
    return np.where(created, by_address, known).astype(np.int64)


def _why_left_alone(actions: pd.DataFrame, at: Positions, snapshot: Snapshot) -> Words:
    now = snapshot.contacts[[c.STATUS, c.EMAIL]].reindex(at).fillna("")
    status = now[c.STATUS].to_numpy(dtype=object)
    moved = now[c.EMAIL].to_numpy(dtype=object) != actions[c.EMAIL].to_numpy(dtype=object)
    why: Words = np.select(
        [at < 0, status == c.DELETED, status == c.UNSUBSCRIBED, status == c.UNREADABLE, moved],
        ["left alone: the account does not have this contact any more",
         "left alone: deleted in the account",
         "left alone: unsubscribed since",
         "left alone: the account's document of this contact can't be understood",
         "left alone: its address was changed since"],
        default="",
    ).astype(object)  # fmt: skip
    return why


def _may_be_on_a_list(at: Positions, snapshot: Snapshot) -> Mask:
    status = snapshot.contacts[c.STATUS].reindex(at).fillna("")
    may: Mask = status.isin((c.IMPLICIT, c.EXPLICIT)).to_numpy(dtype=bool)
    return may


def _turn_fields(
    tables: PlanTables, mask: Mask, at: Positions, snapshot: Snapshot
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """CONTACT, FIELD, BEFORE, AFTER of what goes back; CONTACT, FIELD of what was edited since, and stays."""
    written = tables.changes[mask[tables.changes[c.CONTACT].to_numpy()]].astype({c.FIELD: "str"})
    back, edited = [written.iloc[:0]], [written.iloc[:0]]
    for field in written[c.FIELD].unique():
        rows = written[(written[c.FIELD] == field).to_numpy()].reset_index(drop=True)
        if field not in snapshot.contacts:  # a custom field that was removed since
            edited.append(rows)
            continue
        custom = snapshot.custom_fields.get(c.custom_label(field)) if c.is_custom(field) else None
        now = snapshot.contacts[field].take(at[rows[c.CONTACT].to_numpy()]).reset_index(drop=True).astype("str")
        is_, left, was = (comparison_key(field, values, custom) for values in (now, rows[c.AFTER], rows[c.BEFORE]))
        ours, already = (is_ == left).to_numpy(), (is_ == was).to_numpy()
        back.append(rows.assign(**{c.BEFORE: now, c.AFTER: rows[c.BEFORE]})[ours & ~already])
        edited.append(rows[~ours & ~already])
    return pd.concat(back, ignore_index=True), pd.concat(edited, ignore_index=True)[[c.CONTACT, c.FIELD]]


def _add_deletions(
    whole: Mask, changes: pd.DataFrame, members: pd.DataFrame, at: Positions, snapshot: Snapshot
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Whoever is deleted leaves every list by that."""
    if not whole.any():
        return changes, members
    erased, off = undo_creates(whole, at, snapshot)
    others = members[~whole[members[c.CONTACT].to_numpy(dtype=np.int64)]]
    return pd.concat([changes, erased], ignore_index=True), pd.concat([others, off], ignore_index=True)


def _tell_spared(spared: Mask) -> pd.Series:
    return pd.Series("not deleted: it is not as the run left it", np.flatnonzero(spared), dtype="str")


def _tell_edited(edited: pd.DataFrame) -> pd.Series:
    named = edited[c.FIELD].astype("str").groupby(edited[c.CONTACT].to_numpy()).agg(", ".join)
    return "kept, edited since the run: " + named.astype("str")


def _join(notes: list[pd.Series], size: int) -> Words:
    """One text a contact, "" for none. notes: words by contact."""
    words = np.full(size, "", dtype=object)
    filled = [note for note in notes if len(note)]
    if filled:
        every = pd.concat(filled)
        told = every.groupby(every.index.to_numpy()).agg("; ".join)
        words[told.index.to_numpy()] = told.to_numpy(dtype=object)
    return words


def _decide(
    changes: pd.DataFrame, members: pd.DataFrame, whole: Mask, words: Words, touched: Mask, why: Words
) -> Words:
    size = len(whole)
    updated, removed = np.zeros(size, dtype=bool), whole.copy()
    updated[changes[c.CONTACT].to_numpy(dtype=np.int64)] = True
    adds = (members[c.CHANGE] == c.ADD).to_numpy(dtype=bool)
    updated[members[c.CONTACT].to_numpy(dtype=np.int64)[adds]] = True
    removed[members[c.CONTACT].to_numpy(dtype=np.int64)[~adds]] = True
    action: Words = np.select(
        [~touched, why != "", updated & ~whole, removed, words != ""],
        [c.UNCHANGED, c.SKIP, c.UPDATE, c.REMOVE, c.SKIP],
        default=c.UNCHANGED,
    ).astype(object)
    return action


def _say(run: str, action: Words, words: Words, whole: Mask, why: Words) -> Words:
    what = f"reverts run {run}"
    opening = np.where(whole, f"{what}: deletes the contact that it created", what).astype(object)
    reason: Words = np.where(words != "", opening + "; " + words, opening)
    left_alone = action == c.SKIP
    reason[left_alone] = np.where(why != "", why, words)[left_alone]
    return reason


def _count_tags(tables: PlanTables, held: Mask, who: Mask) -> dict[str, int]:
    """Tag → how many of `who` have it, of those that the plan gave."""
    members = tables.memberships
    tags = members[held & (members[c.KIND] == c.TAG).to_numpy() & who[members[c.CONTACT].to_numpy()]]
    return {str(tag): int(count) for tag, count in tags[c.NAME].value_counts().items() if count}


def _lay_out(
    tables: PlanTables,
    action: Words,
    reason: Words,
    changes: pd.DataFrame,
    members: pd.DataFrame,
    at: Positions,
    snapshot: Snapshot,
) -> PlanTables:
    kept = action != c.UNCHANGED
    where = np.flatnonzero(kept)
    position = np.where(kept, np.cumsum(kept) - 1, -1)
    now = snapshot.contacts[list(_NOW)].reindex(at[where]).fillna("")
    actions = tables.actions.iloc[where].reset_index(drop=True)
    told: dict[str, Any] = {c.REASON: reason[where], **{name: now[name].array for name in _NOW}}
    told |= dict.fromkeys((ROUTE, ROUTE_REASON, PERMISSION, c.OPT_IN_SOURCE, c.EVIDENCE_DATE, c.EVIDENCE_SOURCE), "")
    actions = actions.assign(**told).astype(dict.fromkeys(told, "str"))
    actions = actions.assign(**{ACTION: pd.Categorical(action[where], categories=list(c.ACTIONS))})

    def place(table: pd.DataFrame, *order: str) -> pd.DataFrame:
        moved = table.assign(**{c.CONTACT: position[table[c.CONTACT].to_numpy(dtype=np.int64)]})
        moved = moved[(moved[c.CONTACT] >= 0).to_numpy()]
        ordered: pd.DataFrame = moved.sort_values([c.CONTACT, *order], kind="stable", ignore_index=True)
        return ordered

    kinds: dict[str, Any] = {c.KIND: pd.CategoricalDtype([c.LIST, c.TAG]), c.NAME: "category"}
    change = pd.CategoricalDtype([c.ADD, c.REMOVE_FROM])
    return PlanTables(
        actions,
        place(changes, c.FIELD).astype({c.FIELD: "category", c.BEFORE: "str", c.AFTER: "str"}),
        place(members, c.KIND, c.NAME).astype({**kinds, c.CHANGE: change}),
        place(tables.origins),
        place(find_still_wanted(tables.wanted, members)).astype(kinds),
    )
