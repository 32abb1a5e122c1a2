"""One address explained: for a person, on 80 columns or as Markdown, and as JSON.

`told` is what the workflow says of the address as plain data. Every value in it comes from strangers: it is shown as
text, its invisible characters by name.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ctct_etl.report.explained_parts import Block, Code, Line, lay_out
from ctct_etl.report.plain_text import escape

Json = Mapping[str, Any]
SCHEMA_VERSION = 1
WIDTH = 80


def render_explained(told: Json, format_: str) -> str:
    """Render as `text`, `markdown` or `json`."""
    if format_ == "json":
        told = {**told, "schema_version": SCHEMA_VERSION}
        return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return _render(told, *((_markdown_title, _markdown) if format_ == "markdown" else (_text_title, _text)))


def _render(told: Json, title: Callable[[str, bool], str], body: Callable[[Block], Iterable[str]]) -> str:
    lines: list[str] = []
    for number, (name, blocks) in enumerate(lay_out(told)):
        lines += ["", title(name, False)] if number else [title(name, True)]
        lines += [line for block in blocks for line in body(block)]
    return "\n".join(lines) + "\n"


def _text_title(name: str, first: bool) -> str:
    return name if first else f"{name}\n{'-' * len(name)}"


def _text(block: Block) -> list[str]:
    indent = "  " * block.depth
    if isinstance(block, Line):
        return _wrap(block.text, indent, indent + "    ")
    return [line for each in block.lines for line in _wrap(each, indent, indent)]


def _wrap(text: str, first: str, further: str) -> list[str]:
    """Break a line to the width; the blanks in it stay as they are, since they may be the value's."""
    lead = text[: len(text) - len(text.lstrip(" "))]
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=further + lead, drop_whitespace=False,
        replace_whitespace=False, break_on_hyphens=False,
    )  # fmt: skip
    return [line.rstrip() for line in lines]


def _markdown_title(name: str, first: bool) -> str:
    return f"{'#' if first else '##'} {escape(name)}\n"


def _markdown(block: Block) -> list[str]:
    indent = "  " * block.depth
    if isinstance(block, Code):
        longest = max(map(len, re.findall("`+", "\n".join(block.lines))), default=0)
        fence = "`" * max(3, longest + 1)
        return ["", *(f"{indent}{line}" for line in (f"{fence}{block.language}", *block.lines, fence)), ""]
    return [f"{indent}- {escape(block.text)}"]
