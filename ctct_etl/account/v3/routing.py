"""Choose for every action the cheapest route that has exactly the wanted effect (design 7). Pure.

Effects that the provider documents nowhere, and how the choice avoids them:

    a blank value in an import may clear or be ignored ........ clears go by PUT; blanks are left out of rows
    part of an address in an import may replace or merge ...... addresses are imported only whole, and only on creates
    the format of dates in an import .......................... birthday and anniversary go single
    choice fields in an import ................................ go single, by choice id; so does all that is not text
    phones from outside the US and Canada in an import ........ declared unsupported: go single
    an import's effect on who is pending, held or not set ..... they go by PUT, their permission echoed
    a PUT without lists and tags (contract: kept) ............. they are left out; the first PUT of a run is read back
    a PUT of an empty value .................................... the property is left out, which is documented to clear
    a sign-up form ............................................ is never sent: it makes everyone explicit
    an import or a list for a deleted contact (it revives) .... is never sent: one PUT, behind a read, with its evidence
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.account.v3.targeting import Targets
from ctct_etl.account.v3.wire import IMPORT_LONGEST_ADDRESS, IMPORT_NAMES, WHOLE_ADDRESS
from ctct_etl.columns import (
    ADD,
    ADDRESS_KINDS,
    ADDRESS_PREFIX,
    AFTER,
    CHANGE,
    CONTACT,
    CREATE,
    DELETED,
    EMAIL,
    EXPLICIT,
    FIELD,
    IMPLICIT,
    KIND,
    LIST,
    OPT_IN_SOURCE,
    PHONE_PREFIX,
    REMOVE,
    REMOVE_FROM,
    STATUS,
    TAG,
    UPDATE,
    custom_label,
    is_custom,
)
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import (
    ACTION,
    ADD_LISTS,
    ADD_TAGS,
    DELETE_CONTACT,
    JSON_IMPORT,
    PERMISSION,
    POST_CONTACT,
    PUT_CONTACT,
    REMOVE_LISTS,
    REVIVE_CONTACT,
    ROUTE,
    ROUTE_REASON,
    WINDOW,
    PlanTables,
    cut_windows,
)

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

_SINGLE = "--route single: one request a contact"
_US_PHONE = r"^\+1[\s().-]*(?:\d[\s().-]*){10}$"


def choose_routes(
    tables: PlanTables, snapshot: Snapshot, import_list: str | None = None, *, single: bool = False
) -> pd.DataFrame:
    """Return ROUTE and ROUTE_REASON, str, for every action; "" for actions that send nothing.

    They are chosen window by window, as the plan will be sent: two groups of different windows share no job.
    single: import nothing, so that every contact's fields go by a request of their own.
    """
    windows = [_choose(window, snapshot, import_list, single) for window in cut_windows(tables, WINDOW)]
    return pd.concat(windows, ignore_index=True)


def _choose(tables: PlanTables, snapshot: Snapshot, import_list: str | None, single: bool) -> pd.DataFrame:
    actions = tables.actions
    count = len(actions)
    creates = (actions[ACTION] == CREATE).to_numpy()
    updates = (actions[ACTION] == UPDATE).to_numpy()
    revived = updates & (actions[STATUS] == DELETED).to_numpy()
    with_fields = _holders(tables.changes[CONTACT], count)
    targets = Targets(tables, snapshot, import_list)
    obstacle = np.full(count, _SINGLE, dtype=object) if single else _obstacles(tables, snapshot, targets.reachable)
    candidates = (creates | (updates & with_fields)) & (obstacle == "")
    imported, size_words = _big_enough(targets, candidates)
    reason = obstacle.copy()
    reason[candidates] = size_words[candidates]
    posted = creates & ~imported
    deleted = _deletions(tables)
    put = updates & with_fields & ~imported & ~revived
    carries = {
        JSON_IMPORT: imported,
        POST_CONTACT: posted,
        PUT_CONTACT: put,
        REVIVE_CONTACT: revived,
        # An import adds exactly the lists that the plan adds, when it adds any; a POST holds lists and tags itself.
        ADD_LISTS: _holders(_changing(tables, LIST, ADD), count) & ~creates & ~imported & ~revived,
        # Who is deleted loses all lists by that.
        REMOVE_LISTS: _holders(_changing(tables, LIST, REMOVE_FROM), count) & ~deleted,
        DELETE_CONTACT: deleted,
        ADD_TAGS: _holders(_changing(tables, TAG, ADD), count) & ~posted & ~revived,
    }
    sent = creates | updates | (actions[ACTION] == REMOVE).to_numpy()
    return _lay_out(carries, reason, sent)


def _deletions(tables: PlanTables) -> Mask:
    """Which actions delete their contact: a plan says so by the status, which goes to `deleted`."""
    changes = tables.changes
    gone = ((changes[FIELD] == STATUS) & (changes[AFTER] == DELETED)).to_numpy()
    return _holders(changes[CONTACT][gone], len(tables.actions))


def _obstacles(tables: PlanTables, snapshot: Snapshot, reachable: Mask) -> Texts:
    """Why an action can't ride an import: the first reason that applies, "" for none."""
    actions = tables.actions
    creates = (actions[ACTION] == CREATE).to_numpy()
    unsettled = ~creates & ~actions[STATUS].isin((IMPLICIT, EXPLICIT)).to_numpy()
    by_field = _field_obstacles(tables, snapshot, creates)
    long = (actions[EMAIL].str.len() > IMPORT_LONGEST_ADDRESS).to_numpy()
    conditions = [
        creates & (actions[PERMISSION] == EXPLICIT).to_numpy(),
        creates & (actions[OPT_IN_SOURCE] == "contact").to_numpy(),
        ~creates & (actions[STATUS] == DELETED).to_numpy(),
        unsettled,
        long,
        creates & ~reachable,
        ~reachable,
        by_field != "",
    ]
    reasons: list[Any] = [
        "explicit permission: an import only makes implicit contacts",
        "the contact's own act: an import is always the account's",
        "deleted: it comes back by an update of its own, with its lists",
        "not confirmed or on hold: its permission is echoed as it is",
        f"an address of more than {IMPORT_LONGEST_ADDRESS} characters: too long for an import",
        "no list: an import puts everyone on one",
        "no list that the mapping wants and the contact is on: an import would put it on one",
        by_field,
    ]
    first: Texts = np.select(conditions, reasons, default="").astype(object)
    return first


