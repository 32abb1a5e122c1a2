"""Which updates are read back whole after they were sent: as few as show all that the others rely on. Pure.

A PUT leaves to the service what it does not send: it echoes the permission, and leaves out every array without a
change. That these are kept is documented, and doubted; so of each the first that has it proves it, before the rest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctct_etl.account.grouping import Positions
from ctct_etl.account.v3.targeting import locate_contacts
from ctct_etl.account.v3.wire import ADDRESSES, CUSTOMS, PHONES, WIRE_NAMES
from ctct_etl.columns import CONTACT, FIELD, KIND, LIST, STATUS, TAG, is_custom
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PlanTables

Bits = npt.NDArray[np.int64]

_ARRAYS = (LIST, TAG, PHONES, ADDRESSES, CUSTOMS)


def choose_proofs(tables: PlanTables, snapshot: Snapshot, puts: Positions) -> Positions:
    """The first of `puts`, and each further one that relies on something that none before it had."""
    if not len(puts):
        return puts
    risks = _held(tables, snapshot)[puts] & ~_sent(tables)[puts]
    statuses, status = np.unique(tables.actions[STATUS].to_numpy(dtype=object)[puts].astype(str), return_inverse=True)
    _, first = np.unique(risks * len(statuses) + status, return_index=True)
    seen, proved, proofs = 0, set[int](), []
    for at in sorted(first.tolist()):
        risk, permission = int(risks[at]), int(status[at])
        if risk & ~seen or permission not in proved:
            seen |= risk
            proved.add(permission)
            proofs.append(at)
    return puts[proofs]


def _held(tables: PlanTables, snapshot: Snapshot) -> Bits:
    """A bit for each array in which the account has something, by position in actions."""
    at = locate_contacts(tables, snapshot)
    places = np.flatnonzero(at >= 0)
    bits = np.zeros(len(tables.actions), dtype=np.int64)
    rows = snapshot.memberships
    for number, kind in enumerate((LIST, TAG)):
        holders = at[rows[CONTACT].to_numpy()[(rows[KIND] == kind).to_numpy()]]
        bits[holders[holders >= 0]] |= 1 << number
    contacts = snapshot.contacts.iloc[places]
    for field in contacts:
        if part := _part(str(field)):
            filled = (contacts[field] != "").to_numpy()
            bits[at[places[filled]]] |= 1 << _ARRAYS.index(part)
    return bits


def _sent(tables: PlanTables) -> Bits:
    """A bit for each array in which a change lies: it is sent, complete."""
    bits = np.zeros(len(tables.actions), dtype=np.int64)
    fields = tables.changes[FIELD].astype("category")
    for code, field in enumerate(fields.cat.categories):
        if part := _part(field):
            changed = tables.changes[CONTACT].to_numpy()[(fields.cat.codes == code).to_numpy()]
            bits[changed] |= 1 << _ARRAYS.index(part)
    return bits


def _part(field: str) -> str:
    """The array in which a field stands; "" for none."""
    if is_custom(field):
        return CUSTOMS
    part = WIRE_NAMES[field].part if field in WIRE_NAMES else ""
    return part if part in _ARRAYS else ""
