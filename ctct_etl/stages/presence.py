"""Whom does the source still have? Every address that can be read in any row, whatever becomes of the row."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import EMAIL, OUTCOME
from ctct_etl.stages.addresses import check_addresses, find_addresses
from ctct_etl.stages.arrow import TEXT, arrow, none_blank, trim, truths


class Presence(NamedTuple):
    """addresses: canonical text, every address that was read. unreadable: rows that may hide another one."""

    addresses: pa.Array
    unreadable: int


def find_present(rows: pd.DataFrame) -> Presence:
    """Read every address of every row: skipped, rejected and opted-out rows, and each of several in one cell.

    Needs: EMAIL str, as written · OUTCOME str, set where the source's reader could not read the row as it stands.
    A row is unreadable when its cell is blank, when any part of it that has an @-sign is no address, or when the row
    itself was torn: the person it is about may be anybody.
    """
    written = none_blank(trim(arrow(rows[EMAIL])))
    single = check_addresses(written, "reject").values
    torn = rows[OUTCOME].notna().to_numpy()
    odd = pc.and_(single.is_null(), written.is_valid())
    found = {text: find_addresses(text) for text in written.filter(odd).unique().to_pylist()}
    whole = pa.array([text for text, (_, is_whole) in found.items() if is_whole], TEXT)
    hidden = truths(single.is_null()) & ~truths(pc.is_in(written, value_set=whole))
    more = pa.array([address for addresses, _ in found.values() for address in addresses], TEXT)
    return Presence(pa.concat_arrays([single.drop_null(), more]), int((hidden | torn).sum()))
