"""What a refresh found, and how it is laid over the snapshot that was known before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.types import union_categoricals

from ctct_etl.columns import CONTACT, CONTACT_ID, CUSTOM_PREFIX, EMAIL, KIND, LIST, NAME, TAG
from ctct_etl.plan.blanks import blank_texts, chunks_of, is_blank, join_texts
from ctct_etl.plan.doubles import find_doubles
from ctct_etl.plan.snapshot import Snapshot

Mask = npt.NDArray[np.bool_]
NO_OTHERS: Mapping[str, pd.Series] = {}

_HASHED = 250_000  # ids at a time: the hash of a million takes a hundred megabytes


@dataclass(frozen=True)
class Stale:
    """The snapshot that is known can't be refreshed. why: a clause for people, without any contact's data."""

    why: str


@dataclass(frozen=True)
class Changed:
    """snapshot: the account as it is now, but its contacts and memberships only those that were read again.
    ended: bool, one for each row of the known memberships: it is no more, though its contact was not read again.
    """

    snapshot: Snapshot
    ended: Mask


def merge_changes(known: Snapshot, changed: Changed, others: Mapping[str, pd.Series] = NO_OTHERS) -> Snapshot:
    """Lay what changed over `known`: who was read again is as read, at the end; everyone else is as known.

    known.contacts may hold some columns only; `others` has more of them, each asked for once. Those that there are come
    out, and custom fields that are new. Known is used up: each of its columns goes when that of the result is made, so
    that the account is never held twice.
    """
    now = changed.snapshot
    stays = find_staying(known.contacts[CONTACT_ID], now.contacts[CONTACT_ID])
    contacts = _merge_contacts(known, now, stays, others)
    position = np.cumsum(stays) - 1
    memberships = rename_memberships(known, now)
    kept = memberships[stays[memberships[CONTACT].to_numpy()] & ~changed.ended]
    fresh = now.memberships
    merged = pd.DataFrame(
        {
            CONTACT: np.concatenate(
                [position[kept[CONTACT].to_numpy()], fresh[CONTACT].to_numpy() + int(np.count_nonzero(stays))]
            ),
            **{column: _join_categories(kept[column], fresh[column]) for column in (KIND, NAME)},
        }
    )
    return replace(now, contacts=contacts, memberships=merged)


def find_superseded(known: Snapshot, changed: Changed) -> pd.DataFrame:
    """EMAIL, NAME str: the lists, as `known` has them, of those who were read again or of lists that ended, but for
    those on which the same address was found again.
    """
    now = changed.snapshot
    rows = rename_memberships(known, now)
    there = _locate(known.contacts[CONTACT_ID], now.contacts[CONTACT_ID])
    old = rows[(rows[KIND] == LIST).to_numpy() & ((there[rows[CONTACT].to_numpy()] >= 0) | changed.ended)]
    old = old[~_are_held(old, np.where(_keep_address(known, now, there), there, -1), now)]
    addresses = known.contacts[EMAIL].take(old[CONTACT].to_numpy())
    return pd.DataFrame({EMAIL: addresses.astype("str").array, NAME: old[NAME].astype("str").array})


def _locate(ids: pd.Series, read_again: pd.Series) -> npt.NDArray[np.int64]:
    """Where each of the known is among those who were read again, -1 for nowhere."""
    texts, among = pa.array(ids, pa.large_string()), pa.array(read_again, pa.large_string())
    place = np.full(len(texts), -1, dtype=np.int64)
    for start in range(0, len(among), _HASHED):
        found = pc.index_in(texts, value_set=among.slice(start, _HASHED))
        here = found.is_valid().to_numpy(zero_copy_only=False) & (place < 0)
        place[here] = pc.fill_null(found, 0).to_numpy()[here] + start
    return place


def _keep_address(known: Snapshot, now: Snapshot, there: npt.NDArray[np.int64]) -> Mask:
    """Of those who were read again, who has the address of before."""
    kept = there >= 0
    again = now.contacts[EMAIL].take(there[kept]).array
    kept[kept] = (known.contacts[EMAIL][kept].array == again).astype(bool)
    return kept


def _are_held(rows: pd.DataFrame, there: npt.NDArray[np.int64], now: Snapshot) -> Mask:
    """Which memberships of lists are among those of now, by the contact's place there."""
    lists = now.memberships[(now.memberships[KIND] == LIST).to_numpy()]
    names = lists[NAME].cat.categories
    code = names.get_indexer(rows[NAME].cat.categories)[rows[NAME].cat.codes.to_numpy()]
    asked = np.where(code >= 0, there[rows[CONTACT].to_numpy()] * len(names) + code, -1)
    held = lists[CONTACT].to_numpy() * len(names) + lists[NAME].cat.codes.to_numpy()
    return (asked >= 0) & np.isin(asked, held)


