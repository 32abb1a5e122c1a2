"""The workbook of rejected rows: the analyst's own columns, why beside them, and fit to be loaded when mended."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from ctct_etl import columns as c
from ctct_etl.config.pipeline import Source
from ctct_etl.report.rejects import LONGEST_CELL, OURS, Layout, write_rejects
from ctct_etl.sources.reading import read_source

FIRST = Layout()
HERS = ("E-mail", "ZIP", "Reason")
NO_PROBLEMS = pd.DataFrame({c.ROW: pd.Series(dtype="int64"), c.PROBLEM: pd.Series(dtype="str"),
                            c.SEVERITY: pd.Series(dtype="str")})  # fmt: skip


def rejected(cells: list[dict[str, str]], sheets: list[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows that were all rejected, and their cells as read."""
    rows = pd.DataFrame({
        c.OUTCOME: c.REJECTED, c.REASON: "it is wrong", c.ORIGIN_FILE: "members.xlsx",
        c.ORIGIN_SHEET: sheets or ["Members"] * len(cells), c.ORIGIN_ROW: range(2, len(cells) + 2),
    })  # fmt: skip
    return rows, pd.DataFrame(cells, columns=list(HERS), dtype="str")


def write(cells: list[dict[str, str]], layout: Layout = FIRST, sheets: list[str] | None = None) -> bytes:
    rows, table = rejected(cells, sheets)
    content = write_rejects(rows, NO_PROBLEMS, table, HERS, layout)
    assert content is not None
    return content


def read(content: bytes, folder: Path, **spec: object) -> pd.DataFrame:
    """As a source of the program reads it."""
    (folder / "rejects.xlsx").write_bytes(content)
    return read_source(Source.model_validate({"path": str(folder / "rejects.xlsx"), **spec}), datetime.now(UTC)).rows


def test_there_is_none_where_no_row_was_rejected() -> None:
    rows, table = rejected([{"E-mail": "ann@x.org"}])
    assert write_rejects(rows.assign(**{c.OUTCOME: c.CREATE}), NO_PROBLEMS, table, HERS, Layout()) is None


def test_it_has_her_columns_in_her_order_then_ours_and_a_column_that_she_has_too_keeps_its_name() -> None:
    book = load_workbook(io.BytesIO(write([{"E-mail": "ann", "ZIP": "01970", "Reason": "hers"}])))
    (sheet,) = book.worksheets
    head, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    assert head == [*HERS, "Reason (ctct-etl)", *OURS[1:]]
    assert row == ["ann", "01970", "hers", "it is wrong", None, "members.xlsx", "Members", "2"]


def test_all_that_is_wrong_with_a_row_is_told_and_what_is_only_odd_is_not() -> None:
    rows, table = rejected([{"E-mail": "ann"}])
    problems = pd.DataFrame({
        c.ROW: [0, 0, 0], c.PROBLEM: ["no address", "no name", "odd"], c.SEVERITY: [c.REJECT, c.REJECT, c.WARN],
    })  # fmt: skip
    content = write_rejects(rows, problems, table, HERS, Layout())
    assert content is not None
    assert load_workbook(io.BytesIO(content)).active["E2"].value == "no address\nno name"


@pytest.mark.parametrize("value", ["=1+1", "@SUM(A1)", "+1", "-2", "https://x.org", "01970", "1e5", "TRUE", "<b>x</b>"])
def test_every_value_is_a_cell_of_text(value: str) -> None:
    cell = load_workbook(io.BytesIO(write([{"E-mail": value}]))).active["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink, cell.number_format) == (value, "s", None, "@")


def test_a_value_that_no_cell_holds_is_told_and_not_cut() -> None:
    content = write([{"E-mail": "x" * LONGEST_CELL, "ZIP": "x" * (LONGEST_CELL + 1)}])
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet["A2"].value == "x" * LONGEST_CELL
    assert sheet["B2"].value.startswith("(32,768 characters, more than")


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(HERS, st.text(max_size=9).filter(lambda t: t == "" or t.strip()))),
                min_size=1, max_size=5))  # fmt: skip
