"""The report on a terminal: what happens to how many, what it costs, what stopped it, and the first of it in full."""

from __future__ import annotations

from io import StringIO

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ctct_etl.columns import (
    ACTIONS,
    AFTER,
    BEFORE,
    CREATE,
    EMAIL,
    FIELD,
    REASON,
    REJECTED,
    REMOVE,
    RESULTS,
    UPDATE,
    WRITING_ACTIONS,
)
from ctct_etl.plan.tables import ACTION, Verdict
from ctct_etl.report.cells import show_cell
from ctct_etl.report.headline import say_cost, say_mails
from ctct_etl.report.shapes import WHERE, Report
from ctct_etl.report.wording import OUTCOME_WORDS, RESULT_WORDS, say_count

_LONGEST = 60  # characters of a value
_VALUES = 4  # values of a new contact
_SIGNS = {CREATE: ("+", "green"), UPDATE: ("~", "blue"), REMOVE: ("-", "red")}
_STATE_STYLES = {"planned": "bold", "done": "bold green", "stopped": "bold red", "failed": "bold red"}


def render_console(report: Report, *, width: int, color: bool, examples: int = 5) -> str:
    """Render the report for a terminal of `width` columns; `examples` caps each list, and the rest is counted.

    Every cell goes in as Text, never as markup: `[red]` in a spreadsheet is four letters and two brackets.
    """
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for block in _blocks(report, examples):
        console.print(block)
    lines = (line.rstrip() for line in out.getvalue().splitlines())
    return "\n".join(lines).strip("\n") + "\n"


def _blocks(report: Report, examples: int) -> list[RenderableType]:
    blocks: list[RenderableType] = [_heading(report), _rows(report), _contacts(report)]
    if report.fields or report.memberships:
        blocks.append(_changes(report))
    blocks += [_guards(report.guards), _prospects(report)]
    if report.not_done:
        blocks.append(_not_done(report, examples))
    if report.verification:
        blocks.append(_verification(report))
    if len(report.changes):
        blocks.append(_first_changes(report, examples))
    if len(report.rejects):
        blocks.append(_first_rejects(report, examples))
    if report.warnings:
        blocks.append(_warnings(report, examples))
    return blocks


def _heading(report: Report) -> RenderableType:
    place = Text(f"{show_cell(report.pipeline, _LONGEST)} → {show_cell(report.organization, _LONGEST)}", style="bold")
    place.append(f"  run {report.run}", style="dim")
    style = _STATE_STYLES.get(report.state, "bold yellow")
    why = [_cell(report.stopped, 500)] if report.stopped else []
    return Group(place, Text(""), Text(report.headline, style=style), *why, Text(""))


def _section(title: str, *body: RenderableType) -> RenderableType:
    return Group(Text(title, style="bold"), *(Padding(each, (0, 0, 0, 2)) for each in body), Text(""))


def _grid(*justify: str) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for each in justify:
        table.add_column(justify="right" if each == "right" else "left", overflow="fold")
    return table


def _rows(report: Report) -> RenderableType:
    total = " + ".join(f"{each.count:,} {OUTCOME_WORDS[each.outcome]}" for each in report.outcomes)
    blank = f" ({say_count(report.blank_rows, 'blank row')} not counted)" if report.blank_rows else ""
    return _section("Rows", Text(f"{say_count(report.rows, 'row')} = {total}{blank}"))


def _contacts(report: Report) -> RenderableType:
    planned = Text(", ".join(f"{report.count_contacts(action):,} {action}" for action in ACTIONS))
    if report.state in ("planned", "stopped"):
        return _section("Contacts", planned)
    table = _grid("left", *("right" for _ in RESULTS))
    for each in report.actions:
        if each.action in WRITING_ACTIONS and each.planned and each.results:
            results = (f"{each.results[result]:,} {RESULT_WORDS[result]}" for result in RESULTS)
            table.add_row(Text(f"{each.planned:,} {each.action}"), *map(Text, results))
    return _section("Contacts", planned, table)


def _changes(report: Report) -> RenderableType:
    table = _grid("left", "right", "right", "right")
    for field in report.fields:
        counts = (f"{field.set:,} set", f"{field.changed:,} changed", f"{field.cleared:,} cleared")
        table.add_row(_cell(field.field), *map(Text, counts))
    for each in report.memberships:
        table.add_row(
            _cell(f"{each.kind} {each.name}"), Text(f"{each.add:,} put on"), Text(f"{each.remove:,} taken off")
        )
    absorbed = sum(report.absorbed.values())
    same = [Text(f"{say_count(absorbed, 'difference')} of writing alone left as they are")] if absorbed else []
    kept = sum(report.kept_edits.values())
    edits = [Text(f"{say_count(kept, 'value')} edited by hand in the account stay there")] if kept else []
    return _section("Changes", table, *same, *edits)


