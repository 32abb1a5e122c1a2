"""From the source's columns to contact fields, by the analyst's mapping."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import (
    ANNIVERSARY,
    BIRTHDAY,
    EMAIL,
    EVIDENCE_DATE,
    EVIDENCE_SOURCE,
    OPTED_OUT,
    ORDER,
    ORIGIN_COLUMNS,
    OUTCOME,
    PHONE_PREFIX,
    REASON,
    SKIP,
    WARN,
)
from ctct_etl.config.mapping import FieldRule, Mapping, Newest, Oldest, RowsRule
from ctct_etl.config.pipeline import Evidence
from ctct_etl.stages.arrow import TEXT, Mask, arrow, series, trim
from ctct_etl.stages.checked import Checked
from ctct_etl.stages.conditions import select, tell_unmet
from ctct_etl.stages.dates import parse_birthdays, parse_days, parse_moments
from ctct_etl.stages.phones import parse_phones
from ctct_etl.stages.problems import SEVERITIES, join_problems, list_problems, named_origin
from ctct_etl.stages.templates import fill_template
from ctct_etl.stages.transforms import transform_text
from ctct_etl.stages.translations import translate


class Mapped(NamedTuple):
    """rows: one row a source row. ORIGIN_COLUMNS, OUTCOME, REASON · EMAIL and one column a mapped field, str: NaN is no
        opinion, "" clears · ORDER str · OPTED_OUT bool · EVIDENCE_DATE, EVIDENCE_SOURCE str, when evidence is mapped.
    problems: ROW int64 · FIELD, COLUMN, VALUE, PROBLEM str · SEVERITY category (WARN | REJECT | STOP); by row, then in
        the mapping's order. Only rows that were undecided have any.
    """

    rows: pd.DataFrame
    problems: pd.DataFrame


def map_rows(source: pd.DataFrame, mapping: Mapping, evidence: Evidence | None) -> Mapped:
    """Make every mapped field from its columns: column or template, transforms, values and default, type, blank.

    Needs: RangeIndex · ORIGIN_COLUMNS, OUTCOME, REASON · the columns that the mapping names, str, blank NaN.
    Sets: OUTCOME skip and REASON where `rows.where` does not hold; the columns of Mapped.
    A cell counts without the white space around it. EMAIL is still as written. Dates become YYYY-MM-DD (a birthday
    MM-DD), phones E.164. A malformed value is no opinion, and a problem of the severity that `invalid` says.
    """
    rows = _decide_skipped(source, mapping.rows)
    undecided = rows[OUTCOME].isna().to_numpy()
    make = partial(_map_field, source, undecided=undecided)
    with ThreadPoolExecutor(2) as pool:  # fields are independent, and the kernels release the interpreter
        made = list(pool.map(make, mapping.fields, mapping.fields.values()))
    columns = {field: series(values) for field, (values, _) in zip(mapping.fields, made, strict=True)}
    order, order_problems = _map_order(source, mapping, undecided)
    columns |= {ORDER: series(order), OPTED_OUT: _map_opted_out(source, mapping)}
    problems = [found for _, found in made] + [order_problems]
    if evidence is not None:
        proof, proof_problems = _map_evidence(source, evidence, undecided)
        columns |= proof
        problems.append(proof_problems)
    return Mapped(rows.assign(**columns), join_problems(problems))


def map_addresses(source: pd.DataFrame, mapping: Mapping) -> pa.Array:
    """Make EMAIL alone, as `map_rows` does: as written, null where blank."""
    return _map_field(source, EMAIL, mapping.fields[EMAIL], np.zeros(len(source), dtype=bool))[0]


def _decide_skipped(source: pd.DataFrame, rule: RowsRule | None) -> pd.DataFrame:
    rows = source[[*ORIGIN_COLUMNS, OUTCOME, REASON]]
    if rule is None:
        return rows
    skipped = (rows[OUTCOME].isna() & ~select(source, rule.where)).to_numpy()
    if not skipped.any():
        return rows
    reason = rows[REASON].copy()
    reason[skipped] = tell_unmet(source[skipped], rule.where, "rows.where")
    return rows.assign(**{OUTCOME: rows[OUTCOME].mask(skipped, SKIP), REASON: reason})


def _map_field(source: pd.DataFrame, field: str, rule: FieldRule, undecided: Mask) -> tuple[pa.Array, pd.DataFrame]:
    given = _read_source(source, rule)
    text = transform_text(given, rule.transform)
    translated = Checked(text)
    if rule.values is not None:
        translated = translate(text, rule.values, rule.default)
    elif rule.default is not None:
        translated = Checked(pc.fill_null(text, rule.default))
    typed = _read_type(field, rule, translated.values)
    faults = _either(translated.faults, typed.faults)
    values = _clear_blank(typed.values, faults) if rule.blank == "clear" else typed.values
    return values, list_problems(field, named_origin(rule), SEVERITIES[rule.invalid], given, faults, undecided)


def _read_source(source: pd.DataFrame, rule: FieldRule) -> pa.Array:
    return trim(arrow(source[rule.column])) if rule.column is not None else fill_template(source, str(rule.template))


def _read_type(field: str, rule: FieldRule, values: pa.Array) -> Checked:
    if field == BIRTHDAY:
        return parse_birthdays(values, rule.format)
    if field == ANNIVERSARY or rule.type == "date":
        return parse_days(values, rule.format)
    if rule.type == "phone" or field.startswith(PHONE_PREFIX):
        return parse_phones(values, rule.region)
    return Checked(values)


def _clear_blank(values: pa.Array, faults: pa.Array | None) -> pa.Array:
    """A blank cell clears its field; a malformed one does not: nobody asked for that."""
    if faults is None:
        return pc.fill_null(values, "")
    return pc.if_else(faults.is_valid(), values, pc.fill_null(values, ""))


def _either(first: pa.Array | None, second: pa.Array | None) -> pa.Array | None:
    if first is None or second is None:
        return second if first is None else first
    return pc.coalesce(first, second)


def _map_order(source: pd.DataFrame, mapping: Mapping, undecided: Mask) -> tuple[pa.Array, pd.DataFrame]:
    prefer = mapping.dedupe.prefer
    if not isinstance(prefer, Newest | Oldest):
        return pa.nulls(len(source), TEXT), join_problems([])
    column = prefer.newest if isinstance(prefer, Newest) else prefer.oldest
    given = trim(arrow(source[column]))
    read = parse_moments(given, prefer.format)
    return read.values, list_problems(ORDER, column, WARN, given, read.faults, undecided)


def _map_opted_out(source: pd.DataFrame, mapping: Mapping) -> pd.Series:
    if mapping.opted_out is None:
        return pd.Series(np.zeros(len(source), dtype=bool))
    return select(source, mapping.opted_out)


def _map_evidence(
    source: pd.DataFrame, evidence: Evidence, undecided: Mask
) -> tuple[dict[str, pd.Series], pd.DataFrame]:
    given = trim(arrow(source[evidence.date]))
    read = parse_days(given, evidence.format)
    proof = {EVIDENCE_DATE: series(read.values), EVIDENCE_SOURCE: series(trim(arrow(source[evidence.source])))}
    return proof, list_problems(EVIDENCE_DATE, evidence.date, WARN, given, read.faults, undecided)
