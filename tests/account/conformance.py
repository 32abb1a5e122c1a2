"""What every adapter does, over real HTTP against the sandbox: one class, which the tests of each dialect inherit.

Everything here is of what all dialects can say: a name, a phone, a postal address, a custom field of text, lists.
"""

from __future__ import annotations

from typing import Any

import pytest

from ctct_etl.account.dialect import Prerequisites, Wanted
from ctct_etl.columns import CONFLICT, DONE, EMAIL, REMOVE, STATUS, UNSUBSCRIBED, UPDATE, UPDATED_AT
from ctct_etl.plan.changed import Stale, merge_changes
from tests.account.conftest import Served
from tests.account.driving import apply, carry_out, lists_of, plan, read, values
from tests.account.plans import Act

PLACE = {
    "address.home.street": "1 Main St", "address.home.city": "Salem", "address.home.state": "MA",
    "address.home.postal_code": "01970", "address.home.country": "US",
}  # fmt: skip
MANY = 30  # as many as go by a bulk job, by any dialect's terms


def person(address: str, **more: Any) -> dict[str, Any]:
    return {
        "email_address": {"address": address, "permission_to_send": "implicit"},
        "first_name": "Ann",
        "last_name": "Lee",
        "job_title": "Owner",
        "phone_numbers": [{"kind": "home", "phone_number": "+15085550100"}],
        "street_addresses": [{"kind": "home", **{name.rpartition(".")[2]: value for name, value in PLACE.items()}}],
        "custom_fields": {"Level": "Basic"},
        "list_memberships": ["News", "Board"],
        **more,
    }


PEOPLE = [
    {"list": {"name": "News"}},
    {"list": {"name": "Board"}},
    {"list": {"name": "Trips"}},
    {"custom_field": {"label": "Level", "type": "string"}},
    person("ann@x.org"),
    person("bob+news@x.org", first_name="Bob"),
    person("cyd@x.org", first_name="Cyd", list_memberships=[]),
    person("gone@x.org", email_address={"address": "gone@x.org", "permission_to_send": "unsubscribed"},
           list_memberships=[]),
]  # fmt: skip


