"""Add to the memory of the account what was seen in it, and what was written to it."""

from __future__ import annotations

import pandas as pd

from ctct_etl.columns import ADD, CHANGE, CONTACT, DONE, EMAIL, KIND, LIST, NAME, RESULT
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import PlanTables
from ctct_etl.run.applying import Applied
from ctct_etl.run.memory import read_memberships, remember_memberships
from ctct_etl.run.state import StateDirectory


def remember(
    state: StateDirectory,
    name: str,
    snapshot: Snapshot,
    tables: PlanTables | None = None,
    applied: Applied | None = None,
) -> None:
    """Remember every list membership of `snapshot` and, after an apply, those that the plan's done actions added.

    An action that is not done adds nothing: had its request an effect after all, the next snapshot shows it.
    """
    held = [_seen(snapshot)]
    if tables is not None and applied is not None:
        held.append(_written(tables, applied))
    # By id: a list that is renamed is still the one that people left. One made in this run keeps its name until it is
    # seen with its id.
    known = [part.assign(**{LIST: part[NAME].replace(dict(snapshot.lists))})[[EMAIL, LIST]] for part in held]
    remember_memberships(state, name, snapshot.account, known)


def recall(state: StateDirectory, name: str, snapshot: Snapshot) -> pd.DataFrame | None:
    """Return what is remembered as EMAIL, NAME, each list under its name in `snapshot`; None before the first run.

    Raises StateError.
    """
    held = read_memberships(state, name, snapshot.account)
    if held is None:
        return None
    names = {identity: each for each, identity in snapshot.lists.items()}
    return pd.DataFrame({EMAIL: held[EMAIL], NAME: held[LIST].replace(names)})


def _seen(snapshot: Snapshot) -> pd.DataFrame:
    lists = snapshot.memberships[(snapshot.memberships[KIND] == LIST).to_numpy()]
    addresses = snapshot.contacts[EMAIL].take(lists[CONTACT].to_numpy()).array
    held = pd.DataFrame({EMAIL: addresses, NAME: lists[NAME].astype("str").array})
    return held[(held[EMAIL] != "").to_numpy()]


def _written(tables: PlanTables, applied: Applied) -> pd.DataFrame:
    done = set(applied.results[EMAIL][applied.results[RESULT] == DONE])
    added = tables.memberships[((tables.memberships[KIND] == LIST) & (tables.memberships[CHANGE] == ADD)).to_numpy()]
    addresses = tables.actions[EMAIL].take(added[CONTACT].to_numpy()).array
    written = pd.DataFrame({EMAIL: addresses, NAME: added[NAME].astype("str").array})
    return written[written[EMAIL].isin(done)]
