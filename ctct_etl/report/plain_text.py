"""Texts of others, put where characters would mean something: on a terminal, in Markdown."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """Names come from configs and from the service: no character of theirs may steer a terminal."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def escape(text: str) -> str:
    """The same for Markdown, where it is text and no markup."""
    return "".join(f"\\{each}" if each in "\\|`*_[]<>" else each for each in plain(text))


def code(text: str) -> str:
    """The text as code in Markdown, in a table too: nothing in it is markup, a link or a mention.

    Of a table's cells a bar is the end, even in code; and a backslash right before one can't be told from its escape.
    """
    shown = plain(text)
    if "\\|" in shown:
        return escape(text)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[:1] in ("`", " ", "") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{shown.replace('|', chr(92) + '|')}{pad}{fence}"
