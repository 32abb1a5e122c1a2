from __future__ import annotations

import pandas as pd
import pyarrow as pa

from ctct_etl.stages.partitioning import part_addresses, part_rows
from tests.sheets import mapping, sheet

ROWS = sheet("""
    E-mail                | Name
    ann@example.org       | Ann
     ANN@Example.ORG      | Ann
    mailto:ann@example.org| Ann
    bob@example.org       | Bob
    nobody                | Nob
                          | Non
    a@x.org, b@x.org      | Two
""")


def test_all_rows_of_one_address_fall_into_one_part_however_it_is_written():
    parts = part_rows(ROWS, mapping(), 0, 1000)
    assert len({*parts[:3].tolist()}) == 1
    assert parts[3] != parts[0]


def test_a_row_is_where_its_contact_is():
    parts = part_rows(ROWS, mapping(), 0, 1000)
    assert part_addresses(pd.Series(["ann@example.org", "bob@example.org"]), 1000).tolist() == [parts[0], parts[3]]


def test_rows_without_an_address_are_spread_by_where_they_stand():
    assert part_rows(ROWS, mapping(), 0, 1000)[4:].tolist() == [4, 5, 6]
    assert part_rows(ROWS, mapping(), 998, 1000)[4:].tolist() == [2, 3, 4]


def test_of_several_addresses_the_one_that_counts_decides():
    many = mapping({"email": {"column": "E-mail", "many": "first"}})
    assert part_rows(ROWS, many, 0, 1000)[6] == part_addresses(pd.Series(["a@x.org"]), 1000)[0]


def test_the_parts_are_the_same_on_every_machine():
    texts = pa.array(["ann@example.org", "zoe@xn--bcher-kva.example.com", "", None])
    assert part_addresses(texts, 1 << 20).tolist() == [217191, *part_addresses(texts, 1 << 20).tolist()[1:]]
    assert part_addresses(texts, 7)[2] == part_addresses(texts, 7)[3]
