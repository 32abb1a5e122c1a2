"""The bridge to Arrow: a pandas 3 `str` column *is* an Arrow array, so both ways are free.

Stages take and give Series and frames; inside they use Arrow kernels where pandas has no fast way. Here blank means
null: an empty string is a value of its own (it clears a field).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
NO_TEXT = pa.scalar(None, TEXT)
Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]

# White space as spreadsheets hold it: RE2's \s is ASCII alone and knows no no-break space.
SPACE = r"[\s\p{Z}]"


def arrow(values: pd.Series) -> pa.Array:
    """Return the series' values as one chunk of large_string: kernels that hash or gather want one chunk."""
    column = values.array.__arrow_array__() if values.dtype == "str" else pa.array(values, type=TEXT, from_pandas=True)
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column if column.type == TEXT else column.cast(TEXT)


def series(values: pa.Array) -> pd.Series:
    """Return the array as a series of dtype `str`, null as NaN."""
    return pd.Series(values, dtype="str")


def truths(claims: pa.Array) -> Mask:
    """Return a boolean array as numpy's; null is False."""
    validity, bits = claims.buffers()
    mask = _unpack(bits, claims)
    return mask & _unpack(validity, claims) if claims.null_count else mask


def _unpack(bits: pa.Buffer, claims: pa.Array) -> Mask:
    """The bits as bytes; Arrow's own way to numpy takes them one by one."""
    end = claims.offset + len(claims)
    return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=end, bitorder="little")[claims.offset :].view(bool)


def present(values: pa.Array) -> Mask:
    """Say where there is a value at all."""
    return truths(values.is_valid())


def filled(values: pa.Array) -> Mask:
    """Say where there is a text with anything in it."""
    offsets = _offsets(values)
    return (offsets[1:] > offsets[:-1]) & present(values)


def none_blank(values: pa.Array) -> pa.Array:
    """Make empty strings null."""
    empty = pc.equal(values, "")
    return pc.if_else(empty, NO_TEXT, values) if pc.any(empty).as_py() else values


def trim(values: pa.Array) -> pa.Array:
    """Remove white space at both ends; what is blank then is null. What needs no trimming is returned as it is."""
    trimmed = pc.utf8_trim_whitespace(values)
    return none_blank(values if _size(trimmed) == _size(values) else trimmed)


def join(*parts: pa.Array | str, between: str = "") -> pa.Array:
    """Join texts element by element; a null makes null."""
    texts = [pa.scalar(part, TEXT) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*texts, pa.scalar(between, TEXT))


def sort_unique(numbers: Positions) -> Positions:
    """np.unique hashes integers, at ten times the cost; a stable sort is fast on runs, as long tables have them."""
    ordered = np.sort(numbers, kind="stable")
    return ordered[leads_run(ordered)]


def leads_run(sorted_numbers: Positions) -> Mask:
    """Say which elements begin a run of equal numbers."""
    leads = np.ones(len(sorted_numbers), dtype=bool)
    np.not_equal(sorted_numbers[1:], sorted_numbers[:-1], out=leads[1:])
    return leads


def longest_bytes(values: pa.Array) -> int:
    """Return the length in bytes of the longest value: no value has more characters."""
    offsets = _offsets(values)
    return int(np.diff(offsets).max()) if len(values) else 0


def has_bytes(values: pa.Array, *, below: int, equal: int) -> bool:
    """Is there a byte below or equal to these in any value? One pass over the text, before any pattern is run."""
    offsets, data = _offsets(values), values.buffers()[2]
    if data is None:
        return False
    text = np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]
    return bool((text < below).any() or (text == equal).any())


def bytes_in(values: pa.Array) -> Mask:
    """Say of each of the 256 bytes whether any value has it. One pass over the text."""
    seen = np.zeros(256, dtype=bool)
    offsets, data = _offsets(values), values.buffers()[2]
    if data is not None:
        seen[np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]] = True
    return seen


def _size(values: pa.Array) -> int:
    offsets = _offsets(values)
    return int(offsets[-1] - offsets[0])


def _offsets(values: pa.Array) -> Positions:
    return np.frombuffer(values.buffers()[1], dtype=np.int64)[values.offset : values.offset + len(values) + 1]


def take(values: pa.Array, positions: Positions) -> pa.Array:
    return values.take(pa.array(positions))


def replace(values: pa.Array, mask: Mask, replacement: pa.Array | pa.Scalar) -> pa.Array:
    """Put `replacement` (one value, or one for each) where the mask is true."""
    return pc.if_else(pa.array(mask), replacement, values) if mask.any() else values


T = TypeVar("T")


def by_distinct(values: pa.Array, compute: Callable[[pa.Array], T]) -> tuple[T, pa.Array]:
    """Compute once for each distinct value; return what `compute` gave, and the position in it of every value."""
    encoded: Any = values.dictionary_encode()
    return compute(encoded.dictionary), encoded.indices
