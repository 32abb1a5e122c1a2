"""What there is to say of one address, section by section and line by line, whatever it is written as."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ctct_etl.columns import CREATE, DONE, PLAN_COMMAND, REMOVE, SKIP, UNCHANGED, UPDATE
from ctct_etl.report.cells import show_cell

Json = Mapping[str, Any]
LONGEST = 200  # characters of a value
_EMPTY = re.compile(r"(<[^/?>]+>)\n(</)")  # an element that holds nothing stays on one line
_ACTIONS = {
    CREATE: "would be added", UPDATE: "would be changed", REMOVE: "would be taken off lists", UNCHANGED: "unchanged",
    SKIP: "skipped", "rejected": "rejected", "nothing": "nothing happens",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    text: str
    depth: int = 0


@dataclass(frozen=True)
class Code:
    lines: tuple[str, ...]
    language: str = ""
    depth: int = 0


Block = Line | Code


def lay_out(told: Json) -> Iterator[tuple[str, list[Block]]]:
    """Yield title and content of each section; the first has the decision as its content."""
    decision, account = told["decision"], told["account"]
    yield told["address"], list(_summary(told, decision, account))
    yield "Rows of the source", list(_rows(told)) or [Line("none")]
    if told["desired"]:
        yield "What they say together", [_desired(one) for one in told["desired"]]
    yield "The account's contact", list(_contacts(told["contacts"])) or [Line("none: the account has no such address")]
    if told["fields"]:
        yield "Field by field", [_field(one) for one in told["fields"]]
    if told["memberships"]:
        yield "Lists and tags", [_membership(one) for one in told["memberships"]]
    yield "Requests that would be sent", list(_requests(told)) or [Line("none")]
    yield "Past runs", list(_past(told["past"])) or [Line("none had to do with this address")]


def _summary(told: Json, decision: Json, account: Json) -> Iterator[Block]:
    yield Line(f"{_ACTIONS.get(decision['action'], decision['action'])}: {_show(decision['reason'])}")
    organization = account.get("organization_name") or account["name"]
    yield Line(f"pipeline {told['pipeline']}, account {account['name']}: {_show(organization)} ({account['dialect']})")
    if decision["route"]:
        yield Line(f"sent by {decision['route']}: {decision['route_reason']}")
    if decision["consent"]:
        yield Line("consent: " + ", ".join(f"{key} {_show(value)}" for key, value in decision["consent"].items()))
    for made in told["first_made"]:
        yield Line(f"made in the account first: {_show(made)}")
    for guard in told["guards"]:
        yield Line(f"a guard stops the whole plan: {guard['guard']}: {guard['figure']}, limit {guard['limit']}")


# -- the source ----------------------------------------------------------------------------------------------


def _rows(told: Json) -> Iterator[Block]:
    for row in told["rows"]:
        yield Line(f"{_place(row)}: {row['outcome']}{', the row that won' * row['won']}: {_show(row['reason'])}")
        yield from (Line(_steps(field), 1) for field in row["fields"])
        for kind in ("list", "tag"):
            names = [_show(one["name"]) for one in row["lists_and_tags"] if one["kind"] == kind]
            if names:
                yield Line(f"{kind}s: {', '.join(names)}", 1)
        if row["other"]["opted_out"]:
            yield Line("opted_out: the row says no mail", 1)
        yield from (Line(f"{name}: {_show(row['other'][name])}", 1)
                    for name in ("order", "evidence_date", "evidence_source") if name in row["other"])  # fmt: skip
        yield from (Line(_problem(one), 1) for one in row["problems"])
    for row in told["mentioned"]:
        yield Line(f"{_place(row)}, where it is one of several addresses: {row['outcome']}: {_show(row['reason'])}")


def _steps(field: Json) -> str:
    """As read → as mapped → as cleaned; a step that changes nothing is left out."""
    cells = ", ".join(f"{_show(column)} {_quote(value)}" for column, value in field["cells"].items())
    steps = [cells]
    as_read = next(iter(field["cells"].values())) if len(field["cells"]) == 1 else ""
    for name, before in (("mapped", as_read), ("cleaned", field["mapped"])):
        if field[name] != before:
            steps.append(f"{name} {_quote(field[name])}")
    return f"{field['field']}: {' → '.join(steps)}"


def _problem(problem: Json) -> str:
    grave = {"warn": "warning", "reject": "rejects the row", "stop": "stops the run"}.get(problem["severity"], "")
    return f'problem ({grave}): column "{_show(problem["column"] or "")}": {_show(problem["problem"])}'


def _desired(one: Json) -> Line:
    if one["value"] is None:
        return Line(f"{one['field']}: no opinion")
    whose = f"filled from {_place(one['of'])}" if one["filled"] else f"of {_place(one['of'])}"
    return Line(f"{one['field']}: {_quote(one['value'])}, {whose}")


# -- the account ---------------------------------------------------------------------------------------------


def _contacts(contacts: Sequence[Json]) -> Iterator[Block]:
    for contact in contacts:
        yield Line(f"{contact['contact_id']}: {contact['status'] or 'no status'}")
        for part in ("facts", "values"):
            yield from (Line(f"{name}: {_quote(value)}", 1) for name, value in contact[part].items())


def _field(one: Json) -> Line:
    source = "" if one["desired"] is None else f", source {_quote(one['desired'])}"
    verdict = "changes" if one["changes"] else "stays"
    return Line(f"{one['field']} {verdict}: account {_quote(one['account'])}{source}: {_show(one['why'])}")


def _membership(one: Json) -> Line:
    verdict = {"add": "put on", "remove": "taken off"}.get(one["change"], "as it is")
    return Line(f"{one['kind']} {_show(one['name'])}: {verdict}: {_show(one['why'])}")


# -- requests ------------------------------------------------------------------------------------------------


def _requests(told: Json) -> Iterator[Block]:
    for number, one in enumerate(told["requests"], start=1):
        if one["why_not"]:
            yield Line(f"{number}. {one['route']}: not sent as it looks now: {_show(one['why_not'])}")
            continue
        others = one["carries"] - 1
        with_others = f", with {others:,} other{'s' * (others != 1)} in the same job" if others else ""
        yield Line(f"{number}. {one['method']} {_show(one['path'])}{with_others}")
        if one["body"] is not None:
            yield Code(tuple(show_cell(line, 2_000) for line in _body(one)), _language(one["format"]), 1)


def _language(format_: str) -> str:
    return "" if format_ == "form" else format_


def _body(request: Json) -> list[str]:
    """As one reads it; JSON has it to the letter."""
    if request["format"] == "xml":
        apart = str(request["body"]).replace("><", ">\n<")
        return _EMPTY.sub(r"\1\2", apart).splitlines()
    if request["format"] == "form":
        return [line for name, value in request["body"] for line in f"{name}={value}".splitlines()]
    return json.dumps(request["body"], indent=2, ensure_ascii=False).splitlines()


# -- past runs -----------------------------------------------------------------------------------------------


def _past(past: Json) -> Iterator[Block]:
    for run in past["runs"]:
        if "unreadable" in run:
            yield Line(f"{_show(run['run'])}: {_show(run['unreadable'])}")
            continue
        yield Line(
            f"{run['when'][:16].replace('T', ' ')} UTC, run {run['run']} of {_show(run['pipeline'])}: {_deed(run)}"
        )
        yield from (Line(text, 1) for text in _changes(run))
        yield from (Line(f"{_place(row)}: {row['outcome']}: {_show(row['reason'])}", 1) for row in run["rows"])
    if past["older"]:
        yield Line(f"of the runs of this account the newest {past['looked_at']:,} were looked at")


def _deed(run: Json) -> str:
    if not run["action"]:
        return "no action"
    if run["result"]:
        words = f": {_show(run['words'])}" if run["words"] else ""
        reverted = f"; reverted by {run['reverted_by']}" if run["reverted_by"] else ""
        return f"{run['action']}, {'done' if run['result'] == DONE else run['result']}{words}{reverted}"
    if run["action"] == SKIP:
        return f"skip: {_show(run['reason'])}"
    return f"{run['action']}, planned and not sent ({(run['command'] or PLAN_COMMAND).replace('_', ' ')})"


def _changes(run: Json) -> Iterator[str]:
    for field, after in (run["after"] or {}).items():
        yield f"{_show(field)}: {_quote(run['before'][field])} → {_quote(after)}"
    lists, tags = run["lists"] or {}, run["tags"] or {}
    for words, names in (("put on", lists.get("add")), ("taken off", lists.get("remove")), ("tagged", tags.get("add"))):
        if names:
            yield f"{words}: {', '.join(map(_show, names))}"


# -- values --------------------------------------------------------------------------------------------------


def _place(row: Json) -> str:
    return ", ".join(filter(None, (_show(row["file"]), _show(row["sheet"]), f"row {row['row']}")))


def _quote(value: str | None) -> str:
    return "blank" if value is None else f'"{_show(value)}"'


def _show(text: str) -> str:
    return show_cell(str(text), LONGEST)
