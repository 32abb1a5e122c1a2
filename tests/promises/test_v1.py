"""The promises over dialect v1: the same worlds, as far as it can hold them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given, settings

from tests.promises.holding import hold_to_plan
from tests.promises.nights import actions, night_of, or_pass_by, slow
from tests.promises.older import EVERY_ROUTE, as_v1
from tests.promises.worlds import LEAVING, RICH, World, worlds

ROUTES = {"add_contacts", "post_contact", "put_whole_contact", "remove_contacts_from_lists"}
# What is drawn are sheets and accounts, which the stages treat alike over both dialects: v3 has more of them.
some = settings(slow, max_examples=3 if settings.get_current_profile_name() == "sampled" else 200)
READINGS = {"v1_unknown_email": 500, "v1_next_href": "relative", "v1_do_not_mail_post": 403}


def test_after_a_run_the_account_equals_the_plan_and_a_second_run_plans_nothing() -> None:
    seen: Counter[str] = Counter()

    @some
    @example(EVERY_ROUTE)
    @example(as_v1(RICH))
    @example(as_v1(LEAVING))
    @given(worlds().map(as_v1))
    def hold(world: World) -> None:
        with night_of(world, switches=READINGS) as night:
            before = night.contacts()
            ended = or_pass_by(night.run)
            assert ended.outcome is None or ended.outcome["not_done"] == []
            hold_to_plan(before, night.contacts(), actions(ended))
            if ended.outcome is not None:
                told = ended.outcome["verification"]
                assert told["checked"] == told["as_promised"], told
            seen.update(action["route"] for action in actions(ended))
            again = night.run()
            assert [action for action in actions(again) if action["action"] != "skip"] == []
            assert again.outcome is None

    hold()
    assert set(seen) >= ROUTES


@some
@example(EVERY_ROUTE)
@given(worlds().map(as_v1))
def test_a_dry_run_sends_nothing_but_reads_and_changes_nothing(world: World) -> None:
    with night_of(world) as night:
        before = night.contacts()
        or_pass_by(night.dry_run)
        assert {request["method"] for request in night.requests()} <= {"GET"}
        assert night.contacts() == before
        assert night.mails() == []


@pytest.mark.parametrize("world", [EVERY_ROUTE, as_v1(RICH), as_v1(LEAVING)], ids=["every route", "rich", "leaving"])
def test_an_apply_sends_what_its_plan_told_and_no_more_polls(world: World) -> None:
    with night_of(world) as night:
        planned = or_pass_by(night.plan)
        night.sandbox.forget_requests()
        applied = night.apply(planned)
        asked = night.requests()
        told = planned.plan.manifest["cost"]
        writes = Counter(
            f"{each['method']} {_shape(each['path'])}" for each in asked if each["method"] not in ("GET", "HEAD")
        )
        assert writes == Counter(told["writes"])
        polls = sum(each["method"] == "GET" and "/activities/" in each["path"] for each in asked)
        assert polls <= told["at_most"].get("polls", 0)
        assert applied.outcome is not None
        own = applied.outcome["requests"]
        assert own - sum(writes.values()) - polls == sum(told["reads"].values())
        bound = told["readings"]["before"] + told["readings"]["after"]
        assert bound - 10 <= len(asked) - own <= bound


def _shape(path: str) -> str:
    path = path.removeprefix("/ws/customers/sandbox")
    return path if not path.startswith("/contacts/") else "/contacts/{id}"