def test_it_is_read_as_a_source_as_the_rows_were(tmp_path_factory: pytest.TempPathFactory, cells) -> None:
    cells = [{**one, "E-mail": one["E-mail"] or "x"} for one in cells]
    found = read(write(cells), tmp_path_factory.mktemp("book"))
    assert found[list(HERS)].fillna("").to_dict("records") == cells


@pytest.mark.parametrize(
    ("layout", "spec"),
    [
        (Layout(), {}),
        (Layout(("Members",), 3), {"sheet": "Members", "header_row": "3"}),
        (Layout(("2",)), {"sheet": "2"}),
        (Layout(("Members", "Guests")), {"sheet": ["Members", "Guests"]}),
    ],
)
def test_it_is_laid_out_as_the_pipeline_reads_its_source(layout: Layout, spec, tmp_path: Path) -> None:
    cells = [{"E-mail": "ann@x.org", "ZIP": "01970", "Reason": ""}, {"E-mail": "bob@x.org", "ZIP": "", "Reason": ""}]
    found = read(
        write(cells, layout, ["Members", "Guests" if len(layout.sheets) == 2 else "Members"]), tmp_path, **spec
    )
    assert found[list(HERS)].fillna("").to_dict("records") == cells


@pytest.mark.parametrize(
    ("spec", "sheets"),
    [
        ({}, [("Members", 1)]),
        ({"header_row": "4", "sheet": "Members"}, [("Members", 4)]),
        ({"sheet": ["Members", "Guests"]}, [("Members", 1), ("Guests", 1)]),
        ({"sheet": ["2", "1"]}, [("Guests", 1), ("Members", 1)]),
    ],
)
def test_mended_by_a_spreadsheet_program_it_loads_by_the_same_source_without_change(
    tmp_path: Path, spec: dict[str, object], sheets: list[tuple[str, int]]
) -> None:
    """Dates, leading zeros and long numbers as the source read them; a union of sheets with different columns."""
    book = Workbook()
    book.remove(book.active)
    typed: dict[str, tuple[list[str], list[Any]]] = {
        "Members": (["E-mail", "ZIP", "Joined", "Number"], ["ann", "01970", date(2020, 2, 29), "12345678901234567890"]),
        "Guests": (["E-mail", "Host", "Paid"], ["bob", "1e5", 1234567890123]),
    }
    for name, header in sheets:
        sheet = book.create_sheet(name)
        sheet.cell(1, 1, "Our club" if header > 1 else None)
        for at, line in enumerate(typed[name]):
            for column, value in enumerate(line, start=1):
                sheet.cell(header + at, column, value)
    (tmp_path / "in").mkdir()
    book.save(tmp_path / "in" / "source.xlsx")
    source = Source.model_validate({"path": str(tmp_path / "in" / "source.xlsx"), **spec})
    before = read_source(source, datetime.now(UTC))
    rows = before.rows.assign(**{c.OUTCOME: c.REJECTED, c.REASON: "no address"})
    layout = Layout(source.sheet, source.header_row or 1)
    content = write_rejects(rows, NO_PROBLEMS, before.rows, before.columns, layout)
    assert content is not None
    mended = load_workbook(io.BytesIO(content))
    for sheet in mended.worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                cell.value = {"ann": "ann@x.org", "bob": "bob@x.org"}.get(cell.value, cell.value)
    mended.save(tmp_path / "rejects.xlsx")
    after = read_source(source.model_copy(update={"path": str(tmp_path / "rejects.xlsx")}), datetime.now(UTC))
    hers = list(before.columns)
    expected = before.rows[hers].replace({"ann": "ann@x.org", "bob": "bob@x.org"})
    pd.testing.assert_frame_equal(after.rows[hers], expected)
    assert {"01970", "2020-02-29", "12345678901234567890"} <= set(after.rows[hers].to_numpy().ravel())
