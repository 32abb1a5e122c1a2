from __future__ import annotations

import numpy as np
import pytest

from ctct_etl.config.pipeline import Pipeline
from ctct_etl.stages.matching import match_contacts
from ctct_etl.stages.permitting import Permit, permit_contacts
from tests.tables import desired, snapshot

ANN = "ann@example.com"


def pipeline(**keys: object) -> Pipeline:
    needed = {"name": "p", "account": "a", "source": {"path": "x.csv"}, "mapping": "m.yaml"}
    return Pipeline.model_validate({**needed, **keys})


def permit(contact: dict, account: list[dict], suppressed: dict | None = None, **keys: object) -> Permit:
    people, known = desired([{"email": ANN, **contact}]), snapshot(account, lists=("News", "Board"))
    match = match_contacts(people, known.contacts)
    listed = np.ones(len(people), dtype=bool)
    return permit_contacts(people, match, known, pipeline(**keys), suppressed or {}, "2026-11-23", listed)


def said(permit: Permit) -> tuple[str, str]:
    return permit.verdict[0], permit.reason[0]


def test_an_unsubscribed_contact_is_never_changed_and_the_reason_says_since_when():
    gone = {"email": ANN, "status": "unsubscribed", "opt_out.date": "2026-03-04T10:00:00Z", "opt_out.source": "Contact"}
    result = permit({}, [gone])
    assert said(result) == ("skip", "unsubscribed in the account on 2026-03-04 by the contact: never changed")
    assert not result.fields[0] and not result.memberships[0]


def test_a_deleted_contact_is_left_alone():
    gone = {"email": ANN, "status": "deleted", "deleted_at": "2026-03-04T10:00:00Z"}
    assert said(permit({}, [gone])) == ("skip", "existing.deleted: skip; deleted in the account on 2026-03-04")


@pytest.mark.parametrize("status", ["pending_confirmation", "temp_hold", "not_set"])
def test_a_contact_that_is_not_settled_may_have_fields_changed_but_joins_no_list(status):
    result = permit({}, [{"email": ANN, "status": status}])
    assert (result.verdict[0], result.fields[0], result.memberships[0]) == ("", True, False)


@pytest.mark.parametrize(
    ("rule", "lists", "reason"),
    [
        ("always", ["News"], ""),
        ("never", [], "existing.update: never"),
        ("if_in_no_list", [], ""),
        ("if_in_no_list", ["News"], "existing.update: if_in_no_list, and it is in a list"),
        ({"if_in": ["News"]}, ["News"], ""),
        ({"if_in": ["News"]}, ["Board"], "existing.update: if_in News, and it is in none"),
        ({"if_not_in": ["News"]}, ["Board"], ""),
        ({"if_not_in": ["News"]}, ["News"], "existing.update: if_not_in News, and it is in one"),
    ],
)
def test_the_rule_of_updates_leaves_alone_whom_it_does_not_select(rule, lists, reason):
    result = permit({}, [{"email": ANN, "lists": lists}], existing={"update": rule})
    assert said(result) == ("skip" if reason else "", reason)


def test_the_rule_of_updates_says_nothing_of_people_the_account_does_not_have():
    assert permit({}, [], existing={"update": "never"}).fields[0]


def test_a_suppressed_address_is_touched_by_no_rule_known_or_new():
    for account in ([], [{"email": ANN}]):
        result = permit({}, account, suppressed={ANN: "never_mail.csv"})
        assert said(result) == ("skip", "suppress: named in never_mail.csv")


def test_a_row_that_says_no_mail_is_never_created():
    result = permit({"@opted_out": True}, [])
    assert said(result) == ("skip", "opted_out: the row says no mail, and the account does not have this person")


def test_a_known_person_whose_row_says_no_mail_has_fields_changed_and_joins_no_list():
    result = permit({"@opted_out": True}, [{"email": ANN}])
    assert (result.verdict[0], result.fields[0], result.memberships[0]) == ("", True, False)


def test_nobody_is_created_where_the_pipeline_says_so():
    assert said(permit({}, [], new={"create": "false"}))[0] == "skip"


EVIDENCE = {"evidence": {"date": "Signed up", "source": "Form"}}


@pytest.mark.parametrize("consent", [{"opt_in_source": "contact"}, {"permission": "explicit"}])
@pytest.mark.parametrize(
    ("date", "source", "verdict"),
    [
        ("2026-01-01", "web form", ""),
        ("2026-11-23", "web form", ""),
        (float("nan"), "web form", "rejected"),
        ("2026-01-01", float("nan"), "rejected"),
        ("2026-11-24", "web form", "rejected"),
    ],
)
def test_a_consent_of_the_person_needs_evidence_that_is_readable_and_not_in_the_future(consent, date, source, verdict):
    row = {"@evidence_date": date, "@evidence_source": source}
    result = permit(row, [], consent={**consent, **EVIDENCE})
    assert result.verdict[0] == verdict
    assert ("needs evidence" in result.reason[0]) == bool(verdict)


def test_people_the_account_has_need_no_evidence_because_an_update_is_the_accounts_own_act():
    row = {"@evidence_date": float("nan"), "@evidence_source": float("nan")}
    assert permit(row, [{"email": ANN}], consent={"permission": "explicit", **EVIDENCE}).fields[0]
