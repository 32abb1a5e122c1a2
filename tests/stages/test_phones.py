from __future__ import annotations

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctct_etl.stages.arrow import TEXT
from ctct_etl.stages.phones import parse_phones, phone_keys


def read(text: str, region: str | None = None) -> tuple[str | None, str | None]:
    found = parse_phones(pa.array([text], TEXT), region)
    return found.values[0].as_py(), None if found.faults is None else found.faults[0].as_py()


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("(415) 555-2671", None, "+14155552671"),
        ("415.555.2671", "US", "+14155552671"),
        ("1-415-555-2671", "US", "+14155552671"),
        ("+1 415 555 2671", "GB", "+14155552671"),
        ("415 555 0100", "US", "+14155550100"),  # set aside for examples, and in no list of area codes in service
        ("4155552671.0", "US", "+14155552671"),  # a number that went through a spreadsheet's arithmetic
        ("tel:+1-415-555-2671", "US", "+14155552671"),
        ("415-555-2671 ext. 12", "US", "+14155552671 x12"),
        ("(415)555-2671 x12", "US", "+14155552671 x12"),
        ("514 555 2671", "CA", "+15145552671"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("06 6982 1234", "IT", "+390669821234"),
    ],
)
def test_a_number_is_written_with_its_country_and_without_punctuation(
    text: str, region: str | None, number: str
) -> None:
    assert read(text, region) == (number, None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("12", "is too short for a telephone number with its area code — correct the cell"),
        ("555-2671", "is too short for a telephone number with its area code — correct the cell"),
        ("415-555-26711", "is too long for a telephone number — correct the cell"),
        ("(123) 456-7890", "is no number of its country's numbering plan — correct the cell"),
        ("1-800-FLOWERS", "is not one telephone number — correct the cell"),
        ("call me", "is not a telephone number — correct the cell"),
        ("4155552671 or 4155550000", "is not a telephone number — correct the cell"),
        ("415-555-2671 (Ann)", "is not one telephone number — correct the cell"),
    ],
)
def test_what_is_no_telephone_number_is_told_why(text: str, fault: str) -> None:
    assert read(text) == (None, fault)


def test_blank_is_no_fault() -> None:
    found = parse_phones(pa.array([None], TEXT))
    assert found.values.to_pylist() == [None] and found.faults is None


PIECES = st.sampled_from(
    ["1", "+1", "+", "(", ")", " ", "-", ".", "415", "123", "555", "2671", "0100", "9", "x", "ext", "/"]
)


@given(st.lists(PIECES, min_size=3, max_size=9).map("".join))
def test_the_fast_way_gives_the_librarys_number_or_leaves_it_to_the_library(text: str) -> None:
    number, fault = read(text) if text.strip() else (None, "blank")
    assert (number is None) == (fault is not None)
    if number is not None:
        parsed = phonenumbers.parse(text, "US")
        plain = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        assert number == (f"{plain} x{parsed.extension}" if parsed.extension else plain)
        assert phonenumbers.is_possible_number(parsed)


@given(st.integers(2_000_000_000, 9_999_999_999).map(str))
def test_ten_digits_are_one_number_however_they_are_written(digits: str) -> None:
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    ways = [digits, f"({area}) {exchange}-{line}", f"+1 {area} {exchange} {line}", f"1-{area}-{exchange}-{line}"]
    assert {read(way) for way in ways} == {(f"+1{digits}", None)}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+14155552671", "(415) 555-2671", True),
        ("+14155552671 x12", "415-555-2671 ext. 12", True),
        ("+14155552671 x12", "415-555-2671", False),
        ("+442079460958", "+44 20 7946 0958", True),
        ("+14155552671", "+14155552670", False),
        ("", "+14155552671", False),
    ],
)
def test_two_writings_of_one_number_share_their_key(one: str, other: str, same: bool) -> None:
    first, second = phone_keys(pa.array([one, other], TEXT)).to_pylist()
    assert (first == second) == same
