from __future__ import annotations

from ctct_etl.workflow.manifest import count_changes, count_outcomes, describe_snapshot
from tests.sheets import sheet
from tests.tables import snapshot
from tests.workflow.given import derive

ACCOUNT = snapshot(
    [
        {"email": "same@x.org", "first_name": "Sam", "job_title": "Clerk", "lists": ["News"]},
        {"email": "old@x.org", "first_name": "Olga", "job_title": "Clerk", "phone.mobile": "(212) 555-0123"},
        {"email": "gone@x.org", "status": "unsubscribed"},
    ],
    lists=("News",),
)
ROWS = sheet("""
    E-mail     | First | Role  | Cell
    same@x.org | Sam   | Clerk |
    old@x.org  | Oleg  |       | 212 555 0123
    gone@x.org | Gus   |       |
    new@x.org  | Nina  | Guide |
    new@x.org  | Nino  | Guide |
    nonsense   | Ned   |       |
""")
NIGHT = derive(
    ROWS,
    ACCOUNT,
    {"first_name": "First", "job_title": {"column": "Role", "blank": "clear"}, "phone.mobile": "Cell"},
    lists=["News"],
    tags=["spring"],
)


def test_rows_and_contacts_are_counted_by_what_becomes_of_them() -> None:
    counts = count_outcomes(NIGHT)
    assert counts == {
        "rows": 6, "rejected": 1, "merged": 1, "unchanged": 0, "skip": 1, "create": 1, "update": 2,
        "contacts": {"create": 1, "update": 2, "remove": 0, "unchanged": 0, "skip": 1},
    }  # fmt: skip


def test_the_outcomes_of_rows_add_up_to_the_rows() -> None:
    counts = count_outcomes(NIGHT)
    assert sum(count for name, count in counts.items() if name not in ("rows", "contacts")) == counts["rows"]


def test_contacts_that_need_nothing_are_counted_though_they_are_not_in_the_plan() -> None:
    counts = count_outcomes(derive(ROWS[:1], ACCOUNT, {"first_name": "First"}))
    assert (counts["unchanged"], counts["contacts"]["unchanged"]) == (1, 1)


def test_changes_are_told_apart_by_what_the_field_had_and_gets() -> None:
    assert count_changes(NIGHT)["by_field"] == {
        "first_name": {"set": 1, "changed": 1, "cleared": 0},
        "job_title": {"set": 1, "changed": 0, "cleared": 1},
    }


def test_lists_and_tags_are_counted_by_name() -> None:
    found = count_changes(NIGHT)
    assert found["lists"] == {"News": {"add": 2, "remove": 0}}
    assert found["tags"] == {"spring": {"add": 3, "remove": 0}}


def test_a_difference_of_writing_alone_is_counted_as_absorbed() -> None:
    assert count_changes(NIGHT)["absorbed"] == {"phone.mobile": 1}


def test_the_snapshot_is_told_by_its_size_its_time_and_its_statuses() -> None:
    assert describe_snapshot(ACCOUNT) == {
        "fetched_at": "2026-11-23T22:00:00Z", "contacts": 3, "by_status": {"implicit": 2, "unsubscribed": 1},
        "lists": {"News": 1}, "tags": {}, "how": "full", "why": "", "requests": 0,
    }  # fmt: skip
