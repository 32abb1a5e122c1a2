"""What a run counted of each field, for the next one to compare with: plain numbers, and nothing heavy to load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldFigures:
    """What a run counted of each mapped field: for how many of its `contacts` it was blank, and for how many of those
    that the account had (`matched`) it was to change.
    """

    contacts: int
    matched: int
    blank: Mapping[str, int]
    changed: Mapping[str, int]
