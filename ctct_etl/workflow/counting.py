"""What a plan does in numbers, for the guards and the report."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from ctct_etl.columns import AFTER, CONTACT, CREATE, DELETED, EMAIL, FIELD, OUTCOME, REJECTED, STATUS, UPDATE
from ctct_etl.config.mapping import Mapping
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.stages.arrow import arrow, filled, truths
from ctct_etl.stages.deciding import Decision
from ctct_etl.stages.guarding import Figures
from ctct_etl.stages.matching import Match
from ctct_etl.stages.permitting import Permit


def count_figures(
    rows: pd.DataFrame,
    match: Match,
    permit: Permit,
    decision: Decision,
    changes: pd.DataFrame,
    readded: pd.DataFrame,
    snapshot: Snapshot,
    mapping: Mapping,
    remembered: Remembered,
) -> Figures:
    """Count what the guards hold a plan to.

    Needs: rows OUTCOME · changes CONTACT int64, FIELD category, AFTER str · readded: a row each, as `derive_plan` has
    them. How many requests it takes, and who left, is told later.
    """
    old = changes[match.at[changes[CONTACT].to_numpy()] >= 0]
    matched = match.at[(match.at >= 0) & permit.fields]
    population = len(snapshot.contacts) - _count_equal(snapshot.contacts[STATUS], DELETED)
    return Figures(
        rows=len(rows),
        rejected_rows=_count_equal(rows[OUTCOME], REJECTED),
        contacts=max(population, snapshot.population or 0),
        at_least=snapshot.population is not None,
        matched=len(matched),
        creates=int((decision.action == CREATE).sum()),
        updates=int((decision.action == UPDATE).sum()),
        clears=int((old[AFTER] == "").sum()),
        mapped_values=_count_held(snapshot.contacts, matched, mapping),
        changed_by_field={str(field): int(count) for field, count in old[FIELD].value_counts().items() if count},
        requests=0,
        left_today=None,
        readds=len(readded),
        good_rows=remembered.good_rows,
        lost=remembered.lost,
        reverted=remembered.reverted,
    )


def _count_held(contacts: pd.DataFrame, matched: npt.NDArray[np.int64], mapping: Mapping) -> int:
    """How many values of mapped fields the contacts at these positions have."""

    def count(field: str) -> int:
        return int(np.count_nonzero(filled(arrow(contacts[field]))[matched]))

    with ThreadPoolExecutor(2) as pool:  # fields are independent, and the kernels release the interpreter
        return sum(pool.map(count, (field for field in mapping.fields if field != EMAIL and field in contacts)))


def _count_equal(texts: pd.Series, text: str) -> int:
    return int(truths(pc.equal(arrow(texts), text)).sum())
