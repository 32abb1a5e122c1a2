from __future__ import annotations

import pytest

from ctct_etl.report.change_lines import list_changes, pick_people, say_difference
from ctct_etl.report.model import build_report
from tests.report.plans import PlanBuilder, small_plan


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("A. Blake", "Albert Blake", '"A[-.-]{+lbert+} Blake"'),
        ("12 Elm Street", "12 Elm St", '"12 Elm St[-reet-]"'),
        ("Gold", "Silver", '"Gold" → "Silver"'),
        ("a\nb c", "a\nb d", '"a⏎b [-c-]{+d+}"'),
        ("Ann Lee", "Ann\u200bLee", '"Ann[- -]{+⟨U+200B⟩+}Lee"'),
    ],
)
def test_a_change_is_told_by_its_marks_or_by_both_values(before: str, after: str, marked: str) -> None:
    assert say_difference(before, after, color=False).plain == marked


def test_people_come_action_by_action_in_the_order_of_the_plan_and_nobody_twice() -> None:
    report = build_report(small_plan(), None)
    assert [title for title, _ in list_changes(report, 5, color=False)] == [
        "To add: 3 people", "To change: 2 people", "To take off lists: 1 person",
    ]  # fmt: skip
    people = pick_people(report, "update", None)
    assert [(each.address, len(each.changes)) for each in people] == [("dee@example.org", 3), ("eva@example.org", 1)]


def test_what_a_report_does_not_list_is_said_to_stand_in_the_plan() -> None:
    plan = PlanBuilder()
    for at in range(4):
        plan.action("create", f"a{at}@x.org")
    report = build_report(plan.build(), None)
    cut = report.changes.head(3)
    ((_, lines),) = list_changes(report.__class__(**{**report.__dict__, "changes": cut}), None, color=False)
    assert list(lines)[-1].text.plain == "…  and 1 more: see the plan's actions.jsonl"
