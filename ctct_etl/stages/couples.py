"""First names of two people in one cell: "Ann & Bob". One address greets both by it, and a contact is one person."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import NO_TEXT, TEXT

# "y" and "e" join the parts of one name, and a slash stands in n/a, c/o and she/her. "&" with a ";" further on is a
# code of HTML, and "Ann & Co" a company.
_COUPLE = r"(?i)\pL\.?\s*[&＆]\s*\pL|\pL\.?\s\+\s\pL|\pL\.?\s(?:and|und|et)\s\pL"
_OTHERS = r"(?i)&#?\w+;|\s(?:&|and|und|et)\s(?:co|cie|sons?|söhne|fils|family|familie|famille)\b"
_FAULT = "names two people, and a contact is one — write the one whose address it is"


def suspect_couples(texts: pa.Array) -> pa.Array:
    """Return for each first name what is odd if it is that of two people, null otherwise.

    A fault goes on after the quoted name.
    """
    couple = pc.and_not(pc.match_substring_regex(texts, _COUPLE), pc.match_substring_regex(texts, _OTHERS))
    return pc.if_else(couple, pa.scalar(_FAULT, TEXT), NO_TEXT)
