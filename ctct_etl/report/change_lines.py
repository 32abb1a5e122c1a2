"""The changes of a plan line by line, for a terminal: who is added, changed, taken off lists, and what differs of them.

With colour a value stands before and after, what differs in it highlighted; without, it stands once, and what differs
is marked as `[-old-]{+new+}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from rich.text import Text

from ctct_etl.columns import AFTER, BEFORE, CREATE, EMAIL, FIELD, REMOVE, UPDATE, WRITING_ACTIONS
from ctct_etl.plan.tables import ACTION
from ctct_etl.report.cells import show_cell
from ctct_etl.report.changed_text import Kind, find_pieces
from ctct_etl.report.masking import is_masked
from ctct_etl.report.shapes import WHERE, Report
from ctct_etl.report.wording import say_people

LONGEST = 60  # characters of a value, or of what stays and what changes in it
AROUND = 20  # characters of what stays, beside a change in a long value
VALUES = 4  # values of a new contact, where examples are capped
TITLES = {CREATE: "To add", UPDATE: "To change", REMOVE: "To take off lists"}
SIGNS = {CREATE: ("+", "green"), UPDATE: ("~", "blue"), REMOVE: ("-", "red")}
_SET, _CHANGED, _CLEARED = SIGNS.values()
_MARKS: dict[Kind, tuple[str, str]] = {"same": ("", ""), "old": ("[-", "-]"), "new": ("{+", "+}")}
_STYLES = {"same": "", "old": "bold red", "new": "bold green"}


class Changed(NamedTuple):
    field: str
    before: str
    after: str


class Line(NamedTuple):
    """hang: where further lines of it begin, should it be longer than the terminal is wide."""

    text: Text
    hang: int


class Person(NamedTuple):
    address: str
    where: str
    changes: Sequence[Changed]


def list_changes(report: Report, most: int | None, *, color: bool) -> Iterator[tuple[str, Iterator[Line]]]:
    """Yield title and lines of each action that somebody is in, `most` people each (None: all), the rest counted."""
    for action in WRITING_ACTIONS:
        count = report.count_contacts(action)
        if count:
            yield f"{TITLES[action]}: {say_people(count)}", _list_people(report, action, most, color=color)


def pick_people(report: Report, action: str, most: int | None) -> list[Person]:
    """The first people of an action, in the order of the plan, and what changes of each."""
    meant = report.changes[(report.changes[ACTION] == action).to_numpy()]
    lines = zip(*(meant[name] for name in (EMAIL, WHERE, FIELD, BEFORE, AFTER)), strict=True)
    by_person = groupby(lines, key=lambda line: line[0])
    return [_meet(address, list(changes)) for address, changes in islice(by_person, most)]


def _meet(address: str, lines: list[tuple[str, str, str, str, str]]) -> Person:
    return Person(address, lines[0][1], [Changed(*line[2:]) for line in lines])


def _list_people(report: Report, action: str, most: int | None, *, color: bool) -> Iterator[Line]:
    people = pick_people(report, action, most)
    widest = max((len(_show(each.address)) for each in people), default=0)
    for person in people:
        yield Line(_head(action, person, widest, most), widest + 5)
        if action != CREATE:
            yield from _say_changes(person.changes, color=color)
    left = report.count_contacts(action) - len(people)
    if left:
        where = "show PLAN --all" if most is not None else "see the plan's actions.jsonl"
        yield Line(Text(f"…  and {left:,} more: {where}", style="dim"), 3)


def _head(action: str, person: Person, widest: int, most: int | None) -> Text:
    """One line of a person: who, and where the row stands, or of a new one what there is to know."""
    sign, style = SIGNS[action]
    head = Text.assemble((sign, style), "  ", _show(person.address).ljust(widest))
    if action == CREATE:
        head.append("  ")
        head.append_text(_say_new(person.changes, VALUES if most is not None else None))
    elif person.where:
        head.append(f"  {_show(person.where, 120)}", style="dim")
    return head


def _say_new(changes: Sequence[Changed], most: int | None) -> Text:
    """Say what a new contact starts with, on one line: the first values are enough to know the person."""
    values = [Text(f"{_show(each.field)} {_quote(each.after)}") for each in changes[:most]]
    more = len(changes) - len(values)
    return Text(", ").join([*values, Text(f"and {more:,} more")] if more else values)


def _say_changes(changes: Sequence[Changed], *, color: bool) -> Iterator[Line]:
    widest = max(len(_show(each.field)) for each in changes)
    for field, before, after in changes:
        sign, style = _CHANGED if before and after else _SET if after else _CLEARED
        line = Text.assemble("     ", (sign, style), " ", _show(field).ljust(widest), "  ")
        if before and after:
            line.append_text(say_difference(before, after, color=color))
        else:
            line.append(_quote(after or before), style=style)
        yield Line(line, widest + 9)


def say_difference(before: str, after: str, *, color: bool) -> Text:
    """Say how one value becomes another."""
    pieces = None if is_masked(before) else find_pieces(before, after)
    marks = [mark for pair in _MARKS.values() for mark in pair if mark]
    if pieces is None or (not color and any(mark in text for mark in marks for text in (before, after))):
        return Text.assemble((_quote(before), "red"), " → ", (_quote(after), "green"))
    if not color:
        told = (_mark(kind, text, at, len(pieces)) for at, (kind, text) in enumerate(pieces))
        return Text(f'"{"".join(told)}"')
    sides = []
    for side in ("old", "new"):
        parts = [(_cut(kind, text, at, len(pieces)), _STYLES[kind]) for at, (kind, text) in enumerate(pieces)
                 if kind in ("same", side)]  # fmt: skip
        sides.append(Text.assemble('"', *parts, '"'))
    return Text(" → ").join(sides)


def _mark(kind: Kind, text: str, at: int, pieces: int) -> str:
    opening, closing = _MARKS[kind]
    return f"{opening}{_cut(kind, text, at, pieces)}{closing}"


def _cut(kind: Kind, text: str, at: int, pieces: int) -> str:
    """What stays of a long value is told only around what changes."""
    if kind != "same" or len(text) <= LONGEST:
        return show_cell(text, LONGEST)
    start = show_cell(text[:AROUND], AROUND) if at else ""
    end = show_cell(text[-AROUND:], AROUND) if at < pieces - 1 else ""
    return f"{start}…{end}"


def _quote(text: str) -> str:
    return f'"{_show(text)}"'


def _show(text: str, longest: int = LONGEST) -> str:
    return show_cell(text, longest)
