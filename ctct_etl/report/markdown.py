"""The report as Markdown, to be pasted into a chat, a ticket or a pull request: short, and read without the page.

Values come from strangers: each stands as code, where no character of it is markup, a link or a mention.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from ctct_etl.columns import CREATE, REASON, REJECTED, RESULTS, SKIP, WRITING_ACTIONS
from ctct_etl.report.cells import show_cell
from ctct_etl.report.change_lines import SIGNS, TITLES, VALUES, Person, pick_people
from ctct_etl.report.headline import say_cost, say_mails
from ctct_etl.report.plain_text import code, escape
from ctct_etl.report.shapes import WHERE, Report
from ctct_etl.report.wording import OUTCOME_WORDS, RESULT_WORDS, say_count, say_people

_LONGEST = 60
_REASONS = 200


def render_markdown(report: Report, *, advice: Sequence[str] = (), examples: int | None = 5) -> str:
    """Render the report; `examples` caps each list (None: no cap), and the rest is counted.

    advice: what a person may do next.
    """
    blocks = (_heading(report), _counts(report), _guards(report), _changes(report, examples), _skips(report, examples),
              _rejects(report, examples), _not_done(report, examples), _warnings(report, examples),
              [f"- {escape(each)}" for each in advice])  # fmt: skip
    return "\n\n".join("\n".join(lines) for lines in map(list, blocks) if lines) + "\n"


def _heading(report: Report) -> Iterator[str]:
    yield f"## {escape(report.pipeline)} → {escape(report.organization)}"
    yield ""
    yield f"**{escape(report.headline)}**"
    if report.stopped:
        yield f"\n{escape(show_cell(report.stopped, 500))}"
    yield ""
    yield f"Run {code(report.run)}. {escape(say_mails(report.mails))} {escape(say_cost(report.cost))}"
    for kind, names in report.prerequisites.items():
        yield f"Made first: {escape(kind.replace('_', ' '))} {', '.join(map(_cell, names))}."


def _counts(report: Report) -> Iterator[str]:
    """Rows by outcome; after an apply also what became of each action."""
    yield from _table(("Rows", *(OUTCOME_WORDS[each.outcome] for each in report.outcomes)), [
        [f"{report.rows:,}", *(f"{each.count:,}" for each in report.outcomes)]
    ], numbers=True)  # fmt: skip
    applied = [each for each in report.actions if each.action in WRITING_ACTIONS and each.planned and each.results]
    if applied:
        yield ""
        rows = [
            [each.action, f"{each.planned:,}", *(f"{(each.results or {})[result]:,}" for result in RESULTS)]
            for each in applied
        ]
        yield from _table(("Action", "planned", *(RESULT_WORDS[result] for result in RESULTS)), rows, numbers=True)
    if report.fields or report.memberships:
        yield ""
        yield from _table(("Field, list or tag", "set, put on", "changed", "cleared, taken off"), [
            *([code(each.field), f"{each.set:,}", f"{each.changed:,}", f"{each.cleared:,}"] for each in report.fields),
            *([f"{each.kind} {_cell(each.name)}", f"{each.add:,}", "", f"{each.remove:,}"]
              for each in report.memberships),
        ], numbers=True)  # fmt: skip


def _guards(report: Report) -> Iterator[str]:
    """Only those that have something to say: who reads a chat asks what stopped it."""
    said = [each for each in report.guards if each.tripped or each.accepted]
    fine = len(report.guards) - len(said)
    for guard in said:
        sign, limit = ("❌", "limit") if guard.tripped else ("⚠️", "accepted up to")
        cure = f"; {escape(guard.cure)}" if guard.tripped and guard.cure else ""
        yield f"- {sign} **{escape(guard.guard)}**: {escape(guard.figure)}, {limit} {escape(guard.limit)}{cure}"
    if report.guards:
        yield f"- ✅ {say_count(fine, 'guard')}{' more' if said else ''} fine"


def _changes(report: Report, examples: int | None) -> Iterator[str]:
    started = False
    for action in WRITING_ACTIONS:
        count = report.count_contacts(action)
        if not count:
            continue
        people = pick_people(report, action, examples)
        yield from [""] if started else []
        started = True
        yield f"### {TITLES[action]}: {say_people(count)}"
        yield ""
        head = ("", "Address", "Starts with") if action == CREATE else ("", "Address", "Field", "Before", "After")
        yield from _table(head, [row for person in people for row in _rows(action, person, examples)])
        yield from _more(count - len(people), examples, "actions.jsonl")


def _rows(action: str, person: Person, examples: int | None) -> Iterator[list[str]]:
    sign = code(SIGNS[action][0])
    if action == CREATE:
        shown = person.changes[: None if examples is None else VALUES]
        values = [f"{_cell(each.field)} {_cell(each.after)}" for each in shown]
        more = len(person.changes) - len(shown)
        yield [sign, _cell(person.address), ", ".join([*values, *([f"and {more:,} more"] if more else [])])]
        return
    for at, (field, before, after) in enumerate(person.changes):
        who = [sign, _cell(person.address)] if not at else ["", ""]
        yield [*who, _cell(field), _cell(before), _cell(after)]


def _skips(report: Report, examples: int | None) -> Iterator[str]:
    yield from _reasons(report, SKIP, "Left alone", examples)
    if examples is None and len(report.skips):
        yield ""
        yield from _places(report.skips)


def _rejects(report: Report, examples: int | None) -> Iterator[str]:
    yield from _reasons(report, REJECTED, "Rejected", examples)
    if len(report.rejects):
        most = len(report.rejects) if examples is None else examples
        yield ""
        yield from _places(report.rejects.head(most))
        yield from _more(len(report.rejects) - most, examples, "rejects.xlsx")


def _reasons(report: Report, outcome: str, title: str, examples: int | None) -> Iterator[str]:
    (counted,) = (each for each in report.outcomes if each.outcome == outcome)
    if not counted.count:
        return
    yield f"### {title}: {say_count(counted.count, 'row')}"
    yield ""
    for reason in counted.reasons[:examples]:
        yield f"- {reason.count:,}: {escape(show_cell(reason.reason, _REASONS))}"
    more = len(counted.reasons) - len(counted.reasons[:examples])
    if more:
        yield f"- and {say_count(more, 'more reason')}"


def _places(rows: pd.DataFrame) -> Iterator[str]:
    told = zip(rows[WHERE], rows[REASON], strict=True)
    yield from _table(("Where", "Why"), [[escape(where), escape(show_cell(why, _REASONS))] for where, why in told])


def _not_done(report: Report, examples: int | None) -> Iterator[str]:
    if not report.not_done:
        return
    yield f"### Not done: {say_people(report.not_done_count)}"
    yield ""
    shown = report.not_done[:examples]
    yield from _table(("Address", "What", "Why"), [
        [_cell(each.address), f"{each.action}: {RESULT_WORDS[each.result]}", _cell(each.words, _REASONS)]
        for each in shown
    ])  # fmt: skip
    yield from _more(report.not_done_count - len(shown), examples, "not_done.jsonl")


def _warnings(report: Report, examples: int | None) -> Iterator[str]:
    if report.warnings:
        yield "### Warnings"
        yield ""
    shown = report.warnings[:examples]
    for warning in shown:
        yield f"- {escape(show_cell(warning, 300))}"
    if len(report.warnings) > len(shown):
        yield f"- and {len(report.warnings) - len(shown):,} more"


def _more(count: int, examples: int | None, file: str) -> Iterator[str]:
    """file: of the plan's directory, where all of them stand."""
    if count > 0:
        yield ""
        yield f"… and {count:,} more: `{'ctct-etl show PLAN --all' if examples is not None else f'{file} of the plan'}`"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False) -> Iterator[str]:
    """numbers: all but the first column stand to the right."""
    sides = ["---", *("---:" if numbers else "---" for _ in head[1:])]
    yield from (f"| {' | '.join(line)} |" for line in (head, sides, *rows))


def _cell(text: str, longest: int = _LONGEST) -> str:
    return code(show_cell(text, longest)) if text else ""
