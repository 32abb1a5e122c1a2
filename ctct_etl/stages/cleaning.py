"""Is every value one that the account can hold? What is too long or malformed is invalid; nothing is ever cut."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import (
    ADDRESS_PREFIX,
    CUSTOM_PREFIX,
    EMAIL,
    OUTCOME,
    REASON,
    REJECT,
    REJECTED,
    STOP,
    custom_label,
    is_custom,
)
from ctct_etl.config.mapping import FieldRule
from ctct_etl.config.mapping import Mapping as MappingFile
from ctct_etl.plan.snapshot import Capabilities, CustomField
from ctct_etl.stages.addresses import check_addresses
from ctct_etl.stages.arrow import NO_TEXT, TEXT, Mask, arrow, has_bytes, longest_bytes, present, replace, series, truths
from ctct_etl.stages.checked import Checked, fault_where
from ctct_etl.stages.custom_values import parse_custom
from ctct_etl.stages.mapping import Mapped
from ctct_etl.stages.places import parse_countries, parse_states
from ctct_etl.stages.problems import SEVERITIES, join_problems, list_problems, named_origin, reject_rows

# XML 1.0 can't carry them, and no person ever typed one; tabs and line breaks are fine.
_UNSPEAKABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_NO_ADDRESS = "no e-mail address — a contact is known by it; fill in the cell"


def clean_rows(
    rows: pd.DataFrame,
    problems: pd.DataFrame,
    capabilities: Capabilities,
    custom_fields: Mapping[str, CustomField] | None,
    mapping: MappingFile,
) -> Mapped:
    """Bring every value to the form that the account holds, and reject the rows that can't be used.

    Needs: rows and problems as map_rows gives them. custom_fields: the account's, by label; None without an account:
    then every custom field is text.
    Sets: EMAIL canonical (as written where it can't be read) · countries and states as codes, custom fields by type ·
    NaN where a value is malformed, too long, or has control characters · OUTCOME rejected and REASON where the address
    is blank or unreadable, or where a problem rejects the row or stops the run. Of a row's problems that of the
    address comes first, then those of mapping.
    """
    undecided = rows[OUTCOME].isna().to_numpy()
    codes: dict[str, Checked] = {}

    def clean(field: str) -> tuple[pa.Array, pd.DataFrame]:
        values, rule = arrow(rows[field]), mapping.fields[field]
        checked = _check_field(field, rule, values, codes, capabilities, custom_fields)
        problem = list_problems(field, named_origin(rule), SEVERITIES[rule.invalid], values, checked.faults, undecided)
        return checked.values, problem

    fields = [field for field in mapping.fields if field != EMAIL]
    with ThreadPoolExecutor(2) as pool:  # fields are independent, and the kernels release the interpreter
        reading = pool.submit(_clean_address, rows[EMAIL], mapping.fields[EMAIL], capabilities, undecided)
        codes |= {field: parse_countries(arrow(rows[field])) for field in fields if field.endswith(".country")}
        cleaned = list(pool.map(clean, fields))
    address, address_problems = reading.result()
    columns = {field: series(values) for field, (values, _) in zip(fields, cleaned, strict=True)}
    problems = join_problems([address_problems, problems, *(found for _, found in cleaned)])
    rows = reject_rows(rows.assign(**{EMAIL: address}, **columns), problems)
    return Mapped(_reject_nameless(rows, undecided), problems)


def _clean_address(
    written: pd.Series, rule: FieldRule, capabilities: Capabilities, undecided: Mask
) -> tuple[pd.Series, pd.DataFrame]:
    """An address that can't be used always rejects its row; `invalid: stop` makes it stop the run."""
    values = arrow(written)
    checked = _check_length(check_addresses(values, rule.many), capabilities.fields[EMAIL])
    canonical = series(pc.coalesce(checked.values, values))
    severity = STOP if rule.invalid == "stop" else REJECT
    return canonical, list_problems(EMAIL, named_origin(rule), severity, values, checked.faults, undecided)


def _check_field(
    field: str,
    rule: FieldRule,
    values: pa.Array,
    codes: Mapping[str, Checked],
    capabilities: Capabilities,
    custom_fields: Mapping[str, CustomField] | None,
) -> Checked:
    longest = capabilities.fields[CUSTOM_PREFIX if is_custom(field) else field]
    if field in codes:
        return _keep_clears(codes[field], values)
    if field.startswith(ADDRESS_PREFIX) and field.endswith(".state"):
        country = codes.get(field.removesuffix("state") + "country")
        return _check_length(_keep_clears(parse_states(values, country and country.values), values), longest)
    custom = (custom_fields or {}).get(custom_label(field)) if is_custom(field) else None
    plain = fault_where(values, _unspeakable(values), "has control characters — correct the cell")
    if custom is None:
        return _check_length(plain, longest)
    formats = () if rule.type == "date" else rule.format  # mapping has read it by them: it is ISO now
    read = _keep_clears(parse_custom(plain.values, custom, formats), plain.values)
    return _check_length(_with_faults(read, plain.faults), longest)


def _keep_clears(checked: Checked, values: pa.Array) -> Checked:
    """An empty text clears the field, whatever the field's type."""
    clears = truths(pc.equal(values, ""))
    if not clears.any():
        return checked
    faults = None if checked.faults is None else replace(checked.faults, clears, NO_TEXT)
    return Checked(replace(checked.values, clears, pa.scalar("", TEXT)), faults)


def _with_faults(checked: Checked, faults: pa.Array | None) -> Checked:
    if faults is None:
        return checked
    return checked._replace(faults=faults if checked.faults is None else pc.coalesce(faults, checked.faults))


def _unspeakable(values: pa.Array) -> Mask:
    if not has_bytes(values, below=0x20, equal=0xEF):  # of the bytes of U+FFFE and U+FFFF the first
        return np.zeros(len(values), dtype=bool)
    return truths(pc.match_substring_regex(values, _UNSPEAKABLE))


def _check_length(checked: Checked, longest: int) -> Checked:
    if longest_bytes(checked.values) <= longest:
        return checked
    long = truths(pc.greater(pc.utf8_length(checked.values), longest))
    if not long.any():
        return checked
    cut = fault_where(checked.values, long, f"is too long: the account holds {longest} characters — shorten it")
    return _with_faults(cut, checked.faults)


def _reject_nameless(rows: pd.DataFrame, undecided: Mask) -> pd.DataFrame:
    nameless = undecided & ~present(arrow(rows[EMAIL]))
    said = ((OUTCOME, REJECTED), (REASON, _NO_ADDRESS))
    return rows.assign(
        **{name: series(replace(arrow(rows[name]), nameless, pa.scalar(text, TEXT))) for name, text in said}
    )
