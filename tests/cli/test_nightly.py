"""`run`, `plan`, `show` and `apply`, started as cron starts them: what they print, where, and how they end."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ctct_etl.run.state import StateDirectory
from ctct_etl.run.underway import find_underway
from tests.cli.club import PIPELINE, Club, opened_club
from tests.cli.program import Said, run, run_here

STRICT = PIPELINE + "guards: {max_updates: 0}\n"


def started(club: Club, command: str, *words: object) -> Said:
    """The installed program, with the club's state and secrets."""
    return run(command, *words, "--state-dir", club.state, environment=club.environment)


def ran(club: Club, command: str, *words: object) -> Said:
    return run_here(command, *words, "--state-dir", club.state, environment=club.environment)


def planned(club: Club, *words: object) -> Path:
    """A plan beside the club's files."""
    said = ran(club, "plan", club.pipeline, "--out", club.folder / "plan", *words)
    assert said.code in (0, 3), said.err
    return club.folder / "plan"


def results(said: Said) -> dict[str, dict[str, int]]:
    """Of `--format json`: action → its results, those that are not nought."""
    actions: list[dict[str, Any]] = json.loads(said.out)["actions"]
    return {each["action"]: {result: count for result, count in each["results"].items() if count}
            for each in actions if each["results"] and each["planned"]}  # fmt: skip


# -- run -----------------------------------------------------------------------------------------------------


def test_a_night_ends_with_0_and_the_next_one_finds_nothing_to_do(club: Club) -> None:
    first, second = started(club, "run", club.pipeline), started(club, "run", club.pipeline, "--detailed-exitcode")
    assert (first.code, first.err) == (0, "")
    assert "1 person was added and 1 changed." in first.out
    assert (second.code, second.err) == (0, "")
    assert "Nothing to do" in second.out
    assert {address: (each["first_name"], each["last_name"]) for address, each in club.contacts().items()} == {
        "ann@example.com": ("Ann", "Lee"), "bob@example.com": ("Bob", "Stone"), "cy@example.com": ("Cy", "Park"),
    }  # fmt: skip


def test_the_last_line_of_the_result_is_the_path_of_the_page(club: Club) -> None:
    said = ran(club, "run", club.pipeline)
    (directory,) = club.runs()
    assert said.last_line == str(directory / "report.html")
    assert Path(said.last_line).read_text("utf-8").startswith("<!doctype html>")


def test_off_a_terminal_nothing_is_coloured_and_no_progress_is_shown(club: Club) -> None:
    said = ran(club, "run", club.pipeline)
    assert "\x1b" not in said.out and "\r" not in said.out
    assert said.err == ""


def test_for_machines_the_result_is_one_json_document(club: Club) -> None:
    said = started(club, "run", club.pipeline, "--format", "json")
    assert (said.code, said.err) == (0, "")
    assert results(said) == {"create": {"done": 1}, "update": {"done": 1}}
    document = json.loads(said.out)
    assert (document["directory"], document["advice"]) == (str(club.runs()[0]), [])
    assert document["page"] == str(club.runs()[0] / "report.html")


def test_a_tripped_guard_ends_with_3_before_the_first_write_and_leaves_plan_and_page(club: Club) -> None:
    club.write(pipeline=STRICT)
    said = started(club, "run", club.pipeline)
    assert (said.code, said.err) == (3, "")
    assert "1 of 2 contacts of the account would be updated" in said.out
    assert "--accept max_updates=1" in said.out
    assert club.writes() == []
    (directory,) = club.runs()
    assert {"plan.json", "actions.jsonl", "rows.parquet", "report.html"} <= {each.name for each in directory.iterdir()}
    assert said.last_line == str(directory / "report.html")


def test_a_yes_to_the_guard_lets_the_run_through_and_is_recorded(club: Club) -> None:
    club.write(pipeline=STRICT)
    said = ran(club, "run", club.pipeline, "--accept", "max_updates=1")
    assert said.code == 0
    (directory,) = club.runs()
    assert json.loads((directory / "plan.json").read_text("utf-8"))["accepted"] == {"max_updates": "1"}
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"


