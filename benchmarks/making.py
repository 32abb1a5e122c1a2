"""Seeded data for the comparison: a source of N rows and an account of N contacts.

Of the rows 8 % are a second one of somebody, 3 % have no good address. Of the people 2 % are new to the account, 2 %
have one or two fields that differ there, the others are there as they are; about a tenth of the account is not in the
source.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks import task

Texts = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_INTERESTS = ("Gardening", "Trips", "Volunteers", "Wine", "Youth")
_SYLLABLES = ("an", "bel", "cor", "da", "el", "fi", "gar", "ho", "is", "jo", "ka", "lu", "mar", "ne", "ol", "ri")
_DOMAINS = ("example.com", "mail.example.com", "example.org", "post.example.net")
_BLANK = {task.FIRST_NAME: 0.02, "last_name": 0.02, task.PHONE: 0.3, "job_title": 0.4, "company_name": 0.4}
_USUALLY_BLANK = 0.1
_UNREADABLE = {task.PHONE: "555-12", task.JOINED: "31/02/2019"}
_BROKEN = ("nobody.example.com", "{}@@example.com", "{} x@example.com", "{}@nowhere", "", "{}..x@example.com")


def make(size: int, place: Path, seed: int = 2026) -> None:
    """Write `source.csv`, `contacts.parquet` and `memberships.parquet` of `size` rows each way into `place`."""
    dice = np.random.default_rng(seed)
    known = round(size * 0.92)  # people of the source; as many more as make an account of `size`
    people = _make_people(dice, known + size)
    interests = dice.integers(0, 1 << len(_INTERESTS), known + size) & dice.integers(
        0, 1 << len(_INTERESTS), known + size
    )
    _write_source(dice, people, interests, size, known, place)
    _write_account(dice, people, interests, size, known, place)


def _pick(dice: np.random.Generator, words: list[str], size: int) -> Texts:
    return np.array(words, dtype=object)[dice.integers(0, len(words), size)]


def _number(pattern: str, numbers: Numbers) -> Texts:
    head, tail = pattern.split("#")
    return np.array([f"{head}{number}{tail}" for number in numbers.tolist()], dtype=object)


def _make_people(dice: np.random.Generator, size: int) -> dict[str, Texts]:
    """What is true of everybody, as the account writes it."""
    names = [f"{a}{b}".capitalize() for a in _SYLLABLES for b in _SYLLABLES]
    country = np.array(["US", "CA", "GB"], dtype=object)[np.searchsorted([0.9, 0.95], dice.random(size))]
    state = np.empty(size, dtype=object)
    for code, states in task.STATES.items():
        there = country == code
        state[there] = _pick(dice, list(states), int(there.sum()))
    digits = dice.integers(2_000_000_000, 9_999_999_999, size)
    days = np.datetime64("2000-01-01") + dice.integers(0, 9000, size).astype("timedelta64[D]")
    street = _number("# Elm Street", dice.integers(1, 9999, size))
    flat = dice.random(size) < 0.1
    street[flat] += _number(", Apt #", dice.integers(1, 99, int(flat.sum())))
    people = {
        "email": _number("person.#@", np.arange(size)) + _pick(dice, list(_DOMAINS), size),
        task.FIRST_NAME: _pick(dice, names, size),
        "last_name": _pick(dice, [f"{a}{b}" for a in names for b in _SYLLABLES], size),
        "job_title": _pick(dice, ["Owner", "Clerk", "Teacher", "Head of Sales", "Nurse", "Zoë's aide"], size),
        "company_name": _number("Company # Ltd", dice.integers(0, 50_000, size)),
        task.PHONE: _number("+1#", digits),
        task.JOINED: days.astype(str).astype(object),
        "address.home.street": street,
        "address.home.city": _pick(dice, [f"{name}ville" for name in names], size),
        task.STATE: state,
        "address.home.postal_code": np.array([f"{n:05d}" for n in dice.integers(501, 99_951, size).tolist()], object),
        task.COUNTRY: country,
    }
    for field, kinds in zip(task.CUSTOM, (5, 100, 1000, size, size, size), strict=True):
        people[field] = _number(f"{field[-1]}: value #", dice.integers(0, kinds, size))
    return people


def _write_source(
    dice: np.random.Generator, people: Mapping[str, Texts], interests: Numbers, size: int, known: int, place: Path
) -> None:
    double = dice.choice(known, size - known, replace=False)
    person = dice.permutation(np.concatenate([np.arange(known), double]))
    first, second = _find_pairs(person)
    day = dice.integers(100, 1000, size)
    later = dice.random(len(first)) < 0.6
    winner, loser = np.where(later, second, first), np.where(later, first, second)
    day[loser] = day[winner] - np.where(
        later & (dice.random(len(first)) < 0.1), 0, 1 + dice.integers(0, 90, len(first))
    )
    columns = {task.EMAIL: _write_addresses(dice, people["email"][person], np.concatenate([first, second]))}
    for field, column in task.COLUMNS.items():
        blank = dice.random(size) < _BLANK.get(field, _USUALLY_BLANK)
        blank[loser] = blank[winner] & (dice.random(len(first)) < 0.5)
        stale = np.zeros(size, dtype=bool)
        stale[loser] = ~blank[winner] & (dice.random(len(first)) < 0.3)
        values = _write_as_people_do(dice, field, people[field][np.where(stale, (person + 1) % known, person)])
        columns[column] = np.where(blank, _pick(dice, ["", "", "", " "], size), values)
    columns[task.INTERESTS] = _write_interests(interests[person])
    columns[task.UPDATED] = (np.datetime64("2024-01-01") + day.astype("timedelta64[D]")).astype(str).astype(object)
    cells = {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    pl.DataFrame(cells).with_columns(pl.all().replace("", None)).write_csv(place / task.SOURCE)


def _find_pairs(person: Numbers) -> tuple[Numbers, Numbers]:
    """Positions of the first and the second row of everybody who has two."""
    order = np.argsort(person, kind="stable")
    second = np.flatnonzero(person[order][1:] == person[order][:-1]) + 1
    return order[second - 1], order[second]


def _write_addresses(dice: np.random.Generator, address: Texts, double: Numbers) -> Texts:
    written = address.copy()
    case = dice.integers(0, 10, len(address))
    for number, change in ((0, str.upper), (1, str.title), (2, " {} ".format)):
        written[case == number] = [change(text) for text in address[case == number]]
    single = np.ones(len(address), dtype=bool)
    single[double] = False
    broken = dice.choice(np.flatnonzero(single), round(len(address) * 0.03), replace=False)
    written[broken] = [_BROKEN[at % len(_BROKEN)].format(f"broken{at}") for at in broken.tolist()]
    return written


def _write_as_people_do(dice: np.random.Generator, field: str, values: Texts) -> Texts:
    """The writings that a program has to see through."""
    style = dice.integers(0, 20, len(values))
    if field == task.FIRST_NAME:
        return np.where(style == 0, _each(values, str.upper), np.where(style == 1, _each(values, str.lower), values))
    if field == task.PHONE:
        forms = ("({0}) {1}-{2}", "{0}-{1}-{2}", "{0}{1}{2}", "+1 {0} {1} {2}", "{0}.{1}.{2}")
        numbers = zip(values.tolist(), style.tolist(), strict=True)
        values = np.array([forms[at % 5].format(text[2:5], text[5:8], text[8:]) for text, at in numbers], object)
    if field == task.JOINED:
        values = _each(values, lambda day: f"{day[8:]}/{day[5:7]}/{day[:4]}")
    if field == task.STATE:
        names = {code: name for states in task.STATES.values() for code, name in states.items()}
        values = np.where(
            style < 5, _each(values, names.__getitem__), np.where(style == 6, _each(values, str.lower), values)
        )
    if field == task.COUNTRY:
        longer = {"US": "United States", "CA": "Canada", "GB": "UK"}
        values = np.where(
            style < 8, _each(values, longer.__getitem__), np.where(style == 8, _each(values, str.lower), values)
        )
    if field in _UNREADABLE:
        values = np.where(dice.random(len(values)) < 0.005, _UNREADABLE[field], values)
    return np.where(style == 19, _each(values, " {}".format), values)


def _each(values: Texts, change: Callable[[str], str]) -> Texts:
    return np.array([change(text) for text in values.tolist()], dtype=object)


def _write_interests(bits: Numbers) -> Texts:
    names = [[name for at, name in enumerate(_INTERESTS) if bit >> at & 1] for bit in range(1 << len(_INTERESTS))]
    return np.array([("; " if bit % 2 else ";").join(some) for bit, some in enumerate(names)], dtype=object)[bits]


def _write_account(
    dice: np.random.Generator, people: Mapping[str, Texts], interests: Numbers, size: int, known: int, place: Path
) -> None:
    there = dice.choice(known, round(known * 0.98), replace=False)
    person = dice.permutation(np.concatenate([there, np.arange(known, known + size - len(there))]))
    columns = {"contact_id": _number("c-#-0000-4000-8000-abcdef", np.arange(size)), "email": people["email"][person]}
    unsubscribed = dice.random(size) < 0.005
    blank = np.full(size, "", dtype=object)
    columns["status"] = np.where(unsubscribed, task.UNSUBSCRIBED, _pick(dice, ["implicit", "explicit"], size))
    columns["created_at"] = np.full(size, "2020-01-01T00:00:00Z", dtype=object)
    columns["updated_at"] = _number("2025-0#-01T12:00:00Z", dice.integers(1, 9, size))
    columns["deleted_at"] = blank
    columns["opt_out.date"] = np.where(unsubscribed, "2024-05-05T10:00:00Z", blank)
    columns["opt_out.source"] = np.where(unsubscribed, "Contact", blank)
    changed = np.flatnonzero(dice.random(size) < 0.02)
    which = dice.integers(0, len(task.COLUMNS), (len(changed), 2))
    for at, field in enumerate(task.COLUMNS):
        values = people[field][person]
        moved = changed[(which == at).any(axis=1)]
        values[moved] = people[field][(person[moved] + 7) % len(people["email"])]
        if field == task.PHONE:
            other = dice.random(size) < 0.05  # another writing of the same number
            values[other] = [f"({text[2:5]}) {text[5:8]}-{text[8:]}" for text in values[other]]
        columns[field] = values
    schema = dict.fromkeys(columns, pl.String)
    pl.DataFrame(columns, schema=schema).write_parquet(place / task.CONTACTS, compression="zstd", compression_level=1)
    _write_memberships(dice, interests[person], place)


def _write_memberships(dice: np.random.Generator, bits: Numbers, place: Path) -> None:
    """The account's lists, one row a membership; 0.3 % of the contacts miss one that the source names."""
    size = len(bits)
    forgetful = dice.random(size) < 0.003
    bits = np.where(forgetful & (dice.random(size) < 0.5), bits & (bits - 1), bits)
    newsletter = np.flatnonzero(dice.random(size) >= 0.003)
    owners = [newsletter, *(np.flatnonzero(bits >> at & 1) for at in range(len(_INTERESTS)))]
    names = np.repeat(np.array([task.NEWSLETTER, *_INTERESTS]), [len(owner) for owner in owners])
    table = pl.DataFrame({"contact": np.concatenate(owners), "name": pl.Series(names, dtype=pl.String)})
    table.sort("contact", maintain_order=True).write_parquet(place / task.MEMBERSHIPS)


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
