"""The rows of the members workbook: each person once, some of them again, some rows that can't be used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .cells import (
    Cell,
    write_address,
    write_home,
    write_interests,
    write_joined,
    write_name,
    write_phone,
    write_unreadable_address,
    write_yes,
)
from .dice import Dice
from .people import Person, move_home
from .pools import FORMS

HEADER = (
    "Member No", "E-mail", "First Name", "Last Name", "Cell", "Street", "City", "State", "ZIP", "Country", "Joined",
    "Tier", "Role", "Interests", "Volunteer", "Status", "No Mail", "Signed up", "Form", "Updated",
)  # fmt: skip
TITLE = "Riverside Walking Club — members, November 2026"
BLANK_ROWS = 10


@dataclass(frozen=True)
class Membership:
    """What the club's clerk knows of a person beside the person."""

    status: str = "Active"
    no_mail: bool = False
    has_readable_address: bool = True
    comes_twice: bool = False


def enrol(dice: Dice, people: Iterable[Person]) -> dict[str, Membership]:
    """The membership of each person, by number."""
    return {
        person.number: Membership(
            status="Lapsed" if dice.chance(0.04) else "Active",
            no_mail=dice.chance(0.01),
            has_readable_address=not dice.chance(0.012),
            comes_twice=dice.chance(0.06),
        )
        for person in people
    }


def write_members(dice: Dice, people: list[Person], memberships: dict[str, Membership]) -> list[list[Cell]]:
    """The sheet as a person sees it: a title, a blank row, the header, the members."""
    rows: list[list[Cell]] = []
    for person in people:
        membership = memberships[person.number]
        if membership.comes_twice and membership.has_readable_address:
            rows += _write_twice(dice, person, membership)
        else:
            rows.append(_write_row(dice, person, membership))
    rows.sort(key=lambda row: str(row[0]))
    for _ in range(BLANK_ROWS):
        rows.insert(dice.number(20, len(rows) - 20), [dice.pick((None, None, None, " "))] * len(HEADER))
    return [[TITLE], [], list(HEADER), *rows]


def write_archive(dice: Dice, people: list[Person]) -> list[list[Cell]]:
    """People who left years ago, in the same columns."""
    rows = [_write_row(dice, person, Membership(status="Left")) for person in people]
    return [list(HEADER), *rows]


def _write_twice(dice: Dice, person: Person, membership: Membership) -> list[list[Cell]]:
    """The newer row and an older one: what the newer leaves blank the older has, and the rest may be outdated."""
    newer = _write_row(dice, person, membership)
    outdated = replace(
        person,
        number=f"{int(person.number) + 100_000:06d}" if dice.chance(0.3) else person.number,
        tier=dice.pick(("B", "B", person.tier)),
        phone=f"{person.phone[:8]}{dice.number(0, 99):02d}",
        home=move_home(dice, person.home) if dice.chance(0.4) else person.home,
        interests=person.interests[:1],
        volunteers=False,
        updated=person.updated - dt.timedelta(days=dice.number(20, 700)),
    )
    if dice.chance(0.3):  # the newer row was typed in a hurry: its number stands in the older one
        outdated = replace(outdated, phone=person.phone)
        newer[HEADER.index("Cell")] = None
    older = _write_row(dice, outdated, replace(membership, no_mail=False))
    older[HEADER.index("E-mail")] = dice.pick((person.address.upper(), person.address.title(), person.address))
    if dice.chance(0.4):
        older[HEADER.index("Joined")] = older[HEADER.index("Role")] = None
    return [newer, older]


def _write_row(dice: Dice, person: Person, membership: Membership) -> list[Cell]:
    readable = membership.has_readable_address
    signed_up = dice.day("2019-03-01", "2026-11-10").isoformat() if dice.chance(0.8) else None
    return [
        person.number,
        write_address(dice, person) if readable else write_unreadable_address(dice, person),
        *(_type_carelessly(dice, name) for name in write_name(person)),
        write_phone(dice, person.phone),
        *write_home(dice, person),
        write_joined(dice, person.joined),
        person.tier or None,
        person.role or None,
        write_interests(dice, person.interests),
        write_yes(dice, person.volunteers),
        membership.status,
        dice.pick(("y", "1")) if membership.no_mail else None,
        signed_up,
        dice.pick(FORMS) if signed_up else None,
        person.updated.isoformat(),
    ]


def _type_carelessly(dice: Dice, name: str) -> str:
    """A blank too many, now and then one that does not look like a blank."""
    return name + dice.pick((" ", "\u00a0")) if dice.chance(0.01) else name
