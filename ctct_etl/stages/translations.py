"""The mapping's `values`: the cell's text → the field's value, by trimmed text, letter case ignored."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import TEXT, Mask, none_blank, replace, trim, truths
from ctct_etl.stages.checked import Checked, fault_where

_MOST_NAMED = 8


def translate(values: pa.Array, translation: Mapping[str, str], default: str | None) -> Checked:
    """Translate; what is not named becomes the default, or is at fault when there is none. A value translated to the
    empty text is blank on purpose: the default does not fill it.
    """
    named, known = look_up(values, translation)
    unmatched = truths(values.is_valid()) & ~known
    if default is not None:
        return Checked(none_blank(replace(named, ~known, pa.scalar(default, TEXT))))
    checked = fault_where(named, unmatched, _not_named(translation))
    return checked._replace(values=none_blank(checked.values))


def look_up(values: pa.Array, translation: Mapping[str, str]) -> tuple[pa.Array, Mask]:
    """Return the translation of every value (null where it is not named), and where it is named."""
    keys = pc.utf8_lower(pc.utf8_trim_whitespace(pa.array(list(translation), TEXT)))
    encoded = values.dictionary_encode()
    at = pc.index_in(pc.utf8_lower(trim(encoded.dictionary)), value_set=keys, skip_nulls=True)
    made = pa.array(list(translation.values()), TEXT).take(at).take(encoded.indices)
    return made, truths(at.is_valid().take(encoded.indices))


def _not_named(translation: Mapping[str, str]) -> str:
    names = list(translation)
    shown = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    return f"is none of the values that the mapping names: {shown} — correct the cell, name it, or give a default"
