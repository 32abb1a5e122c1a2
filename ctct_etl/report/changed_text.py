"""What differs within a value: its pieces that stay, go and come, as a person would mark them.

Words are compared first, then the ends of a word that took another's place: "Elm Street" → "Elm St" differs in "reet".
Pieces are never so small that they make a riddle: values that have little in common are two values, and not one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["same", "old", "new"]
_MOST_WORDS = 200  # compared one by one; the time grows with their square
_LEAST_SAME = 0.34  # share of the longer value that has to stay
_SHORTEST = 2  # characters that stay between two changes; fewer are told with them
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")


class Piece(NamedTuple):
    kind: Kind
    text: str


def find_pieces(before: str, after: str) -> list[Piece] | None:
    """Return the pieces that make `before` (same, old) and `after` (same, new); None where the two share too little.

    Old comes before new. What a person sees as one character is in one piece.
    """
    old, new = _words(before), _words(after)
    first = _common_start(old, new)
    last = _common_end(old[first:], new[first:])
    middle = (old[first : len(old) - last], new[first : len(new) - last])
    pieces = [Piece("same", "".join(old[:first])), *_compare(*middle), Piece("same", "".join(old[len(old) - last :]))]
    joined = _join(iter(pieces))
    same = sum(len(piece.text) for piece in joined if piece.kind == "same")
    return joined if same >= _LEAST_SAME * max(len(before), len(after)) else None


def _compare(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    if len(old) + len(new) > _MOST_WORDS:
        yield from (Piece("old", "".join(old)), Piece("new", "".join(new)))
        return
    for how, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if how == "equal":
            yield Piece("same", gone)
        else:
            yield from _compare_ends(gone, come)


def _compare_ends(old: str, new: str) -> Iterator[Piece]:
    """The common beginning and end of two texts, and what is between."""
    one, other = _characters(old), _characters(new)
    first = _common_start(one, other)
    last = _common_end(one[first:], other[first:])
    yield Piece("same", "".join(one[:first]))
    yield Piece("old", "".join(one[first : len(one) - last]))
    yield Piece("new", "".join(other[first : len(other) - last]))
    yield Piece("same", "".join(one[len(one) - last :]))


def _common_start(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _common_end(old: Sequence[str], new: Sequence[str]) -> int:
    return _common_start(old[::-1], new[::-1])


def _words(text: str) -> list[str]:
    """Words, blanks between them, and each other character by itself."""
    found: list[str] = []
    kind = ""
    for each in _characters(text):
        before, kind = kind, "word" if each[0].isalnum() else "blank" if each[0].isspace() else ""
        if kind and kind == before:
            found[-1] += each
        else:
            found.append(each)
    return found


def _characters(text: str) -> list[str]:
    """Characters as a person counts them: with their accents, and what is joined to them."""
    found: list[str] = []
    for each in text:
        belongs = unicodedata.combining(each) or each in _JOINERS or "\U0001f3fb" <= each <= "\U0001f3ff"
        if found and (belongs or found[-1][-1] == "\u200d"):
            found[-1] += each
        else:
            found.append(each)
    return found


def _join(pieces: Iterator[Piece]) -> list[Piece]:
    """Pieces of one kind that meet are one, old stands before new, and what stays between two changes is no crumb."""
    joined: list[Piece] = []
    texts = {"same": "", "old": "", "new": ""}  # since the last piece that went into `joined`, same after old and new

    def settle() -> None:
        joined.extend(Piece(kind, texts[kind]) for kind in ("old", "new", "same") if texts[kind])
        texts.update(same="", old="", new="")

    for kind, text in pieces:
        if kind != "same" and texts["same"]:
            changed = bool(texts["old"] or texts["new"])
            if changed and len(texts["same"].strip()) < _SHORTEST:
                texts.update(same="", old=texts["old"] + texts["same"], new=texts["new"] + texts["same"])
            else:
                settle()
        texts[kind] += text
    settle()
    return joined
