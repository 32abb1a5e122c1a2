from __future__ import annotations

from pathlib import Path

import pytest

from ctct_etl.config.values import parse_limit
from ctct_etl.errors import ConfigError, SourceError
from tests.config.given import MAPPING, PIPELINE
from tests.tables import snapshot
from tests.workflow.given import plan_night

ACCOUNT = snapshot([{"email": f"p{n:02}@example.org", "first_name": "P"} for n in range(20)], lists=("News",))
MEMBERS = "E-mail,First,Joined\nann@example.org,Ann,2020-01-31\np01@example.org,Pia,31.1.\n"


def test_the_plan_says_what_it_was_made_of(tmp_path: Path) -> None:
    manifest = plan_night(tmp_path, MEMBERS, ACCOUNT).manifest
    assert manifest["pipeline"]["name"] == "members"
    assert (
        plan_night(tmp_path, MEMBERS, ACCOUNT, pipeline=PIPELINE.replace("name: members", "name: weekly")).manifest[
            "pipeline"
        ]["name"]
        == "weekly"
    )
    assert (manifest["run"], manifest["made_at"]) == ("run-1", "2026-11-23T22:00:00Z")
    assert manifest["source"]["files"][0]["path"] == "members.csv"
    assert manifest["account"] == {
        "name": "sandbox", "dialect": "v3", "encoded_account_id": "a1", "organization_name": "Club",
    }  # fmt: skip


def test_addresses_of_a_suppression_file_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "never_mail.csv").write_text("mail\nANN@example.org\n", encoding="utf-8")
    free = plan_night(tmp_path, MEMBERS, ACCOUNT)
    held = plan_night(tmp_path, MEMBERS, ACCOUNT, pipeline=PIPELINE + "suppress: [never_mail.csv]\n")
    assert (free.manifest["counts"]["create"], held.manifest["counts"]["create"]) == (1, 0)
    assert held.rows["@reason"].tolist()[0] == "suppress: named in never_mail.csv"


def test_a_cell_that_stops_the_run_does_so_before_anything_is_planned(tmp_path: Path) -> None:
    rule = "  anniversary: {column: Joined, invalid: %s}\n"
    for word, outcome in (("ignore", "unchanged"), ("reject", "rejected")):
        plan = plan_night(tmp_path, MEMBERS, ACCOUNT, mapping=MAPPING + rule % word)
        assert plan.rows["@outcome"].tolist() == ["create", outcome]
    with pytest.raises(SourceError, match=r'^members.csv, row 3, column "Joined": "31\.1\.": .* is not a date'):
        plan_night(tmp_path, MEMBERS, ACCOUNT, mapping=MAPPING + rule % "stop")


def test_of_many_cells_that_stop_the_run_the_first_are_named_and_the_others_counted(tmp_path: Path) -> None:
    members = "E-mail,Joined\n" + "".join(f"p{n:02}@example.org,soon\n" for n in range(8))
    with pytest.raises(SourceError, match=r"row 6, (.|\n)*and 3 more\nthe mapping says invalid: stop") as caught:
        plan_night(tmp_path, members, ACCOUNT, mapping=MAPPING + "  anniversary: {column: Joined, invalid: stop}\n")
    assert "row 7" not in str(caught.value)


def test_what_the_account_lacks_is_a_prerequisite_where_it_may_be_made_and_an_error_where_not(tmp_path: Path) -> None:
    mapping = MAPPING + "lists: [News, Chess]\n"
    plan = plan_night(tmp_path, MEMBERS, ACCOUNT, mapping=mapping, pipeline=PIPELINE + "create_missing: [lists]\n")
    assert plan.manifest["prerequisites"] == {"lists": ["Chess"], "custom_fields": [], "tags": []}
    with pytest.raises(ConfigError, match='the account has no list "Chess"'):
        plan_night(tmp_path, MEMBERS, ACCOUNT, mapping=mapping)


def test_a_guard_is_judged_with_what_a_person_accepted(tmp_path: Path) -> None:
    pipeline = PIPELINE + "guards: {max_creates: 0}\n"
    stopped = plan_night(tmp_path, MEMBERS, ACCOUNT, pipeline=pipeline)
    let = plan_night(tmp_path, MEMBERS, ACCOUNT, pipeline=pipeline, accepted={"max_creates": parse_limit("1")})
    for plan, tripped in ((stopped, ["max_creates"]), (let, [])):
        assert [guard["guard"] for guard in plan.manifest["guards"] if guard["tripped"]] == tripped
    assert (stopped.manifest["accepted"], let.manifest["accepted"]) == ({}, {"max_creates": "1"})


def test_a_day_without_requests_left_stops_a_plan_that_needs_some(tmp_path: Path) -> None:
    plan = plan_night(tmp_path, MEMBERS, ACCOUNT, left=0)
    assert [guard["guard"] for guard in plan.manifest["guards"] if guard["tripped"]] == ["budget"]
    assert plan.manifest["cost"]["left_today"] == 0


def test_every_action_that_writes_has_a_route_and_a_reason_for_it(tmp_path: Path) -> None:
    actions = plan_night(tmp_path, MEMBERS, ACCOUNT, mapping=MAPPING + "  first_name: First\n").tables.actions
    assert (actions["route"] != "").all() and (actions["route_reason"] != "").all()


def test_rows_that_are_none_and_contacts_without_an_address_are_told(tmp_path: Path) -> None:
    account = snapshot([{"email": ""}, {"email": ""}, {"email": "a@example.org"}])
    plan = plan_night(tmp_path, MEMBERS.replace("ann@", ",,\n,,\nann@"), account)
    assert plan.manifest["warnings"][:2] == [
        "2 wholly blank rows passed over: a blank row is no row",
        "2 contacts of the account without an address left out",
    ]
