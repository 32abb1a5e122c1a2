"""JSON text made of whole columns at a time, with Arrow kernels.

What comes out is what `json.dumps(..., ensure_ascii=False, separators=(",", ":"))` writes. Only texts that need
escaping are handed to the `json` module, each distinct one once; a test proves the equality for any text.
"""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_MUST_ESCAPE = r'["\\\x00-\x1f]'  # RFC 8259, section 7; all else stays as it is


def escape(values: pd.Series) -> pa.Array:
    """The inside of a JSON string for each value, without its quotes; null for a missing one."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy()
        return _escape(plain(pd.Series(values.cat.categories))).take(pa.array(codes, mask=codes < 0))
    return _escape(plain(values))


def plain(values: pd.Series) -> pa.Array:
    """A column of texts or numbers as one Arrow array of strings."""
    array = pa.array(values, from_pandas=True)
    return (array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array).cast(pa.string())


def _escape(texts: pa.Array) -> pa.Array:
    data = _data(texts)
    # One look at the bytes of the whole column: nearly always there is nothing to escape, and then no text is copied.
    if not ((data < 0x20) | (data == ord('"')) | (data == ord("\\"))).any():
        return texts
    odd = pc.match_substring_regex(texts, _MUST_ESCAPE)
    found = texts.filter(odd).dictionary_encode()
    escaped = [json.dumps(text, ensure_ascii=False)[1:-1] for text in found.dictionary.to_pylist()]
    return pc.replace_with_mask(texts, odd, pa.array(escaped, pa.string()).take(found.indices))


def glue(*pieces: pa.Array | str) -> pa.Array:
    """Join the pieces of each row; null where a piece is null."""
    return pc.binary_join_element_wise(*(pa.scalar(p, pa.string()) if isinstance(p, str) else p for p in pieces), "")


def gather(count: int, owner: pd.Series, items: pa.Array) -> pa.Array:
    """Join with commas the items of each of `count` owners, "" for one without; `owner` is sorted, from 0."""
    ends = np.cumsum(np.bincount(owner.to_numpy(), minlength=count), dtype=np.int32)
    offsets = pa.array(np.concatenate([np.zeros(1, np.int32), ends]))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, items), ",")


def join_bytes(texts: pa.Array) -> bytes:
    """All texts in a row, as UTF-8: they lie so in Arrow's memory already."""
    return _data(texts).tobytes()


def _data(texts: pa.Array) -> npt.NDArray[np.uint8]:
    """The bytes of all texts, a view."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return np.empty(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32)
    return np.frombuffer(data, np.uint8)[ends[texts.offset] : ends[texts.offset + len(texts)]]