def test_a_yes_to_fewer_is_no_yes(club: Club) -> None:
    club.write(pipeline=STRICT)
    assert ran(club, "run", club.pipeline, "--accept", "max_updates=0").code == 3
    assert club.writes() == []


@pytest.mark.parametrize(("pipeline", "words", "code"), [
    (PIPELINE, (), 0), (PIPELINE, ("--detailed-exitcode",), 10), (STRICT, (), 3), (STRICT, ("--detailed-exitcode",), 3),
])  # fmt: skip
def test_a_dry_run_plans_sends_nothing_but_gets_and_ends_as_the_plan_would(
    club: Club, pipeline: str, words: tuple[str, ...], code: int
) -> None:
    club.write(pipeline=pipeline)
    said = ran(club, "run", club.pipeline, "--dry-run", *words)
    assert said.code == code
    assert club.writes() == []
    assert Path(said.last_line).is_file()


def test_one_request_for_every_contact_is_what_the_single_route_sends(club: Club) -> None:
    club.write(members="E-mail,First Name,Last Name\n" + "".join(f"m{n}@example.com,M,N\n" for n in range(20)))
    said = ran(club, "run", club.pipeline, "--route", "single", "--accept", "max_creates=20")
    assert said.code == 0, said.err
    assert club.writes() == ["POST /v3/contacts"] * 20


def test_a_plan_that_could_be_done_in_part_ends_with_4_and_names_who_was_left_behind(club: Club) -> None:
    plan = planned(club)
    club.act("owner", "unsubscribe", "bob@example.com")
    said = started(club, "apply", plan)
    assert (said.code, said.err) == (4, "")
    assert "bob@example.com  update: changed meanwhile" in said.out
    assert club.contacts()["cy@example.com"]["last_name"] == "Park"
    assert club.contacts()["bob@example.com"]["last_name"] == "Old"


def test_a_used_up_quota_ends_with_5_and_says_when_to_resume(club: Club) -> None:
    club.strike("quota_exceeded", "PUT")
    said = started(club, "run", club.pipeline)
    assert (said.code, said.err) == (5, "")
    why, how, page = said.out.splitlines()[-3:]
    assert why.startswith("the requests of this day are used up — resume after ") and why.endswith("T00:00:00Z")
    assert how == f"to go on: ctct-etl apply {club.runs()[0]} --resume --state-dir {club.state}"
    assert page == str(club.runs()[0] / "report.html")
    club.pass_midnight()
    assert ran(club, "apply", club.runs()[0], "--resume").code == 0
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"


def test_a_quota_that_is_used_up_before_there_is_a_plan_ends_with_5_and_no_run(club: Club) -> None:
    club.strike("quota_exceeded", "GET")
    said = ran(club, "run", club.pipeline)
    assert said.code == 5 and said.out == ""
    assert said.err.startswith("ctct-etl: the requests of this day are used up — resume after ")
    assert club.runs() == []


def test_once_a_quota_is_used_up_no_command_sends_anything_before_midnight(club: Club) -> None:
    club.strike("quota_exceeded", "PUT")
    assert ran(club, "run", club.pipeline).code == 5
    (begun,) = club.runs()
    sent = len(club.ask("requests"))
    for words in (("run", club.pipeline), ("plan", club.pipeline), ("apply", begun, "--resume")):
        said = ran(club, *words)
        assert (said.code, said.out) == (5, "")
        assert "resume after " in said.err
    assert len(club.ask("requests")) == sent
    assert club.runs() == [begun]


def test_a_file_that_should_be_newer_ends_with_1_and_is_no_empty_change(club: Club) -> None:
    club.write(pipeline=PIPELINE.replace("members.csv", "members.csv, fresh_within: 26h"))
    os.utime(club.folder / "members.csv", (0, 0))
    said = ran(club, "run", club.pipeline)
    assert (said.code, said.out) == (1, "")
    assert "(changed 1970-01-01 00:00 UTC), fresh_within allows 26h — see why the new file did not come" in said.err
    assert club.ask("requests") == [] and club.runs() == []


