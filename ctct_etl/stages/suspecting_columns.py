"""What looks odd about whole columns: a warning for a person, never a change of what the program does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import pyarrow as pa

from ctct_etl.columns import DATE_FIELDS, EMAIL
from ctct_etl.config.checks import is_watched
from ctct_etl.config.mapping import FieldRule, Mapping, Newest, Oldest
from ctct_etl.config.pipeline import Evidence
from ctct_etl.stages.ambiguous_dates import suspect_dates
from ctct_etl.stages.arrow import arrow, trim
from ctct_etl.stages.conditions import select
from ctct_etl.stages.swapped_columns import suspect_swaps
from ctct_etl.stages.transforms import transform_text


def suspect_columns(source: pd.DataFrame, mapping: Mapping, evidence: Evidence | None) -> tuple[str, ...]:
    """Say what looks odd about the columns that the mapping names, by the checks that it leaves on; rows that it does
    not mean are not looked at.

    Needs: the columns that mapping and evidence name, str, blank NaN.
    """
    looked_at = {name: arrow(source[name]) for name in _named(mapping, evidence)}
    if mapping.rows:
        meant = pa.array(select(source, mapping.rows.where).to_numpy())
        looked_at = {name: cells.filter(meant) for name, cells in looked_at.items()}
    told: list[str] = []
    if is_watched(mapping.checks, "ambiguous_dates"):
        told += _look_at_dates(looked_at, mapping, evidence)
    if is_watched(mapping.checks, "swapped_columns"):
        rules = {field: rule for field, rule in mapping.fields.items() if _is_plain(rule) and field != EMAIL}
        columns = {field: str(rule.column) for field, rule in rules.items()}
        told += suspect_swaps({field: trim(looked_at[column]) for field, column in columns.items()}, columns)
    return tuple(told)


def _named(mapping: Mapping, evidence: Evidence | None) -> set[str]:
    plain = {str(rule.column) for rule in mapping.fields.values() if _is_plain(rule)}
    return plain | {column for column, _, _ in _date_columns(mapping, evidence)}


def _is_plain(rule: FieldRule) -> bool:
    return rule.column is not None and rule.values is None


def _look_at_dates(source: dict[str, pa.Array], mapping: Mapping, evidence: Evidence | None) -> Iterator[str]:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for column, formats, rule in _date_columns(mapping, evidence):
        if formats and (column, formats) not in seen:
            seen.add((column, formats))
            cells = trim(source[column])
            if rule is not None and rule.transform:
                cells = transform_text(cells, rule.transform)
            yield from (f'column "{column}": {fault}' for fault in suspect_dates(cells, formats))


def _date_columns(
    mapping: Mapping, evidence: Evidence | None
) -> Iterator[tuple[str, tuple[str, ...], FieldRule | None]]:
    """Columns of dates whose form the mapping names; dates in ISO form have one reading."""
    for field, rule in mapping.fields.items():
        if _is_plain(rule) and (rule.type == "date" or field in DATE_FIELDS or rule.format):
            yield str(rule.column), _as_tuple(rule.format), rule
    prefer = mapping.dedupe.prefer
    if isinstance(prefer, Newest | Oldest):
        yield prefer.newest if isinstance(prefer, Newest) else prefer.oldest, _as_tuple(prefer.format), None
    if evidence is not None:
        yield evidence.date, _as_tuple(evidence.format), None


def _as_tuple(formats: Sequence[str]) -> tuple[str, ...]:
    return tuple(formats)
