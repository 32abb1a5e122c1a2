"""A field made of several columns: "{First Name} {Last Name}"."""

from __future__ import annotations

import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import NO_TEXT, SPACE, arrow, join, none_blank, trim, truths

_COLUMN = re.compile(r"\{([^{}]+)\}")
_DANGLING = rf"^(?:{SPACE}|[,;/|-])+|(?:{SPACE}|[,;/|-])+$"


def fill_template(source: pd.DataFrame, template: str) -> pa.Array:
    """Fill in the columns, trimmed. A blank part is dropped, with separators that then dangle at an end; runs of white
    space become one blank; where all parts are blank the value is (null).
    """
    pieces = _COLUMN.split(template)  # text, column, text, column, …, text
    columns = [trim(arrow(source[name])) for name in pieces[1::2]]
    parts = [pc.fill_null(columns[at // 2], "") if at % 2 else piece for at, piece in enumerate(pieces)]
    filled = pc.replace_substring_regex(join(*parts), f"{SPACE}{{2,}}", " ")
    some_blank, all_blank = columns[0].is_null(), columns[0].is_null()
    for column in columns[1:]:
        some_blank, all_blank = pc.or_(some_blank, column.is_null()), pc.and_(all_blank, column.is_null())
    if truths(some_blank).any():
        mended = pc.replace_substring_regex(filled, _DANGLING, "")
        filled = pc.if_else(all_blank, NO_TEXT, pc.if_else(some_blank, mended, filled))
    return none_blank(pc.utf8_trim_whitespace(filled))
