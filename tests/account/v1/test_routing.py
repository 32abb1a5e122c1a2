"""Which route each action takes, by the service's terms, and what a plan of them is forecast to cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from ctct_etl.account.dialect import Prerequisites
from ctct_etl.account.v1.adapter import V1
from ctct_etl.account.v1.laying_out import lay_out
from ctct_etl.account.v1.wire import BULK_MOST, BULK_MOST_BYTES
from ctct_etl.columns import REMOVE, UPDATE
from ctct_etl.plan.tables import ROUTE, ROUTE_REASON, PlanTables
from tests.account.plans import Act, plan_tables, routed
from tests.tables import snapshot

DIALECT = V1("club", {"Level": 1}, per_second=4.0)
NAMES = {"first_name": "Ann"}


def creates(count: int, *lists: str, start: int = 0, changes: Mapping[str, str] = NAMES, **more: str) -> list[Act]:
    return [Act(f"n{n:05}@x.org", changes=changes, add=lists or ("News",), **more) for n in range(start, start + count)]


def tables_of(acts: Sequence[Act]) -> PlanTables:
    people = [{"email": act.email} for act in acts if act.action != "create"]
    known = snapshot(people, lists=["News", "Board"])
    return routed(plan_tables(acts, known), DIALECT, known)


def routes(acts: Sequence[Act]) -> Counter[str]:
    return Counter(tables_of(acts).actions[ROUTE].tolist())


@pytest.mark.parametrize(("count", "route"), [(1, "post_contact"), (24, "post_contact"), (25, "add_contacts")])
def test_from_25_up_creates_go_by_an_activity_and_fewer_go_one_by_one(count: int, route: str) -> None:
    assert routes(creates(count)) == {route: count}


def test_only_those_for_the_same_lists_share_an_activity() -> None:
    acts = [*creates(30, "News"), *creates(24, "News", "Board", start=30), *creates(26, "Board", start=60)]
    assert routes(acts) == {"add_contacts": 56, "post_contact": 24}
    jobs = lay_out(tables_of(acts)).additions
    assert [(job.lists, len(job.contacts)) for job in jobs] == [(("Board",), 26), (("News",), 30)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"note": "a"}, "note is never added in bulk"),
        ({"address.home.state": "MA"}, "address.home.state is never added in bulk"),
        ({"address.home.country": "US"}, "address.home.country is never added in bulk"),
        ({"first_name": 'Ann "A"'}, "first_name holds a quote or a line break"),
        ({"job_title": "a\nb"}, "job_title holds a quote or a line break"),
    ],
)
def test_what_no_activity_carries_goes_single_and_says_why(changes: Mapping[str, str], words: str) -> None:
    actions = tables_of([*creates(30), *creates(1, start=30, changes=changes)]).actions
    assert actions[ROUTE].tolist()[-1] == "post_contact"
    assert words in actions[ROUTE_REASON].tolist()[-1]


def test_who_asked_for_it_themself_goes_single() -> None:
    assert routes(creates(40, opt_in_source="contact")) == {"post_contact": 40}


def test_every_update_is_a_put_of_the_whole_contact() -> None:
    acts = [Act(f"u{n:02}@x.org", UPDATE, {"first_name": ("A", "B")}) for n in range(30)]
    acts += [Act(f"v{n:02}@x.org", UPDATE, add=["News"]) for n in range(30)]
    assert routes(acts) == {"put_whole_contact": 60}


@pytest.mark.parametrize(("count", "route"), [(24, "put_whole_contact"), (25, "remove_contacts_from_lists")])
def test_removals_go_by_an_activity_from_25_up(count: int, route: str) -> None:
    assert routes([Act(f"r{n:02}@x.org", REMOVE, remove=["News"]) for n in range(count)]) == {route: count}


def test_who_changes_otherwise_too_is_taken_off_by_the_same_put() -> None:
    acts = [Act(f"r{n:02}@x.org", UPDATE, {"first_name": ("A", "B")}, remove=["News"]) for n in range(30)]
    assert routes(acts) == {"put_whole_contact": 30}


def test_single_sends_each_create_alone() -> None:
    tables = plan_tables(creates(30))
    chosen = DIALECT.route(tables, snapshot([]), single=True)
    assert set(chosen[ROUTE]) == {"post_contact"}
    assert set(chosen[ROUTE_REASON]) == {"--route single: one request a contact"}


def test_no_job_is_larger_than_the_service_takes() -> None:
    jobs = lay_out(tables_of(creates(BULK_MOST + 1))).additions
    assert [len(job.contacts) for job in jobs] == [BULK_MOST, 1]
    wide = {f"custom.F{n}": "é" * 50 for n in range(15)}
    jobs = lay_out(tables_of(creates(2_000, changes=wide))).additions
    assert len(jobs) > 1
    assert all(len(job.contacts) * 15 * 100 * 3 < BULK_MOST_BYTES for job in jobs)


def test_a_forecast_counts_what_each_route_sends_and_reads() -> None:
    acts = [
        *creates(60),
        *creates(3, "Board", start=60),
        Act("u1@x.org", UPDATE, {"first_name": ("A", "B")}),
        Act("u2@x.org", UPDATE, {"first_name": ("A", "B")}, status="pending_confirmation"),
        *(Act(f"v{n:02}@x.org", REMOVE, remove=["News"]) for n in range(25)),
    ]
    tables = tables_of(acts)
    forecast = DIALECT.forecast([tables], snapshot([]), Prerequisites(lists=("Fresh",)))
    assert forecast.writes == {
        "POST /lists": 1, "POST /activities": 2, "POST /contacts": 3, "PUT /contacts/{id}": 2,
    }  # fmt: skip
    assert forecast.reads == {"movers": 2, "read_back": 2, "contacts": 2, "proofs": 1}
    told = (forecast.writes, forecast.reads, forecast.at_most)
    assert forecast.requests["total"] == sum(sum(counts.values()) for counts in told) == 39
    assert forecast.minutes == 0.2


def test_who_is_created_may_be_welcomed_whoever_asked_for_it() -> None:
    acts = [*creates(2), *creates(1, "Board", start=2, opt_in_source="contact")]
    forecast = DIALECT.forecast([tables_of(acts)], snapshot([]))
    assert forecast.mails == {"confirmation": 1, "welcome": 3}
    assert forecast.welcome_by_list == {"Board": 1, "News": 2}
