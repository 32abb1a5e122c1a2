"""Texts of others, put where characters would mean something: on a terminal, in Markdown."""

from __future__ import annotations


def plain(text: str) -> str:
    """Names come from configs and from the service: no character of theirs may steer a terminal."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def escape(text: str) -> str:
    """The same for Markdown, where it is text and no markup."""
    return "".join(f"\\{each}" if each in "\\|`*_[]<>" else each for each in plain(text))
