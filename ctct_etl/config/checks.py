"""What is looked at in every load without being asked for. All of it only warns, and each can be turned off."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Tag

from ctct_etl.config.values import Model, told_apart_by

Watch: TypeAlias = Literal["warn", "off"]


class Checks(Model):
    """Checks of cells and of whole columns; what one finds odd is loaded as it is."""

    typo_domains: Watch = "warn"
    """addresses whose domain looks like a slip of the hand: gmial.com, gmail.con"""
    role_addresses: Watch = "warn"
    """addresses of a role and not of a person, and such that nobody reads: info@, noreply@"""
    garbled_text: Watch = "warn"
    """text that was read in a wrong encoding, or has codes of HTML in it: JosÃ©, &amp;"""
    spreadsheet_traces: Watch = "warn"
    """what a spreadsheet program left in place of a value: 1.23457E+11, #N/A, ####"""
    misplaced_values: Watch = "warn"
    """values that look like those of another column: an e-mail address or a street in a name, a ZIP in a city"""
    couples: Watch = "warn"
    """first names of two people: Ann & Bob"""
    ambiguous_dates: Watch = "warn"
    """columns of dates that could be read with day and month the other way round, and whose own dates speak for it"""
    swapped_columns: Watch = "warn"
    """two columns whose values stand in each other's place, or one that looks like another"""
    jumps: Watch = "warn"
    """fields that are blank, or would change, for far more contacts than in the last good run"""


AnyChecks: TypeAlias = Annotated[
    Annotated[Watch, Tag("text")] | Annotated[Checks, Tag("Checks")], told_apart_by({}, otherwise="Checks")
]


def is_watched(checks: Watch | Checks, name: str) -> bool:
    """Say whether a check, by its key, is on."""
    return checks == "warn" if isinstance(checks, str) else bool(getattr(checks, name) == "warn")
