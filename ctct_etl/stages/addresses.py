"""E-mail addresses: one canonical writing for each, and words for those that are none.

Ordinary addresses are accepted by one strict pattern over the whole column; the distinct rest goes to email-validator
one by one. A test holds both verdicts equal on hostile samples. Reserved names (.test, .local, .invalid) are no
addresses: nobody can be mailed there; example.com and example.org pass.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from email_validator import EmailNotValidError, validate_email

from ctct_etl.columns import EMAIL, PROBLEM
from ctct_etl.stages.arrow import NO_TEXT, arrow, series, trim
from ctct_etl.stages.checked import Checked, check_each, check_rest

Many = Literal["reject", "first"]

# Lower case, at most 64 characters (so no part is too long), no doubled hyphen (so no IDN), and an ending that is in
# no list of reserved names: those have four letters or more. Stricter than the library on purpose.
_ATEXT = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]"
_ORDINARY = rf"^{_ATEXT}+(?:\.{_ATEXT}+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?:[a-z]{{2,3}}|info)$"
_LONGEST_ORDINARY = 64

# Zero-width and direction marks that come along when an address is copied from a page.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_DISPLAYED = re.compile(r"^[^<>@]*<([^<>]*)>$")
_BETWEEN = re.compile(r"[\s,;|/<>()]+")
_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
_CURE = " — correct the cell"


def canonical_addresses(values: pd.Series, many: Many) -> pd.DataFrame:
    """Return the canonical address of each value, or what is wrong with it; the index is that of the values.

    EMAIL str, NaN for a blank cell and for what is no address: trimmed, without `mailto:`, display name and invisible
    characters, lower case, an IDN domain in its ASCII form. PROBLEM str, NaN where nothing is wrong: a sentence that
    goes on after the quoted value. Several addresses in one cell are a problem, unless `many` is "first".
    """
    checked = check_addresses(trim(arrow(values)), many)
    problem = pa.nulls(len(values), checked.values.type) if checked.faults is None else checked.faults
    frame = pd.DataFrame({EMAIL: series(checked.values), PROBLEM: series(problem)})
    return frame.set_axis(values.index)


def check_addresses(values: pa.Array, many: Many) -> Checked:
    """Do the same for a trimmed Arrow column."""
    lower = pc.ascii_lower(values)
    ordinary = pc.and_(
        pc.match_substring_regex(lower, _ORDINARY), pc.less_equal(pc.binary_length(lower), _LONGEST_ORDINARY)
    )
    accepted = pc.if_else(ordinary, lower, NO_TEXT)
    return check_rest(accepted, values, partial(check_each, check=partial(_read, many=many)))


def find_addresses(text: str) -> tuple[list[str], bool]:
    """Return every canonical address in a cell that is no single one, and whether that is all it says.

    Not all, when a part of it has an @-sign and can't be read, or when there are not several: a slip of the hand may
    have spoilt the one that was meant.
    """
    plain = _INVISIBLE.sub("", text)
    parts = [part for part in map(_strip_mailto, _BETWEEN.split(plain)) if "@" in part]
    read = [address for part in parts if (address := _validate(part)[0]) is not None]
    return read, len(read) == len(parts) > 1


def _read(text: str, many: Many) -> tuple[str | None, str | None]:
    plain = _INVISIBLE.sub("", text).strip().strip(",;").strip()
    if plain.count("@") > 1:
        found = [part for part in map(_strip_mailto, _BETWEEN.split(plain)) if "@" in part.strip("@")]
        if len(set(map(str.lower, found))) > 1 and many == "reject":
            return None, f"holds {len(found)} addresses — leave one in the cell, or say `many: first` in the mapping"
        if len(found) > 1:
            return _validate(found[0])
    shown = _DISPLAYED.match(plain)
    return _validate(_strip_mailto(shown[1].strip() if shown else plain))


def _strip_mailto(text: str) -> str:
    bare = _MAILTO.sub("", text)
    return bare.split("?")[0] if bare != text else bare


def _find_slip(address: str) -> str | None:
    """Name the common slips of the hand in fewer and plainer words than the library, which refuses them all too."""
    name, at, domain = address.partition("@")
    if not at:
        return "it has no @-sign"
    if "@" in domain and '"' not in address:
        return "it has more than one @-sign"
    if not name or not domain:
        return f"there is nothing {'after' if name else 'before'} the @-sign"
    if " " in address:
        return "it has a blank in it"
    if ".." in address:
        return "it has two dots in a row"
    if "." not in domain and domain.isascii():
        return "the part after the @-sign has no dot"
    return None


def _validate(address: str) -> tuple[str | None, str | None]:
    slip = _find_slip(address)
    if slip is not None:
        return None, f"is not an e-mail address: {slip}{_CURE}"
    try:
        found = validate_email(address, check_deliverability=False, strict=True, allow_smtputf8=False)
    except EmailNotValidError as error:
        said = str(error).rstrip(".")
        return None, f"is not an e-mail address: {said[:1].lower()}{said[1:]}{_CURE}"
    assert found.ascii_email is not None  # allow_smtputf8=False
    return found.ascii_email.lower(), None
