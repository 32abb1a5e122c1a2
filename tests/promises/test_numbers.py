"""The numbers that people are told are one set of numbers: on page and console, in JSON, and in the account itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import example, given

from ctct_etl.report.console import render_console
from ctct_etl.report.machine import render_json
from ctct_etl.report.page import render_html
from tests.promises.nights import night_of, or_pass_by, slow
from tests.promises.worlds import LEAVING, RICH, World, worlds
from tests.report.pages import Page

Account = Mapping[str, Mapping[str, Any]]


@slow
@example(RICH)
@example(LEAVING)
@given(worlds())
def test_page_console_json_and_account_say_the_same_numbers(world: World) -> None:
    with night_of(world) as night:
        before = night.contacts()
        ended = or_pass_by(night.run)
        after = night.contacts()
        sent = night.requests()
    page, console = Page(render_html(ended.report)), render_console(ended.report, width=400, color=False)
    told = json.loads(render_json(ended.report))

    done = {each["action"]: (each["results"] or {}).get("done", 0) for each in told["actions"]}
    assert done["create"] == len(after.keys() - before.keys())
    assert done["update"] + done["remove"] >= _count_changed(before, after)
    assert (told["cost"]["used"] or 0) <= len(sent)
    if ended.outcome is not None:
        rows = {cells[0]: [int(cell.replace(",", "")) for cell in cells[1:3]]
                for cells in page.cells("People by action and result")}  # fmt: skip
        for words, action in (("add", "create"), ("change", "update"), ("take off lists", "remove")):
            planned = next(each["planned"] for each in told["actions"] if each["action"] == action)
            assert rows[words] == [planned, done[action]]
            assert not planned or re.search(rf"^  +{planned} {action} +{done[action]} done", console, re.M)

    lists = {each["name"]: each for each in told["memberships"] + told["resting"] if each["kind"] == "list"}
    for name, each in lists.items():
        assert each["before"] == _count_members(before.values(), name)
        assert each["before"] + each["add"] - each["remove"] == _count_members(after.values(), name)
    if told["memberships"]:
        shown = {cells[0]: cells[1:] for cells in page.cells("People on lists and tags, before and after")}
        for each in told["memberships"]:
            ends = str(each["before"]), str(each["before"] + each["add"] - each["remove"])
            assert (shown[f"{each['name']} {each['kind']}"][0], shown[f"{each['name']} {each['kind']}"][3]) == ends

    together = {row[0]: tuple(map(int, row[1:])) for row in page.cells("Changes by field")} if told["fields"] else {}
    counted = [(each["set"], each["changed"], each["cleared"]) for each in told["fields"]]
    assert Counter(together.values()) == Counter(counted)
    for each in told["fields"]:
        figures = " +".join(f"{each[kind]} {kind}" for kind in ("set", "changed", "cleared"))
        assert re.search(rf"^ +{re.escape(each['field'])} +{figures}", console, re.M)


def _count_members(contacts: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(name in contact["by_name"]["lists"] for contact in contacts)


def _count_changed(before: Account, after: Account) -> int:
    """Who of those that were there is otherwise than before, dates of writing aside."""
    return sum(_without_dates(before[key]) != _without_dates(after[key]) for key in before.keys() & after.keys())


def _without_dates(contact: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in contact.items() if key not in ("updated_at", "update_source", "email_address")}
