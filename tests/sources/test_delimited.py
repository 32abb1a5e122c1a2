"""Delimited text: verbatim cells, the row numbers of a spreadsheet program, and nothing shifted in silence."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

HEADER = "email,name,zip\n"


def test_every_cell_is_read_as_the_text_that_stands_there(write, read, cells):
    path = write("a.csv", HEADER + "a@x.org,None,01001\nNA,null,1e5\nnan,N/A,12345678901234567890\n")
    assert cells(read(path)) == {
        2: ["a@x.org", "None", "01001"],
        3: ["NA", "null", "1e5"],
        4: ["nan", "N/A", "12345678901234567890"],
    }


def test_white_space_around_a_value_is_kept_and_cells_of_nothing_else_are_missing(write, read, cells):
    path = write("a.csv", HEADER + "a@x.org, Ann ,  \n\u00a0,\u200b\u200d,x\n\ufeff,\u3000é,é\n")
    assert cells(read(path)) == {2: ["a@x.org", " Ann ", None], 3: [None, None, "x"], 4: [None, "\u3000é", "é"]}


def test_blank_lines_are_rows_to_a_person_but_no_rows_to_us(write, read, cells):
    table = read(write("a.csv", HEADER + '\na,b,c\n,,\n \n"",,\nd,e,f\n\n\n'))
    assert cells(table) == {3: ["a", "b", "c"], 7: ["d", "e", "f"]}
    assert table.blank_rows == 6


def test_a_record_with_quoted_line_breaks_is_one_row_as_in_a_spreadsheet(write, read, cells):
    path = write("a.csv", HEADER + '"a","line 1\nline 2\r\nline 3",1\r\nb,c,2\r\n')
    assert cells(read(path)) == {2: ["a", "line 1\nline 2\r\nline 3", "1"], 3: ["b", "c", "2"]}


def test_quotes_are_understood_as_spreadsheets_write_them(write, read, cells):
    path = write("a.csv", HEADER + '"Smith, Ann","say ""hi""",""\n5" pipe,a"b,"x"\n')
    assert cells(read(path)) == {2: ["Smith, Ann", 'say "hi"', None], 3: ['5" pipe', 'a"b', "x"]}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(write, read, cells, line_end):
    path = write("a.csv", line_end.join(["email,name", "a,b", "", "c,d"]))
    assert cells(read(path)) == {2: ["a", "b"], 4: ["c", "d"]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(write, read, cells, delimiter):
    rows = [["email", "name", "interests"], ["a@x.org", "Ann", "Trips / Art"], ["b@x.org", "Bo", "1.5"]]
    path = write("a.csv", "\n".join(delimiter.join(row) for row in rows))
    assert cells(read(path)) == {2: rows[1], 3: rows[2]}


def test_a_delimiter_inside_cells_does_not_win(write, read, cells):
    path = write("a.csv", "email;amount;interests\na@x.org;1,50;a|b,c\nb@x.org;2,75;a|d,e\n")
    assert cells(read(path))[2] == ["a@x.org", "1,50", "a|b,c"]


def test_a_column_of_addresses_alone_needs_no_delimiter(write, read, cells):
    table = read(write("a.csv", "email\na@x.org\n\nb@x.org\n"))
    assert cells(table) == {2: ["a@x.org"], 4: ["b@x.org"]}


def test_excels_sep_line_names_the_delimiter_and_is_no_row(write, read, cells):
    table = read(write("a.csv", "sep=|\nemail|name\na,b|c;d\n"))
    assert cells(table) == {2: ["a,b", "c;d"]}
    assert table.columns == ("email", "name")


def test_a_given_delimiter_wins(write, read):
    assert read(write("a.csv", "a;b,c\n1;2,3\n"), delimiter=",").columns == ("a;b", "c")


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "a.csv: read as utf-16"),
        ("utf-16-le", "a.csv: read as utf-16-le"),
        ("utf-16-be", "a.csv: read as utf-16-be"),
        ("utf-32", "a.csv: read as utf-32"),
        ("cp1252", "a.csv: not UTF-8 (line 2), read as cp1252 — say `encoding:` if names look wrong"),
    ],
)
def test_the_encoding_is_found_and_said(write, read, cells, encoding, note):
    table = read(write("a.csv", "email,name\na@x.org,Zoë Müller\n".encode(encoding)))
    assert cells(table) == {2: ["a@x.org", "Zoë Müller"]}
    assert table.columns == ("email", "name")
    assert table.notes == ((note,) if note else ())


