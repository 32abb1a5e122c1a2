"""Which deleted contacts may come back? Those whose row proves a consent given after the deletion, and no others.

A contact comes back as it was, with the permission that it had (fact sheet, section 6). So nobody comes back who had
unsubscribed, or was not settled; and the service takes it back only onto a list.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from ctct_etl.columns import (
    DELETED,
    DELETED_AT,
    DELETED_STATUS,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    EXPLICIT,
    IMPLICIT,
    OPT_OUT_DATE,
    OPT_OUT_SOURCE,
    OPTED_OUT,
    STATUS,
    UNSUBSCRIBED,
)
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.stages.arrow import arrow
from ctct_etl.stages.matching import Match

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

_RULE = "existing.deleted: revive_with_evidence; deleted in the account"


def find_revived(
    desired: pd.DataFrame, match: Match, snapshot: Snapshot, listed: Mask, today: str
) -> tuple[Mask, Texts]:
    """Say which desired contacts are deleted in the account and may come back, and, of all deleted ones, why (not).

    Needs: desired OPTED_OUT bool, EVIDENCE_DATE (YYYY-MM-DD), EVIDENCE_SOURCE str · listed: the mapping wants a list
    for the contact · today: YYYY-MM-DD, the day of the snapshot. Reasons are "" for contacts that are not deleted.
    Days are compared, since both sides know no more: a consent of the very day of the deletion is not after it.
    """
    revived = np.zeros(len(desired), dtype=bool)
    reasons = np.full(len(desired), "", dtype=object)
    known = np.flatnonzero(match.at >= 0)
    deleted = known[snapshot.contacts[STATUS].to_numpy(dtype=object)[match.at[known]] == DELETED]
    if not len(deleted):
        return revived, reasons
    people, account = desired.iloc[deleted], snapshot.contacts.iloc[match.at[deleted]]
    since = _texts(account[DELETED_AT].str[:10])
    words = _RULE + " on " + since
    why = np.full(len(deleted), "", dtype=object)
    for mask, obstacle in _obstacles(people, account, since, listed[deleted], today):
        why[mask & (why == "")] = obstacle
    proof = ", consent of " + _texts(people[EVIDENCE_DATE]) + ' by "' + _texts(people[EVIDENCE_SOURCE]) + '"'
    revived[deleted] = why == ""
    reasons[deleted] = words + np.where(why == "", proof, ", and " + why)
    return revived, reasons


def _obstacles(
    people: pd.DataFrame, account: pd.DataFrame, since: Texts, listed: Mask, today: str
) -> Iterator[tuple[Mask, str]]:
    status, date = _texts(account[DELETED_STATUS]), _texts(people[EVIDENCE_DATE])
    opted_out = (_texts(account[OPT_OUT_DATE]) != "") | (_texts(account[OPT_OUT_SOURCE]) != "")
    yield opted_out | (status == UNSUBSCRIBED), "unsubscribed before that: never revived"
    yield (status != IMPLICIT) & (status != EXPLICIT), "not confirmed or on hold before that: never revived"
    yield people[OPTED_OUT].to_numpy(dtype=bool), "opted_out: the row says no mail"
    yield date == "", "the row has no readable date of consent"
    yield _texts(people[EVIDENCE_SOURCE]) == "", "the row does not say where consent was given"
    yield date > today, "the date of consent lies in the future"
    yield date <= since, "the consent was not given after that day"
    yield ~listed, "the mapping names no list for it: the service revives a contact only onto a list"


def _texts(values: pd.Series) -> Texts:
    texts: Texts = np.array(arrow(values).fill_null("").to_pylist(), dtype=object)
    return texts
