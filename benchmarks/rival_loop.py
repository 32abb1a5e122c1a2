"""The work of `task.py` as a plain Python loop, as one writes it first: `python -m benchmarks.rival_loop DATA OUT`."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import task

GOOD_ADDRESS = re.compile(task.ADDRESS)
STATE_CODES = {name.lower(): code.lower() for place in ("US", "CA") for code, name in task.STATES[place].items()}


class Row(NamedTuple):
    number: int
    email: str
    updated: str
    values: dict[str, str | None]
    lists: set[str]


def read_rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        for number, cells in enumerate(csv.DictReader(stream), 2):
            lists = {name.strip() for name in cells[task.INTERESTS].split(";")} - {""}
            email = cells[task.EMAIL].strip().lower()
            yield Row(number, email, cells[task.UPDATED].strip(), read_values(cells), {task.NEWSLETTER, *lists})


def read_values(cells: dict[str, str]) -> dict[str, str | None]:
    values: dict[str, str | None] = {field: cells[column].strip() or None for field, column in task.COLUMNS.items()}
    values[task.FIRST_NAME] = (values[task.FIRST_NAME] or "").title() or None
    values[task.PHONE] = read_phone(values[task.PHONE])
    values[task.JOINED] = read_day(values[task.JOINED])
    values[task.COUNTRY] = task.COUNTRIES.get((values[task.COUNTRY] or "").lower())
    state = values[task.STATE]
    values[task.STATE] = task.code_state(values[task.COUNTRY], state) if state else None
    return values


def read_phone(text: str | None) -> str | None:
    digits = re.sub(r"\D", "", text or "")
    return f"+1{digits[-10:]}" if re.fullmatch("1?[2-9][0-9]{9}", digits) else None


def read_day(text: str | None) -> str | None:
    try:
        return datetime.strptime(text or "", task.DAY_FORMAT).date().isoformat()
    except ValueError:
        return None


def key_of(field: str, value: str) -> str:
    if field == task.PHONE:
        return re.sub("^1(.{10})$", r"\1", re.sub(r"\D", "", value))
    if field == task.STATE:
        return STATE_CODES.get(value.lower(), value.lower())
    return value


def read_account(place: Path) -> tuple[dict[str, dict[str, str]], dict[str, set[str]]]:
    contacts = pq.read_table(place / task.CONTACTS).to_pylist()
    lists: dict[str, set[str]] = defaultdict(set)
    for membership in pq.read_table(place / task.MEMBERSHIPS).to_pylist():
        lists[contacts[membership["contact"]]["email"]].add(membership["name"])
    return {contact["email"]: contact for contact in contacts}, lists


def merge(rows: list[Row]) -> tuple[dict[str, str], set[str]]:
    """The values of the newest row, its blanks filled from the next; the lists of all."""
    merged: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row.updated, row.number)):
        merged |= {field: value for field, value in row.values.items() if value is not None}
    return merged, set().union(*(row.lists for row in rows))


def decide(email: str, rows: list[Row], known: dict[str, str] | None, on: set[str]) -> dict[str, Any] | None:
    """The action for one address, None where nothing is to be done."""
    values, lists = merge(rows)
    before = {field: known[field] if known else "" for field in values}
    changed = [field for field in values if key_of(field, values[field]) != key_of(field, before[field])]
    missing, action = sorted(lists - on), "update" if known else "create"
    if known and known["status"] == task.UNSUBSCRIBED:
        changed, missing, action = [], [], "skip"
    elif known and not changed and not missing:
        return None
    return {
        "action": action,
        "address": email,
        "after": {field: values[field] for field in changed},
        "before": {field: before[field] for field in changed},
        "contact_id": known["contact_id"] if known else "",
        "updated_at": known["updated_at"] if known else "",
        "lists": {"add": missing},
        "origins": sorted(row.number for row in rows),
    }


def main(place: Path, out: Path) -> None:
    contacts, lists = read_account(place)
    outcomes: list[tuple[int, str, str]] = []
    people: dict[str, list[Row]] = defaultdict(list)
    for row in read_rows(place / task.SOURCE):
        if GOOD_ADDRESS.match(row.email):
            people[row.email].append(row)
        else:
            outcomes.append((row.number, row.email, "rejected"))
    with (out / task.ACTIONS).open("w", encoding="utf-8") as stream:
        for email in sorted(people):
            rows = people[email]
            action = decide(email, rows, contacts.get(email), lists[email])
            if action is not None:
                stream.write(json.dumps(action, ensure_ascii=False) + "\n")
            winner = max(rows, key=lambda row: (row.updated, row.number))
            word = action["action"] if action else "unchanged"
            outcomes += [(row.number, email, word if row is winner else "merged") for row in rows]
    columns = zip(*sorted(outcomes), strict=True)
    pq.write_table(pa.table(list(map(pa.array, columns)), names=["row", "email", "outcome"]), out / task.ROWS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
