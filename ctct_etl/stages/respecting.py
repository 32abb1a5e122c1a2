"""What a person has edited in the account since we last wrote it stays: `on_update: respect_edits`.

A comparison of three: what the source says, what the account says, and what both last agreed on. Where the account is
as it was then, the source's word goes; where it is not, a person has changed it, and the source has no opinion. Where
nothing is known (a first run, a lost memory), what the account has counts as a person's own, and a blank as nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import AGREED, BEFORE, CONTACT, EMAIL, FIELD, ROW, VALUE, custom_label
from ctct_etl.config.mapping import FieldRule
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.stages.arrow import NO_TEXT, Mask, Positions, arrow, present, replace, series, take, truths
from ctct_etl.stages.folding import WINNER
from ctct_etl.stages.keys import comparison_key


class Respected(NamedTuple):
    """desired: without an opinion where a person's edit stays. kept: CONTACT int64 · FIELD, BEFORE, VALUE, AGREED str,
    one row an edit that stays, by field: what the account has, what the source says, what both last agreed on.
    agreed: field → EMAIL, VALUE str, where source and account say the same; for the memory.
    """

    desired: pd.DataFrame
    kept: pd.DataFrame
    agreed: Mapping[str, pd.DataFrame]


def respected_fields(rules: Mapping[str, FieldRule]) -> list[str]:
    """The fields whose edits are respected, sorted."""
    return sorted(field for field, rule in rules.items() if rule.on_update == "respect_edits")


def respect_edits(
    desired: pd.DataFrame,
    contacts: pd.DataFrame,
    at: Positions,
    writable: Mask,
    rules: Mapping[str, FieldRule],
    custom_fields: Mapping[str, CustomField],
    values: pd.DataFrame,
) -> Respected:
    """Mask the desired values that would overwrite an edit; values are compared by their keys, as in the diff.

    Needs: desired EMAIL and the fields of `rules`, str · contacts one str column a field · at: position in contacts, -1
    for a new contact, which has no edits · writable: bool · values: EMAIL unique, one str column a field, NaN where
    nothing is known.
    """
    rows = np.flatnonzero(writable & (at >= 0))
    parts, agreed = [none_kept()], {}
    for field in respected_fields(rules):
        if field not in desired or field not in contacts:
            continue
        wanted, current = take(arrow(desired[field]), rows), take(arrow(contacts[field]), at[rows])
        said = present(wanted)
        differs = said & _differ(field, wanted, current, custom_fields)
        where = rows[differs]
        base = _look_up(values, field, take(arrow(desired[EMAIL]), where))
        here = current.filter(pa.array(differs))
        is_edit = _is_edit(field, base, here, custom_fields)
        edited = where[is_edit]
        same = said & ~differs
        agreed[field] = pd.DataFrame({EMAIL: series(take(arrow(desired[EMAIL]), rows[same])),
                                      VALUE: series(current.filter(pa.array(same)))})  # fmt: skip
        told = {BEFORE: here, VALUE: wanted.filter(pa.array(differs)), AGREED: pc.fill_null(base, "")}
        texts = {name: series(values.filter(pa.array(is_edit))) for name, values in told.items()}
        parts.append(pd.DataFrame({CONTACT: edited, FIELD: pd.Series([field] * len(edited), dtype="str"), **texts}))
        mask = np.zeros(len(desired), dtype=bool)
        mask[edited] = True
        desired = desired.assign(**{field: series(replace(arrow(desired[field]), mask, NO_TEXT)).array})
    return Respected(desired, pd.concat(parts, ignore_index=True), agreed)


def none_kept() -> pd.DataFrame:
    """`kept` where no edit stays."""
    texts = {name: pd.Series([], dtype="str") for name in (FIELD, BEFORE, VALUE, AGREED)}
    return pd.DataFrame({CONTACT: np.zeros(0, np.int64), **texts})


def lay_out_edits(kept: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Lay out `kept` as the plan holds it: ROW int64, the row that speaks for the contact, in place of CONTACT; by row.

    Needs: contacts with WINNER, as fold_contacts gives them.
    """
    row = contacts[WINNER].to_numpy()[kept[CONTACT].to_numpy()].astype(np.int64)
    edits = pd.DataFrame({ROW: row, **{name: kept[name] for name in (FIELD, BEFORE, VALUE, AGREED)}})
    return edits.sort_values([ROW, FIELD], kind="stable", ignore_index=True)


def tell_kept(kept: pd.DataFrame, size: int) -> npt.NDArray[np.object_]:
    """For each of `size` contacts the words about its edits that stay, "" for none."""
    words = np.full(size, "", dtype=object)
    if len(kept):
        names = kept[FIELD].groupby(kept[CONTACT].to_numpy()).agg(", ".join)
        words[names.index.to_numpy()] = ("edited in the account: " + names + " kept").to_numpy(dtype=object)
    return words


def _differ(field: str, wanted: pa.Array, current: pa.Array, custom_fields: Mapping[str, CustomField]) -> Mask:
    """Say where two texts have other keys; keys are made only where the texts are not the same."""
    unequal = truths(pc.fill_null(pc.not_equal(wanted, current), True))
    custom = custom_fields.get(custom_label(field))
    keys = [comparison_key(field, series(side.filter(pa.array(unequal))), custom) for side in (wanted, current)]
    unequal[unequal] = (keys[0] != keys[1]).to_numpy(dtype=bool)
    return unequal


def _is_edit(field: str, base: pa.Array, current: pa.Array, custom_fields: Mapping[str, CustomField]) -> Mask:
    known = present(base)
    return np.where(known, _differ(field, base, current, custom_fields), truths(pc.not_equal(current, "")))


def _look_up(values: pd.DataFrame, field: str, addresses: pa.Array) -> pa.Array:
    if field not in values:
        return pa.nulls(len(addresses), pa.large_string())
    return arrow(values[field]).take(pc.index_in(addresses, value_set=arrow(values[EMAIL])))
