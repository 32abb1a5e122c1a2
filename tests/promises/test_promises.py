"""The promises of docs/promises.md, over generated worlds, the real program and real HTTP."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from ctct_etl.errors import ConfigError
from ctct_etl.workflow.endings import Ended
from tests.contract.checking import VARIABLE, WHY_SKIPPED, Checker
from tests.promises.nights import action_lines, actions, night_of
from tests.promises.reading import consent_of, fields_of, memberships_of
from tests.promises.worlds import RICH, World, as_csv, worlds

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])


def or_pass_by(step: Callable[[], Ended]) -> Ended:
    """A world whose cells name a list that the account does not have is refused as a whole: no night to look at."""
    try:
        return step()
    except ConfigError as error:
        assume("the account has no" not in str(error))
        raise


@slow
@example(RICH)
@given(worlds())
def test_every_source_row_has_exactly_one_outcome_with_a_reason(world: World):
    with night_of(world) as night:
        plan = or_pass_by(night.plan).plan
        counts = plan.manifest["counts"]
        blank = sum(1 for row in world.rows if not any(value.strip() for value in row.values()))
        assert len(plan.rows) == len(world.rows) - blank == counts["rows"]
        assert counts["rows"] == sum(
            counts[outcome] for outcome in ("rejected", "merged", "unchanged", "skip", "create", "update")
        )
        assert plan.rows["@reason"].str.len().gt(3).all()
        assert not plan.rows[["@file", "@row"]].duplicated().any()


@slow
@example(RICH)
@given(worlds())
def test_a_dry_run_sends_nothing_but_reads_and_changes_nothing(world: World):
    with night_of(world) as night:
        before = night.contacts()
        or_pass_by(night.plan)
        night.dry_run()
        assert {request["method"] for request in night.requests()} == {"GET"}
        assert night.contacts() == before
        assert night.mails() == []


def test_after_a_run_the_account_equals_the_plan_and_a_second_run_plans_nothing():
    seen: Counter[str] = Counter()

    @slow
    @example(RICH)
    @given(worlds())
    def hold(world: World) -> None:
        with night_of(world) as night:
            before = night.contacts()
            ended = or_pass_by(night.run)
            after = night.contacts()
            assert ended.outcome is None or ended.outcome["not_done"] == []
            promised = {action["address"]: action for action in actions(ended) if action["action"] != "skip"}
            for address, action in promised.items():
                old = before.get(address)
                expected = (fields_of(old) if old else {}) | action["after"]
                assert fields_of(after[address]) == {field: value for field, value in expected.items() if value}, (
                    address
                )
                gained = {(kind, name) for kind in ("list", "tag") for name in action[f"{kind}s"]["add"]}
                assert memberships_of(after[address]) == (memberships_of(old) if old else set()) | gained, address
                seen.update(
                    [
                        action["action"],
                        *action["route"].split("+"),
                        *("cleared" for v in action["after"].values() if not v),
                    ]
                )
            seen.update(ended.plan.rows["@outcome"])
            assert set(after) == set(before) | set(promised)
            again = night.run()
            assert [action for action in actions(again) if action["action"] != "skip"] == []
            assert again.outcome is None

    hold()
    routes = {"contacts_json_import", "post_contact", "put_contact", "add_list_memberships", "contacts_taggings_add"}
    outcomes = {"rejected", "merged", "unchanged", "skip", "create", "update"}
    assert set(seen) >= routes | outcomes | {"cleared"}, f"the worlds never showed {routes | outcomes - set(seen)}"


@slow
@example(RICH)
@given(worlds())
def test_no_field_membership_or_consent_outside_the_plan_ever_changes(world: World):
    with night_of(world) as night:
        before = night.contacts()
        ended = or_pass_by(night.run)
        after = night.contacts()
        mapped = set(world.mapping["fields"])
        named = {("list", name) for name in ("Newsletter", "Travel Club", "Book Circle", "Volunteers")}
        named |= {("tag", "spring")}
        written = {action["address"] for action in actions(ended) if action["action"] != "skip"}
        for address, old in before.items():
            new = after[address]
            assert consent_of(new) == consent_of(old), address
            outside = {field: value for field, value in fields_of(old).items() if field not in mapped}
            assert {f: v for f, v in fields_of(new).items() if f not in mapped} == outside, address
            assert memberships_of(new) - named == memberships_of(old) - named, address
            assert memberships_of(new) >= memberships_of(old), address
            if address not in written:
                assert new == old, address


@slow
@example(RICH)
@given(worlds())
def test_nobody_who_left_is_put_on_a_list_and_nobody_joins_one_that_no_row_asks_for(world: World):
    with night_of(world) as night:
        before = night.contacts()
        ended = or_pass_by(night.run)
        after = night.contacts()
        asked = {(action["address"], name) for action in actions(ended) for name in action["lists"]["add"]}
        for address, new in after.items():
            old = before.get(address)
            had = set(old["by_name"]["lists"]) if old else set()
            joined = set(new["by_name"]["lists"]) - had
            assert {(address, name) for name in joined} <= asked
            if old and consent_of(old)[0] in ("unsubscribed", "pending_confirmation", "temp_hold", "not_set"):
                assert not joined, address
            if old and consent_of(old)[1]:
                assert new == old, address
        assert night.mails() == []


@slow
@example(RICH)
@given(worlds())
def test_the_same_inputs_make_the_same_bytes_whatever_the_order_of_files(world: World):
    with night_of(world) as night:
        first = action_lines(or_pass_by(night.plan))
        assert action_lines(night.plan()) == first
        half = len(world.rows) // 2
        split = night.folder / "split"
        split.mkdir()
        document = night.pipeline.read_text("utf-8").replace("members.csv", "split/*.csv")
        plans = []
        for order in ((0, 1), (1, 0)):  # the order in which files are made is the order in which a folder lists them
            for old in split.iterdir():
                old.unlink()
            parts = (world.rows[:half], world.rows[half:])
            for part in order:
                (split / f"part-{part}.csv").write_text(as_csv(parts[part]), "utf-8")
            (night.folder / "split.yaml").write_text(document, "utf-8")
            whole, night.pipeline = night.pipeline, night.folder / "split.yaml"
            plans.append(action_lines(night.plan()))
            night.pipeline = whole
        assert plans[0] == plans[1]


SECRETS = ("sandbox-token", "sandbox-secret")


@slow
@example(RICH)
@given(worlds())
def test_no_secret_is_in_anything_that_a_run_writes(world: World):
    with night_of(world) as night:
        or_pass_by(night.run)
        for path in sorted((night.folder / "state").rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                assert not any(secret.encode() in content for secret in SECRETS), path
                assert path.stat().st_mode & 0o077 == 0, f"{path} can be read by others"


# What a night sends; the check must have seen all of it, or it says nothing.
OPERATIONS = {
    "GET /account/summary", "GET /contact_lists", "GET /contact_custom_fields", "GET /contact_tags", "GET /contacts",
    "GET /contacts/{contact_id}", "POST /contacts", "PUT /contacts/{contact_id}",
    "POST /activities/contacts_json_import", "POST /activities/add_list_memberships",
    "POST /activities/contacts_taggings_add", "GET /activities/{activity_id}", "POST /contact_lists",
    "POST /contact_custom_fields", "POST /contact_tags",
}  # fmt: skip


def needs_the_document() -> Checker:
    if VARIABLE not in os.environ:
        pytest.skip(WHY_SKIPPED)
    checker = Checker.from_environment()
    assert checker is not None
    return checker


@slow
@example(world=RICH)
@given(world=worlds())
def test_every_request_and_answer_is_as_the_providers_document_says(world: World):
    checker = needs_the_document()
    with night_of(world, checker) as night:
        or_pass_by(night.run)
    checker.assert_clean()


def test_the_providers_document_was_asked_about_every_operation_that_the_program_uses():
    checker = needs_the_document()
    fields = RICH.mapping["fields"] | {"custom.Brand New": "Tier"}
    mapping = RICH.mapping | {"fields": fields, "lists": [*RICH.mapping["lists"], "New List"], "tags": ["new tag"]}
    allowed = RICH.pipeline | {"create_missing": ["lists", "custom_fields", "tags"]}
    with night_of(replace(RICH, mapping=mapping, pipeline=allowed), checker) as night:
        ended = night.run()
    assert ended.outcome is not None and ended.outcome["not_done"] == []
    checker.assert_clean()
    assert OPERATIONS - checker.exercised == set()