def _guards(guards: tuple[Verdict, ...]) -> RenderableType:
    table = _grid("left", "left", "left", "left")
    for guard in guards:
        sign, style = ("✗", "red") if guard.tripped else ("!", "yellow") if guard.accepted else ("✓", "green")
        limit = f"{'accepted up to' if guard.accepted else 'limit'} {guard.limit}"
        table.add_row(Text(sign, style=style), Text(guard.guard), _cell(guard.figure, 200), Text(limit))
        if guard.tripped and guard.cure:
            table.add_row("", "", Text(guard.cure, style="bold"), "")
    return _section("Guards", table)


def _prospects(report: Report) -> RenderableType:
    table = _grid("left", "left")
    table.add_row(Text("Mails", style="bold"), Text(say_mails(report.mails)))
    table.add_row(Text("Cost", style="bold"), Text(say_cost(report.cost)))
    for kind, names in report.prerequisites.items():
        table.add_row(Text("First", style="bold"), _cell(f"make {kind.replace('_', ' ')}: {', '.join(names)}", 200))
    return Group(table, Text(""))


def _first_changes(report: Report, examples: int) -> RenderableType:
    """Show the first contacts of each action, so that a thousand new people do not hide the one who leaves a list."""
    table = _grid("left", "left", "left")
    total = sum(report.count_contacts(action) for action in WRITING_ACTIONS)
    first = report.changes.drop_duplicates(EMAIL).groupby(ACTION, sort=False).head(examples)
    for address, action in sorted(
        zip(first[EMAIL], first[ACTION], strict=True), key=lambda each: ACTIONS.index(each[1])
    ):
        changes = report.changes[report.changes[EMAIL] == address]
        sign, style = _SIGNS[action]
        table.add_row(
            Text(sign, style=style), _cell(address), _say_new(changes) if action == CREATE else _say_changed(changes)
        )
    return _section(f"First changes ({len(first):,} of {say_count(total, 'contact')})", table)


def _say_new(changes: pd.DataFrame) -> Text:
    """Say what a new contact starts with, on one line: the first values are enough to know the person."""
    first = changes.head(_VALUES)
    values = [Text.assemble(show_cell(field, _LONGEST), " ", _value(after))
              for field, after in zip(first[FIELD], first[AFTER], strict=True)]  # fmt: skip
    more = len(changes) - len(first)
    return Text(", ").join([*values, Text(f"and {more:,} more")] if more else values)


def _say_changed(changes: pd.DataFrame) -> Text:
    lines = (
        Text.assemble(show_cell(field, _LONGEST), " ", _value(before), " → ", _value(after))
        for field, before, after in zip(changes[FIELD], changes[BEFORE], changes[AFTER], strict=True)
    )
    return Text("\n").join(lines)


def _first_rejects(report: Report, examples: int) -> RenderableType:
    return _section(*_first("rejected rows", report.rejects, REASON, report.count_rows(REJECTED), examples))


def _first(title: str, rows: pd.DataFrame, words: str, total: int, examples: int) -> tuple[str, Table]:
    table = _grid("left", "left")
    shown = rows.head(examples)
    for row in shown.to_dict("records"):
        table.add_row(_cell(row[WHERE]), _cell(row[words], 200))
    return f"First {title} ({len(shown):,} of {total:,})", table


def _not_done(report: Report, examples: int) -> RenderableType:
    table = _grid("left", "left", "left")
    for each in report.not_done[:examples]:
        table.add_row(_cell(each.address), Text(f"{each.action}: {RESULT_WORDS[each.result]}"), _cell(each.words, 200))
    return _section(f"Not done ({min(examples, len(report.not_done)):,} of {report.not_done_count:,})", table)


def _verification(report: Report) -> RenderableType:
    check = report.verification
    assert check is not None
    words = f"{check.as_promised:,} of {say_count(check.checked, 'contact')} read back are as the plan promised"
    lines = [_cell(f"{each.address} {each.field}: {each.found!r}", 200) for each in check.differences[:5]]
    return _section("Verification", Text(words, style="" if check.as_promised == check.checked else "yellow"), *lines)


def _warnings(report: Report, examples: int) -> RenderableType:
    lines = [Text(f"! {show_cell(each, 300)}", style="yellow") for each in report.warnings[:examples]]
    more = len(report.warnings) - len(lines)
    return _section("Warnings", *lines, *([Text(f"and {more:,} more")] if more else []))


def _cell(text: str, longest: int = _LONGEST) -> Text:
    return Text(show_cell(text, longest))


def _value(text: str) -> Text:
    return Text(f'"{show_cell(text, _LONGEST)}"') if text else Text("empty", style="dim")
