"""What a spreadsheet program leaves in a cell in place of its value: 1.23457E+11, #N/A, ########.

A number too long for its column is shown, and exported, rounded; a formula that fails shows its fault. What was there
is gone from the file: the cure is in the workbook it came from.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import TEXT, replace, truths

# With the sign and two digits at least, as they are written by spreadsheet programs; an id such as 12E10 has neither.
_ROUNDED = r"^-?[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}$"
# The names of faults in English, and those of German workbooks that differ.
_FAULT = r"^#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|NV|BEZUG!|WERT!|ZAHL!)$"
_NARROW = r"^#{3,}$"

_SAID = {
    _ROUNDED: "is a number that a spreadsheet program has rounded — export the column as text",
    _FAULT: "is the fault of a formula — correct the formula",
    _NARROW: "is what a spreadsheet program shows in too narrow a column — widen it and export again",
}


def suspect_spreadsheets(texts: pa.Array) -> pa.Array:
    """Return for each text what a spreadsheet program has done to it, null where nothing."""
    faults = pa.nulls(len(texts), TEXT)
    for pattern, said in _SAID.items():
        faults = replace(faults, truths(pc.match_substring_regex(texts, pattern)), pa.scalar(said, TEXT))
    return faults
