"""A forecast against what the sandbox then counts: writes and reads exactly; polls, and pages met twice, bounded."""

from collections import Counter

import pytest

from ctct_etl.account.dialect import NOTHING_WANTED, Prerequisites
from ctct_etl.account.v3 import laying_out, routing
from ctct_etl.account.v3.adapter import V3
from ctct_etl.columns import REMOVE, SKIP, UPDATE
from ctct_etl.plan.tables import cut_windows
from tests.account.plans import Act, plan_tables, routed
from tests.tables import snapshot

POLLS = 12  # of a job that ends within two minutes


def forecast(acts, per_second=4.0, wanted=NOTHING_WANTED):
    people = [
        {"email": act.email, "contact_id": f"id-{act.email}", "lists": ["News"]}
        for act in acts
        if act.action != "create"
    ]
    known = snapshot(people, lists=["News", "Trips"], tags=["vip"])
    dialect = V3(per_second=per_second)
    return dialect.forecast([routed(plan_tables(acts, known), dialect, known)], known, wanted)


def test_nothing_to_do_costs_nothing():
    told = forecast([Act("a@x.org", SKIP)])
    assert (told.requests, told.writes, told.reads, told.at_most, told.minutes) == ({"total": 0}, {}, {}, {}, 0.0)


def test_requests_are_counted_by_route_and_summed():
    acts = [Act("a@x.org", changes={"birthday": "02-03"})]
    acts += [Act(f"u{n}@x.org", UPDATE, {"birthday": ("", "02-03")}) for n in range(3)]
    acts += [Act("r@x.org", REMOVE, remove=["News"])]
    told = forecast(acts)
    assert told.requests == {
        "post_contact": 1, "put_contact": 7, "remove_list_memberships": 1 + POLLS, "total": 9 + POLLS
    }  # fmt: skip
    assert told.writes == {
        "POST /contacts": 1, "PUT /contacts/{id}": 3, "POST /activities/remove_list_memberships": 1
    }  # fmt: skip
    assert (told.reads, told.at_most) == ({"contacts": 3, "proofs": 1}, {"polls": POLLS})


def test_what_is_made_in_the_account_first_is_counted_too():
    told = forecast([], wanted=Prerequisites(lists=("A", "B"), tags=("t",)))
    assert told.writes == {"POST /contact_lists": 2, "POST /contact_tags": 1}
    assert told.requests == {"prerequisites": 3, "total": 3}


@pytest.mark.parametrize(("per_second", "minutes"), [(4.0, 1.0), (8.0, 0.5), (None, 0.0)])
def test_minutes_are_those_of_the_pace(per_second, minutes):
    assert forecast([Act(f"{n:03}@x.org") for n in range(240)], per_second).minutes == minutes


def test_a_night_of_two_thousand_changes_costs_tens_of_requests():
    acts = [Act(f"u{n:04}@x.org", UPDATE, {"first_name": ("", "A")}, wanted=["News"]) for n in range(2_000)]
    assert forecast(acts).requests["total"] < 50


def test_the_mails_of_people_who_asked_are_told_for_each_setting_of_the_account():
    acts = [
        Act(f"{n}@x.org", opt_in_source="contact" if n < 3 else "account", add=["News", "Trips"][:n]) for n in range(5)
    ]
    told = forecast(acts)
    assert told.mails == {"confirmation": 3, "welcome": 2}
    assert told.welcome_by_list == {"News": 2, "Trips": 1}


def test_a_welcome_is_of_a_list_and_so_for_those_alone_who_are_put_on_one():
    acts = [Act(f"{n}@x.org", opt_in_source="contact", add=["News"] if n < 2 else []) for n in range(5)]
    assert forecast(acts).mails == {"welcome": 2, "confirmation": 5}


def test_what_the_account_does_itself_sends_no_mail():
    assert set(forecast([Act("a@x.org", add=["News"]), Act("b@x.org", UPDATE, add=["Trips"])]).mails.values()) == {0}


