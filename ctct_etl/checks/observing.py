"""What was seen of a column or table that fails as a whole, in words that go on after a comma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ctct_etl.checks.readings import Read, day_of
from ctct_etl.checks.wording import quoted, say_number
from ctct_etl.config.expectation_table import Judges
from ctct_etl.config.expectation_values import write_list
from ctct_etl.config.expectations import Expected


def observe(expected: Expected, details: Mapping[str, Any], cells: Sequence[pd.Series], read: Read) -> str:
    """Say what was seen. details: as Great Expectations gives them. cells: the texts of the rows that were judged."""
    unreadable = np.logical_or.reduce(read.unreadable) if read.unreadable else np.zeros(0, dtype=bool)
    if unreadable.any():
        first = cells[0][unreadable].iloc[0]
        return f"and {unreadable.sum():,} of its cells can't be read: {quoted([first[:40]])} {read.fault}"
    if expected.known.judges is Judges.HEADER and "observed_value" not in details:
        return "and it has none there"
    if "_distinct_values_" in expected.name:
        return _observe_distinct(cells[0], expected.arguments, expected.name)
    seen = details.get("observed_value")
    if isinstance(seen, dict):
        seen = seen.get("values")
    if isinstance(seen, list) and all(isinstance(each, str) for each in seen):
        names = seen if expected.known.judges is Judges.HEADER else [each[:40] for each in seen]
        return f"and it is {quoted(names)}" if names else "and there is none"
    numbers = [] if seen is None else list(seen) if isinstance(seen, list | tuple) else [seen]
    if not numbers or any(pd.isna(number) for number in numbers):
        return "and there is none: no cell has a value"
    return f"and it is {write_list([day_of(each) if read.are_days else say_number(each) for each in numbers])}"


def _observe_distinct(cells: pd.Series, arguments: Mapping[str, Any], name: str) -> str:
    seen, expected = set(cells.dropna().unique()), arguments["value_set"]
    others = [] if name.endswith("contain_set") else sorted(seen - set(expected))
    missing = [] if name.endswith("be_in_set") else [text for text in expected if text not in seen]
    parts = [f"it also has {quoted([text[:40] for text in others])}"] if others else []
    return "and " + " and ".join([*parts, *([f"it lacks {quoted(missing)}"] if missing else [])])
