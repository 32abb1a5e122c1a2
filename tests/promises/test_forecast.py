"""What a plan says it will send and cause, against what the sandbox then counts; and what it says it rests on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given

from ctct_etl.account.v3 import refreshing, rereading
from tests.promises.nights import actions, night_of, or_pass_by, slow
from tests.promises.worlds import LEAVING, RICH, World, worlds

EVIDENCE = {"consent": {"opt_in_source": "contact", "evidence": {"date": "Updated", "source": "Tier"}}}
ASKED = replace(
    RICH,
    rows=[{**row, "Updated": "2026-01-01", "Tier": "form"} for row in RICH.rows],
    pipeline={**RICH.pipeline, **EVIDENCE},
)


def writes_of(requests: list[dict[str, Any]]) -> dict[str, int]:
    paths = Counter(
        (one["method"], "/contacts/{id}" if one["method"] == "PUT" else one["path"].removeprefix("/v3"))
        for one in requests
        if one["method"] != "GET"
    )
    return {" ".join(key): count for key, count in paths.items()}


@slow
@example(RICH)
@example(LEAVING)
@given(worlds())
def test_an_apply_sends_the_writes_and_reads_that_its_plan_told_and_no_more_polls(world: World) -> None:
    with night_of(world) as night:
        planned = or_pass_by(night.plan)
        if planned.exit_code() == 3:
            return
        before = len(night.requests())
        applied = night.apply(planned)
        sent, cost = night.requests()[before:], planned.plan.manifest["cost"]
        writes = writes_of(sent)
        polls = sum(one["method"] == "GET" and "/activities/" in one["path"] for one in sent)
        assert writes == cost["writes"]
        assert polls <= cost["at_most"].get("polls", 0)
        # The readings of the whole account, before and after, are the program's, not the plan's.
        assert applied.outcome is not None
        assert applied.outcome["requests"] - sum(writes.values()) - polls == sum(cost["reads"].values())
        assert len(sent) - applied.outcome["requests"] <= cost["readings"]["before"] + cost["readings"]["after"]
        assert "pages" not in cost["at_most"]
        assert night.mails() == []


@pytest.mark.parametrize("moves", [True, False])
def test_an_account_that_is_refreshed_is_read_again_with_no_more_than_the_plan_told(
    monkeypatch: pytest.MonkeyPatch, moves: bool
) -> None:
    for module in (refreshing, rereading):  # small accounts are read whole, which costs no more
        monkeypatch.setattr(module, "QUIET_REQUESTS", 9)
        monkeypatch.setattr(module, "full_cost", lambda contacts: 100)
    with night_of(RICH, switches={"list_change_moves_updated_at": moves}) as night:
        planned = night.plan()
        before = len(night.requests())
        applied = night.apply(planned)
        readings, sent = planned.plan.manifest["cost"]["readings"], len(night.requests()) - before
        assert applied.outcome is not None
        bound = readings["before"] + readings["after"]
        assert bound - 3 <= sent - applied.outcome["requests"] <= bound


@pytest.mark.parametrize(
    ("switches", "kind"),
    [
        ({}, None),
        ({"confirmed_opt_in": True}, "confirmation"),
        ({"confirmed_opt_in": True, "welcome_lists": ["*"]}, "confirmation"),
        ({"welcome_lists": ["*"]}, "welcome"),
        ({"welcome_lists": ["Newsletter"]}, "Newsletter"),
        ({"welcome_lists": ["Travel Club"]}, "Travel Club"),
        ({"welcome_lists": ["Board"]}, None),
    ],
)
def test_the_mails_that_go_out_are_those_told_for_the_accounts_setting(
    switches: dict[str, object], kind: str | None
) -> None:
    joins = {**ASKED.rows[0], "E-mail": "trips@example.com", "Interests": "Trips"}
    with night_of(replace(ASKED, rows=[*ASKED.rows, joins]), switches=switches) as night:
        manifest = night.run().plan.manifest
        told = {**manifest["mails"], **manifest["welcome_by_list"]}
        kinds = Counter(mail["kind"] for mail in night.mails())
        sent = "welcome" if kind in manifest["welcome_by_list"] else kind
        assert kinds == ({sent: told[kind]} if kind is not None and sent is not None else {})


RULES: dict[str, tuple[Any, str, str]] = {
    "in no list": ("if_in_no_list", "join_list", "Board"),
    "in one": ({"if_in": ["Board"]}, "leave_list", "Board"),
    "in none": ({"if_not_in": ["Board"]}, "join_list", "Board"),
}


@pytest.mark.parametrize(("rule", "deed", "name"), RULES.values(), ids=RULES.keys())
def test_who_joins_or_leaves_a_list_between_plan_and_apply_is_judged_again(rule: Any, deed: str, name: str) -> None:
    lists = ["Board"] if deed == "leave_list" else []
    people = [{**contact, "list_memberships": lists} for contact in RICH.account if "list_memberships" in contact]
    mapping = {**RICH.mapping, "lists": []}
    world = replace(RICH, account=people, mapping=mapping, pipeline={**RICH.pipeline, "existing": {"update": rule}})
    with night_of(world) as night:
        planned = night.plan()
        assert {"old0@example.com", "old1@example.com"} <= _changed(planned)
        night.act(do=deed, address="old0@example.com", list=name)
        before = night.contacts()["old0@example.com"]
        applied = night.apply(planned)
        assert night.contacts()["old0@example.com"] == before
        assert night.contacts()["old1@example.com"]["first_name"] == "Ann"
        assert applied.outcome is not None
        (left,) = applied.outcome["not_done"]
        assert (left["address"], left["result"]) == ("old0@example.com", "conflict")
        assert "leaves it alone now" in left["words"]


def _changed(planned: Any) -> set[str]:
    return {action["address"] for action in actions(planned) if action["action"] == "update"}
