"""What became of every action of a plan, from the results of the operations that carried it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from ctct_etl.columns import DONE, EMAIL, FAILED, PENDING_RESULT, RESULT, RESULTS, WORDS, WRITING_ACTIONS
from ctct_etl.plan.tables import ACTION
from ctct_etl.run.journal import Journal
from ctct_etl.run.journal_reading import WAITING


def total_results(actions: pd.DataFrame, journal: Journal, parts: Collection[str]) -> pd.DataFrame:
    """Return EMAIL · ACTION · RESULT · WORDS (all str) of the writing actions of a window, in the plan's order.

    An action is done when all its operations are: the gravest result counts, and pending outweighs done.
    parts: the actions that the journal holds whole; of those, one that no operation carries has failed.
    """
    writing = actions[actions[ACTION].isin(WRITING_ACTIONS)]
    if writing.empty:
        return pd.DataFrame({name: [] for name in (EMAIL, ACTION, RESULT, WORDS)}, dtype="str")
    found = journal.standing(str(writing[EMAIL].iloc[0]), str(writing[EMAIL].iloc[-1])).reindex(writing[EMAIL])
    waiting = found[WAITING].fillna(False).to_numpy(dtype=bool)
    told = found[RESULT].to_numpy(dtype=object)
    said = found[RESULT].notna().to_numpy(dtype=bool)
    grave = said & (told != DONE)
    lost = ~said & ~waiting & writing[ACTION].isin(list(parts)).to_numpy(dtype=bool)
    result = np.select(
        [grave, waiting, said, lost], [told, PENDING_RESULT, told, FAILED], default=PENDING_RESULT
    )  # fmt: skip
    words = np.select([grave, lost], [found[WORDS].to_numpy(dtype=object), "no operation carries it"], default="")
    names = writing[EMAIL].to_numpy(), writing[ACTION].astype("str").to_numpy()
    return pd.DataFrame({EMAIL: names[0], ACTION: names[1], RESULT: result, WORDS: words}).astype("str")


def count_results(results: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Action → result → count, every writing action and every result."""
    counts = results.groupby([ACTION, RESULT]).size()
    return {action: {result: int(counts.get((action, result), 0)) for result in RESULTS} for action in WRITING_ACTIONS}
