"""Which rows does a condition select? Masks of ours over one source column, never code."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.config.mapping import Condition
from ctct_etl.stages.arrow import TEXT, Mask, arrow, join, present, trim, truths
from ctct_etl.stages.problems import shorten


def select(source: pd.DataFrame, condition: Condition) -> pd.Series:
    """Say for each row whether the condition holds: bool.

    Values are compared trimmed, letter case ignored; `matches` is RE2 and finds its pattern anywhere in the cell as
    it stands. A blank cell is blank, and not_in; it equals and matches nothing.
    """
    return pd.Series(_holds(trim(arrow(source[condition.column])), condition), index=source.index)


def _holds(values: pa.Array, condition: Condition) -> Mask:
    if condition.blank is not None:
        return ~present(values)
    if condition.not_blank is not None:
        return present(values)
    if condition.matches is not None:
        return truths(pc.match_substring_regex(values, condition.matches))
    if condition.not_in is not None:
        return ~_among(values, condition.not_in)
    return _among(values, condition.in_ if condition.in_ is not None else (str(condition.equals),))


def _among(values: pa.Array, texts: tuple[str, ...]) -> Mask:
    wanted = pc.utf8_lower(trim(pa.array(texts, TEXT))).drop_null()
    return truths(pc.is_in(pc.utf8_lower(values), value_set=wanted))


def tell_unmet(source: pd.DataFrame, condition: Condition, name: str) -> pd.Series:
    """Word for each row why the condition does not hold for it: 'rows.where: Status is "Lapsed", not in Active'."""
    values = trim(arrow(source[condition.column]))
    quoted = pc.fill_null(join('"', shorten(values), '"'), "blank")
    said = join(f"{name}: {condition.column} is ", quoted, _demand(condition))
    return pd.Series(said, index=source.index, dtype="str")


def _demand(condition: Condition) -> str:
    if condition.equals is not None:
        return f", not {condition.equals}"
    if condition.in_ is not None:
        return f", not in {', '.join(condition.in_)}"
    if condition.not_in is not None:
        return f", one of those left out: {', '.join(condition.not_in)}"
    if condition.matches is not None:
        return f", which does not match {condition.matches}"
    return ", and should be" + (" blank" if condition.blank is not None else " filled in")
