"""A column of texts that grows as pages come in, and is then one Arrow array where it lies.

Arrow joins pieces by copying them, and its allocators hold on to what the pieces took: for a moment the account would
be there twice. Here it is put where it stays.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ctct_etl.plan.blanks import TEXT, blank_texts, join_texts


class TextColumn:
    """Texts in the order in which they were given. Until there is one with anything in it they are only counted."""

    def __init__(self) -> None:
        self._done: pa.Array = blank_texts(0)
        self._begin()

    def _begin(self) -> None:
        self._count, self._data, self._ends = 0, bytearray(), array("q", [0])

    def extend(self, values: Sequence[str]) -> None:
        """Take in further texts. Half of a surrogate pair, which JSON may hold and UTF-8 may not, becomes a "?"."""
        count = len(values)
        if not any(values):
            if self._data:
                self._ends.extend([len(self._data)] * count)
        else:
            if not self._data:
                self._ends = array("q", bytes(8 * (self._count + 1)))
            _, places, data = _arrow(values).buffers()
            starts = np.frombuffer(places, dtype=np.int64, count=count + 1)
            self._ends.frombytes((starts[1:] + len(self._data)).tobytes())
            self._data += memoryview(data)[: starts[-1]]
        self._count += count

    def texts(self) -> pa.Array:
        """Return all so far (large_string). More may come afterwards, and what is there is then copied once."""
        if self._count:
            self._done = join_texts([self._done, self._grown()])
            self._begin()
        return self._done

    def _grown(self) -> pa.Array:
        if not self._data:
            return blank_texts(self._count)
        return pa.LargeStringArray.from_buffers(self._count, pa.py_buffer(self._ends), pa.py_buffer(self._data))


def _arrow(values: Sequence[str]) -> pa.Array:
    try:
        return pa.array(values, TEXT)
    except UnicodeEncodeError:
        return pa.array([value.encode("utf-8", "replace").decode("utf-8") for value in values], TEXT)
