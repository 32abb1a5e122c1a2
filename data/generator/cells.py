"""How people are written into cells: every clerk has a way of their own, and some cells are wrong."""

from __future__ import annotations

import datetime as dt

from .dice import Dice
from .people import Person
from .pools import STATE_NAMES

Cell = str | int | dt.date | None

COUNTRY_NAMES = {"US": ("USA", "USA", "USA", "US", "U.S.A.", "United States", None), "CA": ("Canada", "CA")}
PHONE_FORMS = ("({0}) {1}-{2}", "({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "+1 {0} {1} {2}", "{0}{1}{2}")
# Said by the clerk of one person: what can be read, and what can't.
READABLE_ADDRESSES = ("mailto:{0}", "{1} <{0}>", "  {0} ", "\u200b{0}", '"{1}" <{0}>')
UNREADABLE_ADDRESSES = (None, None, "n/a", "{2}@@{3}", "{0}; {2}.home@{3}", "{0}, {2}.work@{3}", "{2}.{3}", "{2} @{3}.")
JUNK_DATES = ("unknown", "31/02/2019", "2019", "spring 2012", "00/00/0000")
JUNK_PHONES = ("555-0123", "ask Maria", "see notes", "n/a")


def write_address(dice: Dice, person: Person) -> str:
    """The address in a form that can be read."""
    if dice.chance(0.012):
        return dice.pick(READABLE_ADDRESSES).format(person.address, person.name)
    if dice.chance(0.05):
        return person.address.title()
    if "xn--bcher-kva" in person.address and dice.chance(0.5):
        return person.address.replace("xn--bcher-kva", "bücher")
    return person.address


def write_unreadable_address(dice: Dice, person: Person) -> Cell:
    form = dice.pick(UNREADABLE_ADDRESSES)
    return form and form.format(person.address, person.name, *person.address.split("@"))


def write_name(person: Person) -> tuple[str, str]:
    return (person.first.upper(), person.last.upper()) if person.shouted else (person.first, person.last)


def write_phone(dice: Dice, phone: str) -> Cell:
    if dice.chance(0.08):
        return None
    if dice.chance(0.006):
        return dice.pick(JUNK_PHONES)
    if dice.chance(0.02):
        return int(phone)
    return dice.pick(PHONE_FORMS).format(phone[:3], phone[3:6], phone[6:])


def write_home(dice: Dice, person: Person) -> list[Cell]:
    """Street, city, state, ZIP, country: together, or not at all."""
    if dice.chance(0.03):
        return [None] * 5
    home = person.home
    state = STATE_NAMES.get(home.state, home.state) if dice.chance(0.06) else home.state
    return [home.street, home.city, state, _write_zip(dice, home.zip), dice.pick(COUNTRY_NAMES[home.country])]


def _write_zip(dice: Dice, code: str) -> Cell:
    if not code.isdigit():
        return code
    if code.startswith("0"):  # few lose their zero to a number cell, as happens
        return int(code) if dice.chance(0.003) else code
    return int(code) if dice.chance(0.1) else code


def write_joined(dice: Dice, day: dt.date | None) -> Cell:
    if day is None or dice.chance(0.02):
        return None
    if dice.chance(0.006):
        return dice.pick(JUNK_DATES)
    return day if dice.chance(0.12) else day.strftime("%d/%m/%Y")


def write_interests(dice: Dice, interests: tuple[str, ...]) -> Cell:
    return dice.pick(("; ", "; ", ";", " ; ")).join(interests) or None


def write_yes(dice: Dice, is_so: bool) -> Cell:
    return dice.pick(("yes", "yes", "y", "1")) if is_so else dice.pick((None, None, None, "no"))
