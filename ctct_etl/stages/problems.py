"""What is wrong with cells, as a table: one row a cell, worded for the person who can mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import (
    COLUMN,
    FIELD,
    OUTCOME,
    PROBLEM,
    REASON,
    REJECT,
    REJECTED,
    ROW,
    SEVERITY,
    STOP,
    VALUE,
    WARN,
)
from ctct_etl.config.mapping import FieldRule, Invalid
from ctct_etl.stages.arrow import Mask, join, series, take, truths

SEVERITIES: Mapping[Invalid, str] = {"ignore": WARN, "reject": REJECT, "stop": STOP}
LONGEST_SHOWN = 40


def shorten(values: pa.Array) -> pa.Array:
    """Cut values for a message: at most 40 characters, control characters shown as "�"."""
    plain = pc.replace_substring_regex(values, r"\p{Cc}", "�")
    cut = join(pc.utf8_slice_codeunits(plain, 0, LONGEST_SHOWN - 1), "…")
    return pc.if_else(pc.greater(pc.utf8_length(plain), LONGEST_SHOWN), cut, plain)


def named_origin(rule: FieldRule) -> str:
    """The source column of a field, or the template that makes it."""
    return rule.column if rule.column is not None else str(rule.template)


def list_problems(
    field: str, column: str, severity: str, given: pa.Array, faults: pa.Array | None, undecided: Mask
) -> pd.DataFrame:
    """Return one problem for each fault of a row that is still undecided.

    given: the values at fault; faults: as of Checked, sentences that go on after the quoted value.
    ROW int64 · FIELD, COLUMN, VALUE, PROBLEM, SEVERITY str, by row
    """
    where = np.zeros(0, dtype=np.int64) if faults is None else np.flatnonzero(truths(faults.is_valid()) & undecided)
    if faults is None or not len(where):
        return no_problems()
    value = take(given, where)
    sentence = join('"', shorten(pc.fill_null(value, "")), '" ', take(faults, where))
    return pd.DataFrame(
        {ROW: where, FIELD: field, COLUMN: column, VALUE: series(value), PROBLEM: series(sentence), SEVERITY: severity}
    )


def no_problems() -> pd.DataFrame:
    return pd.DataFrame(
        {
            ROW: np.zeros(0, dtype=np.int64),
            FIELD: pd.Series([], dtype="str"),
            COLUMN: pd.Series([], dtype="str"),
            VALUE: pd.Series([], dtype="str"),
            PROBLEM: pd.Series([], dtype="str"),
            SEVERITY: pd.Series([], dtype="str"),
        }
    )


def join_problems(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join tables of problems: by row, then in the order given. FIELD, COLUMN and SEVERITY become categories."""
    found = [part for part in parts if len(part)]
    if len(found) == 1 and found[0][SEVERITY].dtype == "category":
        return found[0].reset_index(drop=True)  # which was joined before
    joined = pd.concat(found, ignore_index=True) if found else no_problems()
    joined = joined.take(np.argsort(joined[ROW].to_numpy(), kind="stable")).reset_index(drop=True)
    joined[SEVERITY] = pd.Categorical(joined[SEVERITY].astype("str"), categories=[WARN, REJECT, STOP])
    for name in (FIELD, COLUMN):
        joined[name] = joined[name].astype("str")
    return joined


def reject_rows(rows: pd.DataFrame, problems: pd.DataFrame) -> pd.DataFrame:
    """Reject the rows with a problem that is more than a warning, by their first such problem.

    Sets: OUTCOME rejected and REASON. Rows that are decided already have no problems.
    """
    grave = problems[(problems[SEVERITY] != WARN).to_numpy()]
    first = grave.drop_duplicates(ROW)
    further = grave.groupby(ROW).size().reindex(first[ROW]).to_numpy() - 1
    said = 'column "' + first[COLUMN] + '": ' + first[PROBLEM]
    more = pd.Series(np.where(further == 1, " (and 1 more problem)", ""), index=said.index, dtype="str")
    more = more.mask(further > 1, " (and " + pd.Series(further, index=said.index).astype("str") + " more problems)")
    outcome, reason = rows[OUTCOME].copy(), rows[REASON].copy()
    at = first[ROW].to_numpy()
    outcome.iloc[at], reason.iloc[at] = REJECTED, (said + more).to_numpy()
    return rows.assign(**{OUTCOME: outcome, REASON: reason})