# -- plan and show -------------------------------------------------------------------------------------------


def test_a_plan_is_written_where_it_is_wanted_and_ends_with_10_when_asked_for_detail(club: Club) -> None:
    directory = club.folder / "kept" / "plan"
    said = started(club, "plan", club.pipeline, "--out", directory, "--detailed-exitcode")
    assert (said.code, said.err) == (10, "")
    assert said.last_line == str(directory / "report.html")
    assert sorted(each.name for each in directory.iterdir()) == [
        "actions.jsonl", "collisions.parquet", "edits.parquet", "plan.json", "problems.parquet", "rejects.xlsx",
        "report.html", "rows.parquet",
    ]  # fmt: skip
    assert directory.stat().st_mode & 0o777 == 0o700
    assert club.writes() == [] and club.runs() == []


def test_a_plan_goes_to_the_state_unless_told_otherwise(club: Club) -> None:
    said = ran(club, "plan", club.pipeline)
    assert said.code == 0
    assert said.last_line == str(club.runs()[0] / "report.html")


def test_a_plan_without_changes_ends_with_0_even_in_detail(club: Club) -> None:
    club.write(members="E-mail,First Name,Last Name\nann@example.com,Ann,Lee\n")
    assert ran(club, "plan", club.pipeline, "--detailed-exitcode").code == 0


def test_a_plan_that_a_guard_stops_ends_with_3_and_a_yes_takes_that_away(club: Club) -> None:
    club.write(pipeline=STRICT)
    assert ran(club, "plan", club.pipeline).code == 3
    assert ran(club, "plan", club.pipeline, "--accept", "max_updates=1").code == 0


def test_a_plan_is_shown_as_it_was_told_when_it_was_made(club: Club) -> None:
    made = ran(club, "plan", club.pipeline)
    shown = run("show", club.runs()[0])
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == made.out


def test_an_applied_plan_is_shown_with_what_became_of_it(club: Club) -> None:
    plan = planned(club)
    applied = ran(club, "apply", plan)
    assert run_here("show", plan).out == applied.out
    assert results(run_here("show", plan, "--format", "json")) == {"create": {"done": 1}, "update": {"done": 1}}


def test_showing_tells_a_stopped_plan_by_its_exit_code(club: Club) -> None:
    club.write(pipeline=STRICT)
    plan = planned(club)
    assert run_here("show", plan).code == 3


# -- apply ---------------------------------------------------------------------------------------------------


def test_a_plan_is_applied_to_the_letter(club: Club) -> None:
    plan = planned(club)
    club.write(members="E-mail,First Name,Last Name\ndee@example.com,Dee,Late\n")  # a plan is a promise, not a recipe
    said = started(club, "apply", plan)
    assert (said.code, said.err) == (0, "")
    assert said.last_line == str(plan / "report.html")
    assert sorted(club.contacts()) == ["ann@example.com", "bob@example.com", "cy@example.com"]
    assert sorted(write.split()[0] for write in club.writes()) == ["POST", "PUT"]


def test_a_plan_is_applied_from_wherever_it_was_carried_to(club: Club) -> None:
    shutil.move(planned(club), club.folder / "elsewhere")
    assert ran(club, "apply", club.folder / "elsewhere", "--format", "json").code == 0
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"


def test_a_plan_that_was_begun_is_not_begun_again_and_resuming_it_does_nothing_twice(club: Club) -> None:
    plan = planned(club)
    assert ran(club, "apply", plan).code == 0
    writes = club.writes()
    again = ran(club, "apply", plan)
    assert (again.code, again.out) == (1, "")
    assert again.err == "ctct-etl: this plan was begun before — apply it with --resume, or plan again\n"
    assert find_underway(StateDirectory(club.state), "club") == {}  # else the next run would close it as interrupted
    resumed = ran(club, "apply", plan, "--resume", "--format", "json")
    assert resumed.code == 0
    assert results(resumed) == {"create": {"done": 1}, "update": {"done": 1}}
    assert club.writes() == writes


