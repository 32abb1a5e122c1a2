"""How large imports are, and where they are cut: the service drops what is over its limits without a word. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.account.encoding import encode_body
from ctct_etl.account.v3.wire import IMPORT_MOST_BYTES, IMPORT_MOST_CONTACTS, IMPORT_NAMES
from ctct_etl.columns import AFTER, CONTACT, EMAIL, FIELD, custom_label, is_custom
from ctct_etl.plan.snapshot import CustomField
from ctct_etl.plan.tables import PlanTables

Sizes = npt.NDArray[np.int64]

_ENVELOPE_BYTES = 4_096  # the braces and up to 50 list ids around the rows
_PAIR_BYTES = 2  # colon and comma
_ESCAPED_BY_ONE = r'["\\\x08\x09\x0a\x0c\x0d]'
_ESCAPED_BY_FIVE = r"[\x00-\x07\x0b\x0e-\x1f]"


def import_sizes(tables: PlanTables, customs: Mapping[str, CustomField]) -> Sizes:
    """The bytes of each action as a row of an import, its comma included: what the encoder would write."""
    changes = tables.changes
    sizes = 2 + _PAIR_BYTES + _length("email") + _lengths(tables.actions[EMAIL])
    fields = changes[FIELD].astype("category")
    keys = np.array([_length(_import_name(name, customs)) for name in fields.cat.categories], dtype=np.int64)
    pairs = _lengths(changes[AFTER]) + _PAIR_BYTES
    pairs += keys[fields.cat.codes.to_numpy()] if len(keys) else 0
    # bincount adds floats, which hold any such number exactly.
    sums = np.bincount(changes[CONTACT].to_numpy(), weights=pairs, minlength=len(sizes))
    return sizes + sums.astype(np.int64)


def cut_import(sizes: Sizes) -> Iterator[slice]:
    """Where rows of such sizes are cut into imports, in their order."""
    ends = np.concatenate([[0], np.cumsum(sizes)])
    start = 0
    while start < len(sizes):
        room = ends[start] + IMPORT_MOST_BYTES - _ENVELOPE_BYTES
        stop = int(np.searchsorted(ends, room, side="right")) - 1
        stop = min(max(stop, start + 1), start + IMPORT_MOST_CONTACTS, len(sizes))
        yield slice(start, stop)
        start = stop


def _import_name(field: str, customs: Mapping[str, CustomField]) -> str:
    if not is_custom(field):
        return IMPORT_NAMES.get(field, field)
    label = custom_label(field)
    return f"cf:{customs[label].name if label in customs else label}"


def _length(text: str) -> int:
    return len(encode_body(text))


def _lengths(texts: pd.Series[str]) -> Sizes:
    """Of each text as JSON, quotes included."""
    values = pa.array(texts, pa.large_string(), from_pandas=True)
    lengths = np.asarray(pc.binary_length(values), dtype=np.int64) + 2
    for pattern, more in ((_ESCAPED_BY_ONE, 1), (_ESCAPED_BY_FIVE, 5)):
        lengths = lengths + more * np.asarray(pc.count_substring_regex(values, pattern), dtype=np.int64)
    return lengths
