"""Read a page as a browser would, with the standard library: its text, its tables, its tags."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "input", "br", "link", "img"}


class Page(HTMLParser):
    """tables: by caption, rows of cell texts, head first. tags: each with its attributes. blocks: the grids' data."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[dict[str, Any]] = []
        self.text = ""
        self.texts: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        self._caption = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "caption":
            self._caption = ""
        if tag == "tr":
            self.tables[self._caption].append([])
        if tag in ("td", "th"):
            self.tables[self._caption][-1].append("")
        if tag not in VOID:
            self._open.append((tag, ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        opened, text = self._open.pop()
        assert opened == tag, f"<{opened}> was closed by </{tag}>"
        self.texts.setdefault(tag, []).append(text.strip())
        if tag == "caption":
            self.tables[self._caption] = []
        if tag == "script" and text.startswith("{"):
            self.blocks.append(json.loads(text))

    def handle_data(self, data: str) -> None:
        names = [tag for tag, _ in self._open]
        self._open = [(tag, text + data) for tag, text in self._open]
        if "caption" in names:
            self._caption += data
        elif ("td" in names or "th" in names) and self.tables.get(self._caption):
            self.tables[self._caption][-1][-1] += data
        if not {"script", "style"} & set(names):
            self.text += data

    def cells(self, caption: str) -> list[list[str]]:
        """The body of a table, white space folded."""
        return [[" ".join(cell.split()) for cell in row] for row in self.tables[caption][1:]]

    def tiles(self) -> list[tuple[str, str]]:
        """Number and words of each tile."""
        words = [" ".join(text.split()) for text in self.texts["dt"]]
        return list(zip(self.texts["dd"], words, strict=True))
