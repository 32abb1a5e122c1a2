"""Values that look as if they belonged into another column: a ZIP in the city, an address in a name.

One row was shifted, or the mapping names the wrong column; then nearly every cell of it is told.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.columns import ADDRESS_PREFIX, COMPANY_NAME, FIRST_NAME, JOB_TITLE, LAST_NAME, MIDDLE_NAME
from ctct_etl.stages.arrow import TEXT, replace, truths

_CURE = " — see whether the row is shifted, or the mapping names another column"
# Patterns, and what is said of a text that has them.
_EMAIL = (r"[^\s@<>]@[^\s@<>]+\.[A-Za-z]{2,}", "holds an e-mail address")
_NUMBER = (r"^[^\pL]*[0-9][^\pL]*$", "has digits and no letter")
_LONG_NUMBER = (r"^[^\pL]*[0-9]{4}[^\pL]*$", "has digits and no letter")  # states may have short numbers, such as 75
_STREET = (r"^[0-9]+[A-Za-z]?\s+\pL.*\s\pL", "reads like the street of a postal address")
_NO_NUMBER = (r"^[^0-9]*\pL[^0-9]*\pL[^0-9]*\pL[^0-9]*$", "has letters and no digit")

_NAME = (_EMAIL, _STREET, _NUMBER)
_OF_FIELD: Mapping[str, tuple[tuple[str, str], ...]] = {
    FIRST_NAME: _NAME,
    MIDDLE_NAME: _NAME,
    LAST_NAME: _NAME,
    JOB_TITLE: (_EMAIL,),
    COMPANY_NAME: (_EMAIL,),
    "street": (_EMAIL,),
    "city": (_EMAIL, _NUMBER),
    "state": (_EMAIL, _LONG_NUMBER),
    "postal_code": (_EMAIL, _NO_NUMBER),
}


def has_a_place(field: str) -> bool:
    """Say whether the field is one whose values can be told from others'; custom fields and notes may hold anything."""
    return _kind(field) in _OF_FIELD


def suspect_places(texts: pa.Array, field: str) -> pa.Array:
    """Return for each text why it looks misplaced in this field, null where it does not.

    A fault goes on after the quoted text.
    """
    faults = pa.nulls(len(texts), TEXT)
    for pattern, said in reversed(_OF_FIELD.get(_kind(field), ())):
        faults = replace(faults, truths(pc.match_substring_regex(texts, pattern)), pa.scalar(said + _CURE, TEXT))
    return faults


def _kind(field: str) -> str:
    return field.rpartition(".")[2] if field.startswith(ADDRESS_PREFIX) else field