def find_staying(ids: pd.Series, read_again: pd.Series) -> Mask:
    """Who was not read again, among the known."""
    return _locate(ids, read_again) < 0


def rename_memberships(known: Snapshot, now: Snapshot) -> pd.DataFrame:
    """The known memberships, row by row, under the names that the account's lists and tags have now."""
    held = known.memberships
    names: pd.Series = held[NAME]
    for kind, before, after in ((LIST, known.lists, now.lists), (TAG, known.tags, now.tags)):
        renamed = _renamed(before, after)
        there = (held[KIND] == kind).to_numpy() & held[NAME].isin(list(renamed)).to_numpy()
        if there.any():
            texts = names.astype("str").to_numpy(dtype=object, copy=True)
            texts[there] = [renamed[name] for name in held[NAME].astype("str")[there]]
            names = pd.Series(pd.array(texts, dtype="str"), index=held.index).astype("category")
    return held.assign(**{NAME: names})


def order_twins(snapshot: Snapshot) -> Snapshot:
    """Put contacts that share an address into the order of their ids, among the places that they have.

    The service's order is not documented, and a refresh changes it: which of two comes first must not depend on it.
    """
    emails = snapshot.contacts[EMAIL]
    twins = find_doubles(emails)
    if not len(twins):
        return snapshot
    order = np.arange(len(emails))
    ids = snapshot.contacts[CONTACT_ID].iloc[twins].to_numpy(dtype=object)
    order[twins] = twins[np.argsort(ids, kind="stable")]
    position = np.empty_like(order)
    position[order] = np.arange(len(order))
    contacts = snapshot.contacts.take(order).reset_index(drop=True)
    held = snapshot.memberships.assign(**{CONTACT: position[snapshot.memberships[CONTACT].to_numpy()]})
    return replace(snapshot, contacts=contacts, memberships=held)


def _merge_contacts(known: Snapshot, now: Snapshot, stays: Mask, others: Mapping[str, pd.Series]) -> pd.DataFrame:
    labels = {custom.id: label for label, custom in now.custom_fields.items()}
    # "": a field that is defined no more, and its values with it.
    columns = {
        f"{CUSTOM_PREFIX}{label}": f"{CUSTOM_PREFIX}{labels[custom.id]}" if custom.id in labels else ""
        for label, custom in known.custom_fields.items()
    }
    before = {columns.get(name, name): name for name in [*map(str, known.contacts), *others]}
    new = {f"{CUSTOM_PREFIX}{label}" for label in labels.values()} - set(columns.values())
    blank = blank_texts(int(np.count_nonzero(stays)))
    merged = {}
    for name in map(str, now.contacts):
        if name in before and not stays.any():
            staying: list[pa.Array] = []  # and nothing has to be read from disk
        elif name in before:
            held = before[name]
            staying = _keep(known.contacts.pop(held) if held in known.contacts else others[held], stays)
        elif name in new:
            staying = [blank]
        else:
            continue
        merged[name] = pd.Series(join_texts([*staying, *chunks_of(now.contacts[name])]), dtype="str")
    return pd.DataFrame(merged, copy=False)


def _keep(column: pd.Series, stays: Mask) -> list[pa.Array]:
    """The texts of those who stay."""
    chunks = chunks_of(column)
    if all(map(is_blank, chunks)):
        return [blank_texts(int(np.count_nonzero(stays)))]
    return chunks if stays.all() else chunks_of(column[stays])


def _renamed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Name → name now, of those that changed it. A list that had no name yet was known by its id."""
    names = {id_: name for name, id_ in after.items()}
    known = {name: names[id_] for name, id_ in before.items() if names.get(id_, name) != name}
    return {id_: name for id_, name in names.items() if id_ not in before.values()} | known


def _join_categories(known: pd.Series, fresh: pd.Series) -> pd.Categorical:
    return union_categoricals([_categorical(known), _categorical(fresh)], sort_categories=True)


def _categorical(column: pd.Series) -> pd.Categorical:
    held = pd.Categorical(column.array).remove_unused_categories()
    return pd.Categorical.from_codes(held.codes, categories=held.categories.astype("str"))
