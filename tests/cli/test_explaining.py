"""`explain`, as people ask for it: one address through every stage, and not a write."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.cli.club import MAPPING, MEMBERS, PIPELINE, V1_ACCOUNTS, Club
from tests.cli.program import Said, run, run_here

LOOSE = PIPELINE + "create_missing: [lists, tags]\nguards: {max_rejected: 100%, max_updates: 100%, max_creates: 900%}\n"
RICH = """\
fields:
  email: E-mail
  first_name: {column: First Name, transform: [title_case]}
  last_name: {column: Last Name, on_update: fill}
  phone.home: {column: Phone, blank: clear}
lists: [Newsletter, {list: Choir, when: {column: Phone, not_blank: true}}]
dedupe: {prefer: first, merge: fill_blanks}
"""
RICH_MEMBERS = """\
E-mail,First Name,Last Name,Phone
ann@example.com,ann,,x
Bob <BOB@example.com>,bobby,Stone,(212) 555-0123
 mailto:Ann@Example.com ,Anna,Leigh,
ann@example.com; bob@example.com,Both,,
"""


@pytest.fixture(params=["v3", "v1"])
def either(request: pytest.FixtureRequest, club: Club) -> Club:
    """The club over each dialect."""
    club.write(pipeline=LOOSE if request.param == "v3" else LOOSE.replace(", tags", ""))
    if request.param == "v1":
        club.write(accounts=V1_ACCOUNTS)
    return club


def ask(club: Club, address: str, *words: object, program: Any = run_here) -> Said:
    said = program("explain", club.pipeline, address, *words, "--state-dir", club.state, environment=club.environment)
    assert isinstance(said, Said)
    return said


def tell(club: Club, address: str, *words: object) -> Any:
    said = ask(club, address, "--format", "json", *words)
    assert said.code == 0, said.err
    return json.loads(said.out)


def night(club: Club, *words: object) -> None:
    said = run_here("run", club.pipeline, *words, "--state-dir", club.state, environment=club.environment)
    assert said.code == 0, said.out + said.err


def pass_a_second() -> None:
    """Ids of runs sort by their second."""
    begun = int(time.time())
    while int(time.time()) == begun:
        time.sleep(0.02)


def named(parts: Any, key: str = "field") -> dict[str, Any]:
    return {part[key]: part for part in parts}


def test_the_installed_program_explains_on_80_columns_and_writes_nothing(club: Club) -> None:
    club.write(members=RICH_MEMBERS, mapping=RICH, pipeline=LOOSE)
    said = ask(club, "mailto:BOB@example.com", program=run)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("bob@example.com\nwould be changed: existing.update: always\n")
    for section in ("Rows of the source", "What they say together", "The account's contact", "Field by field",
                    "Lists and tags", "Requests that would be sent", "Past runs"):  # fmt: skip
        assert f"\n{section}\n---" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert club.writes() == [] and club.runs() == []
    assert "sandbox-token" not in said.out


def test_every_row_is_told_from_cell_to_value_with_its_problem_and_its_fate(either: Club) -> None:
    either.write(members=RICH_MEMBERS, mapping=RICH)
    told = tell(either, "ann@example.com")
    assert [(row["row"], row["outcome"], row["won"]) for row in told["rows"]] == [
        (2, "update", True), (4, "merged", False)
    ]  # fmt: skip
    first, second = (named(row["fields"]) for row in told["rows"])
    assert first["first_name"] == {
        "field": "first_name", "cells": {"First Name": "ann"}, "mapped": "Ann", "cleaned": "Ann"
    }  # fmt: skip
    assert second["email"] == {
        "field": "email", "cells": {"E-mail": " mailto:Ann@Example.com "}, "mapped": "mailto:Ann@Example.com",
        "cleaned": "ann@example.com",
    }  # fmt: skip
    (problem,) = told["rows"][0]["problems"]
    assert (problem["field"], problem["severity"], problem["value"]) == ("phone.home", "warn", "x")
    assert [(row["row"], row["outcome"]) for row in told["mentioned"]] == [(5, "rejected")]


def test_each_value_of_the_contact_is_told_with_the_row_that_it_is_of(either: Club) -> None:
    either.write(members=RICH_MEMBERS, mapping=RICH)
    desired = named(tell(either, "ann@example.com")["desired"])
    assert {field: (one["value"], one["of"] and one["of"]["row"], one["filled"]) for field, one in desired.items()} == {
        "email": ("ann@example.com", 2, False), "first_name": ("Ann", 2, False), "last_name": ("Leigh", 4, True),
        "phone.home": ("", 4, True),
    }  # fmt: skip


def test_each_field_is_told_with_the_policy_that_decided_it(either: Club) -> None:
    either.write(members=RICH_MEMBERS, mapping=RICH)
    fields = {address: named(tell(either, f"{address}@example.com")["fields"]) for address in ("ann", "bob")}
    assert (fields["bob"]["first_name"]["changes"], fields["bob"]["first_name"]["why"]) == (
        True, "on_update: overwrite"
    )  # fmt: skip
    assert (fields["bob"]["last_name"]["changes"], fields["bob"]["last_name"]["account"]) == (False, "Old")
    assert fields["bob"]["last_name"]["why"] == "on_update: fill, and the account has a value"
    assert fields["ann"]["first_name"]["why"] == "the account says the same"


@pytest.mark.parametrize(
    ("first_name", "why"),
    [("\x07Cy", "no opinion: its value can't be used (invalid: ignore)"), ("", "no opinion: blank (blank: keep)")],
)
def test_a_value_that_can_not_be_used_is_told_apart_from_a_blank_cell(club: Club, first_name: str, why: str) -> None:
    club.write(pipeline=LOOSE, members=MEMBERS.replace("Cy,", f"{first_name},"))
    assert named(tell(club, "cy@example.com")["fields"])["first_name"]["why"] == why


def test_what_would_be_sent_is_to_the_letter_what_the_next_run_sends(either: Club) -> None:
    either.write(members=RICH_MEMBERS.replace("Bob <BOB@example.com>", "bob@example.com"),
                 mapping=RICH.replace("Choir", "Newsletter"))  # fmt: skip
    foreseen = tell(either, "bob@example.com")["requests"]
    assert either.writes() == []
    night(either)
    sent = [each for each in either.ask("requests") if each["method"] != "GET"]
    bodies = [json.dumps(each["body"], sort_keys=True) for each in sent]
    assert foreseen
    for request in foreseen:
        assert any(f"{each['method']} {each['path']}".endswith(request["path"]) for each in sent)
        if request["format"] == "json":
            assert json.dumps(request["body"], sort_keys=True) in bodies
        else:
            assert "<FirstName>Bobby</FirstName>" in request["body"]


def test_of_a_bulk_job_only_the_row_of_the_address_is_shown(either: Club) -> None:
    people = "".join(f"p{number}@example.com,P,Q\n" for number in range(60))
    either.write(members=MEMBERS.replace("nobody,No,Body\n", "") + people)
    (request,) = (one for one in tell(either, "p7@example.com")["requests"])
    assert request["method"] == "POST" and request["carries"] == 61
    assert "p7@example.com" in json.dumps(request["body"]) and "p8@example.com" not in json.dumps(request["body"])
    assert ", with 60 others in the same job" in " ".join(ask(either, "p7@example.com").out.split())
    (single,) = tell(either, "p7@example.com", "--route", "single")["requests"]
    assert (single["route"], single["carries"]) == ("post_contact", 1)


def test_the_jobs_that_are_shown_are_the_jobs_that_are_sent(club: Club) -> None:
    people = "".join(f"p{number}@example.com,P,Q\n" for number in range(60))
    club.write(pipeline=LOOSE, members="E-mail,First Name,Last Name\n" + people, mapping=MAPPING + "tags: [vip]\n")
    load, tagging = tell(club, "p7@example.com")["requests"]
    night(club)
    sent = {each["path"]: each["body"] for each in club.ask("requests") if each["method"] == "POST"}
    job = sent[f"/v3{load['path']}"]
    assert load["body"].keys() == job.keys() and load["body"]["list_ids"] == job["list_ids"]
    assert load["body"]["import_data"] == [row for row in job["import_data"] if row["email"] == "p7@example.com"]
    assert sent[f"/v3{tagging['path']}"].keys() == tagging["body"].keys()
    assert tagging["body"]["source"] == {"contact_ids": ["(id-of-the-new-contact)"]}


def test_what_has_to_be_made_first_is_told_and_has_no_id_yet(club: Club) -> None:
    club.write(pipeline=LOOSE, mapping=MAPPING.replace("[Newsletter]", "[Newsletter, Choir]\ntags: [vip]"))
    told = tell(club, "cy@example.com")
    assert told["first_made"] == ["the list Choir", "the tag vip"]
    assert "(id-of-the-new-Choir)" in json.dumps(told["requests"])
    assert club.writes() == []


def test_who_unsubscribed_is_told_as_left_alone_in_every_field(either: Club) -> None:
    either.act("person", "unsubscribe", "bob@example.com")
    told = tell(either, "bob@example.com")
    assert told["decision"]["action"] == "skip" and "unsubscribed in the account" in told["decision"]["reason"]
    assert {one["why"] for one in told["fields"]} == {"not compared: the contact is left alone"}
    assert told["requests"] == []


def test_who_left_a_list_is_told_so_by_the_memory(either: Club) -> None:
    either.write(members=MEMBERS.replace("nobody,No,Body\n", ""))
    night(either)
    either.act("person", "leave_list", "ann@example.com", list="Newsletter")
    (newsletter,) = (one for one in tell(either, "ann@example.com")["memberships"] if one["name"] == "Newsletter")
    assert (newsletter["wanted"], newsletter["has"], newsletter["left"]) == (True, False, True)
    assert newsletter["why"] == "left before: not added again"


def test_who_was_seen_on_a_list_by_explain_and_leaves_it_is_not_put_back(club: Club) -> None:
    club.write(pipeline=LOOSE)
    tell(club, "ann@example.com")
    club.act("person", "leave_list", "ann@example.com", list="Newsletter")
    night(club, "--full")
    assert club.contacts()["ann@example.com"]["by_name"]["lists"] == []


def test_an_edit_by_hand_is_told_beside_what_both_last_agreed_on(club: Club) -> None:
    club.write(pipeline=LOOSE, mapping=MAPPING.replace("Last Name", "{column: Last Name, on_update: respect_edits}"))
    night(club)
    club.act("owner", "edit", "cy@example.com", fields={"last_name": "Parker"})
    field = named(tell(club, "cy@example.com")["fields"])["last_name"]
    assert (field["account"], field["desired"], field["changes"]) == ("Parker", "Park", False)
    assert field["why"] == 'on_update: respect_edits: edited since both last said "Park", so the account\'s value stays'


@pytest.mark.parametrize(
    ("pipeline", "action", "why"),
    [
        ("", "nothing", "no row of the source has this address: the contact stays as it is (managed_lists: none)"),
        ("managed_lists: [Newsletter]\n", "nothing",
         "no row of the source has this address: the contact stays on its managed lists (absent.action: keep)"),
        ("managed_lists: [Newsletter]\nabsent: {action: remove_from_lists}\n", "remove",
         "absent.action: remove_from_lists; no row of the source has this address"),
    ],
)  # fmt: skip
def test_who_is_in_no_row_is_told_what_happens_anyway(either: Club, pipeline: str, action: str, why: str) -> None:
    loose = (either.pipeline).read_text("utf-8").replace("guards: {", "guards: {max_removals: 100%, ")
    members = "".join(f"p{number}@example.com,P,Q\n" for number in range(3))
    either.write(pipeline=loose + pipeline, members=MEMBERS.replace("bob@example.com,Bob,Stone\nnobody,No,Body\n", "")
                 .replace("bob@example.com,Bob,Stone\n", "").replace("nobody,No,Body\n", "") + members)  # fmt: skip
    told = tell(either, "bob@example.com")
    assert (told["rows"], told["decision"]["action"], told["decision"]["reason"]) == ([], action, why)
    assert [one["status"] for one in told["contacts"]] == ["implicit"]
    assert bool(told["requests"]) == (action == "remove")


def test_whom_neither_side_knows_gets_a_plain_sentence_and_0(either: Club) -> None:
    said = ask(either, "who@example.com")
    assert said.code == 0
    assert "nothing happens: neither the source nor the account has this address" in said.out


@pytest.mark.parametrize("text", ["nobody", "", "a@example.com; b@example.com"])
def test_what_is_no_address_is_wrong_usage_and_asks_nobody(club: Club, text: str) -> None:
    said = ask(club, text)
    assert (said.code, said.out) == (2, "")
    assert "name one address" in said.err
    assert club.ask("requests") == []


def test_past_runs_are_told_newest_first_with_what_became_of_them(club: Club) -> None:
    club.write(pipeline=LOOSE)
    for words in (("--dry-run",), (), ()):
        night(club, *words)
        pass_a_second()
    runs = tell(club, "bob@example.com")["past"]["runs"]
    assert [run["run"] for run in runs] == [path.name for path in reversed(club.runs())]
    assert [(run["action"], run["result"]) for run in runs] == [(None, ""), ("update", "done"), ("update", "")]
    assert (runs[1]["before"], runs[1]["after"]) == ({"last_name": "Old"}, {"last_name": "Stone"})
    assert [row["outcome"] for row in runs[0]["rows"]] == ["unchanged"]
    assert len(tell(club, "bob@example.com", "--runs", "1")["past"]["runs"]) == 1
    assert "update, planned and not sent (dry run)" in " ".join(ask(club, "bob@example.com").out.split())


def test_who_was_not_done_is_told_with_the_words_of_that_night(club: Club) -> None:
    club.write(pipeline=LOOSE)
    club.strike(
        "act", "GET", "/v3/contacts/*", act={"who": "person", "do": "unsubscribe", "address": "bob@example.com"}
    )
    said = run_here("run", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert said.code == 4
    (past,) = tell(club, "bob@example.com")["past"]["runs"]
    assert (past["action"], past["result"]) == ("update", "conflict")
    assert past["words"].startswith("its permission changed since the plan")


def test_a_deleted_contact_is_told_by_the_rule_that_leaves_it(club: Club) -> None:
    club.write(pipeline=LOOSE)
    club.act("owner", "delete", "bob@example.com")
    night(club)
    told = tell(club, "bob@example.com")
    assert told["decision"]["reason"].startswith("existing.deleted: skip; deleted in the account")
    assert told["past"]["runs"][0]["reason"] == told["decision"]["reason"]


@pytest.mark.parametrize("name", ["plan.json", "actions.jsonl", "rows.parquet"])
def test_a_torn_run_is_one_line(club: Club, name: str) -> None:
    club.write(pipeline=LOOSE)
    night(club)
    path = club.runs()[0] / name
    path.write_bytes(path.read_bytes()[:60])
    (torn,) = tell(club, "bob@example.com")["past"]["runs"]
    assert torn.keys() == {"run", "unreadable"}
    assert f"\n{torn['run']}: " in ask(club, "bob@example.com").out


def test_a_guard_that_stops_the_plan_is_told_and_changes_no_exit_code(club: Club) -> None:
    club.write(pipeline=PIPELINE + "guards: {max_updates: 0}\n")
    said = ask(club, "bob@example.com")
    assert said.code == 0
    assert "a guard stops the whole plan: max_updates" in said.out


@pytest.mark.parametrize("format_", ["text", "markdown"])
def test_hostile_values_are_text(club: Club, format_: str) -> None:
    nasty = '"\x1b[31m<b>|`rm`\u202e*"'
    club.write(pipeline=LOOSE, members=MEMBERS.replace("Stone", nasty).replace("Bob,", '"```",'))
    out = ask(club, "bob@example.com", "--format", format_).out
    assert "\x1b" not in out and "\u202e" not in out
    if format_ == "markdown":
        assert "\\<b\\>\\|\\`rm\\`" in out


def test_no_log_line_holds_the_address(club: Club) -> None:
    said = run("-v", "explain", club.pipeline, "bob@example.com", "--state-dir", club.state,
               environment=club.environment)  # fmt: skip
    assert said.code == 0 and "GET" in said.err and "bob" not in said.err and "Stone" not in said.err
