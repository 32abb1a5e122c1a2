"""The columns of a source by its first rows: the same as by all of it, faults included."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError
from ctct_etl.sources.heading import read_header
from ctct_etl.sources.reading import read_source
from tests.sources.conftest import NOW

TEXTS = {
    "plain": "email,name\na,b\n",
    "titles above": "Members\n\nemail,name,zip\na,b,c\n",
    "sep line": "sep=;\nemail;name;\na;b\n",
    "quoted line breaks": 'email,"na\nme"\na,"b\nc"\n',
    "latin-1": "email,næme\na,b\n",
    "a blank column between": "email,,name\na,,b\n",
    "a doubled name without values": "email,name,email\n,n,a\n,m,b\n",
    "short rows": "email,name,zip\na\nb,c\n",
    "no rows": "email,name\n",
    "a nameless column with a value": "email,,name\na,b,c\n",
    "a name twice": "email,name,email\na,n,b\n",
    "a narrow header": "email,name\n" + "a,b,c\n" * 3,
    "an unclosed quote": 'email,name\n"a,b\n',
    "blank": "\n\n,,\n",
}


def _said(read, spec):
    try:
        return read(spec, NOW)
    except SourceError as error:
        return str(error)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_first_rows_of_a_text_tell_the_same_columns_or_fault_as_all_of_it(text, write):
    spec = Source(path=str(write("a.csv", text.encode("latin-1"))))
    told = _said(read_header, spec)
    assert told == _said(lambda *given: read_source(*given).columns, spec)
    assert told


@pytest.mark.parametrize(
    "rows",
    [
        [["Title"], ["email", "zip"], ["a", 2139]],
        [["email", "name", "email"], ["a", None, "b"]],
        [["email", None], ["a", 3]],
        [["email", 2024, "née "], ["a", 1.5, True]],
        [[None]],
    ],
)
def test_the_first_rows_of_a_workbook_tell_the_same_columns_or_fault_as_all_of_it(rows, write_book):
    spec = Source(path=str(write_book("a.xlsx", {"S": rows})))
    told = _said(read_header, spec)
    assert told == _said(lambda *given: read_source(*given).columns, spec)
    assert told


def test_only_the_first_rows_are_looked_at_and_every_file_is_whatever_its_age(write, write_book, tmp_path):
    write("a.csv", "sep=;\nemail;name;\na;b\n" + "x;y\n" * 1000 + '"never closed')
    write_book("b.xlsx", {"S": [["Title"], ["email", "zip"], ["a", "b"]]})
    spec = Source(path=str(tmp_path / "*"), fresh_within="1s")
    assert read_header(spec, NOW) == ("email", "name", "zip")


def test_it_loads_no_library_of_tables():
    heavy = ("pandas", "numpy", "pyarrow", "requests", "openpyxl")
    program = f"import sys, ctct_etl.sources.heading; print([name for name in {heavy!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]", "import it where whole tables are read"
