"""A source as a whole: several files and sheets in one table, and what a person should know of them."""

from __future__ import annotations

import hashlib

import pandas as pd
import pyarrow as pa

from ctct_etl.columns import ORIGIN_FILE, ORIGIN_ROW, ORIGIN_SHEET, OUTCOME, REASON


def test_the_table_has_the_columns_and_types_that_stages_rely_on(write, read):
    table = read(write("a.csv", "email,name\na,\n\nb,c\n"))
    assert list(table.rows.columns) == [ORIGIN_FILE, ORIGIN_SHEET, ORIGIN_ROW, "email", "name", OUTCOME, REASON]
    assert table.rows.dtypes.astype(str).tolist() == ["category", "category", "int64", "str", "str", "str", "str"]
    assert table.rows.index.equals(pd.RangeIndex(2))
    assert table.rows[ORIGIN_SHEET].tolist() == ["", ""]
    assert table.rows[OUTCOME].isna().all()
    assert table.rows["name"].isna().tolist() == [True, False]


def test_every_column_is_one_chunk(write, tmp_path, read):
    write("a.csv", "email,name\n" + "a@x.org,Ann\n" * 300_000)
    write("b.csv", "email,name\nb,Bo\n")
    rows = read(tmp_path / "*.csv").rows
    chunks = [pa.chunked_array(pa.array(rows[column])).num_chunks for column in ("email", "name", OUTCOME)]
    assert chunks == [1, 1, 1]
    assert len(rows) == 300_001


def test_a_file_is_described_as_it_was_read(write, read):
    path = write("a.csv", "email\na\n")
    (file,) = read(path).files
    assert (file.path, file.size, file.sha256) == ("a.csv", 8, hashlib.sha256(path.read_bytes()).hexdigest())
    assert file.modified_at.endswith("+00:00")


def test_several_sheets_of_several_files_come_by_file_sheet_and_row(write_book, tmp_path, read):
    for name in ("b.xlsx", "a.xlsx"):
        write_book(name, {"One": [["email"], [f"{name} 1"]], "Two": [["email"], [], [f"{name} 2"]]})
    rows = read(tmp_path / "*.xlsx", sheet=("Two", "One")).rows
    assert list(zip(rows["@file"], rows["@sheet"], rows["@row"], rows["email"], strict=True)) == [
        ("a.xlsx", "Two", 3, "a.xlsx 2"),
        ("a.xlsx", "One", 2, "a.xlsx 1"),
        ("b.xlsx", "Two", 3, "b.xlsx 2"),
        ("b.xlsx", "One", 2, "b.xlsx 1"),
    ]


def test_files_with_other_columns_are_united_and_the_difference_is_told(write, tmp_path, read):
    write("a.csv", "email,First Name\na,Ann\n")
    write("b.csv", "first name,email,zip\nBo,b,1\n")
    table = read(tmp_path / "*.csv")
    assert table.columns == ("email", "First Name", "first name", "zip")
    assert table.rows["email"].tolist() == ["a", "b"]
    assert table.rows["zip"].isna().tolist() == [True, False]
    assert table.notes == (
        'column "First Name" is missing from b.csv (it differs from "first name" in writing only: name them alike)',
        'column "first name" is missing from a.csv (it differs from "First Name" in writing only: name them alike)',
        'column "zip" is missing from a.csv',
    )


def test_many_missing_columns_make_one_note(write, tmp_path, read):
    write("a.csv", "email,b1,b2,b3,b4,b5,b6,b7\n,1,1,1,1,1,1,1\n")
    write("b.csv", "email\na\n")
    assert read(tmp_path / "*.csv").notes == (
        'a.csv, column "email": no value in any row',
        'columns "b1", "b2", "b3", "b4", "b5" and 2 more are missing from b.csv',
    )


def test_postal_codes_that_lost_their_zeros_are_noted(write_book, write, read):
    cure = "leading zeros were lost before this file was read — say `transform: [{zfill: 5}]`"
    table = read(write("a.csv", "email,ZIP Code\na,10001\n\nb,1001\nc,2139-1234\nd,94110\n"))
    assert table.notes == (f'a.csv, column "ZIP Code": 2 codes shorter than five digits (the first in row 4), {cure}',)
    four_digits_abroad = read(write("b.csv", "email,PLZ\na,8001\nb,8002\nc,80331\n"))
    assert four_digits_abroad.notes == ()


def test_titles_above_the_header_are_passed_over(write, read):
    table = read(write("a.csv", "Members\nas of,2026-01-01,\n\nemail,first,last,zip\na,Ann,Lee,1\nb,Bo,,\n"))
    assert table.columns == ("email", "first", "last", "zip")
    assert table.rows["@row"].tolist() == [5, 6]
    assert "a.csv: the header was found in row 4" in table.notes


def test_a_header_row_that_is_given_wins(write, read):
    table = read(write("a.csv", "email,name\nE-mail,Name\na,b\n"), header_row="2")
    assert table.columns == ("E-mail", "Name")
    assert table.rows["@row"].tolist() == [3]


def test_a_header_with_fewer_names_than_columns_with_values_above_sparse_rows_is_still_found(write, read):
    table = read(write("a.csv", "email,first,last,zip,town,phone\na,,,,,\nb,,,,,\nc,x,,,,\n"))
    assert table.columns == ("email", "first", "last", "zip", "town", "phone")


def test_a_doubled_column_without_values_does_no_harm(write, read):
    assert read(write("a.csv", "email,name,email\n,n,a\n,m,b\n")).rows["email"].tolist() == ["a", "b"]
    assert read(write("b.csv", "email,name,email\na,n,\n")).rows["email"].tolist() == ["a"]


def test_names_of_columns_are_read_as_a_mapping_spells_them(write_book, read):
    path = write_book(
        "a.xlsx", {"S": [["\ufeffE-mail ", "First\nName", "Last \u00a0 Name", 2024], ["a", "b", "c", "d"]]}
    )
    assert read(path).columns == ("E-mail", "First Name", "Last Name", "2024")