def test_a_stopped_plan_is_applied_only_with_a_yes_to_its_guard(club: Club) -> None:
    club.write(pipeline=STRICT)
    plan = planned(club)
    refused = ran(club, "apply", plan)
    assert (refused.code, refused.out) == (3, "")
    assert "max_updates: 1 of 2 contacts of the account would be updated (50.0%), limit 0" in refused.err
    assert club.writes() == []
    assert ran(club, "apply", plan, "--accept", "max_updates=1").code == 0
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"


def test_a_yes_that_was_given_to_an_apply_holds_when_it_is_resumed(club: Club) -> None:
    club.write(pipeline=STRICT)
    plan = planned(club)
    club.strike("quota_exceeded", "PUT")
    assert ran(club, "apply", plan, "--accept", "max_updates=1").code == 5
    assert json.loads((plan / "outcome.json").read_text("utf-8"))["accepted"] == {"max_updates": "1"}
    club.pass_midnight()
    assert ran(club, "apply", plan, "--resume").code == 0
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"


def test_a_yes_to_another_guard_is_no_yes(club: Club) -> None:
    club.write(pipeline=STRICT)
    assert ran(club, "apply", planned(club), "--accept", "max_creates=9").code == 3
    assert club.writes() == []


@pytest.mark.parametrize("deed", [
    {"who": "person", "do": "unsubscribe"},
    {"who": "owner", "do": "delete"},
    {"who": "owner", "do": "edit", "fields": {"last_name": "Older"}},
])  # fmt: skip
def test_who_moved_since_the_plan_is_left_alone_and_ends_it_with_4(club: Club, deed: dict[str, Any]) -> None:
    plan = planned(club)
    club.ask("act", {**deed, "address": "bob@example.com"})
    before = club.contacts().get("bob@example.com")
    said = ran(club, "apply", plan, "--format", "json")
    assert said.code == 4
    assert results(said) == {"create": {"done": 1}, "update": {"conflict": 1}}
    assert club.contacts().get("bob@example.com") == before
    assert not [write for write in club.writes() if write.startswith("PUT")]


def test_who_left_a_list_since_the_plan_is_updated_and_stays_off_it(club: Club) -> None:
    people = [f"m{number}@example.com" for number in range(30)]
    head = "E-mail,First Name,Last Name\n"
    club.write(members=head + "".join(f"{each},M,Old\n" for each in people))
    assert ran(club, "run", club.pipeline, "--accept", "max_creates=30").code == 0
    club.write(members=head + "".join(f"{each},M,New\n" for each in people))
    plan = planned(club, "--accept", "max_updates=30", "--accept", "max_field_change=30")
    assert '"route":"contacts_json_import"' in (plan / "actions.jsonl").read_text("utf-8")  # puts all on the list
    club.act("person", "leave_list", "m3@example.com", list="Newsletter")
    assert ran(club, "apply", plan).code == 0
    lists = {address: each["by_name"]["lists"] for address, each in club.contacts().items() if address in people}
    assert lists == {each: ["Newsletter"] for each in people} | {"m3@example.com": []}
    assert club.contacts()["m3@example.com"]["last_name"] == "New"


def test_a_plan_for_another_account_is_refused_before_anything_is_sent(club: Club, tmp_path: Path) -> None:
    plan = planned(club)
    (tmp_path / "other").mkdir()
    with opened_club(tmp_path / "other", organization="Hillside Club") as other:
        said = run("apply", plan, "--state-dir", club.state, environment=other.environment)
        assert (said.code, said.out) == (1, "")
        assert said.err == (
            'ctct-etl: the plan was made for "Riverside Club", and the account "club" now is "Hillside Club" — plan '
            "again\n"
        )
        assert other.writes() == []


@pytest.mark.parametrize("name", ["actions.jsonl", "plan.json", "rows.parquet", "problems.parquet"])
def test_an_edited_plan_is_refused(club: Club, name: str) -> None:
    plan = planned(club)
    content = (plan / name).read_bytes()
    (plan / name).write_bytes(content.replace(b"bob@", b"bab@") if b"bob@" in content else content.replace(b"4", b"5"))
    said = ran(club, "apply", plan)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"ctct-etl: {plan / name}: was changed after the plan was made")
    assert club.writes() == []


