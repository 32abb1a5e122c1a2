"""Small files, and the source that names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ctct_etl.columns import ORIGIN_COLUMNS, OUTCOME, REASON
from ctct_etl.config.pipeline import Source
from ctct_etl.sources.reading import SourceTable, read_source

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def write_book(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook from the rows of its sheets; an empty cell is None."""

    def write_file(name: str, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row, cells in enumerate(rows, 1):
                for column, cell in enumerate(cells, 1):
                    if cell is not None:
                        sheet.cell(row, column, cell)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(path)
        return path

    return write_file


@pytest.fixture
def read() -> Callable[..., SourceTable]:
    def read_path(path: Path | str, **spec: Any) -> SourceTable:
        return read_source(Source(path=str(path), **spec), NOW)

    return read_path


@pytest.fixture
def cells() -> Callable[[SourceTable], dict[int, list[str | None]]]:
    """Row number → the cells of that row, None where missing."""

    def by_row(table: SourceTable) -> dict[int, list[str | None]]:
        frame = table.rows.drop(columns=[OUTCOME, REASON])
        values = frame.drop(columns=list(ORIGIN_COLUMNS)).astype(object)
        values = values.where(values.notna(), None)
        return dict(zip(frame["@row"].tolist(), values.to_numpy().tolist(), strict=True))

    return by_row


@pytest.fixture
def reasons() -> Callable[[SourceTable], dict[int, str]]:
    """Row number → reason, for the rows that were decided in reading."""

    def by_row(table: SourceTable) -> dict[int, str]:
        decided = table.rows[table.rows[REASON].notna()]
        assert (decided[OUTCOME] == "rejected").all()
        assert table.rows.loc[table.rows[REASON].isna(), OUTCOME].isna().all()
        return dict(zip(decided["@row"].tolist(), decided[REASON].tolist(), strict=True))

    return by_row
