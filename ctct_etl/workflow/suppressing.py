"""Files of addresses that no run may touch. One that is missing or can't be read stops the run: it is never empty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from ctct_etl.columns import EMAIL, ORIGIN_FILE, ORIGIN_ROW
from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.reading import SourceTable, read_source
from ctct_etl.stages.addresses import canonical_addresses


def read_suppressed(paths: Sequence[Path], now: datetime) -> dict[str, str]:
    """Return the canonical addresses that no run may touch, each with the file that names it.

    The address column is the one whose header says mail; a file with one column needs no header. An entry that can't be
    read as an address raises SourceError: passing it over might mail the very person it is meant to protect.
    """
    suppressed: dict[str, str] = {}
    for path in paths:
        table = read_source(Source(path=str(path)), now)
        values = _addresses(table, path)
        found = canonical_addresses(values, "reject")
        wrong = found[EMAIL].isna() & values.notna()
        if wrong.any():
            at = wrong.idxmax()
            place = f"{table.rows[ORIGIN_FILE][at]}, row {table.rows[ORIGIN_ROW][at]}" if at in table.rows.index else path
            raise SourceError(
                f'{place}: "{str(values[at])[:40]}" is not an e-mail address — a list of people who must never be '
                "touched has to be readable whole: correct the cell"
            )
        suppressed |= dict.fromkeys(found[EMAIL].dropna(), path.name)
    return suppressed


def _addresses(table: SourceTable, path: Path) -> pd.Series:
    named = [column for column in table.columns if "mail" in column.casefold() and "@" not in column]
    if len(named) == 1:
        return table.rows[named[0]]
    if len(table.columns) == 1:
        only = table.columns[0]
        first = pd.Series([only], dtype="str", index=[-1]) if "@" in only else pd.Series([], dtype="str")
        return pd.concat([first, table.rows[only]])
    raise SourceError(
        f"{path.name}: which column has the addresses? — name one column e-mail, or keep addresses alone in the file"
    )
