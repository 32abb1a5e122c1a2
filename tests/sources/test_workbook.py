"""Workbooks: cells as a person reads them, sheets by name and number."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.reading import read_source
from tests.sources.conftest import NOW


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("01001", "01001"),
        ("NA", "NA"),
        ("None", "None"),
        (" Ann ", " Ann "),
        (42, "42"),
        (42.0, "42"),
        (-7, "-7"),
        (0, "0"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (0.1, "0.1"),
        (4155550100, "4155550100"),
        (123456789012345, "123456789012345"),
        (1e20, "100000000000000000000"),
        (1e-7, "0.0000001"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 13, 5, 9), "2024-02-29 13:05:09"),
        (datetime(2024, 2, 29, 0, 0), "2024-02-29"),
        (time(7, 30), "07:30:00"),
        (timedelta(hours=30, minutes=5), "30:05:00"),
        ("2024-02-29", "2024-02-29"),
        ("zwei\nZeilen", "zwei\nZeilen"),
    ],
)
def test_a_cell_is_text_as_a_person_reads_it(write_book, read, cells, cell, text):
    path = write_book("a.xlsx", {"S": [["email", "value"], ["a@x.org", cell]]})
    assert cells(read(path)) == {2: ["a@x.org", text]}


def test_rows_have_the_numbers_that_the_program_shows(write_book, read, cells):
    rows = [
        [],
        ["Members of the club"],
        [],
        [None, "email", "name"],
        [None, "a", "b"],
        [],
        [None, " ", "\u200b"],
        [None, "c"],
    ]
    table = read(write_book("a.xlsx", {"S": rows}))
    assert cells(table) == {5: ["a", "b"], 8: ["c", None]}
    assert table.blank_rows == 2
    assert table.notes == ("a.xlsx, sheet S: the header was found in row 4",)


def test_a_merged_title_is_not_the_header(tmp_path, read):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "Members 2026"
    sheet.merge_cells("A1:C1")
    for row in (["email", "first", "last"], ["a@x.org", "Ann", "Lee"], ["b@x.org", None, "Ray"]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx").columns == ("email", "first", "last")


@pytest.mark.parametrize(
    ("wanted", "sheets"),
    [
        ((), ["One"]),
        (("Two",), ["Two"]),
        (("2",), ["Two"]),
        (("two ",), ["Two"]),
        (("3", "One"), ["2", "One"]),
        (("2", "Two"), ["2", "Two"]),
    ],
)
def test_sheets_are_asked_for_by_name_or_number_and_come_in_that_order(write_book, read, wanted, sheets):
    names = ["One", "Two"] + (["2"] if "2" in sheets else [])
    path = write_book("a.xlsx", {name: [["email"], [name]] for name in names})
    table = read(path, **({"sheet": wanted} if wanted else {}))
    assert table.rows["@sheet"].tolist() == sheets
    assert table.rows["email"].tolist() == sheets


def test_hidden_sheets_can_be_asked_for(tmp_path, read):
    book = openpyxl.Workbook()
    book.active.append(["email"])
    for state in ("hidden", "veryHidden"):
        sheet = book.create_sheet(state)
        sheet.sheet_state = state
        sheet.append(["email"])
        sheet.append([f"{state}@x.org"])
    book.create_chartsheet("Chart")
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx", sheet=("hidden", "veryHidden")).rows["email"].tolist() == [
        "hidden@x.org",
        "veryHidden@x.org",
    ]


def test_a_workbook_is_known_by_its_bytes(write_book, read, cells):
    path = write_book("a.xlsx", {"S": [["email"], ["a"]]})
    table = read(path.rename(path.with_suffix(".csv")))
    assert cells(table) == {2: ["a"]}
    assert table.notes == ('a.csv: is a workbook, whatever its ending ".csv" says',)


def test_a_column_of_formulas_never_calculated_is_noted(write_book, read):
    table = read(write_book("a.xlsx", {"S": [["email", "full"], ["a", "=A2&B2"]]}))
    assert table.notes == (
        'a.xlsx, sheet S, column "full": no value in any row — formulas that were never calculated read as blank',
    )


def test_a_few_stray_cells_do_not_make_a_sheet_unreadable(write_book, read):
    path = write_book("a.xlsx", {"S": [["email"] + [None] * 80 + ["far"], ["a"]]})
    assert read(path).columns == ("email", "far")


_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_TEXT_CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
_NUMBER_CELL = (
    '<table:table-cell office:value-type="float" office:value="2139"><text:p>02139</text:p></table:table-cell>'
)
ODS = (
    f'<office:document-content xmlns:office="{_OASIS}:office:1.0" xmlns:table="{_OASIS}:table:1.0" '
    f'xmlns:text="{_OASIS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Members">'
    f"<table:table-row>{_TEXT_CELL.format('email')}{_TEXT_CELL.format('zip')}</table:table-row>"
    '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
    f"<table:table-row>{_TEXT_CELL.format('a@x.org')}{_NUMBER_CELL}</table:table-row>"
    "</table:table></office:spreadsheet></office:body></office:document-content>"
)


def test_an_opendocument_sheet_is_read_too(tmp_path, read, cells):
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    table = read(tmp_path / "a.ods")
    assert cells(table) == {4: ["a@x.org", "2139"]}
    assert table.rows["@sheet"].tolist() == ["Members"]


@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), length=st.floats(0.2, 1) | st.just(1.0))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, place: float, byte: int, length: float
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    book = openpyxl.Workbook()
    book.active.append(["email", "zip"])
    book.active.append(["a@x.org", 2139])
    book.active["B2"].number_format = "00000"
    book.save(folder / "a.xlsx")
    data = bytearray((folder / "a.xlsx").read_bytes())
    data[int(len(data) * place)] = byte
    (folder / "a.xlsx").write_bytes(data[: int(len(data) * length)])
    try:
        table = read_source(Source(path=str(folder / "a.xlsx")), NOW)
    except SourceError as error:
        assert str(error).startswith("a.xlsx") and " — " in str(error)
    else:
        assert len(table.rows) <= 1
