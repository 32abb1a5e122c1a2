from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pandas as pd
import pytest

from ctct_etl import columns as c
from ctct_etl.plan.tables import ADD_LISTS, PUT_CONTACT, ROUTE
from ctct_etl.stages.reverting import turn_round
from tests.account.plans import Act, plan_tables
from tests.stages.turning import ANN, back, moved, only, turned
from tests.tables import snapshot


class TestFields:
    ACT: ClassVar = {"first_name": ("Ann", "Anna"), "last_name": ("", "Lee")}

    def test_what_still_is_as_the_run_left_it_goes_back(self):
        found = turned(Act(ANN, c.UPDATE, self.ACT), {"first_name": "Anna", "last_name": "Lee"})
        assert only(found) == ("update", "reverts run run-1")
        assert back(found) == [("first_name", "Anna", "Ann"), ("last_name", "Lee", "")]

    def test_what_was_edited_since_is_kept_and_named(self):
        found = turned(Act(ANN, c.UPDATE, self.ACT), {"first_name": "Annie", "last_name": "Lee"})
        assert only(found) == ("update", "reverts run run-1; kept, edited since the run: first_name")
        assert (back(found), found.kept) == ([("last_name", "Lee", "")], 1)

    def test_where_all_was_edited_the_contact_is_left_alone(self):
        found = turned(Act(ANN, c.UPDATE, self.ACT), {"first_name": "Annie", "last_name": "Poe"})
        assert only(found) == ("skip", "kept, edited since the run: first_name, last_name")

    def test_what_is_as_before_already_needs_nothing(self):
        found = turned(Act(ANN, c.UPDATE, self.ACT), {"first_name": "Ann"})
        assert (len(found.tables.actions), found.unchanged) == (0, 1)

    def test_a_phone_in_the_services_own_punctuation_is_as_the_run_left_it(self):
        act = Act(ANN, c.UPDATE, {"phone.mobile": ("", "+1 212 555 2368")})
        assert back(turned(act, {"phone.mobile": "(212) 555-2368"})) == [("phone.mobile", "(212) 555-2368", "")]

    def test_a_custom_field_that_is_gone_is_kept(self):
        act = Act(ANN, c.UPDATE, {"custom.Tier": ("", "Gold")})
        assert only(turned(act, {})) == ("skip", "kept, edited since the run: custom.Tier")

    def test_what_was_not_done_is_not_taken_back(self):
        act = Act(ANN, c.UPDATE, self.ACT, add=["News"])
        found = turned(act, {"first_name": "Anna", "last_name": "Lee", "lists": ["News"]}, routes=[ADD_LISTS])
        assert (only(found)[0], back(found), moved(found)) == ("remove", [], [("News", "remove")])
        assert len(turned(act, {"first_name": "Anna"}, routes=[]).tables.actions) == 0


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (None, "left alone: the account does not have this contact any more"),
        ({c.STATUS: c.DELETED}, "left alone: deleted in the account"),
        ({c.STATUS: c.UNSUBSCRIBED, "first_name": "Anna"}, "left alone: unsubscribed since"),
        ({c.EMAIL: "anna@x.org", "first_name": "Anna"}, "left alone: its address was changed since"),
    ],
)
def test_who_left_or_went_is_left_alone(now: Mapping[str, Any] | None, words: str) -> None:
    act = Act(ANN, c.UPDATE, {"first_name": ("Ann", "Anna")}, remove=["News"])
    assert only(turned(act, now)) == ("skip", words)


def test_the_plan_that_is_turned_round_is_left_as_it_was() -> None:
    act = Act(ANN, c.UPDATE, {"first_name": ("Ann", "Anna")}, add=["News"], contact_id="id-0")
    tables = plan_tables([act])
    before = [getattr(tables, name).copy() for name in ("actions", "changes", "memberships", "wanted")]
    account = snapshot([{c.EMAIL: ANN, "first_name": "Anna", "lists": ["News"]}])
    done = pd.DataFrame({c.EMAIL: [ANN], ROUTE: [PUT_CONTACT]}, dtype="str")
    turn_round(tables, done, account, None, "run-1")
    for name, table in zip(("actions", "changes", "memberships", "wanted"), before, strict=True):
        pd.testing.assert_frame_equal(getattr(tables, name), table)