def test_a_given_encoding_wins(write, read, cells):
    table = read(write("a.csv", "email,name\na@x.org,Łucja\n".encode("cp1250")), encoding="cp1250")
    assert cells(table) == {2: ["a@x.org", "Łucja"]}
    assert table.notes == ()


def test_a_row_with_a_cell_too_many_is_rejected_and_not_shifted(write, read, cells, reasons):
    table = read(write("a.csv", HEADER + "a,b,1\nc,Smith, Ann,2\nd,e,3\nf,g,4,,\n"))
    assert cells(table) == {2: ["a", "b", "1"], 3: ["c", "Smith", " Ann"], 4: ["d", "e", "3"], 5: ["f", "g", "4"]}
    assert reasons(table) == {3: "the row has 4 cells, the header 3 — put quotes around a cell that holds a comma"}


def test_a_row_whose_only_values_lie_beyond_the_header_is_still_a_row(write, read, cells, reasons):
    table = read(write("a.csv", HEADER + "a,b,1\n,,,x\nd,e,3\n"))
    assert cells(table)[3] == [None, None, None]
    assert list(reasons(table)) == [3]


def test_cells_missing_at_the_end_of_a_row_count_as_blank_and_are_noted(write, read, cells, reasons):
    table = read(write("a.csv", HEADER + "a,b,1\nc\n\nd,e\n"))
    assert cells(table) == {2: ["a", "b", "1"], 3: ["c", None, None], 5: ["d", "e", None]}
    assert reasons(table) == {}
    assert table.notes == (
        "a.csv: 2 rows with fewer cells than the header (the first is row 3); the missing cells count as blank",
    )


def test_half_a_row_at_the_end_of_a_file_that_was_cut_off_is_rejected(write, read, reasons):
    table = read(write("a.csv", HEADER + "a@x.org,b,1\nc@x.or"))
    assert reasons(table) == {3: "the file ends in the middle of this row — fetch or export it again"}
    assert table.notes == ()


def test_rows_that_a_missing_quote_has_swallowed_are_told(write, read, reasons):
    text = 'email,name,zip,town\na,"Ann,1,X\nb,Bo,2,Y\nc,Cy,3,Z\nd,Di,4,"W"\ne,Ed,5,V\n'
    assert reasons(read(write("a.csv", text))) == {
        2: 'the cell in column "name" holds 2 whole lines of the file — close the quote that opens it'
    }


def test_delimiters_behind_the_last_column_are_no_columns(write, read, cells):
    table = read(write("a.csv", "email,name,,\na,b,,\nc,d,,\ne,f\n"))
    assert table.columns == ("email", "name")
    assert cells(table) == {2: ["a", "b"], 3: ["c", "d"], 4: ["e", "f"]}
    assert table.notes == ()


def test_gzip_and_zip_are_opened(write, read, cells):
    text = b"email,name\na,b\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__MACOSX/._list.csv", "x")
        archive.writestr("folder/list.csv", text)
    for path in (
        write("a.csv.gz", gzip.compress(text[:7]) + gzip.compress(text[7:])),
        write("a.zip", packed.getvalue()),
    ):
        table = read(path)
        assert cells(table) == {2: ["a", "b"]}
        assert table.notes == ()


def test_characters_that_fast_parsers_stumble_over_survive(write, read, cells):
    path = write("a.csv", "email,name\na,x\x00y\nb,\x1a\x0b#z\n")
    assert cells(read(path)) == {2: ["a", "x\x00y"], 3: ["b", "\x1a\x0b#z"]}


def test_a_file_with_a_header_alone_has_no_rows(write, read):
    table = read(write("a.csv", "email,name"))
    assert len(table.rows) == 0
    assert table.columns == ("email", "name")
    assert table.notes == ("a.csv: has a header and no rows",)