def _field_obstacles(tables: PlanTables, snapshot: Snapshot, creates: Mask) -> Texts:
    """For each action the first of its changes that an import does not carry, "" for none."""
    changes = tables.changes
    at, field = changes[CONTACT].to_numpy(), changes[FIELD].astype("category")
    names, code = field.cat.categories, field.cat.codes.to_numpy()
    kinds: Texts = np.array([_why_never(name, snapshot) for name in names], dtype=object)
    never = (kinds != "")[code]
    phone, address = (names.str.startswith(prefix)[code] for prefix in (PHONE_PREFIX, ADDRESS_PREFIX))
    foreign = np.zeros(len(changes), dtype=bool)
    foreign[phone] = ~changes[AFTER][phone].str.match(_US_PHONE).to_numpy(dtype=bool)
    cleared = (changes[AFTER] == "").to_numpy()
    known = address & ~creates[at]
    bad = np.flatnonzero(cleared | never | foreign | known | (address & ~_whole(tables)[at]))
    first = bad[np.unique(at[bad], return_index=True)[1]]
    why = np.select(
        [cleared[first], never[first], foreign[first], known[first]],
        ["a clear", kinds[code[first]], "a phone from outside the US and Canada", "a postal address"],
        default="part of a postal address",
    ).astype(object)
    obstacles = np.full(len(tables.actions), "", dtype=object)
    obstacles[at[first]] = names.to_numpy(dtype=object)[code[first]] + ": " + why + " is never imported"
    return obstacles


def _why_never(field: str, snapshot: Snapshot) -> str:
    """Why no import carries this field at all; "" when it may."""
    if not is_custom(field):
        return "" if field in IMPORT_NAMES else "a date"
    custom = snapshot.custom_fields.get(custom_label(field))
    if custom is None:
        return ""  # one that is still to be made will be a text field
    if custom.type != "string":
        return f"a custom field of type {custom.type}"
    return "" if custom.name else "a custom field without a name"


def _whole(tables: PlanTables) -> Mask:
    """Which actions have, of each kind of address that they change, every part."""
    whole = np.ones(len(tables.actions), dtype=bool)
    filled = tables.changes[(tables.changes[AFTER] != "").to_numpy()]
    for kind in ADDRESS_KINDS:
        parts = [f"{ADDRESS_PREFIX}{kind}.{part}" for part in WHOLE_ADDRESS]
        count = np.bincount(filled[CONTACT][filled[FIELD].isin(parts).to_numpy()], minlength=len(whole))
        whole &= (count == 0) | (count == len(parts))
    return whole


def _big_enough(targets: Targets, candidates: Mask) -> tuple[Mask, Texts]:
    """Import the groups (those for the same lists) whose import costs fewer requests than their single calls."""
    imported = np.zeros(len(candidates), dtype=bool)
    words = np.full(len(candidates), "", dtype=object)
    for target in targets.of(candidates):
        bulk, singly, size = targets.bulk_cost(target), targets.single_cost(target), len(target.contacts)
        imported[target.contacts] = bulk < singly
        words[target.contacts] = (
            f"{size:,} contact{'s' * (size != 1)} for the same lists: {bulk:,} requests in bulk, {singly:,} one by one"
        )
    return imported, words


def _lay_out(carries: dict[str, Mask], reason: Texts, sent: Mask) -> pd.DataFrame:
    """Join the names of the routes by "+", by way of their few combinations."""
    bits = np.zeros(len(sent), dtype=np.int64)
    for number, mask in enumerate(carries.values()):
        bits |= (mask & sent).astype(np.int64) << number
    combinations, of = np.unique(bits, return_inverse=True)
    names = ["+".join(r for number, r in enumerate(carries) if bit >> number & 1) for bit in combinations.tolist()]
    route = np.array([*names, ""], dtype=object)[of]
    fields = carries[JSON_IMPORT] | carries[POST_CONTACT] | carries[PUT_CONTACT] | carries[REVIVE_CONTACT]
    words = np.where(fields, reason, "only lists or tags change")
    words = np.where(carries[DELETE_CONTACT], "each contact is read just before it is deleted", words)
    words = np.where(route == "", "", words)
    return pd.DataFrame({ROUTE: pd.Series(route, dtype="str"), ROUTE_REASON: pd.Series(words, dtype="str")})


def _changing(tables: PlanTables, kind: str, change: str) -> pd.Series[int]:
    rows = tables.memberships
    return rows[CONTACT][((rows[KIND] == kind) & (rows[CHANGE] == change)).to_numpy()]


def _holders(contacts: pd.Series[int], count: int) -> Mask:
    mask = np.zeros(count, dtype=bool)
    mask[contacts.to_numpy(dtype=np.int64)] = True
    return mask
