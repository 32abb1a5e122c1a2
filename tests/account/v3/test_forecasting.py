import pytest

from ctct_etl.account.v3.adapter import V3
from ctct_etl.columns import REMOVE, SKIP, UPDATE
from tests.account.plans import Act, plan_tables, routed
from tests.tables import snapshot


def forecast(acts, per_second=4.0):
    people = [
        {"email": act.email, "contact_id": f"id-{act.email}", "lists": ["News"]}
        for act in acts
        if act.action != "create"
    ]
    known = snapshot(people, lists=["News", "Trips"], tags=["vip"])
    dialect = V3(per_second=per_second)
    return dialect.forecast(routed(plan_tables(acts, known), dialect, known), known)


def test_nothing_to_do_costs_nothing():
    told = forecast([Act("a@x.org", SKIP)])
    assert (told.requests, told.minutes) == ({"total": 0}, 0.0)


def test_requests_are_counted_by_route_and_summed():
    acts = [Act("a@x.org", changes={"birthday": "02-03"})]
    acts += [Act(f"u{n}@x.org", UPDATE, {"birthday": ("", "02-03")}) for n in range(3)]
    acts += [Act("r@x.org", REMOVE, remove=["News"])]
    told = forecast(acts)
    assert told.requests == {"post_contact": 1, "put_contact": 7, "remove_list_memberships": 5, "total": 13}


@pytest.mark.parametrize(("per_second", "minutes"), [(4.0, 1.0), (8.0, 0.5), (None, 0.0)])
def test_minutes_are_those_of_the_pace(per_second, minutes):
    assert forecast([Act(f"{n:03}@x.org") for n in range(240)], per_second).minutes == minutes


def test_a_night_of_two_thousand_changes_costs_tens_of_requests():
    acts = [Act(f"u{n:04}@x.org", UPDATE, {"first_name": ("", "A")}, wanted=["News"]) for n in range(2_000)]
    assert forecast(acts).requests["total"] < 50


def test_mails_are_bounded_by_the_creates_that_people_asked_for():
    acts = [Act(f"{n}@x.org", opt_in_source="contact" if n < 2 else "account", add=["News"]) for n in range(5)]
    assert forecast(acts).mails == {"welcome": 2, "confirmation": 2}


def test_a_welcome_is_of_a_list_and_so_for_those_alone_who_are_put_on_one():
    acts = [Act(f"{n}@x.org", opt_in_source="contact", add=["News"] if n < 2 else []) for n in range(5)]
    assert forecast(acts).mails == {"welcome": 2, "confirmation": 5}


def test_what_the_account_does_itself_sends_no_mail():
    assert set(forecast([Act("a@x.org", add=["News"]), Act("b@x.org", UPDATE, add=["Trips"])]).mails.values()) == {0}


@pytest.mark.parametrize("count", [1, 12, 600])
def test_the_sandbox_counts_no_more_requests_than_forecast(serve, count):
    people = [
        {
            "email_address": {"address": f"u{n:03}@example.com", "permission_to_send": "implicit"},
            "list_memberships": ["News"],
        }
        for n in range(count)
    ]
    served = serve([*people, {"list": {"name": "Trips"}}, {"tag": {"name": "vip"}}])
    known, dialect = served.snapshot(), served.account.dialect
    acts = [Act(f"u{n:03}@example.com", UPDATE, {"first_name": ("", "A")}, wanted=["News"]) for n in range(count)]
    acts += [Act(f"n{n:03}@example.com", changes={"last_name": "B"}, add=["News"], tags=["vip"]) for n in range(count)]
    tables = routed(plan_tables(acts, known), dialect, known)
    before = served.account.session.requests_sent
    for operation in dialect.build(tables, known):
        served.account.session.converse(dialect.send(operation))
    sent = served.account.session.requests_sent - before
    # Polls are a guess that the sandbox, whose jobs are done at once, stays under.
    assert sent <= dialect.forecast(tables, known).requests["total"] <= sent + 20
