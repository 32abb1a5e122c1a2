"""Who may be written at all? Decided for each desired contact before any field is compared: people first.

The rules stand in the order in which they speak; the first that applies is the reason that is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import (
    CONTACT,
    CONTACT_ID,
    DELETED,
    DELETED_AT,
    EMAIL,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    EXPLICIT,
    IMPLICIT,
    KIND,
    LIST,
    NAME,
    OPT_OUT_DATE,
    OPT_OUT_SOURCE,
    OPTED_OUT,
    REJECTED,
    SKIP,
    STATUS,
    UNREADABLE,
    UNSUBSCRIBED,
)
from ctct_etl.config.pipeline import Consent, Existing, IfIn, IfNotIn, Pipeline
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.stages.arrow import arrow, truths
from ctct_etl.stages.matching import Match
from ctct_etl.stages.reviving import find_revived

Mask = npt.NDArray[np.bool_]


class Permit(NamedTuple):
    """verdict: object array, SKIP or REJECTED, "" for a contact that may be written; reason: likewise, why.
    fields: bool, its fields may be written. memberships: bool, it may be put on lists and tagged.
    revived: bool, it is deleted in the account and comes back; then `reason` says by which evidence.
    """

    verdict: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]
    fields: Mask
    memberships: Mask
    revived: Mask


# Whom it decides, SKIP or REJECTED, and why: in words, or from the desired positions that it decides.
Rule = tuple[Mask, str, str | Callable[[npt.NDArray[np.int64]], pd.Series]]


def permit_contacts(
    desired: pd.DataFrame,
    match: Match,
    snapshot: Snapshot,
    pipeline: Pipeline,
    suppressed: Mapping[str, str],
    today: str,
    listed: Mask,
    *,
    needs_list: bool = False,
) -> Permit:
    """Say of each desired contact whether it may be written, and why not.

    Needs: desired EMAIL, OPTED_OUT, and EVIDENCE_* where the pipeline has evidence · suppressed: canonical address →
    the file that names it · today: YYYY-MM-DD, the day of the snapshot (evidence can't lie after it) · listed: bool,
    the mapping wants a list for it · needs_list: nobody can be created without one.
    """
    status = _account_column(snapshot.contacts[STATUS], match.at)
    revivable, words = np.zeros(len(desired), dtype=bool), np.full(len(desired), "", dtype=object)
    if pipeline.existing.deleted == "revive_with_evidence":
        revivable, words = find_revived(desired, match, snapshot, listed, today)
    rules = chain(
        _rules_for_all(desired, match, suppressed),
        _rules_for_known(match, status, snapshot, pipeline.existing, revivable, words),
        _rules_for_new(desired, match, pipeline, today, ~listed if needs_list else None),
    )
    verdict, reason, undecided = _decide(rules, len(desired))
    # Who is neither implicit nor explicit, and who asked for no mail, is put on no list (a status that the service may
    # add one day is treated like that too).
    settled = (match.at < 0) | _equals(status, IMPLICIT) | _equals(status, EXPLICIT) | revivable
    joins = settled & ~desired[OPTED_OUT].to_numpy(dtype=bool)
    revived = revivable & undecided
    reason[revived] = words[revived]
    return Permit(verdict, reason, undecided, undecided & joins, revived)


def _decide(rules: Iterable[Rule], size: int) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_], Mask]:
    """Verdict and reason by the first rule that applies, and whom none decides."""
    verdict, reason = np.full(size, "", dtype=object), np.full(size, "", dtype=object)
    undecided = np.ones(size, dtype=bool)
    for mask, what, why in rules:
        where = np.flatnonzero(mask & undecided)
        if len(where):  # reasons are written for the few that a rule decides, not for everyone
            verdict[where] = what
            reason[where] = why if isinstance(why, str) else why(where).to_numpy(dtype=object)
            undecided[where] = False
    return verdict, reason, undecided


def _rules_for_all(desired: pd.DataFrame, match: Match, suppressed: Mapping[str, str]) -> Iterator[Rule]:
    if suppressed:
        named = desired[EMAIL].isin(list(suppressed)).to_numpy()
        yield named, SKIP, lambda where: "suppress: named in " + desired[EMAIL].iloc[where].map(suppressed)
    yield match.ambiguous, SKIP, "ambiguous: the account has two contacts with this address — merge them there"


def _rules_for_known(
    match: Match,
    status: pa.Array,
    snapshot: Snapshot,
    existing: Existing,
    revivable: Mask,
    words: npt.NDArray[np.object_],
) -> Iterator[Rule]:
    known = match.at >= 0
    yield known & _equals(status, UNREADABLE), SKIP, lambda where: _unreadable(snapshot, match.at[where])
    yield known & _equals(status, UNSUBSCRIBED), SKIP, lambda where: _unsubscribed(snapshot, match.at[where])
    deleted = known & _equals(status, DELETED) & ~revivable
    if existing.deleted == "skip":
        yield deleted, SKIP, lambda where: _deleted(snapshot, match.at[where])
    else:
        yield deleted, SKIP, lambda where: pd.Series(words[where])
    # `update` is about registered contacts: who comes back is not one yet.
    for mask, why in find_left_alone(existing, snapshot, match):
        yield known & ~revivable & mask, SKIP, why


def _rules_for_new(
    desired: pd.DataFrame, match: Match, pipeline: Pipeline, today: str, without_list: Mask | None
) -> Iterator[Rule]:
    new = match.at < 0
    opted_out = desired[OPTED_OUT].to_numpy(dtype=bool)
    yield new & opted_out, SKIP, "opted_out: the row says no mail, and the account does not have this person"
    if not pipeline.new.create:
        yield new, SKIP, "new.create: false, and the account does not have this person"
    if without_list is not None:
        why = "a new contact of this account has to be put on a list, and the mapping names none for the row"
        yield new & without_list, REJECTED, why
    for mask, why in _without_evidence(desired, pipeline.consent, today):
        yield new & mask, REJECTED, why


def _account_column(column: pd.Series, at: npt.NDArray[np.int64]) -> pa.Array:
    return arrow(column).take(pa.array(at, mask=at < 0))


def _equals(values: pa.Array, text: str) -> Mask:
    return truths(pc.equal(values, text))


def _unreadable(snapshot: Snapshot, at: npt.NDArray[np.int64]) -> pd.Series:
    number = snapshot.contacts[CONTACT_ID].iloc[at]
    return "the account's document of contact " + number + " can't be understood, and what it holds would be lost"


def _unsubscribed(snapshot: Snapshot, at: npt.NDArray[np.int64]) -> pd.Series:
    contacts = snapshot.contacts.iloc[at]
    return (
        "unsubscribed in the account"
        + _worded(" on ", contacts[OPT_OUT_DATE].str[:10])
        + _worded(" by the ", contacts[OPT_OUT_SOURCE].str.lower())
        + ": never changed"
    )


def _deleted(snapshot: Snapshot, at: npt.NDArray[np.int64]) -> pd.Series:
    when = snapshot.contacts[DELETED_AT].iloc[at].str[:10]
    return "existing.deleted: skip; deleted in the account" + _worded(" on ", when)


def _worded(words: str, values: pd.Series) -> pd.Series:
    return (words + values).where(values != "", "")


def find_left_alone(existing: Existing, snapshot: Snapshot, match: Match) -> Sequence[tuple[Mask, str]]:
    """Say which matched contacts `existing.update` does not select, and in which words."""
    rule = existing.update
    if rule == "always":
        return []
    if rule == "never":
        return [(np.ones(len(match.at), dtype=bool), "existing.update: never")]
    if rule == "if_in_no_list":
        return [(_in_lists(snapshot, match, None), "existing.update: if_in_no_list, and it is in a list")]
    if isinstance(rule, IfIn):
        names = ", ".join(rule.if_in)
        return [(~_in_lists(snapshot, match, set(rule.if_in)), f"existing.update: if_in {names}, and it is in none")]
    assert isinstance(rule, IfNotIn)
    names = ", ".join(rule.if_not_in)
    return [(_in_lists(snapshot, match, set(rule.if_not_in)), f"existing.update: if_not_in {names}, and it is in one")]


def _in_lists(snapshot: Snapshot, match: Match, names: Set[str] | None) -> Mask:
    """Is the matched contact in one of these lists, or (None) in any list at all?"""
    memberships = snapshot.memberships
    chosen = memberships[KIND] == LIST
    if names is not None:
        chosen &= memberships[NAME].isin(list(names))
    members = np.zeros(len(snapshot.contacts), dtype=bool)
    members[memberships[CONTACT][chosen].to_numpy()] = True
    inside = np.zeros(len(match.at), dtype=bool)
    known = match.at >= 0
    inside[known] = members[match.at[known]]
    return inside


def _without_evidence(desired: pd.DataFrame, consent: Consent, today: str) -> Sequence[tuple[Mask, str]]:
    if consent.opt_in_source == "account" and consent.permission == "implicit":
        return []
    rule = "consent.opt_in_source: contact" if consent.opt_in_source == "contact" else "consent.permission: explicit"
    date = desired[EVIDENCE_DATE].fillna("")
    source = desired[EVIDENCE_SOURCE].fillna("")
    return [
        ((date == "").to_numpy(dtype=bool), f"{rule} needs evidence, and the row has no readable date of consent"),
        (
            (source == "").to_numpy(dtype=bool),
            f"{rule} needs evidence, and the row does not say where consent was given",
        ),
        ((date > today).to_numpy(dtype=bool), f"{rule} needs evidence, and the date of consent lies in the future"),
    ]
