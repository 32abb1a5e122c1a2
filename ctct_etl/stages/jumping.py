"""Fields that are blank, or changed, for far more contacts than in the last good run: a column was emptied or moved.

Guards stop what would do harm on a large scale; what is told here is odd at a tenth of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from ctct_etl.columns import EMAIL
from ctct_etl.config.checks import is_watched
from ctct_etl.config.mapping import FieldRule
from ctct_etl.config.mapping import Mapping as MappingConfig
from ctct_etl.plan.field_figures import FieldFigures
from ctct_etl.stages.arrow import arrow, filled
from ctct_etl.stages.problems import named_origin

_FEWEST = 20  # contacts, in both runs: of fewer a share says nothing
_LEAST, _POINTS = 10, 0.10  # contacts more, and percentage points
_BLANKS, _CHANGES = 1.5, 3.0  # times the share of the last good run


def measure_fields(
    contacts: pd.DataFrame, fields: Mapping[str, FieldRule], matched: int, changed: Mapping[str, int]
) -> FieldFigures:
    """Count what a later run compares itself with. contacts: the desired ones; changed: of the `matched` ones."""
    mapped = [field for field in fields if field != EMAIL and field in contacts]
    blank = {field: len(contacts) - int(np.count_nonzero(filled(arrow(contacts[field])))) for field in mapped}
    return FieldFigures(len(contacts), matched, blank, {field: changed.get(field, 0) for field in mapped})


def find_jumps(now: FieldFigures, before: FieldFigures | None, mapping: MappingConfig) -> Iterator[str]:
    """Yield what is said of each field whose share of blanks or of changes jumped; nothing before a first good run, or
    where the mapping turns that off.
    """
    if before is None or not is_watched(mapping.checks, "jumps"):
        return
    for field in now.blank:
        if field not in before.blank:
            continue  # the mapping did not have it then
        name = f'{field} ("{named_origin(mapping.fields[field])}")'
        blanks = (now.blank[field], now.contacts), (before.blank[field], before.contacts)
        if _jumps(*blanks, _BLANKS):
            yield f"{name} is blank for {_compare(*blanks)} — see whether the column was emptied, renamed or moved"
        changes = (now.changed[field], now.matched), (before.changed.get(field, 0), before.matched)
        if _jumps(*changes, _CHANGES):
            yield f"{name} would change for {_compare(*changes)} — see whether the column was moved or is written anew"


def _jumps(now: tuple[int, int], before: tuple[int, int], times: float) -> bool:
    if min(now[1], before[1]) < _FEWEST:
        return False
    share, old = now[0] / now[1], before[0] / before[1]
    return share >= old + _POINTS and share >= times * old and now[0] - old * now[1] >= _LEAST


def _compare(now: tuple[int, int], before: tuple[int, int]) -> str:
    shares = f"{now[0] / now[1]:.0%} of {now[1]:,} contacts"
    return f"{shares}, and {before[0] / before[1]:.0%} of {before[1]:,} in the last good run"
