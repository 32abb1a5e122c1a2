"""What happens to each contact, and so to each row: the last pure step before the plan's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import (
    ADD,
    CHANGE,
    CONTACT,
    CONTACT_ID,
    CREATE,
    DELETED,
    EMAIL,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    FIELD,
    KIND,
    NAME,
    OPT_IN_SOURCE,
    ORIGIN_COLUMNS,
    OUTCOME,
    REASON,
    REJECTED,
    STATUS,
    UNCHANGED,
    UPDATE,
    UPDATED_AT,
)
from ctct_etl.config.pipeline import Consent, Existing, Pipeline
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import ACTION, PERMISSION, ROUTE, ROUTE_REASON, PlanTables
from ctct_etl.stages.arrow import TEXT, Mask, arrow, series, take, truths
from ctct_etl.stages.matching import Match
from ctct_etl.stages.overfilling import Overfull
from ctct_etl.stages.permitting import Permit

_RULE_OF_CREATES = "new.create: the account does not have this address"


@dataclass(frozen=True)
class Decision:
    """action, reason: object arrays, one value a desired contact; action is one of ACTIONS, or REJECTED."""

    action: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]


def decide_contacts(
    match: Match,
    permit: Permit,
    overfull: Overfull,
    changes: pd.DataFrame,
    added: pd.DataFrame,
    notes: Sequence[npt.NDArray[np.object_]],
    pipeline: Pipeline,
) -> Decision:
    """Give every desired contact one action and the rule that decided it.

    Needs: changes CONTACT · added memberships CONTACT, both only of contacts that `permit` allows · notes: words that
    follow the rule, one for each desired contact, "" for none.
    """
    size = len(match.at)
    differs = np.zeros(size, dtype=bool)
    differs[changes[CONTACT].to_numpy()] = True
    differs[added[CONTACT].to_numpy()] = True
    kind = np.where(match.at < 0, 2, differs.astype(np.int8))
    rules = ("the account already says the same", _rule_of_updates(pipeline.existing), _RULE_OF_CREATES)
    # By number, so that everybody's words are the same few objects: np.full makes a text of its own for each of them.
    action = np.array((UNCHANGED, UPDATE, CREATE), dtype=object)[kind]
    reason = np.array(rules, dtype=object)[kind]
    action[permit.revived], reason[permit.revived] = UPDATE, permit.reason[permit.revived]
    for words in notes:
        told = np.flatnonzero(words != "")
        reason[told] = reason[told] + "; " + words[told]
    barred = ~permit.fields
    action[barred], reason[barred] = permit.verdict[barred], permit.reason[barred]
    full = overfull.contacts & ~barred
    action[full], reason[full] = REJECTED, overfull.reason[full]
    return Decision(action, reason)


def _rule_of_updates(existing: Existing) -> str:
    rule = existing.update
    if isinstance(rule, str):
        return f"existing.update: {rule}"
    (name, lists), *_ = rule.model_dump().items()
    return f"existing.update: {name} {', '.join(lists)}"


def decide_rows(rows: pd.DataFrame, decision: Decision) -> pd.DataFrame:
    """Give every undecided row the action of its contact, and the reason.

    Needs: OUTCOME, REASON str, NaN where undecided · CONTACT int64. Sets: OUTCOME and REASON of undecided rows.
    """
    undecided = rows[OUTCOME].isna().to_numpy()
    contact = rows[CONTACT].to_numpy()[undecided]
    assert (contact >= 0).all(), "an undecided row has no contact: a stage before this one lost it"

    def fill(column: str, words: npt.NDArray[np.object_]) -> pd.Series:
        # Few words, many rows: each row's number among them first, so that no text is held but that of the result.
        codes, said = pd.factorize(words, use_na_sentinel=False)
        decided, kept = pd.factorize(rows[column][~undecided], use_na_sentinel=False)
        at = np.empty(len(rows), dtype=np.int64)
        at[undecided], at[~undecided] = codes[contact], decided + len(said)
        return series(take(pa.array([*said, *kept], TEXT, from_pandas=True), at)).set_axis(rows.index)

    return rows.assign(**{OUTCOME: fill(OUTCOME, decision.action), REASON: fill(REASON, decision.reason)})


def lay_out_plan(
    desired: pd.DataFrame,
    rows: pd.DataFrame,
    match: Match,
    decision: Decision,
    changes: pd.DataFrame,
    added: pd.DataFrame,
    wanted: pd.DataFrame,
    snapshot: Snapshot,
    consent: Consent,
) -> PlanTables:
    """Lay out the plan's tables: every contact but the unchanged and the rejected ones, in the order of addresses.

    Needs: desired EMAIL, in any order · rows CONTACT int64, in source order · changes, added and wanted memberships by
    desired position. Routes are still blank: choosing them is the dialect's.
    """
    planned = ~np.isin(decision.action, (UNCHANGED, REJECTED))
    where = np.flatnonzero(planned)
    where = where[pc.sort_indices(arrow(desired[EMAIL]).take(pa.array(where))).to_numpy()]
    position = np.full(len(desired), -1, dtype=np.int64)
    position[where] = np.arange(len(where))
    change = pd.Categorical([ADD] * len(added), categories=[ADD, "remove"])
    added = added[[CONTACT, KIND, NAME]].assign(**{CHANGE: change})
    return PlanTables(
        actions=_actions(desired, where, match, decision, snapshot, consent),
        changes=_placed(changes, position, [FIELD]),
        memberships=_placed(added, position, [KIND, NAME]),
        origins=_origins(rows, position),
        wanted=_placed(wanted[[CONTACT, KIND, NAME]], position, [KIND, NAME]),
    )


def _actions(
    desired: pd.DataFrame,
    where: npt.NDArray[np.int64],
    match: Match,
    decision: Decision,
    snapshot: Snapshot,
    consent: Consent,
) -> pd.DataFrame:
    at, action, count = match.at[where], decision.action[where], len(where)
    there, blank = pa.array(at, mask=at < 0), pa.scalar("", TEXT)

    def known(column: str) -> pa.Array:
        return pc.fill_null(arrow(snapshot.contacts[column]).take(there), blank)

    def only(mask: Mask, values: pa.Array | pa.Scalar) -> pa.Array:
        return pc.if_else(pa.array(mask), values, blank)

    def given(column: str) -> pa.Array:
        if column not in desired:
            return pa.repeat(blank, count)
        return only(creates | revived, pc.fill_null(take(arrow(desired[column]), where), blank))

    status, creates = known(STATUS), action == CREATE
    revived = (action == UPDATE) & truths(pc.equal(status, DELETED))
    columns = {
        EMAIL: take(arrow(desired[EMAIL]), where),
        REASON: pa.array(decision.reason[where], TEXT),
        CONTACT_ID: known(CONTACT_ID),
        UPDATED_AT: known(UPDATED_AT),
        STATUS: status,
        ROUTE: pa.repeat(blank, count),
        ROUTE_REASON: pa.repeat(blank, count),
        OPT_IN_SOURCE: only(creates, pa.scalar(consent.opt_in_source, TEXT)),
        PERMISSION: only(creates, pa.scalar(consent.permission, TEXT)),
        EVIDENCE_DATE: given(EVIDENCE_DATE),
        EVIDENCE_SOURCE: given(EVIDENCE_SOURCE),
    }
    actions = pd.DataFrame({column: series(values) for column, values in columns.items()}, copy=False)
    actions.insert(1, ACTION, pd.Series(pd.Categorical(action)))
    return actions


def _placed(table: pd.DataFrame, position: npt.NDArray[np.int64], order: list[str]) -> pd.DataFrame:
    """Move a long table from desired positions to positions in the actions; what is not planned falls out."""
    place = position[table[CONTACT].to_numpy()]
    planned = place >= 0
    table, key = table[planned].assign(**{CONTACT: place[planned]}), place[planned]
    for column in order:
        table[column] = table[column].cat.remove_unused_categories()
        table[column] = table[column].cat.reorder_categories(sorted(table[column].cat.categories))
        key = key * (len(table[column].cat.categories) + 1) + table[column].cat.codes.to_numpy()
    return table.take(np.argsort(key, kind="stable")).reset_index(drop=True)


def _origins(rows: pd.DataFrame, position: npt.NDArray[np.int64]) -> pd.DataFrame:
    contact = rows[CONTACT].to_numpy()
    place = np.full(len(rows), -1, dtype=np.int64)
    place[contact >= 0] = position[contact[contact >= 0]]
    origins = rows[list(ORIGIN_COLUMNS)].assign(**{CONTACT: place})[place >= 0]
    return origins.sort_values(CONTACT, kind="stable", ignore_index=True)[[CONTACT, *ORIGIN_COLUMNS]]
