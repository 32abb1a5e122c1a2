"""Any table of text reads back verbatim, with the row numbers that a person sees, whichever way it is read."""

from __future__ import annotations

import csv
import io
from functools import partial
from itertools import product
from typing import Any
from unittest import mock

import openpyxl
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from ctct_etl.columns import OUTCOME, REASON
from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources import delimited, parsing
from ctct_etl.sources.cells import is_blank
from ctct_etl.sources.delimited import read_delimited
from ctct_etl.sources.places import Place
from ctct_etl.sources.reading import read_source
from ctct_etl.sources.table import join_tables
from tests.sources.conftest import NOW

NAMES = ["email", "first", "last", "zip"]
AWKWARD = st.sampled_from(
    [
        *["", " ", "\u00a0", "\u200b", "NA", "None", "nan", "null", "01001", "1e5", "#", "é", "=1+1"],
        *['"', '""', "a\nb", "a\r\nb", "a,b", "a;b"],
    ]
)


def tables(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    cell = st.one_of(AWKWARD, text)
    return st.lists(st.lists(cell, min_size=4, max_size=4), min_size=1, max_size=8)


def expected(rows: list[list[str]], first: int) -> dict[int, list[str | None]]:
    kept = {row: [None if is_blank(cell) else cell for cell in cells] for row, cells in enumerate(rows, first)}
    return {row: cells for row, cells in kept.items() if any(cell is not None for cell in cells)}


def by_row(rows: pd.DataFrame) -> dict[int, list[str | None]]:
    values = rows[NAMES].astype(object)
    return dict(zip(rows["@row"].tolist(), values.where(values.notna(), None).to_numpy().tolist(), strict=True))


@given(
    rows=tables(st.text(st.characters(codec="utf-8"), max_size=6)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    titles=st.integers(0, 2),
)
def test_any_table_written_as_csv_reads_back_verbatim(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    encoding: str,
    delimiter: str,
    quoting: Any,
    line_end: str,
    titles: int,
) -> None:
    text = io.StringIO()
    if any("\r" in cell for cells in rows for cell in cells):
        quoting = csv.QUOTE_ALL  # the writer leaves a lone return bare, and then it is a line end
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerows([["Members of the club"]] * titles)
    writer.writerows([NAMES, *rows])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    header_row = titles + 1
    table = read_source(Source(path=str(path), delimiter=delimiter, header_row=header_row), NOW)
    assert by_row(table.rows) == expected(rows, header_row + 1)
    assert table.blank_rows + len(table.rows) == len(rows)


@given(rows=tables(st.text(st.characters(codec="cp1252", exclude_characters="\x00"), max_size=6)))
def test_any_table_in_an_old_encoding_reads_back_when_it_is_told(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    rows = [[cell.encode("cp1252", "ignore").decode("cp1252") for cell in cells] for cells in rows]
    text = io.StringIO()
    csv.writer(text).writerows([NAMES, *rows])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(text.getvalue().encode("cp1252"))
    table = read_source(Source(path=str(path), encoding="cp1252", header_row=1, delimiter=","), NOW)
    assert by_row(table.rows) == expected(rows, 2)


@given(rows=tables(st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), max_size=6)))
def test_any_table_written_as_workbook_reads_back_verbatim(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    # A workbook can't hold control characters, and XML readers make one line end of them all.
    rows = [
        [ILLEGAL_CHARACTERS_RE.sub("", cell).replace("\r", "").replace("_x", "") for cell in cells] for cells in rows
    ]
    book = openpyxl.Workbook()
    sheet = book.active
    for row, cells in enumerate([NAMES, *rows], 1):
        for column, text in enumerate(cells, 1):
            if text:
                cell = sheet.cell(row, column)
                cell.value = text
                cell.data_type = "s"  # not a formula, whatever it begins with
    path = tmp_path_factory.mktemp("xlsx") / "a.xlsx"
    book.save(path)
    table = read_source(Source(path=str(path), header_row=1), NOW)
    assert by_row(table.rows) == expected(rows, 2)


# The second alphabet has what is never read the fast way.
WILD = st.text(st.sampled_from('ab,"\n \u00a0é'), max_size=60) | st.text(st.sampled_from('a,"\n\r\x00'), max_size=60)


def both_ways(data: bytes) -> tuple[Any, Any]:
    """What is read of it, and what the slow way alone reads of it; an error counts as its words."""
    spec = Source(path="/a.csv", delimiter=",", header_row=1)

    def outcome() -> tuple[Any, ...]:
        try:
            table = read_delimited(data, spec, Place("a.csv"))
        except SourceError as error:
            return (str(error),)
        return table.faults, table.notes, table.blank_rows, join_tables([table])[0].to_dict("list")

    either = outcome()
    with mock.patch.object(delimited, "parse_fast", return_value=None):
        return repr(either), repr(outcome())


@given(text=WILD, width=st.integers(1, 4))
def test_the_fast_way_reads_what_the_slow_way_reads_of_any_bytes(text: str, width: int) -> None:
    either, slow = both_ways((",".join(NAMES[:width]) + "\n" + text).encode())
    assert either == slow


def test_nothing_is_lost_where_a_block_of_a_large_file_ends_within_a_cell() -> None:
    """Blocks of a mebibyte end behind the line end within the quotes; blocks of 16 bytes at every place of a cell."""
    either, slow = both_ways(b"a\nyyy\n" + b'"\nb"\n' * 220_000)
    assert either == slow
    with mock.patch.object(parsing.csv, "ReadOptions", partial(parsing.csv.ReadOptions, block_size=16)):
        for before, cell, end in product(range(16), (b'"\n\nbc"', b'"\n,b"', b'"a\nb"'), (b"\n", b"\r\n")):
            either, slow = both_ways(end.join([b"a", b"y" * before, *[cell] * 3, b""]))
            assert either == slow


@given(rows=tables(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=6)))
def test_a_table_as_programs_write_it_is_read_the_fast_way(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([NAMES, *rows])
    assume("\r" not in text.getvalue().replace("\r\n", ""))
    with mock.patch.object(delimited, "parse_slowly", side_effect=AssertionError("not needed")):
        table = read_delimited(
            text.getvalue().encode(), Source(path="/a.csv", delimiter=",", header_row=1), Place("a.csv")
        )
    assert table.blank_rows + len(table.rows) == len(rows)
    assert {OUTCOME, REASON} <= set(join_tables([table])[0].columns)
