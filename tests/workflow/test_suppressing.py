from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from ctct_etl.errors import SourceError
from ctct_etl.workflow.suppressing import read_suppressed
from tests.workflow.given import NOW


def suppressed(folder: Path, **files: str) -> dict[str, str]:
    paths = []
    for name, text in files.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(text, encoding="utf-8")
    return read_suppressed(paths, NOW)


def test_addresses_are_canonical_and_know_their_file(tmp_path: Path) -> None:
    found = suppressed(tmp_path, never="E-mail,Why\n Ann@Example.ORG ,asked\n<bob@example.org>,board\n")
    assert found == {"ann@example.org": "never.csv", "bob@example.org": "never.csv"}


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ANN@EXAMPLE.ORG", "ann@example.org"),
        ("mailto:ann@example.org", "ann@example.org"),
        ("Ann Lee <Ann@Example.org>", "ann@example.org"),
        ('"Lee, Ann" <ann@example.org>', "ann@example.org"),
        ("ann\u200b@example.org", "ann@example.org"),
        ("\ufeffann@example.org\u00a0", "ann@example.org"),
        ("zoe@B\u00fccher.example.org", "zoe@xn--bcher-kva.example.org"),
        ("zoe@XN--BCHER-KVA.example.org", "zoe@xn--bcher-kva.example.org"),
    ],
)
def test_an_address_protects_its_person_in_whatever_way_it_is_written(
    written: str, address: str, tmp_path: Path
) -> None:
    cell = written.replace('"', '""')
    assert set(suppressed(tmp_path, never=f'mail,why\n"{cell}",asked\n')) == {address}


def test_several_files_are_one_list(tmp_path: Path) -> None:
    found = suppressed(tmp_path, one="mail\na@example.org\n", two="mail\nb@example.org\na@example.org\n")
    assert found == {"a@example.org": "two.csv", "b@example.org": "two.csv"}


def test_blank_cells_are_no_addresses(tmp_path: Path) -> None:
    assert suppressed(tmp_path, never="mail,why\na@example.org,x\n,nobody\n") == {"a@example.org": "never.csv"}


@pytest.mark.parametrize("text", ["a@example.org\nb@example.org\n", "People\na@example.org\nb@example.org\n"])
def test_a_file_of_one_column_needs_no_header(text: str, tmp_path: Path) -> None:
    assert set(suppressed(tmp_path, never=text)) == {"a@example.org", "b@example.org"}


def test_no_file_is_no_list() -> None:
    assert read_suppressed([], NOW) == {}


def test_a_missing_file_is_an_error_and_never_an_empty_list(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv"):
        read_suppressed([tmp_path / "gone.csv"], NOW)


@pytest.mark.parametrize(
    ("text", "place"),
    [("mail\na@example.org\nann@@example.org\n", "row 3"), ("not an address@\na@example.org\n", "the first row")],
)
def test_an_entry_that_is_no_address_stops_the_run_and_names_its_place(text: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"never.csv, {place}: .* is not an e-mail address"):
        suppressed(tmp_path, never=text)


def test_two_columns_that_may_hold_the_addresses_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="which column has the addresses"):
        suppressed(tmp_path, never="E-mail,Second mail\na@example.org,b@example.org\n")
    with pytest.raises(SourceError, match="which column has the addresses"):
        suppressed(tmp_path, never="Name,Address\nAnn,a@example.org\n")


@pytest.mark.parametrize(
    "row", ["a@example.org,x,b@example.org", 'a@example.org,"he said\nb@example.org,x'], ids=["a cell too many", "torn"]
)
def test_a_row_that_may_have_swallowed_others_stops_the_run(row: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"never\.csv, row"):
        suppressed(tmp_path, never=f"mail,why\n{row}\n")


def test_a_workbook_is_refused_because_it_may_hide_addresses(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["E-mail"])
    book.active.append(["a@example.org"])
    book.create_sheet("More").append(["b@example.org"])
    book.save(tmp_path / "never.xlsx")
    book.close()
    with pytest.raises(SourceError, match=r"never\.xlsx: a workbook may hide addresses .* save it as CSV"):
        read_suppressed([tmp_path / "never.xlsx"], NOW)
