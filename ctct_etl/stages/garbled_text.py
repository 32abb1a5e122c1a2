"""Text that was spoilt on its way here: "JosÃ©" for "José", "â€™", U+FFFD, "&eacute;".

UTF-8 writes a letter as a lead byte and continuation bytes (80 to BF). Read as cp1252 or Latin-1 they show as an
accented capital and a sign. The pattern asks for such pairs, and leaves out those that people write: CAFÉ’S, NESTLÉ®.
"""

from __future__ import annotations

import html
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ctct_etl.stages.arrow import TEXT, Mask, join, replace, take, truths
from ctct_etl.stages.problems import LONGEST_SHOWN

_BYTE_OF = {ord(sign): byte for byte in range(0x80, 0xA0) if (sign := bytes([byte]).decode("cp1252", "ignore"))}
_CONTINUATION = "".join(map(chr, _BYTE_OF)) + "\u00a1-\u00bf"  # no-break space aside: it may follow an honest capital
_SIGNS = "€‚ƒ„†‡ˆ‰‹›˜¡-§¨¬¯±-³µ¶¸¹¼-¿"  # those that nobody writes behind a capital
_GARBLED = "|".join(
    (
        "\ufffd",  # a decoder's mark for what it could not read
        "ï»¿",  # a byte order mark
        "â€|â‚¬",  # quotes, dashes, dots, the euro
        f"Ã[{_CONTINUATION}]",  # à to ÿ
        "Â[\u00a0-\u00bf]",  # signs such as ° and ©
        f"[Ä-ÖØ-ß][{_SIGNS}]",  # other Latin letters, Greek, Cyrillic
        "[ÄÅ][™…Ÿº‘]",  # more of Polish, Czech, Turkish, Hungarian
        "[\u0080-\u009f]",  # control characters: cp1252 read as Latin-1
    )
)
_ENTITY = "&(?:[A-Za-z]{2,8}|#[0-9]{2,6}|#[xX][0-9A-Fa-f]{2,5});"
_CURE = " — correct it where the file is made"
_MEANT = ': did you mean "'


def suspect_spoilt_text(texts: pa.Array) -> pa.Array:
    """Return for each text what has spoilt it, with the text that was probably meant; null where nothing has.

    A fault goes on after the quoted text.
    """
    faults = pa.nulls(len(texts), TEXT)
    entities = _find_entities(texts)
    if entities.any():
        faults = replace(faults, entities, _tell(texts, entities, html.unescape, "has codes of HTML in it"))
    garbled = _find_garbled(texts)
    if garbled.any():
        faults = replace(faults, garbled, _tell(texts, garbled, _undo, "was read in a wrong encoding"))
    return faults


def _find_garbled(texts: pa.Array) -> Mask:
    """Most columns are ASCII throughout, and then there is nothing to look for."""
    if pc.sum(pc.binary_length(texts)).as_py() == pc.sum(pc.utf8_length(texts)).as_py():
        return np.zeros(len(texts), dtype=bool)
    return truths(pc.match_substring_regex(texts, _GARBLED))


def _find_entities(texts: pa.Array) -> Mask:
    """The pattern finds those that may be: "Q&As;" is as it looks."""
    found = truths(pc.match_substring_regex(texts, _ENTITY))
    at = np.flatnonzero(found)
    found[at] = [html.unescape(text) != text for text in take(texts, at).to_pylist()]
    return found


def _tell(texts: pa.Array, spoilt: Mask, mend: Callable[[str], str | None], what: str) -> pa.Array:
    """Say what has spoilt these texts; a mended one is shown where it is short, printable and sound itself."""
    at = np.flatnonzero(spoilt)
    mended = pa.array(
        [mend(text) if len(text) <= LONGEST_SHOWN else None for text in take(texts, at).to_pylist()], TEXT
    )
    sound = truths(pc.utf8_is_printable(mended)) & ~_find_garbled(mended)
    shown = pc.if_else(pa.array(sound), join(what, _MEANT, mended, '"?', _CURE), pa.scalar(what + _CURE, TEXT))
    position = np.full(len(texts), -1, dtype=np.int64)
    position[at] = np.arange(len(at))
    return shown.take(pa.array(position, mask=position < 0))


def _undo(text: str) -> str | None:
    """Write the text in the encoding that it was wrongly read in, and read it as what it is."""
    try:
        return text.translate(_BYTE_OF).encode("latin-1").decode("utf-8").removeprefix("\ufeff")
    except UnicodeError:
        return None
