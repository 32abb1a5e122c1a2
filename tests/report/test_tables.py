from __future__ import annotations

from ctct_etl.columns import EMAIL, FIELD
from ctct_etl.report.tables import list_changes, place_field
from tests.report.plans import PlanBuilder, small_plan


def addresses(changes):
    return list(dict.fromkeys(changes.table[EMAIL]))


def test_of_too_many_changes_new_people_are_left_out_first():
    plan = PlanBuilder()
    for at in range(4):
        plan.action("create", f"a{at}@x.org", {"first_name": ("", "A"), "last_name": ("", "B")})
    plan.action("update", "z@x.org", {"first_name": ("", "Z")}, add=("Newsletter",))
    changes = list_changes([plan.build().tables], most=5)
    assert addresses(changes) == ["a0@x.org", "z@x.org"]
    assert (len(changes.table), changes.total) == (4, 10)


def test_a_contact_is_listed_whole_or_not_at_all():
    whole = list_changes([small_plan().tables])
    for most in range(whole.total + 1):
        part = list_changes([small_plan().tables], most).table
        assert len(part) <= most
        for address in set(part[EMAIL]):
            assert (part[EMAIL] == address).sum() == (whole.table[EMAIL] == address).sum()


def test_every_change_is_listed_where_there_is_room():
    changes = list_changes([small_plan().tables])
    assert changes.total == len(changes.table) == 12
    assert len(set(changes.table[EMAIL])) == 6


def test_fields_stand_as_people_know_one_another():
    fields = ["tag", "list", "custom.B", "custom.A", "address.home.city", "phone.mobile", "last_name", "first_name"]
    assert sorted(fields, key=place_field) == [
        "first_name", "last_name", "phone.mobile", "address.home.city", "custom.A", "custom.B", "list", "tag",
    ]  # fmt: skip


def test_the_tables_of_the_plan_are_left_as_they_were():
    plan = small_plan()
    before = [table.copy() for table in (plan.tables.changes, plan.tables.memberships, plan.tables.actions)]
    list_changes([plan.tables], most=3)
    for table, copy in zip((plan.tables.changes, plan.tables.memberships, plan.tables.actions), before, strict=True):
        assert table.equals(copy)
    assert FIELD in plan.tables.changes
