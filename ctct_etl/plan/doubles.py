"""Which texts of a column are there more than once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.plan.blanks import chunks_of, join_texts


def find_doubles(column: pd.Series) -> npt.NDArray[np.int64]:
    """Return the positions of texts that `column` (str, none missing) has more than once, "" left aside.

    They are sorted: a hash of a million addresses takes three times the memory.
    """
    texts = join_texts(chunks_of(column)) if len(column) else pa.array([], pa.large_string())
    order = pc.sort_indices(texts)
    ranked = texts.take(order)
    same = pc.and_(pc.equal(ranked[1:], ranked[:-1]), pc.not_equal(ranked[1:], ""))
    second = np.flatnonzero(same.to_numpy(zero_copy_only=False)) + 1
    return np.sort(order.to_numpy().astype(np.int64)[np.union1d(second - 1, second)])
