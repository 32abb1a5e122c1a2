"""Files of addresses that no run may touch. One that is missing or can't be read stops the run: it is never empty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from ctct_etl.columns import EMAIL, ORIGIN_ROW, ORIGIN_SHEET, OUTCOME, REASON, VALUE
from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.reading import SourceTable, read_source
from ctct_etl.stages.addresses import canonical_addresses

PLACE = "place"


def read_suppressed(paths: Sequence[Path], now: datetime) -> dict[str, str]:
    """Return the canonical addresses that no run may touch, each with the file that names it.

    The address column is the one whose header says mail; a file with one column needs no header. An entry that can't be
    read as an address raises SourceError: passing it over might mail the very person it is meant to protect.
    """
    suppressed: dict[str, str] = {}
    for path in paths:
        table = read_source(Source(path=str(path)), now)
        _refuse_workbook(table, path)
        _refuse_torn(table, path)
        entries = _read_entries(table, path)
        found = canonical_addresses(entries[VALUE], "reject")[EMAIL].to_numpy(dtype=object)
        unreadable = entries[pd.isna(found)]
        if len(unreadable):
            place, value = unreadable[[PLACE, VALUE]].iloc[0]
            raise SourceError(
                f'{path.name}, {place}: "{str(value)[:40]}" is not an e-mail address — a list of people who must '
                "never be touched has to be readable whole: correct the cell"
            )
        suppressed |= dict.fromkeys(map(str, found), path.name)
    return suppressed


def _refuse_workbook(table: SourceTable, path: Path) -> None:
    """Only its first sheet was read, and a formula that was never calculated reads as blank: either may hide people."""
    if (table.rows[ORIGIN_SHEET].astype("str") != "").any():
        raise SourceError(f"{path.name}: a workbook may hide addresses in other sheets and formulas — save it as CSV")


def _refuse_torn(table: SourceTable, path: Path) -> None:
    """A row that could not be read as it stands may have swallowed the addresses of others."""
    torn = table.rows[table.rows[OUTCOME].notna()]
    if len(torn):
        raise SourceError(f"{path.name}, row {torn[ORIGIN_ROW].iloc[0]}: {torn[REASON].iloc[0]}")


def _read_entries(table: SourceTable, path: Path) -> pd.DataFrame:
    """VALUE: every address cell that is not blank · PLACE: where it stands."""
    named = [column for column in table.columns if "mail" in column.casefold() and "@" not in column]
    if len(named) != 1 and len(table.columns) != 1:
        raise SourceError(
            f"{path.name}: which column has the addresses? — name one column e-mail, or keep them alone in the file"
        )
    column = named[0] if len(named) == 1 else table.columns[0]
    places = "row " + table.rows[ORIGIN_ROW].astype("str")
    entries = pd.DataFrame({PLACE: places, VALUE: table.rows[column]}).dropna(subset=[VALUE])
    if "@" not in column:
        return entries
    # No header: the first address was taken for one.
    return pd.concat([pd.DataFrame({PLACE: ["the first row"], VALUE: [column]}), entries], ignore_index=True)
