"""What is wrong with a file as text or as YAML, in words that name a place and a cure.

No message repeats a word of the file: the files may hold passwords.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Fault: TypeAlias = tuple[int, int, str, str]  # line, column, what, cure

_QUOTES = "quote a value that holds `: ` or ` #`, or begins with one of * & ! % @ ` [ { | >"
# Beginnings of the parser's own words; the first that fits counts.
_SYNTAX = (
    ("found character '\\t'", "a tab stands where only spaces may", "indent with spaces"),
    ("found character '%'", "a value begins with %", "put it in quotes"),
    ("found character '@'", "a value begins with @", "put it in quotes"),
    ("found character '`'", "a value begins with `", "put it in quotes"),
    ("mapping values are not allowed here", "a second `: ` in one line", _QUOTES + "; or the indent is off"),
    ("could not find expected ':'", "a key without `:`", "write `key: value`"),
    ("found unexpected end of stream", "a quote is never closed", "close it"),
    ("found unknown escape character", "an unknown escape (\\) in double quotes", "use single quotes"),
    ("expected <block end>", "the indent does not fit the lines above", "give keys of one level the same indent"),
    ("expected ',' or ']'", "a list that begins with [ is not closed, or lacks a comma", "close it with ]"),
    ("expected ',' or '}'", "a mapping that begins with { is not closed, or lacks a comma", "close it with }"),
    ("sequence entries are not allowed here", "a list item (-) where none may stand", "put it on a line of its own"),
    ("found undefined tag handle", "a tag (!name) is not allowed", "quote a text that begins with !"),
)


def explain_encoding(content: bytes, max_bytes: int) -> Fault | None:
    """Say why `content` is no text of ours: too big, or not UTF-8; None if it is."""
    if len(content) > max_bytes:
        return (
            1,
            1,
            f"the file is larger than {max_bytes // 1024:,} KiB",
            "a config is a small file: is it the right one?",
        )
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        return *_place(before), "the file is not UTF-8 here", "save it as UTF-8"
    return None


def explain_syntax(error: Any, text: str) -> Fault:
    """Translate a fault of the YAML parser (`error` is its exception, `text` what it read)."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:  # the reader: a character that no YAML may hold
        position = int(getattr(error, "position", 0))
        code = ord(text[position]) if position < len(text) else 0
        return *_place(text[:position]), f"a control character (U+{code:04X}) that YAML does not allow", "delete it"
    problem = str(error.problem or "")
    for beginning, what, cure in _SYNTAX:
        if problem.startswith(beginning):
            return mark.line + 1, mark.column + 1, what, cure
    return mark.line + 1, mark.column + 1, "this is not valid YAML", "look at quotes, colons and indent; " + _QUOTES


def _place(before: str) -> tuple[int, int]:
    lines = before.splitlines() or [""]
    if before.endswith(("\n", "\r")):
        return len(lines) + 1, 1
    return len(lines), len(lines[-1]) + 1
