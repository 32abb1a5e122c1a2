"""A column after a check: the values that passed, and a sentence for each that did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import NO_TEXT, TEXT, Mask, by_distinct, replace, take, truths


class Checked(NamedTuple):
    """values: large_string, null where the cell is blank or at fault.
    faults: large_string of the same length, null where nothing is wrong; None when nothing is wrong anywhere. A fault
    goes on where the quoted value ended: 'is not a date …'.
    """

    values: pa.Array
    faults: pa.Array | None = None


def fault_where(values: pa.Array, wrong: Mask, sentence: str) -> Checked:
    """Give the values where the mask is true one and the same fault."""
    if not wrong.any():
        return Checked(values)
    return Checked(replace(values, wrong, NO_TEXT), say_where(wrong, sentence))


def say_where(mask: Mask, sentence: str) -> pa.Array:
    """Return the sentence where the mask is true, null elsewhere."""
    return pc.if_else(pa.array(mask), pa.scalar(sentence, TEXT), NO_TEXT)


def check_distinct(values: pa.Array, check: Callable[[pa.Array], Checked]) -> Checked:
    """Check each distinct value once: dates, places and choices are few, rows are many."""
    found, at = by_distinct(values, check)
    return Checked(found.values.take(at), None if found.faults is None else found.faults.take(at))


def check_each(values: pa.Array, check: Callable[[str], tuple[str | None, str | None]]) -> Checked:
    """Check text by text in Python: for distinct values, or for the few that no kernel decided."""
    pairs = [(None, None) if text is None else check(text) for text in values.to_pylist()]
    faults = [fault for _, fault in pairs]
    made = pa.array([value for value, _ in pairs], TEXT)
    return Checked(made, pa.array(faults, TEXT) if any(fault is not None for fault in faults) else None)


def check_rest(accepted: pa.Array, values: pa.Array, check: Callable[[pa.Array], Checked]) -> Checked:
    """Keep what a fast rule accepted (not null); check the distinct rest of the values the slow way."""
    rest = np.flatnonzero(truths(values.is_valid()) & ~truths(accepted.is_valid()))
    if not len(rest):
        return Checked(accepted)
    found = check_distinct(take(values, rest), check)
    at = np.full(len(values), -1, dtype=np.int64)
    at[rest] = np.arange(len(rest))
    spread = pa.array(at, mask=at < 0)
    faults = None if found.faults is None else found.faults.take(spread)
    return Checked(replace(accepted, at >= 0, found.values.take(spread)), faults)
