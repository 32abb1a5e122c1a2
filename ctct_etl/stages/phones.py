"""Telephone numbers, written for the service as E.164 ("+14155552671"), an extension behind it ("+14155552671 x12").

A number is good when its country's numbering plan has numbers of this length and beginning. Whether it is in service
is not ours to say: the library's lists of area codes age, and numbers set aside for examples are in no list.
"""

from __future__ import annotations

import re
from functools import cache, partial

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat, ValidationResult

from ctct_etl.stages.arrow import NO_TEXT, join
from ctct_etl.stages.checked import Checked, check_each, check_rest

DEFAULT_REGION = "US"
_NORTH_AMERICA = frozenset({"US", "CA"})
# How people write ten digits; whatever else goes to the library. It is the plan's own rule: [2-9] and nine digits.
_TEN_DIGITS = r"^(?:\+?1[-. ]?)?(?:\(([2-9][0-9]{2})\) ?|([2-9][0-9]{2})[-. ]?)([0-9]{3})[-. ]?([0-9]{4})$"
_FLOAT = re.compile(r"^(\d{7,15})\.0+$")  # a number that went through a spreadsheet's arithmetic
_EXTENSION = re.compile(r"(?:x|ext\.?|extn\.?|extension|#|;ext=)", re.IGNORECASE)
_CURE = " — correct the cell"


def parse_phones(values: pa.Array, region: str | None = None) -> Checked:
    """Read telephone numbers; `region` is the country (ISO) of those written without one."""
    region = region or DEFAULT_REGION
    slow = partial(check_each, check=partial(_read, region=region))
    if region not in _NORTH_AMERICA:
        return check_rest(pa.nulls(len(values), values.type), values, slow)
    ordinary = pc.match_substring_regex(values, _TEN_DIGITS)
    plain = pc.replace_substring_regex(values, _TEN_DIGITS, r"+1\1\2\3\4")
    return check_rest(pc.if_else(ordinary, plain, NO_TEXT), values, slow)


def _read(text: str, region: str) -> tuple[str | None, str | None]:
    number_only = _FLOAT.sub(r"\1", text.strip())
    try:
        number = phonenumbers.parse(number_only, region)
    except NumberParseException:
        return None, "is not a telephone number" + _CURE
    if not _is_whole(number, number_only):
        return None, "is not one telephone number" + _CURE
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return None, "is too short for a telephone number with its area code" + _CURE
    if reason == ValidationResult.TOO_LONG:
        return None, "is too long for a telephone number" + _CURE
    if reason != ValidationResult.IS_POSSIBLE or not _fits_plan(number):
        return None, "is no number of its country's numbering plan" + _CURE
    plain = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return (f"{plain} x{number.extension}" if number.extension else plain), None


def _is_whole(number: PhoneNumber, text: str) -> bool:
    """Did the library take every digit of the text? It stops at a second number, and reads letters as keys."""
    letters = re.sub(r"[\W\d_]", "", re.sub(r"^tel:", "", _EXTENSION.sub("", text), flags=re.IGNORECASE))
    taken = phonenumbers.national_significant_number(number) + (number.extension or "")
    digits = re.sub(r"\D", "", text)
    return not letters and digits.endswith(taken) and len(digits) - len(taken) <= 6  # 011 or 00, and a country's 1 to 3


@cache
def _plan(country_code: int) -> re.Pattern[str]:
    region = phonenumbers.region_code_for_country_code(country_code)
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    general = metadata.general_desc if metadata is not None else None
    return re.compile((general and general.national_number_pattern) or r"\d+")


def _fits_plan(number: PhoneNumber) -> bool:
    return _plan(number.country_code).fullmatch(phonenumbers.national_significant_number(number)) is not None


def phone_keys(values: pa.Array) -> pa.Array:
    """Return what two writings of one number share: its digits (a leading 1 of eleven dropped), then its extension."""
    parts = r"(?i)^(.*?)\s*(?:;ext=|x|ext\.?|extn\.?|extension|#)\s*:?\s*([0-9]+)\s*;?$"
    main = pc.replace_substring_regex(pc.replace_substring_regex(values, parts, r"\1"), r"[^0-9]+", "")
    ours = pc.and_(pc.equal(pc.binary_length(main), 11), pc.starts_with(main, "1"))
    main = pc.if_else(ours, pc.utf8_slice_codeunits(main, 1), main)
    extended = pc.match_substring_regex(values, parts)
    if not pc.any(extended).as_py():
        return main
    extension = pc.replace_substring_regex(values, parts, r"x\2")
    return pc.if_else(extended, join(main, extension), main)
