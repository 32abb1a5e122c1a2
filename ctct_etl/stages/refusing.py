"""Who was refused is left alone for a while, as long as the very same would be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.columns import (
    AFTER,
    AT,
    CHANGE,
    CONTACT,
    CONTENT,
    EMAIL,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    FIELD,
    KIND,
    NAME,
    OPT_IN_SOURCE,
    SKIP,
    UNCHANGED,
    UNTIL,
    WORDS,
    WRITING_ACTIONS,
)
from ctct_etl.plan.tables import ACTION, PERMISSION, PlanTables
from ctct_etl.stages.arrow import Mask, arrow, join
from ctct_etl.stages.deciding import Decision

_JOINT = "\x1f"
_CONSENT = (OPT_IN_SOURCE, PERMISSION, EVIDENCE_DATE, EVIDENCE_SOURCE)


def key_contents(tables: PlanTables) -> npt.NDArray[np.uint64]:
    """Return a key of what each action would send: its verb and consent, its fields, lists and tags, in any order.

    Equal contents have equal keys, on any machine. It is made for the few that were refused, not for a whole plan.
    """
    actions, changes, members = tables.actions, tables.changes, tables.memberships
    keys = _hash(actions[ACTION], *(actions[column] for column in _CONSENT))
    # A sum needs no order of what is summed; numbers of 64 bits wrap around.
    np.add.at(keys, changes[CONTACT].to_numpy(), _hash(changes[FIELD], changes[AFTER]))
    np.add.at(keys, members[CONTACT].to_numpy(), _hash(members[KIND], members[CHANGE], members[NAME]))
    return keys


def leave_refused(
    decision: Decision, desired: pd.DataFrame, refusals: pd.DataFrame, lay_out: Callable[[Decision], PlanTables]
) -> tuple[Decision, Mask]:
    """Skip every contact to which the service would be sent what it refused; return whom that concerns too.

    Needs: desired EMAIL str, unique · refusals EMAIL str, unique · CONTENT uint64 · WORDS, AT, UNTIL str: those that
    still hold · lay_out: makes the plan's tables of a decision.
    """
    refused: Mask = np.zeros(len(desired), dtype=bool)
    asked = desired[EMAIL].isin(refusals[EMAIL]).to_numpy(dtype=bool) & np.isin(decision.action, WRITING_ACTIONS)
    if not asked.any():
        return decision, refused
    tables = lay_out(replace(decision, action=np.where(asked, decision.action, UNCHANGED)))
    told = refusals.set_index(EMAIL).reindex(tables.actions[EMAIL])
    told = told[key_contents(tables) == told[CONTENT].to_numpy()]
    at = pd.Index(desired[EMAIL]).get_indexer(told.index)
    refused[at] = True
    action, reason = decision.action.copy(), decision.reason.copy()
    action[at] = SKIP
    reason[at] = _tell(told)
    return Decision(action, reason), refused


def _tell(told: pd.DataFrame) -> npt.NDArray[np.object_]:
    words = "refused by the service on " + told[AT].str[:10] + ' with "' + told[WORDS] + '": left alone until '
    return (words + told[UNTIL].str[:10]).to_numpy(dtype=object)


def _hash(*columns: pd.Series) -> npt.NDArray[np.uint64]:
    text = join(*(arrow(column.astype("str")) for column in columns), between=_JOINT)
    return pd.util.hash_array(text.to_numpy(zero_copy_only=False)).astype(np.uint64)