class AdapterTests:
    """`start(lines, **switches)` serves a sandbox whose account speaks the dialect; Level is a custom field of text."""

    def start(self, lines: Any = PEOPLE, **switches: Any) -> Served:
        raise NotImplementedError

    def test_a_snapshot_shows_what_is_in_the_account(self) -> None:
        served = self.start()
        snapshot = read(served)
        ann = values(snapshot, "ann@x.org")
        assert {name: ann[name] for name in PLACE} == PLACE
        assert (ann["first_name"], ann["phone.home"], ann["custom.Level"]) == ("Ann", "+15085550100", "Basic")
        assert lists_of(snapshot, "ann@x.org") == {"News", "Board"}
        assert lists_of(snapshot, "cyd@x.org") == set()
        assert values(snapshot, "gone@x.org")[STATUS] == UNSUBSCRIBED
        assert {"News", "Board", "Trips"} <= set(snapshot.lists)

    def test_who_is_asked_for_is_shown_and_nobody_is_invented(self) -> None:
        snapshot = read(self.start(), "bob+news@x.org", "nobody@x.org")
        assert "bob+news@x.org" in set(snapshot.contacts[EMAIL])
        assert "nobody@x.org" not in set(snapshot.contacts[EMAIL])

    def test_creates_updates_and_removals_do_what_they_say_and_nothing_else(self) -> None:
        acts = [
            Act("new@x.org", changes={"first_name": "Zoë & <Co>", "custom.Level": "Gold", **PLACE}, add=["News"]),
            Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone"), "job_title": ("Owner", "")}, add=["Trips"]),
            Act("cyd@x.org", UPDATE, {"custom.Level": ("Basic", "Gold")}, add=["News"]),
            Act("bob+news@x.org", REMOVE, remove=["Board"]),
        ]
        applied, before, after = carry_out(self.start(), acts)
        assert {address: said[-1] for address, said in applied.results.items()} == {act.email: DONE for act in acts}
        new = values(after, "new@x.org")
        assert {"first_name": "Zoë & <Co>", "custom.Level": "Gold", **PLACE}.items() <= new.items()
        ann, old = values(after, "ann@x.org"), values(before, "ann@x.org")
        assert ann == {**{k: v for k, v in old.items() if k != "job_title"}, "last_name": "Stone",
                       UPDATED_AT: ann[UPDATED_AT]}  # fmt: skip
        assert values(after, "cyd@x.org")["custom.Level"] == "Gold"
        assert [lists_of(after, act.email) for act in acts] == [
            {"News"}, {"News", "Board", "Trips"}, {"News"}, {"News"},
        ]  # fmt: skip
        assert values(after, "gone@x.org") == values(before, "gone@x.org")

    def test_many_are_created_by_jobs_and_each_is_as_promised(self) -> None:
        acts = [Act(f"n{n:02}@x.org", changes={"first_name": f"N, {n}", "last_name": "Ö"}, add=["News"])
                for n in range(MANY)]  # fmt: skip
        served = self.start()
        applied, _, after = carry_out(served, acts)
        assert {said[-1] for said in applied.results.values()} == {DONE}
        assert len(applied.sent) == 1
        assert all(values(after, act.email)["first_name"] == act.changes["first_name"] for act in acts)
        assert all(lists_of(after, act.email) == {"News"} for act in acts)

    def test_who_came_since_the_plan_is_a_conflict_and_stays_as_they_are(self) -> None:
        for size in (1, MANY):
            served = self.start()
            before = read(served)
            acts = [Act(f"n{n:02}@x.org", changes={"first_name": "Ours"}, add=["News"]) for n in range(size)]
            operations = served.account.dialect.build(plan(served, acts, before), before)
            carry_out(served, [Act("n00@x.org", changes={"first_name": "Theirs"}, add=["Trips"])])
            applied = apply(served, operations)
            after = read(served)
            assert applied.results.pop("n00@x.org") == [CONFLICT]
            assert {said[-1] for said in applied.results.values()} <= {DONE}
            assert (values(after, "n00@x.org")["first_name"], lists_of(after, "n00@x.org")) == ("Theirs", {"Trips"})

    @pytest.mark.parametrize("deed", ["unsubscribe", "edit"])
    def test_who_moved_since_the_plan_is_a_conflict_and_stays_as_they_are(self, deed: str) -> None:
        served = self.start()
        before = read(served)
        acts = [Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}, add=["Trips"])]
        operations = served.account.dialect.build(plan(served, acts, before), before)
        how = {"fields": {"last_name": "Park"}} if deed == "edit" else {}
        served.window("POST", "act", {"who": "person", "do": deed, "address": "ann@x.org", **how})
        moved = read(served)
        applied = apply(served, [one for one in operations if one.route.startswith("put")])
        assert applied.results == {"ann@x.org": [CONFLICT]}
        assert values(read(served), "ann@x.org") == values(moved, "ann@x.org")

    @pytest.mark.parametrize("fault", ["drop_before", "drop_after", "500"])
    @pytest.mark.parametrize("size", [1, MANY])
    def test_a_write_whose_answer_is_lost_is_settled_and_done_once(self, fault: str, size: int) -> None:
        acts = [Act(f"n{n:02}@x.org", changes={"first_name": "N"}, add=["News"]) for n in range(size)]
        acts.append(Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}))
        served = self.start()
        for method in ("POST", "PUT"):
            served.window("POST", "faults", {"kind": fault, "match": {"method": method, "path": "*"}, "times": 1})
        applied, _, after = carry_out(served, acts)
        assert {address: said[-1] for address, said in applied.results.items()} == {act.email: DONE for act in acts}
        assert values(after, "ann@x.org")["last_name"] == "Stone"
        assert sorted(after.contacts[EMAIL]) == sorted({*after.contacts[EMAIL]})
        assert {act.email for act in acts} <= set(after.contacts[EMAIL])

    def test_a_list_that_is_missing_is_made_and_found_the_second_time(self) -> None:
        served = self.start()
        dialect, session = served.account.dialect, served.account.session
        before = read(served)
        made = session.converse(dialect.prepare(Prerequisites(lists=("Fresh",)), before))
        again = session.converse(dialect.prepare(Prerequisites(lists=("Fresh",)), before))
        assert made.lists["Fresh"] == again.lists["Fresh"]
        acts = [Act("ann@x.org", UPDATE, add=["Fresh"])]
        apply(served, dialect.build(plan(served, acts, made), made))
        assert "Fresh" in lists_of(read(served), "ann@x.org")

    def test_a_refresh_shows_who_changed_and_who_is_new(self) -> None:
        served = self.start([*PEOPLE, *(person(f"p{n}@x.org") for n in range(5))])
        dialect, session = served.account.dialect, served.account.session
        asked = {"ann@x.org", "bob+news@x.org", "cyd@x.org"}
        known = session.converse(dialect.fetch(Wanted(frozenset(asked))))
        served.window("POST", "clock", {"advance_s": 3600})
        apply(served, dialect.build(plan(served, [Act("new@x.org", changes={"first_name": "N"}, add=["News"])], known),
                                    known))  # fmt: skip
        edit = {"who": "owner", "do": "edit", "address": "ann@x.org", "fields": {"last_name": "S"}}
        served.window("POST", "act", edit)
        served.window("POST", "act", {"who": "person", "do": "unsubscribe", "address": "cyd@x.org"})
        found = session.converse(dialect.refresh(known, Wanted(frozenset({*asked, "new@x.org"})), sparing=False))
        assert not isinstance(found, Stale), found.why
        now = merge_changes(known, found)
        assert values(now, "ann@x.org")["last_name"] == "S"
        assert values(now, "cyd@x.org")[STATUS] == UNSUBSCRIBED
        assert values(now, "new@x.org")["first_name"] == "N"
        assert values(now, "bob+news@x.org")["first_name"] == "Bob"

    def test_the_same_plan_gives_the_same_operations(self) -> None:
        served = self.start()
        before = read(served)
        acts = [Act("new@x.org", changes={"first_name": "N"}, add=["News"]),
                Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}, add=["Trips"])]  # fmt: skip
        ids = [[one.id for one in served.account.dialect.build(plan(served, acts, before), before)] for _ in range(2)]
        assert ids[0] == ids[1]
        assert len(set(ids[0])) == len(ids[0])

    def test_what_is_forecast_is_what_is_sent(self) -> None:
        acts = [Act(f"n{n:02}@x.org", changes={"first_name": "N"}, add=["News"]) for n in range(3)]
        acts.append(Act("ann@x.org", UPDATE, {"last_name": ("Lee", "Stone")}))
        served = self.start()
        before = read(served)
        tables = plan(served, acts, before)
        forecast = served.account.dialect.forecast([tables], before)
        served.window("DELETE", "requests")
        apply(served, served.account.dialect.build(tables, before))
        assert len(served.requests()) == forecast.requests["total"]
