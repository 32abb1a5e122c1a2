from __future__ import annotations

from dataclasses import replace

import pytest

from ctct_etl.config.pipeline import Guards
from ctct_etl.config.values import Limit, parse_limit
from ctct_etl.stages.guarding import JUDGES, Figures, judge_plan, tripped

QUIET = Figures(
    rows=100, rejected_rows=0, contacts=100, matched=90, creates=0, updates=0, clears=0, mapped_values=500,
    changed_by_field={}, requests=5, left_today=10_000,
)  # fmt: skip


def stopped(guards: dict | None = None, accepted: dict | None = None, **figures: object) -> list[str]:
    limits = {guard: parse_limit(limit) for guard, limit in (accepted or {}).items()}
    verdicts = judge_plan(replace(QUIET, **figures), Guards.model_validate(guards or {}), limits)
    return [verdict.guard for verdict in tripped(verdicts)]


@pytest.mark.parametrize(
    ("guard", "at_limit", "above"),
    [
        ("max_updates", {"updates": 30}, {"updates": 31}),
        ("max_creates", {"creates": 50}, {"creates": 51}),
        ("max_removals", {"removals": 4, "managed_members": 40}, {"removals": 5, "managed_members": 40}),
        ("unreadable_addresses", {"removals": 1}, {"removals": 1, "unreadable_rows": 1}),
        ("max_rejected", {"rejected_rows": 10}, {"rejected_rows": 11}),
        ("max_clears", {"clears": 25}, {"clears": 26}),
        ("max_field_change", {"changed_by_field": {"last_name": 45}}, {"changed_by_field": {"last_name": 46}}),
        ("max_shrink", {"good_rows": 125}, {"good_rows": 126}),
        ("max_readds", {}, {"readds": 1}),
        ("min_rows", {"rows": 1}, {"rows": 0}),
        ("budget", {"requests": 100, "left_today": 100}, {"requests": 101, "left_today": 100}),
    ],
)
def test_a_guard_trips_above_its_default_limit_and_not_at_it(guard, at_limit, above):
    assert (stopped(**at_limit), stopped(**above)) == ([], [guard])


@pytest.mark.parametrize(
    ("guard", "limit", "figures"),
    [
        ("max_updates", "5", {"updates": 6}),
        ("max_creates", "5%", {"creates": 6}),
        ("max_removals", "1", {"removals": 2, "managed_members": 40}),
        ("unreadable_addresses", "2", {"removals": 1, "unreadable_rows": 3}),
        ("max_rejected", "0", {"rejected_rows": 1}),
        ("max_clears", "1%", {"clears": 6}),
        ("max_field_change", "3", {"changed_by_field": {"last_name": 4}}),
        ("max_shrink", "10%", {"good_rows": 112}),
        ("max_readds", "3", {"readds": 4}),
        ("min_rows", "101", {}),
        ("budget", "4", {}),
    ],
)
def test_a_configured_limit_replaces_the_default(guard, limit, figures):
    assert stopped({guard: limit}, **figures) == [guard]


def test_percentages_do_not_bind_below_ten_contacts_but_counts_do():
    assert stopped(contacts=9, updates=9, creates=9) == []
    assert stopped({"max_updates": "3"}, contacts=9, updates=4) == ["max_updates"]


def test_the_first_load_of_an_empty_account_is_exempt():
    assert stopped(contacts=0, creates=5000) == []


def test_creates_may_exceed_the_account_when_the_limit_says_so():
    assert stopped({"max_creates": "300%"}, contacts=100, creates=300) == []


def test_a_persons_yes_holds_up_to_its_number_and_is_recorded():
    assert stopped(accepted={"max_updates": "40"}, updates=40) == []
    assert stopped(accepted={"max_updates": "40"}, updates=41) == ["max_updates"]
    verdict, *_ = judge_plan(replace(QUIET, updates=40), Guards(), {"max_updates": Limit(count=40)})
    assert (verdict.accepted, verdict.limit) == (True, "40")


def test_a_yes_to_one_guard_says_nothing_of_another():
    assert stopped(accepted={"max_updates": "90"}, updates=40, rejected_rows=50) == ["max_rejected"]


def test_a_yes_by_share_covers_nothing_that_is_a_share_of_nothing():
    assert stopped(accepted={"max_readds": "100%"}, readds=1) == ["max_readds"]
    assert stopped(accepted={"max_readds": "1"}, readds=1) == []


def test_a_first_run_and_one_with_more_rows_did_not_shrink():
    assert stopped({"max_shrink": "0"}, good_rows=None) == stopped({"max_shrink": "0"}, good_rows=99) == []


@pytest.mark.parametrize(("guard", "figure"), [("state_lost", "lost"), ("reverted", "reverted")])
def test_what_asks_for_a_yes_trips_until_a_person_says_one(guard, figure):
    assert stopped() == []
    assert stopped(**{figure: "20261123T020003Z-3f2a"}) == [guard]
    assert stopped(accepted={guard: "1"}, **{figure: "x"}) == []
    assert (
        stopped(accepted={guard: "0"}, **{figure: "x"}) == stopped(accepted={guard: "50%"}, **{figure: "x"}) == [guard]
    )


def test_a_tripped_guard_names_its_figure_its_limit_and_the_option_that_accepts_it():
    verdict, *_ = judge_plan(replace(QUIET, updates=1040, contacts=2000), Guards(), {})
    assert verdict.figure == "1,040 of 2,000 contacts of the account would be updated (52.0%)"
    assert (verdict.limit, verdict.cure) == ("30%", "read the report, then --accept max_updates=1040")


def test_a_day_that_is_nearly_used_up_stops_the_plan_though_the_share_would_not_bind():
    assert stopped(requests=6, left_today=5) == ["budget"]


def test_an_account_that_counts_no_requests_has_no_budget():
    assert stopped(requests=10**6, left_today=None) == []


def test_a_row_that_cannot_be_read_binds_only_where_somebody_would_be_taken_off():
    assert stopped(unreadable_rows=5) == []
    assert stopped(unreadable_rows=5, removals=1) == ["unreadable_addresses"]
    assert stopped({"unreadable_addresses": "5"}, unreadable_rows=5, removals=1) == []
    assert stopped(accepted={"unreadable_addresses": "5"}, unreadable_rows=5, removals=1) == []
    assert stopped(accepted={"unreadable_addresses": "4"}, unreadable_rows=5, removals=1) == ["unreadable_addresses"]


def test_more_than_the_day_has_left_may_be_begun_by_a_persons_yes_because_it_can_be_resumed():
    assert stopped(requests=25_000, left_today=10_000) == ["budget"]
    assert stopped(accepted={"budget": "25000"}, requests=25_000, left_today=10_000) == []
    verdicts = judge_plan(replace(QUIET, requests=25_000, left_today=10_000), Guards(), {})
    (verdict,) = (each for each in verdicts if each.guard == "budget")
    assert verdict.cure == "run it after 00:00 UTC, or begin today and resume then: --accept budget=25000"


def test_every_guard_of_the_pipeline_has_a_judge_and_no_judge_is_idle():
    """min_rows and the rest: a key of `guards` that nobody judges would be a promise that nobody keeps."""
    assert list(JUDGES) == [verdict.guard for verdict in judge_plan(QUIET, Guards(), {})]
    assert set(Guards.model_fields) <= set(JUDGES)
