"""The people: as they are, before any spreadsheet or account has its say."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

from .dice import Dice
from .pools import CANADIAN_CITIES, CITIES, DOMAINS, FIRST_NAMES, LAST_NAMES, OTHER_SCRIPTS, ROLES, STREETS

INTERESTS = ("Trips", "Books", "Walks")
FIRST_JOINED, LAST_JOINED = "1998-01-10", "2026-10-31"
FIRST_UPDATED, LAST_UPDATED = "2024-01-05", "2026-11-18"


@dataclass(frozen=True)
class Home:
    street: str
    city: str
    state: str
    zip: str
    country: str  # ISO code


@dataclass(frozen=True)
class Person:
    """One person. The sheet may write a name in capitals, but `first` and `last` are as the person writes them."""

    number: str
    address: str  # canonical: lower case, the domain in its ASCII form
    first: str
    last: str
    shouted: bool  # the sheet has the name in capitals
    phone: str  # ten digits
    home: Home
    joined: dt.date | None  # None: nobody knows any more
    tier: str  # G | S | B | ""
    role: str
    interests: tuple[str, ...]
    volunteers: bool
    updated: dt.datetime

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


def make_people(dice: Dice, count: int, first_number: int) -> list[Person]:
    """People with numbers from `first_number`, each with an address of its own."""
    return [make_person(dice, number) for number in range(first_number, first_number + count)]


def make_person(dice: Dice, number: int) -> Person:
    first, last = _make_name(dice)
    home, area = make_home(dice)
    return Person(
        number=f"{number:06d}",
        address=_make_address(dice, first, last, number),
        first=first,
        last=last,
        shouted=dice.chance(0.03) and first.isascii() and last.isalpha(),
        phone=f"{area}55501{dice.number(0, 99):02d}",
        home=home,
        joined=dice.day(FIRST_JOINED, LAST_JOINED),
        tier=dice.pick(("G", "S", "S", "B", "B", "B", "")),
        role=dice.pick(ROLES) if dice.chance(0.35) else "",
        interests=tuple(dice.some(INTERESTS, dice.pick((0, 0, 0, 1, 1, 2)))),
        volunteers=dice.chance(0.12),
        updated=dice.moment(FIRST_UPDATED, LAST_UPDATED),
    )


def make_home(dice: Dice) -> tuple[Home, str]:
    """A home, and an area code of its town."""
    abroad = dice.chance(0.015)
    city, state, code, area = dice.pick(CANADIAN_CITIES if abroad else CITIES)
    return Home(_make_street(dice), city, state, code, "CA" if abroad else "US"), area


def move_home(dice: Dice, home: Home) -> Home:
    """Another street in the same town."""
    moved = _make_street(dice)
    return Home(moved if moved != home.street else f"{moved} 2B", home.city, home.state, home.zip, home.country)


def _make_name(dice: Dice) -> tuple[str, str]:
    if dice.chance(0.006):
        return dice.pick(OTHER_SCRIPTS)
    return dice.pick(FIRST_NAMES), dice.pick(LAST_NAMES)


def _make_street(dice: Dice) -> str:
    return f"{dice.number(1, 980)} {dice.pick(STREETS)}"


def _make_address(dice: Dice, first: str, last: str, number: int) -> str:
    """An address at a domain that is reserved for examples; the number makes it the only one."""
    name = _spell(first), _spell(last)
    stem = dice.pick((f"{name[0]}.{name[1]}", f"{name[0][:1]}{name[1]}", f"{name[1]}.{name[0]}", name[0]))
    domain = "xn--bcher-kva.example.com" if dice.chance(0.002) else dice.pick(DOMAINS)
    if dice.chance(0.001):
        stem = f"the.{stem}.household.of.the.riverside.walking.club"  # longer than a bulk import can carry
    return f"{stem}{number}@{domain}"


def _spell(name: str) -> str:
    """In the letters of a mailbox: no accents, no signs."""
    plain = unicodedata.normalize("NFKD", name.translate(str.maketrans("ØøŁłı", "OoLli"))).encode("ascii", "ignore")
    return "".join(letter for letter in plain.decode().lower() if letter.isalnum()) or "member"
