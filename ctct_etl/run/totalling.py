"""What became of every action of a plan, from the results of the operations that carried it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ctct_etl.columns import CONFLICT, DONE, EMAIL, FAILED, PENDING_RESULT, RESULT, RESULTS, WORDS, WRITING_ACTIONS
from ctct_etl.plan.tables import ACTION
from ctct_etl.run.journal import Journal

# An action is done when all its operations are: the gravest counts, and pending outweighs done.
_GRAVITY = {DONE: 0, PENDING_RESULT: 1, FAILED: 2, CONFLICT: 3}


def total_results(actions: pd.DataFrame, journal: Journal) -> pd.DataFrame:
    """Return EMAIL · ACTION · RESULT · WORDS (all str) of every writing action, in the plan's order."""
    writing = actions[actions[ACTION].isin(WRITING_ACTIONS)]
    told = pd.DataFrame(
        [(result.address, result.result, result.words) for result in journal.results()],
        columns=[EMAIL, RESULT, WORDS],
        dtype="str",
    )
    waiting = pd.DataFrame(
        {EMAIL: pd.Series(sorted(journal.waiting()), dtype="str"), RESULT: PENDING_RESULT, WORDS: ""}
    )
    told = pd.concat([told, waiting], ignore_index=True)
    gravity = told[RESULT].map(_GRAVITY).to_numpy(dtype=np.int64)
    gravest = told.assign(gravity=gravity).sort_values("gravity", kind="stable").drop_duplicates(EMAIL, keep="last")
    found = gravest.set_index(EMAIL).reindex(writing[EMAIL])
    unsaid = found[RESULT].isna().to_numpy()
    silent, words = (FAILED, "no operation carries it") if journal.is_begun() else (PENDING_RESULT, "")
    return pd.DataFrame(
        {
            EMAIL: writing[EMAIL].to_numpy(),
            ACTION: writing[ACTION].astype("str").to_numpy(),
            RESULT: np.where(unsaid, silent, found[RESULT].to_numpy(dtype=object)),
            WORDS: np.where(unsaid, words, found[WORDS].to_numpy(dtype=object)),
        }
    ).astype("str")


def count_results(results: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Action → result → count, every writing action and every result."""
    counts = results.groupby([ACTION, RESULT]).size()
    return {action: {result: int(counts.get((action, result), 0)) for result in RESULTS} for action in WRITING_ACTIONS}
