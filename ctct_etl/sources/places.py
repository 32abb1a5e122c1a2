"""Naming a place in a source the way a person finds it: file, sheet, row, column letter."""

from __future__ import annotations

from dataclasses import dataclass

from ctct_etl.errors import SourceError

LONGEST_QUOTE = 60  # characters of a value that a message shows


@dataclass(frozen=True)
class Place:
    """One table of a source: the file as it is shown, and its sheet ("" for a file without sheets)."""

    file: str
    sheet: str = ""

    def name(self, *parts: str) -> str:
        """'members.xlsx, sheet Members, row 17': this place, and what is named within it."""
        return ", ".join([self.file, *([f"sheet {self.sheet}"] if self.sheet else []), *parts])

    def column(self, name: str) -> str:
        return self.name(f"column {quote(name)}")

    def error(self, what: str, cure: str, *parts: str) -> SourceError:
        return SourceError(f"{self.name(*parts)}: {what} — {cure}")


def column_letter(position: int) -> str:
    """The letter of a column as spreadsheet programs show it; 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_position(letters: str) -> int:
    """The inverse of `column_letter`."""
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - ord("A") + 1
    return position - 1


def quote(text: str) -> str:
    """The text between ASCII quotes, cut when it is long."""
    return f'"{text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"}"'


def count(number: int, noun: str) -> str:
    """'1 row', '1,204 rows'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
