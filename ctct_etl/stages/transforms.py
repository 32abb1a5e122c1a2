"""The text transforms that a mapping names, each a kernel over a whole column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.config.mapping import RemovePrefix, RemoveSuffix, Transform, ZeroFill
from ctct_etl.stages.arrow import SPACE, TEXT, by_distinct, none_blank, take, truths

_WORD = re.compile(r"[^\W_]+")
# What the kernel would spoil: McDonald, 3rd, Ann's.
_NOT_FOR_THE_KERNEL = r"\p{Lu}\p{L}*\p{Ll}\p{L}*\p{Lu}|\d\p{L}|\p{L}['’]\p{L}($|\P{L})"


def transform_text(values: pa.Array, transforms: tuple[Transform, ...]) -> pa.Array:
    """Apply the transforms in turn; what becomes empty is blank (null), what is blank stays so."""
    for transform in transforms:
        values = none_blank(_apply(values, transform))
    return values


def _apply(values: pa.Array, transform: Transform) -> pa.Array:
    if isinstance(transform, ZeroFill):
        return pc.utf8_lpad(values, transform.zfill, "0")
    if isinstance(transform, RemovePrefix):
        prefix = transform.remove_prefix
        return pc.if_else(pc.starts_with(values, prefix), pc.utf8_slice_codeunits(values, len(prefix)), values)
    if isinstance(transform, RemoveSuffix):
        suffix = transform.remove_suffix
        return pc.if_else(pc.ends_with(values, suffix), pc.utf8_slice_codeunits(values, 0, -len(suffix)), values)
    return _PLAIN[transform](values)


def _squeeze(values: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(values, f"{SPACE}+", " ")


def _digits(values: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(values, r"\D+", "")


def _title_case(values: pa.Array) -> pa.Array:
    """Capitalise every word; one in mixed case (McDonald, DeLuca) stays as its owner writes it."""
    titled = pc.utf8_title(values)
    special = np.flatnonzero(truths(pc.match_substring_regex(values, _NOT_FOR_THE_KERNEL)))
    if not len(special):
        return titled
    words, at = by_distinct(take(values, special), lambda texts: pa.array(map(_title, texts.to_pylist()), TEXT))
    mask = np.zeros(len(values), dtype=bool)
    mask[special] = True
    return pc.replace_with_mask(titled, pa.array(mask), words.take(at))


def _title(text: str) -> str:
    return _WORD.sub(_capitalise, text)


def _capitalise(word: re.Match[str]) -> str:
    letters = word[0]
    if letters[0].isdigit() or _is_mixed(letters):
        return letters
    if len(letters) == 1 and word.string[: word.start()].endswith(("'", "’")):
        return letters.lower()  # Ann's, not Ann'S
    return letters[0].upper() + letters[1:].lower()


def _is_mixed(word: str) -> bool:
    """An upper-case letter, and after it a lower-case one and an upper-case one."""
    return re.search("U.*l.*U", "".join("U" if c.isupper() else "l" if c.islower() else "." for c in word)) is not None


_PLAIN: Mapping[str, Callable[[pa.Array], pa.Array]] = {
    "trim": pc.utf8_trim_whitespace,
    "squeeze": _squeeze,
    "upper": pc.utf8_upper,
    "lower": pc.utf8_lower,
    "title_case": _title_case,
    "digits": _digits,
}
