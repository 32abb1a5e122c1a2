"""Columns that are empty from end to end share their memory: of an account's forty, most are.

A million empty texts are eight megabytes of places at which each begins, and each reading, merging and cutting of the
account made them anew for each such column.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa

TEXT = pa.large_string()


@lru_cache(maxsize=4)  # the account's length, that of a page, and of what is left when some were read again
def blank_texts(count: int) -> pa.LargeStringArray:
    """Return `count` empty texts."""
    return pa.LargeStringArray.from_buffers(count, pa.py_buffer(bytes(8 * (count + 1))), pa.py_buffer(b""))


def is_blank(texts: pa.Array) -> bool:
    """Is every one of these (large_string) there, and empty?"""
    if texts.null_count or not len(texts):
        return False
    starts = np.frombuffer(texts.buffers()[1], dtype=np.int64)
    return bool(starts[texts.offset] == starts[texts.offset + len(texts)])


def share_blank(texts: pa.Array) -> pa.Array:
    """Return `texts` (large_string), or if all are empty the one array of so many that there is."""
    return blank_texts(len(texts)) if is_blank(texts) else texts


def chunks_of(column: pd.Series) -> list[pa.Array]:
    """Return a column of dtype `str` as it lies in memory, large_string."""
    held = pa.array(column, TEXT)
    return held.chunks if isinstance(held, pa.ChunkedArray) else [held]


def join_texts(parts: list[pa.Array]) -> pa.Array:
    """Return `parts` (large_string) as one array, made anew only where there is more than one with anything in it."""
    parts = [part for part in parts if len(part)]
    if len(parts) == 1:
        return share_blank(parts[0])
    if all(is_blank(part) for part in parts):
        return blank_texts(sum(map(len, parts)))
    return pa.chunked_array(parts, TEXT).combine_chunks()
