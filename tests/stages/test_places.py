from __future__ import annotations

import pyarrow as pa
import pytest

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.places import country_keys, parse_countries, parse_states, state_keys


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"), ("us", "US"), ("U.S.A.", "US"), ("United States", "US"), ("united states of america", "US"),
        ("UK", "GB"), ("England", "GB"), ("Canada", "CA"), ("CA", "CA"), ("Deutschland", "DE"), ("Côte d'Ivoire", "CI"),
        ("Ivory Coast", "CI"), ("Türkiye", "TR"), ("Turkey", "TR"), ("South Korea", "KR"), ("Finland", "FI"),
        ("Åland Islands", "AX"), ("Mexico", "MX"), ("México", "MX"),
    ],
)  # fmt: skip
def test_a_country_becomes_its_iso_code(text: str, code: str) -> None:
    assert parse_countries(pa.array([text], TEXT)).values.to_pylist() == [code]


@pytest.mark.parametrize("text", ["Narnia", "Korea", "XX", "?"])
def test_a_country_that_nobody_knows_is_at_fault_and_never_guessed(text: str) -> None:
    found = parse_countries(pa.array([text, None], TEXT))
    assert found.values.to_pylist() == [None, None]
    assert found.faults is not None
    assert found.faults.to_pylist() == [
        "is no country that we know — correct the cell, or write its two-letter code",
        None,
    ]


@pytest.mark.parametrize(
    ("text", "country", "state"),
    [
        ("ma", "US", "MA"), ("Massachusetts", "US", "MA"), ("N.Y.", "US", "NY"), ("District of Columbia", "US", "DC"),
        ("Puerto Rico", "US", "PR"), ("Québec", "CA", "QC"), ("quebec", "CA", "QC"), ("ON", "CA", "ON"),
        ("Bayern", "DE", "Bayern"), ("CA", "DE", "CA"),
        # Without a country: a code where one of the two has it.
        ("California", None, "CA"), ("Ontario", None, "ON"), ("Bayern", None, "Bayern"),
        (None, "US", None),
    ],
)  # fmt: skip
def test_a_state_is_a_code_in_the_united_states_and_canada_and_text_elsewhere(
    text: str | None, country: str | None, state: str | None
) -> None:
    found = parse_states(pa.array([text], TEXT), pa.array([country], TEXT))
    assert found.values.to_pylist() == [state] and found.faults is None


def test_a_state_that_the_country_does_not_have_is_at_fault() -> None:
    found = parse_states(pa.array(["Ontario", "Texas"], TEXT), pa.array(["US", "CA"], TEXT))
    assert found.faults is not None
    assert found.faults.to_pylist() == [
        "is no state of the United States — correct the cell",
        "is no state of Canada — correct the cell",
    ]


def test_where_no_country_is_mapped_states_are_read_alike() -> None:
    assert parse_states(pa.array(["Texas", "on", "Bayern"], TEXT), None).values.to_pylist() == ["TX", "ON", "Bayern"]


def test_keys_absorb_how_a_place_is_written() -> None:
    assert country_keys(pa.array(["US", "United States", "", "Narnia"], TEXT)).to_pylist() == ["US", "US", "", "Narnia"]
    assert state_keys(pa.array(["MA", "Massachusetts", "", "Bayern"], TEXT)).to_pylist() == ["ma", "ma", "", "bayern"]
