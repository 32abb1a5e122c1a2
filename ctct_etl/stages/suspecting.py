"""What looks odd about cells that are in order: a warning for a person, never a change of what the program does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from ctct_etl.columns import EMAIL, OUTCOME, WARN
from ctct_etl.config.checks import is_watched
from ctct_etl.config.mapping import FieldRule, Mapping
from ctct_etl.stages.arrow import NO_TEXT, arrow, replace
from ctct_etl.stages.problems import join_problems, list_problems, named_origin
from ctct_etl.stages.typo_domains import suspect_domains


class _Look(NamedTuple):
    """check: its key. fields: which it is about. find: values to faults, as of Checked."""

    check: str
    fields: Callable[[str], bool]
    find: Callable[[pa.Array], pa.Array]


_LOOKS = (_Look("typo_domains", EMAIL.__eq__, suspect_domains),)


def suspect_cells(rows: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """List the values that look odd, by the checks that the mapping leaves on.

    Needs: OUTCOME, and the mapped fields as cleaned; rows that are decided already are not looked at.
    Returns problems as Mapped has them, all of them warnings.
    """
    looks = [look for look in _LOOKS if is_watched(mapping.checks, look.check)]
    undecided = rows[OUTCOME].isna().to_numpy()

    def look_at(field: str, rule: FieldRule) -> Iterator[pd.DataFrame]:
        asked = [look for look in looks if look.fields(field)]
        values = replace(arrow(rows[field]), ~undecided, NO_TEXT) if asked else None
        for look in asked:
            yield list_problems(field, named_origin(rule), WARN, values, look.find(values), undecided)

    return join_problems(found for field, rule in mapping.fields.items() for found in look_at(field, rule))