def mixed(count):
    acts = [Act(f"u{n:04}@example.com", UPDATE, {"first_name": ("", "A")}, wanted=["News"]) for n in range(count)]
    acts += [Act(f"n{n:04}@example.com", changes={"last_name": "B"}, add=["News"], tags=["vip"]) for n in range(count)]
    acts += [Act(f"v{n:04}@example.com", UPDATE, {"birthday": ("", "02-03")}, add=["Trips"]) for n in range(9)]
    acts += [Act(f"w{n:04}@example.com", UPDATE, tags=["vip"]) for n in range(3)]
    acts += [Act(f"x{n:04}@example.com", REMOVE, remove=["News"]) for n in range(3)]
    acts += [Act(f"p{n:04}@example.com", changes={"birthday": "02-03"}, add=["News"]) for n in range(3)]
    return acts


def kinds_of(requests):
    """What was asked for, as the forecast names it; polls apart."""
    polls = sum("/activities/" in one["path"] for one in requests if one["method"] == "GET")
    writes = Counter()
    for one in requests:
        if one["method"] != "GET":
            path = one["path"].removeprefix("/v3")
            writes[f"{one['method']} {'/contacts/{id}' if one['method'] == 'PUT' else path}"] += 1
    reads = sum(one["method"] == "GET" for one in requests) - polls
    return dict(writes), reads, polls


@pytest.mark.parametrize("count", [1, 12, 600])
@pytest.mark.parametrize("window", [78_000, 100])
def test_the_sandbox_counts_the_writes_and_reads_that_were_forecast(serve, monkeypatch, count, window):
    monkeypatch.setattr(routing, "WINDOW", window)
    people = [
        {
            "email_address": {"address": act.email, "permission_to_send": "implicit"},
            "list_memberships": ["News"],
            "phone_numbers": [{"kind": "home", "phone_number": "5085550100"}] if number % 2 else [],
        }
        for number, act in enumerate(mixed(count))
        if act.action != "create"
    ]
    served = serve([*people, {"list": {"name": "Trips"}}, {"tag": {"name": "vip"}}])
    known, dialect = served.snapshot(), served.account.dialect
    tables = routed(plan_tables(mixed(count), known), dialect, known)
    told = dialect.forecast(cut_windows(tables, window), known)
    served.window("DELETE", "requests")
    for part in cut_windows(tables, window):
        for operation in sorted(dialect.build(part, known), key=lambda one: one.phase):
            answer = served.account.session.converse(dialect.send(operation))
            assert ({one.result for one in answer.results}, answer.fallback) == ({"done"}, ())
    writes, reads, polls = kinds_of(served.requests())
    assert writes == told.writes
    exact = sum(told.reads.values())
    assert exact <= reads <= exact + told.at_most.get("pages", 0)
    assert polls <= told.at_most["polls"]
    assert told.requests["total"] == sum((*told.writes.values(), *told.reads.values(), *told.at_most.values()))
    if count < 100:
        assert reads == exact


def test_the_pages_of_a_list_are_those_of_its_members_at_the_time():
    """Each window puts some on the list, over whose members the next window's updates are imported."""
    known = snapshot(
        [{"email": f"u{n:04}@x.org", "contact_id": f"id{n}", "lists": ["News"]} for n in range(990)], lists=["News"]
    )
    acts = [Act(f"a{n:04}@x.org", changes={"first_name": "A"}, add=["News"]) for n in range(30)]
    acts += [Act(f"u{n:04}@x.org", UPDATE, {"first_name": ("", "A")}, wanted=["News"]) for n in range(30)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routing, "WINDOW", 30)
        dialect = V3(per_second=4.0)
        told = dialect.forecast(cut_windows(routed(plan_tables(acts, known), dialect, known), 30), known)
    assert told.reads == {"movers": 4 + 3, "read_back": 2}


def test_the_layout_of_a_window_is_the_one_that_is_built():
    acts = mixed(20)
    people = [
        {"email": act.email, "contact_id": f"id-{act.email}", "lists": ["News"]}
        for act in acts
        if act.action != "create"
    ]
    known = snapshot(people, lists=["News", "Trips"], tags=["vip"])
    dialect = V3()
    tables = routed(plan_tables(acts, known), dialect, known)
    layout = laying_out.lay_out(tables, known, None)
    built = Counter(one.route for one in dialect.build(tables, known))
    assert built["contacts_json_import"] == len(layout.imports) == 2
    assert built["put_contact"] == len(layout.proofs) + len(layout.puts) == 9