# -- a part of a plan, and a few actions ahead --------------------------------------------------------------


def test_only_the_creates_are_sent_and_the_rest_follows_when_it_is_asked_for(club: Club) -> None:
    directory = planned(club)
    part = ran(club, "apply", directory, "--only", "create", "--format", "json")
    assert (part.code, results(part)) == (0, {"create": {"done": 1}, "update": {"pending": 1}})
    assert club.contacts()["bob@example.com"]["last_name"] == "Old"
    rest = ran(club, "apply", directory, "--resume", "--format", "json")
    assert (rest.code, results(rest)) == (0, {"create": {"done": 1}, "update": {"done": 1}})


def test_the_rest_follows_actions_sent_ahead_that_are_as_promised(club: Club) -> None:
    said = ran(club, "apply", planned(club), "--canary", "1", "--format", "json")
    assert (said.code, results(said)) == (0, {"create": {"done": 1}, "update": {"done": 1}})
    assert json.loads(said.out)["verification"] == {"checked": 2, "as_promised": 2, "differences": []}


def test_nothing_follows_actions_sent_ahead_that_are_not_as_promised(club: Club) -> None:
    directory = planned(club)
    club.act("owner", "edit", "bob@example.com", fields={"last_name": "Married"})
    said = ran(club, "apply", directory, "--canary", "1", "--format", "json")
    assert (said.code, results(said)) == (1, {"create": {"pending": 1}, "update": {"conflict": 1}})
    assert "of the 1 actions sent ahead, 1 of them conflict" in json.loads(said.out)["stopped"]
    assert club.writes() == []
    later = ran(club, "apply", directory, "--resume", "--format", "json")
    assert (later.code, results(later)) == (4, {"create": {"done": 1}, "update": {"conflict": 1}})


def test_a_quota_that_is_used_up_before_what_was_sent_ahead_is_read_back_ends_with_5(club: Club) -> None:
    directory = planned(club)
    club.strike("quota_exceeded", "GET", "/v3/account/summary", after=1)
    said = ran(club, "apply", directory, "--canary", "1", "--format", "json")
    assert (said.code, results(said)) == (5, {"create": {"pending": 1}, "update": {"done": 1}})
    club.pass_midnight()
    assert ran(club, "apply", directory, "--resume").code == 0


def test_what_was_written_is_read_back_and_what_is_otherwise_is_told(club: Club) -> None:
    directory = planned(club)
    # The service takes the new contact, and somebody takes it off its list before it is read back.
    club.strike("act", "POST", "/v3/contacts", when="after", act={
        "who": "person", "do": "leave_list", "address": "cy@example.com", "list": "Newsletter"
    })  # fmt: skip
    said = ran(club, "apply", directory, "--format", "json")
    assert json.loads(said.out)["verification"]["differences"] == [
        {"address": "cy@example.com", "field": "list", "promised": "Newsletter", "found": ""}
    ]
    assert said.code == 4


def test_rejected_rows_are_mended_in_a_workbook_and_loaded_by_the_same_pipeline(club):
    assert run_here("run", club.pipeline, "--state-dir", club.state, environment=club.environment).code == 0
    (first,) = club.runs()
    book = load_workbook(first / "rejects.xlsx")
    sheet = book.active
    told = [cell.value for cell in sheet[2]]
    assert told[:3] == ["nobody", "No", "Body"]
    assert "is not an e-mail address" in told[3]
    sheet["A2"] = "nobody@example.com"
    book.save(club.folder / "mended.xlsx")
    club.write(pipeline=PIPELINE.replace("members.csv", "mended.xlsx"))
    said = run_here("run", club.pipeline, "--accept", "max_shrink=100%", "--state-dir", club.state,
                    environment=club.environment)  # fmt: skip
    assert said.code == 0, said
    assert club.contacts()["nobody@example.com"]["first_name"] == "No"
