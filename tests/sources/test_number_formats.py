"""Postal codes kept as numbers keep the zeros that the person sees."""

from __future__ import annotations

import openpyxl
import pytest

from ctct_etl.sources.number_formats import show_padded


@pytest.mark.parametrize(
    ("cell", "number_format", "text"),
    [
        (2139, "00000", "02139"),
        (2139, "00000;[Red]-0", "02139"),
        (21391234, "00000\\-0000", "02139-1234"),
        (21391234, '00000"-"0000', "02139-1234"),
        (1234567, "00000", "1234567"),
        (2139.5, "00000", "2139.5"),
        ("2139", "00000", "2139"),
        (2139, "0", "2139"),
        (2139, "0.00", "2139"),
        (2139, "#,##0", "2139"),
        (0.25, "0%", "0.25"),
    ],
)
def test_a_number_keeps_the_zeros_that_its_format_shows(tmp_path, read, cells, cell, number_format, text):
    book = openpyxl.Workbook()
    book.create_sheet("Other", 0).append([1])
    sheet = book.worksheets[1]
    sheet.append(["email", "value"])
    sheet.append(["a@x.org", cell])
    sheet["B2"].number_format = number_format
    book.save(tmp_path / "a.xlsx")
    assert cells(read(tmp_path / "a.xlsx", sheet="Sheet")) == {2: ["a@x.org", text]}


def test_a_sign_stands_before_the_zeros():
    assert show_padded(-7, "000") == "-007"
