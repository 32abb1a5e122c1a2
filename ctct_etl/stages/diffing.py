"""Where do the desired contacts differ from the account? Fields by one comparison, memberships by one join.

In the desired table NaN is no opinion and "" clears; in the snapshot an absent value is "". So a field changes exactly
where `desired.notna() & (desired != snapshot)`, after both sides went through the field's comparison key: a difference
of writing alone (the punctuation of a phone, the form of a date) is absorbed, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import AFTER, BEFORE, CONTACT, EMAIL, FIELD, KIND, NAME, custom_label
from ctct_etl.config.mapping import FieldRule
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.stages.arrow import arrow, present, series, take, truths
from ctct_etl.stages.keys import comparison_key

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_FLAGS_EACH = 32  # bytes of flags that a membership may cost: what a hash of it takes


class FieldDiff(NamedTuple):
    """changes: CONTACT int64 (position in desired) · FIELD category · BEFORE, AFTER str; by contact, then field.
    absorbed: for each field, how many differences of writing alone were left as they are.
    """

    changes: pd.DataFrame
    absorbed: Mapping[str, int]


def diff_fields(
    desired: pd.DataFrame,
    contacts: pd.DataFrame,
    at: Positions,
    writable: Mask,
    rules: Mapping[str, FieldRule],
    custom_fields: Mapping[str, CustomField],
) -> FieldDiff:
    """Compare every mapped field of the contacts that may be written.

    Needs: desired EMAIL and the fields of `rules`, str · contacts one str column a field, "" for absent ·
    at: position in contacts, -1 for a new contact, whose every value is a change from "" · writable: bool.
    A field that the account does not define yet is compared with "".
    """
    fields = sorted(field for field in rules if field != EMAIL and field in desired)
    if not fields:
        return FieldDiff(_no_changes(), {})
    known = pa.array(at, mask=at < 0)

    def one(field: str) -> tuple[pd.DataFrame, int]:
        wanted, custom = arrow(desired[field]), custom_fields.get(custom_label(field))
        return _diff_field(field, wanted, contacts, known, writable, rules[field], custom)

    with ThreadPoolExecutor(2) as pool:  # fields are independent, and the kernels release the interpreter
        parts = list(pool.map(one, fields))
    changes = pd.concat([part for part, _ in parts], ignore_index=True)
    numbers = np.repeat(np.arange(len(fields)), [len(part) for part, _ in parts])
    changes[FIELD] = pd.Categorical.from_codes(numbers, categories=pd.Index(fields, dtype="str"))
    changes = changes.take(np.argsort(changes[CONTACT].to_numpy(), kind="stable")).reset_index(drop=True)
    absorbed = {field: count for field, (_, count) in zip(fields, parts, strict=True) if count}
    return FieldDiff(changes[[CONTACT, FIELD, BEFORE, AFTER]], absorbed)


def _diff_field(
    field: str,
    wanted: pa.Array,
    contacts: pd.DataFrame,
    known: pa.Array,
    writable: Mask,
    rule: FieldRule,
    custom: CustomField | None,
) -> tuple[pd.DataFrame, int]:
    current = arrow(contacts[field]).take(known) if field in contacts else pa.nulls(len(wanted), pa.large_string())
    # What differs to the letter, or is there at all where the contact is new: all else is done for these few alone.
    unequal = pc.fill_null(pc.not_equal(wanted, current), True)
    where = np.flatnonzero(truths(unequal) & present(wanted) & writable)
    before, after = pc.fill_null(take(current, where), ""), take(wanted, where)
    differs = truths(pc.not_equal(before, after))
    if rule.on_update == "fill":
        differs &= truths(pc.equal(before, ""))
    elif rule.on_update == "never":
        differs &= ~present(take(known, where))
    if not differs.all():
        where, before, after = where[differs], before.filter(pa.array(differs)), after.filter(pa.array(differs))
    return _drop_same(field, where, series(before), series(after), custom)


def _drop_same(
    field: str, contact: Positions, before: pd.Series, after: pd.Series, custom: CustomField | None
) -> tuple[pd.DataFrame, int]:
    """Leave out what differs in writing alone, and count it."""
    same = (comparison_key(field, before, custom) == comparison_key(field, after, custom)).to_numpy(dtype=bool)
    part = pd.DataFrame({CONTACT: contact, BEFORE: before, AFTER: after})
    return part[~same], int(same.sum())


def _no_changes() -> pd.DataFrame:
    text = pd.Series([], dtype="str")
    return pd.DataFrame({CONTACT: np.zeros(0, np.int64), FIELD: pd.Categorical([]), BEFORE: text, AFTER: text})


def diff_memberships(wanted: pd.DataFrame, current: pd.DataFrame, at: Positions, writable: Mask) -> pd.DataFrame:
    """Return the memberships that are wanted and not there.

    Needs: wanted CONTACT int64 (position in desired), KIND, NAME category · current the same, CONTACT being a position
    in the snapshot's contacts · at, writable as above. Returns: rows of `wanted`, with their labels.
    What is not named is no opinion, so nothing is ever removed here.
    """
    wanted = wanted[writable[wanted[CONTACT].to_numpy()]]
    account = at[wanted[CONTACT].to_numpy()]
    codes, width = _membership_codes(wanted, current)
    want = account * width + codes[0]
    have = current[CONTACT].to_numpy() * width + codes[1]
    missing = (account < 0) | ~_are_among(want, have)
    missing_ones: pd.DataFrame = wanted[missing]
    return missing_ones


def _are_among(want: Positions, have: Positions) -> Mask:
    """Say which numbers of `want` are in `have`; negative ones are not."""
    size = int(max(want.max(initial=-1), have.max(initial=-1))) + 1
    # Lists are few as a rule: a flag each is a tenth of a hash's cost.
    if size <= _FLAGS_EACH * (len(want) + len(have)):
        flags = np.zeros(size + 1, dtype=bool)  # the last is for the negative ones
        flags[have] = True
        return flags[np.maximum(want, -1)]
    there: Mask = pc.is_in(pa.array(want), value_set=pa.array(have)).to_numpy(zero_copy_only=False)
    return there


def _membership_codes(wanted: pd.DataFrame, current: pd.DataFrame) -> tuple[tuple[Positions, Positions], int]:
    """Number every (kind, name) alike on both sides; categories are few, so this touches no row but by its code."""
    kinds = pd.Index(wanted[KIND].cat.categories).union(current[KIND].cat.categories)
    names = pd.Index(wanted[NAME].cat.categories).union(current[NAME].cat.categories)

    def code(table: pd.DataFrame) -> Positions:
        kind = kinds.get_indexer(table[KIND].cat.categories)[table[KIND].cat.codes.to_numpy()]
        name = names.get_indexer(table[NAME].cat.categories)[table[NAME].cat.codes.to_numpy()]
        codes: Positions = (kind * len(names) + name).astype(np.int64)
        return codes

    return (code(wanted), code(current)), max(1, len(kinds) * len(names))
