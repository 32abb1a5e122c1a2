from __future__ import annotations

from typing import Any

import pytest

from ctct_etl.columns import ACTIONS, AFTER, BEFORE, EMAIL, FIELD, REASON, ROW_OUTCOMES
from ctct_etl.plan.tables import ACTION
from ctct_etl.report.model import NumbersDisagree, build_report
from ctct_etl.report.shapes import DETAIL, WHERE, Report
from tests.report.plans import PlanBuilder, applied, guard, small_plan


def changed_counts(**counts: int) -> dict[str, Any]:
    return dict(small_plan().manifest["counts"]) | counts


def cells(report: Report, address: str, *columns: str) -> list[tuple[str, ...]]:
    chosen = report.changes[report.changes[EMAIL] == address]
    return [tuple(row) for row in chosen[list(columns)].itertuples(index=False)]


def test_every_row_has_one_outcome_and_they_sum_up():
    report = build_report(small_plan(), None)
    assert [each.outcome for each in report.outcomes] == list(ROW_OUTCOMES)
    assert sum(each.count for each in report.outcomes) == report.rows == 11
    assert {each.outcome: sum(reason.count for reason in each.reasons) for each in report.outcomes} == {
        each.outcome: each.count for each in report.outcomes
    }


@pytest.mark.parametrize("wrong", [{"rejected": 3}, {"rows": 12}, {"create": 4, "update": 1}])
def test_a_plan_whose_rows_do_not_sum_up_is_refused(wrong):
    with pytest.raises(NumbersDisagree, match="report this fault"):
        build_report(small_plan(counts=changed_counts(**wrong)), None)


def test_contacts_that_the_tables_do_not_hold_are_refused():
    counts = changed_counts()
    counts["contacts"] = dict.fromkeys(ACTIONS, 1)
    with pytest.raises(NumbersDisagree, match="contacts create"):
        build_report(small_plan(counts=counts), None)


def test_after_an_apply_every_action_splits_into_its_results():
    report = build_report(small_plan(), applied("part", update={"done": 1, "conflict": 1}))
    update = next(each for each in report.actions if each.action == "update")
    assert update.results == {"done": 1, "conflict": 1, "failed": 0, "pending": 0}


def test_results_that_lose_a_contact_are_refused():
    with pytest.raises(NumbersDisagree, match="update = done"):
        build_report(small_plan(), applied(update={"done": 1}))


def test_reasons_are_counted_without_the_values_that_differ_from_row_to_row():
    plan = PlanBuilder()
    for at in range(3):
        plan.reject(f"p{at}@@x.org", f'column "E-mail": "p{at}@@x.org" is not an e-mail address')
        plan.row(f"p{at}@x.org", "merged", f"merged into row {at}: it is later")
    report = build_report(plan.build(), None)
    reasons = {each.outcome: each.reasons for each in report.outcomes}
    assert [(each.reason, each.count) for each in reasons["rejected"]] == [
        ("column “E-mail”: … is not an e-mail address", 3)
    ]
    assert [(each.reason, each.count) for each in reasons["merged"]] == [("merged into row …: it is later", 3)]


def test_changes_say_before_and_after_with_reason_and_place():
    report = build_report(small_plan(), None)
    assert cells(report, "dee@example.org", FIELD, BEFORE, AFTER) == [
        ("first_name", "Dee", "Deirdre"),
        ("custom.Member Level", "Gold", ""),
        ("tag", "", "spring-2026"),
    ]
    assert set(cells(report, "dee@example.org", ACTION, REASON, WHERE)) == {
        ("update", "existing.update: always", "members.xlsx, sheet Members, row 5")
    }


def test_a_list_that_is_left_reads_from_its_name_to_nothing():
    report = build_report(small_plan(), None)
    assert cells(report, "gone@example.org", FIELD, BEFORE, AFTER, WHERE) == [("list", "Newsletter", "", "")]


def test_a_new_contact_with_only_an_address_is_a_change_too():
    report = build_report(small_plan(), None)
    assert cells(report, "cy@example.org", FIELD, BEFORE, AFTER) == [("email", "", "cy@example.org")]


def test_more_rows_of_one_contact_are_said():
    plan = PlanBuilder()
    plan.action("update", "a@x.org", {"first_name": ("", "A")})
    plan.actions[0]["rows"].append(plan.row("a@x.org", "merged", "merged into row 2"))
    assert set(build_report(plan.build(), None).changes[WHERE]) == {"members.xlsx, sheet Members, row 2 (+1 more)"}


def test_a_rejected_row_names_the_first_bad_cell_and_every_problem():
    plan = PlanBuilder()
    row = plan.row(None, "rejected", "it has no address")
    plan.problem(row, "E-mail", "", "it has no address")
    plan.problem(row, "ZIP", "1", "a ZIP has five digits")
    (reject,) = build_report(plan.build(), None).rejects.to_dict("records")
    assert (reject[WHERE], reject["column"], reject["value"]) == ("members.xlsx, sheet Members, row 2", "E-mail", "")
    assert reject[DETAIL] == "it has no address; a ZIP has five digits"


def test_cautions_are_listed_apart_from_rejects():
    report = build_report(small_plan(), None)
    assert list(report.cautions["value"]) == ["12"]
    assert "12" not in list(report.rejects["value"])


def test_an_empty_plan_has_a_report():
    report = build_report(PlanBuilder().build(guards=[]), None)
    assert (report.rows, len(report.changes), len(report.rejects)) == (0, 0, 0)
    assert report.headline == "Nothing to do: the account already says what the source says."


def test_the_requests_that_were_used_stand_beside_those_that_were_planned():
    cost = build_report(small_plan(), applied()).cost
    assert (cost.total, cost.used, dict(cost.requests)) == (5, 7, {"contacts_json_import": 1, "post_contact": 4})


def test_a_tripped_guard_stops_and_an_accepted_one_does_not():
    stopped = build_report(small_plan(guards=[guard("max_updates", "2 of 3", 2, "30%", tripped=True)]), None)
    accepted = build_report(small_plan(guards=[guard("max_updates", "2 of 3", 2, "2", accepted=True)]), None)
    assert (stopped.state, accepted.state) == ("stopped", "planned")
    assert stopped.summary[0] == "1 guard stopped it: max_updates."
    assert "max_updates accepted by a person" in accepted.summary[0]
