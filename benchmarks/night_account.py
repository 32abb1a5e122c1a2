"""The account of a night, and what became of it: `python -m benchmarks.night_account make|expect|count|hash …`.

    make PLACE N    an account of N contacts, the sheet of the night before, and the sheet of the night
    expect N        the hash of that account when it has got the sheet
    count URL       the requests that a sandbox saw, by method, as JSON
    hash URL        a hash of what the account then is: to be compared with the expected one

The sheet has half as many rows as the account has contacts: 2 % of them are new and 3 % have another last name.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

NEWSLETTER, LOADS = "Newsletter", "Loads"
SEEDED, BEFORE, SHEET = "seeded.sqlite", "before.csv", "members.csv"
COLUMNS = ("E-mail", "First", "Last")
Person = tuple[str, str, str]  # address, first name, last name


class Night(NamedTuple):
    """Sizes, all of which follow from the number of contacts."""

    contacts: int

    @property
    def rows(self) -> int:
        return self.contacts // 2

    @property
    def new(self) -> int:
        return self.rows // 50

    @property
    def changed(self) -> int:
        return self.rows * 3 // 100

    def before(self) -> Iterator[Person]:
        """The night before: people of the account, as they are there."""
        return map(person, range(self.rows - self.new))

    def sheet(self) -> Iterator[Person]:
        for number in range(self.rows - self.new):
            yield person(number, "Married" if number < self.changed else "")
        for number in range(self.new):
            yield person(self.contacts + number)

    def expect(self) -> str:
        """The hash of the account that has got the sheet."""
        after = {each[0]: each for each in map(person, range(self.contacts))} | {each[0]: each for each in self.sheet()}
        return hash_people([*each, [NEWSLETTER], "implicit"] for each in after.values())


def person(number: int, last: str = "") -> Person:
    return f"person{number}@example.com", f"First{number % 997}", last or f"Last{number % 9973}"


def make(place: Path, contacts: int) -> None:
    from ctct_etl.sandbox import reset_state  # brings Flask, which whoever times processes must not hold

    night = Night(contacts)
    for name, people in ((BEFORE, night.before()), (SHEET, night.sheet())):
        with (place / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows((COLUMNS, *people))
    seed = place / "seed.jsonl"
    with seed.open("w", encoding="utf-8") as lines:
        for name in (NEWSLETTER, LOADS):
            lines.write(json.dumps({"list": {"name": name}}) + "\n")
        for address, first, last in map(person, range(contacts)):
            mail = {"address": address, "permission_to_send": "implicit"}
            line = {"email_address": mail, "first_name": first, "last_name": last, "list_memberships": [NEWSLETTER]}
            lines.write(json.dumps(line) + "\n")
    reset_state(place / SEEDED, seed)


def hash_account(url: str) -> str:
    """Who is there, called what, on which lists that people are mailed by, and may be mailed."""
    return hash_people(
        [
            each["email_address"]["address"], each.get("first_name"), each.get("last_name"),
            sorted(set(each["by_name"]["lists"]) - {LOADS}), each["email_address"]["permission_to_send"],
        ]
        for each in look(url, "contacts")
    )  # fmt: skip


def hash_people(people: Iterable[list[Any]]) -> str:
    return hashlib.sha256("\n".join(sorted(map(json.dumps, people))).encode()).hexdigest()


def count_requests(url: str) -> dict[str, int]:
    return dict(Counter(one["method"] for one in look(url, "requests")))


def look(url: str, what: str) -> Any:
    """What the sandbox shows of itself, which it doesn't count as a request."""
    with urllib.request.urlopen(f"{url}/_sandbox/{what}", timeout=600) as answer:
        return json.load(answer)


if __name__ == "__main__":
    verb, what, *more = sys.argv[1:]
    if verb == "make":
        make(Path(what), int(more[0]))
    elif verb == "expect":
        print(Night(int(what)).expect())
    elif verb == "count":
        print(json.dumps(count_requests(what)))
    else:
        print(hash_account(what))
