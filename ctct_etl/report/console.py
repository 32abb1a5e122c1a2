"""The report on a terminal: what happens to how many, what it costs, what stopped it, and the first of it in full."""

from __future__ import annotations

from io import StringIO

import pandas as pd
from rich.color import ColorSystem
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ctct_etl.columns import ACTIONS, REASON, REJECTED, RESULTS, SKIP, WRITING_ACTIONS
from ctct_etl.plan.tables import Verdict
from ctct_etl.report.cells import show_cell
from ctct_etl.report.change_lines import Line, list_changes
from ctct_etl.report.headline import say_cost, say_mails
from ctct_etl.report.shapes import WHERE, Report
from ctct_etl.report.wording import OUTCOME_WORDS, RESULT_WORDS, say_count

_LONGEST = 60  # characters of a value
_INDENT = 2
_STATE_STYLES = {"planned": "bold", "done": "bold green", "stopped": "bold red", "failed": "bold red"}


def render_console(report: Report, *, width: int, color: bool, examples: int | None = 5) -> str:
    """Render the report for a terminal of `width` columns; `examples` caps each list (None: no cap), the rest is
    counted.

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
    for block in _opening(report):
        console.print(block)
    for title, lines in list_changes(report, examples, color=color):
        console.print(Text(title, style="bold"))
        for line in lines:
            _print(console, line)
        console.print()
    for block in _ending(report, examples):
        console.print(block)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n") + "\n"


def _print(console: Console, line: Line) -> None:
    """One line, further in than its title; where it is too long it goes on below its own words."""
    text, hang = line
    room = console.width - _INDENT
    if (
        text.cell_len <= room
    ):  # nearly all are, and a plan has a hundred thousand: past the layout, twenty times as fast
        console.file.write(f"{' ' * _INDENT}{_paint(console, text)}\n")
    elif room > 2 * hang:
        table = Table.grid()
        table.add_column(width=hang)
        table.add_column(overflow="fold")
        table.add_row(*text.divide([hang]))
        console.print(Padding(table, (0, 0, 0, _INDENT)))
    else:
        console.print(Padding(Text(overflow="fold").append_text(text), (0, 0, 0, _INDENT)))


def _paint(console: Console, text: Text) -> str:
    if console.no_color:
        return text.plain
    system = ColorSystem.STANDARD
    return "".join(
        style.render(said, color_system=system) if style else said for said, style, _ in text.render(console)
    )


def _opening(report: Report) -> list[RenderableType]:
    """What happens, or happened, to how many, and what it costs."""
    blocks: list[RenderableType] = [_heading(report), _rows(report), _contacts(report)]
    if report.fields or report.memberships:
        blocks.append(_changes(report))
    return [*blocks, _guards(report.guards), _prospects(report)]


def _ending(report: Report, examples: int | None) -> list[RenderableType]:
    """Whom it did not happen to, and what else a person should know."""
    blocks: list[RenderableType] = []
    if len(report.skips):
        blocks.append(_reasons(report, SKIP, "Left alone", examples))
        blocks += [_places("Rows left alone", report.skips, None)] if examples is None else []
    if len(report.rejects):
        if examples is not None and len(report.rejects) > examples:
            blocks.append(_reasons(report, REJECTED, "Rejected", examples))
        blocks.append(_places("Rejected rows", report.rejects, examples))
    if report.not_done:
        blocks.append(_not_done(report, examples))
    if report.verification:
        blocks.append(_verification(report))
    return [*blocks, _warnings(report, examples)] if report.warnings else blocks


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


def _reasons(report: Report, outcome: str, title: str, examples: int | None) -> RenderableType:
    """How many rows came to an outcome by each reason; a reason's own values are left out."""
    (counted,) = (each for each in report.outcomes if each.outcome == outcome)
    table = _grid("right", "left")
    for reason in counted.reasons[:examples]:
        table.add_row(Text(f"{reason.count:,}"), _cell(reason.reason, 200))
    more = len(counted.reasons) - table.row_count
    rest = [_more(f"{say_count(more, 'more reason')}")] if more else []
    return _section(f"{title}: {say_count(counted.count, 'row')}", table, *rest)


def _places(title: str, rows: pd.DataFrame, examples: int | None) -> RenderableType:
    """The first of these rows, where each stands and why."""
    table = _grid("left", "left")
    shown = rows.head(len(rows) if examples is None else examples)
    for where, why in zip(shown[WHERE], shown[REASON], strict=True):
        table.add_row(_cell(where, 120), _cell(why, 200))
    more = len(rows) - len(shown)
    count = f" ({len(shown):,} of {len(rows):,})" if more else ""
    return _section(
        f"{'First r' if more else 'R'}{title[1:]}{count}", table, *([_more(f"{more:,} more")] if more else [])
    )


def _more(what: str) -> Text:
    return Text(f"…  and {what}: show PLAN --all", style="dim")


def _not_done(report: Report, examples: int | None) -> RenderableType:
    table = _grid("left", "left", "left")
    shown = report.not_done[:examples]
    for each in shown:
        table.add_row(_cell(each.address), Text(f"{each.action}: {RESULT_WORDS[each.result]}"), _cell(each.words, 200))
    more = report.not_done_count - len(shown)
    where = "show PLAN --all" if examples is not None else "see the plan's not_done.jsonl"
    rest = [Text(f"…  and {more:,} more: {where}", style="dim")] if more else []
    return _section(f"Not done ({len(shown):,} of {report.not_done_count:,})", table, *rest)


def _verification(report: Report) -> RenderableType:
    check = report.verification
    assert check is not None
    words = f"{check.as_promised:,} of {say_count(check.checked, 'contact')} read back are as the plan promised"
    lines = [_cell(f"{each.address} {each.field}: {each.found!r}", 200) for each in check.differences[:5]]
    return _section("Verification", Text(words, style="" if check.as_promised == check.checked else "yellow"), *lines)


def _warnings(report: Report, examples: int | None) -> RenderableType:
    lines = [Text(f"! {show_cell(each, 300)}", style="yellow") for each in report.warnings[:examples]]
    more = len(report.warnings) - len(lines)
    return _section("Warnings", *lines, *([_more(f"{more:,} more")] if more else []))


def _cell(text: str, longest: int = _LONGEST) -> Text:
    return Text(show_cell(text, longest))
