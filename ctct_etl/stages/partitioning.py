"""Into which part a row or a contact falls: by its address, so that all that is about one person is in one part."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from ctct_etl.columns import EMAIL
from ctct_etl.config.mapping import Mapping
from ctct_etl.stages.addresses import check_addresses
from ctct_etl.stages.arrow import Positions, arrow, present
from ctct_etl.stages.mapping import map_addresses


def part_rows(source: pd.DataFrame, mapping: Mapping, start: int, parts: int) -> Positions:
    """Say of each row of a source into which of so many parts it falls.

    start: the position in the whole source of the first row. Rows without a readable address have no part in common
    with any other row, and are spread.
    """
    addresses = check_addresses(map_addresses(source, mapping), mapping.fields[EMAIL].many).values
    chosen = part_addresses(addresses, parts)
    lost = ~present(addresses)
    chosen[lost] = (start + lost.nonzero()[0]) % parts
    return chosen


def part_addresses(addresses: pa.Array | pd.Series, parts: int) -> Positions:
    """Say of each canonical address into which part it falls: the same on every machine. Null and "" fall together."""
    texts = arrow(addresses) if isinstance(addresses, pd.Series) else addresses
    hashed = pd.util.hash_array(texts.fill_null("").to_numpy(zero_copy_only=False), categorize=False)
    part: Positions = (hashed % parts).astype("int64")
    return part
