"""What looks odd about cells that are in order: a warning for a person, never a change of what the program does.

Addresses are looked at as they were cleaned, all else as it stands in the source: a transform such as title_case may
hide what was odd, and a person looks for the cell that she has.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from ctct_etl.columns import ADDRESS_PREFIX, CUSTOM_PREFIX, EMAIL, FIRST_NAME, NAME_FIELDS, NOTE, OUTCOME, ROW, WARN
from ctct_etl.config.checks import is_watched
from ctct_etl.config.mapping import Mapping
from ctct_etl.stages.arrow import NO_TEXT, Mask, arrow, by_distinct, bytes_in, replace, trim
from ctct_etl.stages.couples import suspect_couples
from ctct_etl.stages.garbled_text import suspect_spoilt_text
from ctct_etl.stages.misplaced_values import has_a_place, suspect_places
from ctct_etl.stages.problems import join_problems, list_problems, named_origin
from ctct_etl.stages.role_addresses import suspect_roles
from ctct_etl.stages.spreadsheet_traces import suspect_spreadsheets
from ctct_etl.stages.typo_domains import suspect_domains

Find = Callable[[pa.Array], pa.Array]  # values to faults, as of Checked


class _Look(NamedTuple):
    """check: its key. find: what it finds in a field, None where it does not look. signs: what it finds is not ASCII,
    or has one of these; empty: it may be anything.
    """

    check: str
    find: Callable[[str], Find | None]
    signs: str = ""

    def may_find(self, seen: Mask) -> bool:
        """Can it find anything in a column of these bytes? Most columns are plain, and need not be hashed then."""
        return not self.signs or bool(seen[0x80:].any() or seen[list(self.signs.encode())].any())


def _is_text(field: str) -> bool:
    return field in (*NAME_FIELDS, NOTE) or field.startswith((ADDRESS_PREFIX, CUSTOM_PREFIX))


_OF_ADDRESSES: dict[str, Find] = {"typo_domains": suspect_domains, "role_addresses": suspect_roles}
_OF_CELLS = (
    _Look("garbled_text", lambda field: suspect_spoilt_text if _is_text(field) else None, signs="&"),
    _Look("spreadsheet_traces", lambda field: suspect_spreadsheets, signs="+#"),
    _Look("misplaced_values", lambda field: partial(suspect_places, field=field) if has_a_place(field) else None),
    _Look("couples", lambda field: suspect_couples if field == FIRST_NAME else None),
)


def suspect_cells(source: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """List the cells of a source that look odd, by the checks that the mapping leaves on.

    Needs: RangeIndex · OUTCOME · the columns that the mapping names, str, blank NaN. Each column is looked at as the
    field that names it; not where `values` name what its cells may be, and not as a part of a template.
    Returns problems as Mapped has them, all of them warnings.
    """
    looks = [look for look in _OF_CELLS if is_watched(mapping.checks, look.check)]
    undecided = source[OUTCOME].isna().to_numpy()

    def look_at(column: str, field: str) -> list[pd.DataFrame]:
        cells = trim(arrow(source[column]))
        seen = bytes_in(cells)
        finds = [find for look in looks if (find := look.find(field)) is not None and look.may_find(seen)]
        if not finds:
            return []
        found, at = by_distinct(cells, lambda texts: [find(texts) for find in finds])
        return [
            list_problems(field, column, WARN, cells, faults.take(at), undecided)
            for faults in found
            if faults.null_count < len(faults)
        ]

    columns: dict[str, str] = {}
    for field, rule in mapping.fields.items():
        if looks and rule.column is not None and rule.values is None and field != EMAIL:
            columns.setdefault(rule.column, field)
    with ThreadPoolExecutor(2) as pool:  # columns are independent, and the kernels release the interpreter
        looked = list(pool.map(look_at, columns, columns.values()))
    return join_problems(found for of_column in looked for found in of_column)


def suspect_rows(rows: pd.DataFrame, odd: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """List the addresses that look odd, and what `suspect_cells` found in rows that are still undecided.

    Needs: OUTCOME · EMAIL, canonical where undecided.
    """
    undecided = rows[OUTCOME].isna().to_numpy()
    addresses = replace(arrow(rows[EMAIL]), ~undecided, NO_TEXT)
    origin = named_origin(mapping.fields[EMAIL])
    found = [
        list_problems(EMAIL, origin, WARN, addresses, find(addresses), undecided)
        for check, find in _OF_ADDRESSES.items()
        if is_watched(mapping.checks, check)
    ]
    return join_problems([*found, odd[undecided[odd[ROW].to_numpy()]]])
