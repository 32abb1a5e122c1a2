"""The commands over an account of dialect v1: the same pipeline and mapping, and nothing else to learn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.cli.club import ACCOUNTS, MAPPING, PIPELINE, TOKEN, V1_ACCOUNTS, Club, opened_club
from tests.cli.program import Said, run, run_here

CREATED, CHANGED = "POST /ws/customers/sandbox/contacts", "PUT /ws/customers/sandbox/contacts/"


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    with opened_club(tmp_path) as club:
        club.write(accounts=V1_ACCOUNTS)
        yield club


def ran(club: Club, command: str, *words: object) -> Said:
    return run_here(command, *words, "--state-dir", club.state, environment=club.environment)


def sent(club: Club) -> list[str]:
    """What was sent besides GETs, contacts' numbers left out."""
    return [line.rstrip("0123456789") if line.startswith(CHANGED) else line for line in club.writes()]


def names(club: Club) -> dict[str, tuple[str, str, list[str]]]:
    return {
        address: (each["first_name"], each["last_name"], each["by_name"]["lists"])
        for address, each in club.contacts().items()
    }


def test_a_night_ends_with_0_and_the_next_one_finds_nothing_to_do(club: Club) -> None:
    words = ("run", club.pipeline, "--state-dir", club.state)
    first = run(*words, environment=club.environment)
    second = run(*words, "--detailed-exitcode", environment=club.environment)
    assert (first.code, first.err) == (0, "")
    assert "1 person was added and 1 changed." in first.out
    assert "2 of 2 contacts read back are as the plan promised" in first.out
    assert (second.code, second.err) == (0, "")
    assert "Nothing to do" in second.out
    assert names(club) == {
        "ann@example.com": ("Ann", "Lee", ["Newsletter"]),
        "bob@example.com": ("Bob", "Stone", ["Newsletter"]),
        "cy@example.com": ("Cy", "Park", ["Newsletter"]),
    }
    assert sent(club) == [CREATED, CHANGED]


def test_a_quiet_night_asks_for_what_changed_and_reads_nobody_again(club: Club) -> None:
    ran(club, "run", club.pipeline)
    before = len(club.ask("requests"))
    assert "Nothing to do" in ran(club, "run", club.pipeline).out
    asked = club.ask("requests")[before:]
    # Whom the first night changed moments ago is within the overlap of ten minutes; ann is not.
    numbers = {each["path"].rpartition("/")[2] for each in asked}
    assert numbers == {"lists", "contacts", "2", "3"}


def test_whose_document_can_not_be_understood_is_left_out_with_a_reason_and_the_rest_goes_on(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctct_etl.account.session.MOST_GARBLED", 1)  # else it waits seconds between
    before = club.contacts()["bob@example.com"]
    club.strike("non_json", "GET", "*/contacts/2", times=None)
    said = ran(club, "run", club.pipeline)
    assert said.code == 0, said.err
    assert "1 contact of the account told in documents that can't be understood, and left alone" in said.out
    (done,) = club.runs()
    assert "document of contact 2 can't be understood" in (done / "actions.jsonl").read_text("utf-8")
    assert sent(club) == [CREATED]
    assert club.contacts()["bob@example.com"] == before
    requests.delete(f"{club.url}/_sandbox/faults", timeout=10)
    assert ran(club, "run", club.pipeline).code == 0
    assert names(club)["bob@example.com"] == ("Bob", "Stone", ["Newsletter"])


def test_an_account_that_changes_its_dialect_stops_until_a_person_accepts_that_who_left_is_not_known(
    club: Club,
) -> None:
    for accounts in (ACCOUNTS, V1_ACCOUNTS):
        assert ran(club, "run", club.pipeline, "--accept", "state_lost=1").code == 0
        club.act("person", "leave_list", "cy@example.com", list="Newsletter")
        club.write(accounts=accounts)
        for command in (("run", "--dry-run"), ("run",)):
            said = ran(club, *command, club.pipeline)
            assert said.code == 3
            assert 'the last runs of "club" knew another account' in said.out
        assert names(club)["cy@example.com"][2] == []
        club.act("person", "join_list", "cy@example.com", list="Newsletter")


def test_a_first_night_that_uses_up_the_day_is_gone_on_with_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = [f"p{number}@example.com" for number in range(20)]
    person = {"first_name": "A", "last_name": "B", "list_memberships": ["Newsletter"]}
    people = [{"email_address": {"address": each, "permission_to_send": "implicit"}, **person} for each in crowd]
    monkeypatch.setattr("tests.cli.club.SEED", ({"list": {"name": "Newsletter"}}, *people))
    monkeypatch.setattr("ctct_etl.workflow.snapshots.PART", 5)
    with opened_club(tmp_path) as club:
        club.write(accounts=V1_ACCOUNTS.replace("requests_per_second", "requests_per_day: 20, requests_per_second"),
                   members="E-mail,First Name,Last Name\n" + "".join(f"{each},A,B\n" for each in crowd))  # fmt: skip
        codes = []
        for _ in range(3):
            codes.append(ran(club, "run", club.pipeline).code)
            club.pass_midnight()
    assert codes == [5, 5, 0]


def test_an_account_whose_lists_tell_of_nobody_does_not_pass_for_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = [
        {"email_address": {"address": f"p{number}@example.com", "permission_to_send": "implicit"}}
        for number in range(12)
    ]
    monkeypatch.setattr("tests.cli.club.SEED", ({"list": {"name": "Newsletter"}}, *gone))
    with opened_club(tmp_path) as club:
        club.write(accounts=V1_ACCOUNTS, members="E-mail,First Name,Last Name\n" + "".join(
            f"stranger{number}@example.com,A,B\n" for number in range(30)))  # fmt: skip
        said = ran(club, "run", club.pipeline)
        assert said.code == 3, said.out
        assert "30 would be created, and the account has at least 12" in said.out
        assert sent(club) == []


def test_who_confirms_while_an_update_is_read_back_is_not_taken_for_a_fault_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = {"email_address": {"address": "bob@example.com", "permission_to_send": "pending_confirmation"},
               "first_name": "Bob", "last_name": "Old", "list_memberships": ["Newsletter"]}  # fmt: skip
    monkeypatch.setattr("tests.cli.club.SEED", ({"list": {"name": "Newsletter"}}, waiting))
    with opened_club(tmp_path) as club:
        club.write(accounts=V1_ACCOUNTS)
        deed = {"who": "person", "address": "bob@example.com", "do": "confirm"}
        club.strike("act", "PUT", f"{CHANGED.split()[1]}*", act=deed, when="after")
        said = ran(club, "run", club.pipeline)
        assert club.struck() == 1
        assert said.code == 0, said.out
        assert names(club)["bob@example.com"] == ("Bob", "Stone", ["Newsletter"])


@pytest.mark.parametrize("end", ["\n", "\x85", "\u2028"])
def test_a_value_with_what_some_take_for_the_end_of_a_line_is_never_added_in_bulk(club: Club, end: str) -> None:
    rows = "".join(f'new{number}@example.com,A,"B{end}C"\n' for number in range(30))
    club.write(members=f"E-mail,First Name,Last Name\n{rows}")
    directory = club.folder / "plan"
    ran(club, "plan", club.pipeline, "--out", directory)
    actions = [json.loads(line) for line in (directory / "actions.jsonl").read_text("utf-8").split("\n") if line]
    assert [each["route"] for each in actions] == ["post_contact"] * 30


def test_a_dry_run_sends_nothing_but_gets(club: Club) -> None:
    assert ran(club, "run", club.pipeline, "--dry-run").code == 0
    assert club.writes() == []


@pytest.fixture
def crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Club]:
    """60 people, all as the sheet has them but for p7, who is called otherwise there."""
    person = {"first_name": "A", "last_name": "B", "list_memberships": ["Newsletter"]}
    known = [
        {"email_address": {"address": f"p{number}@example.com", "permission_to_send": "implicit"}, **person}
        for number in range(60)
    ]
    rows = "".join(f"p{number}@example.com,{'Ada' if number == 7 else 'A'},B\n" for number in range(60))
    monkeypatch.setattr("tests.cli.club.SEED", ({"list": {"name": "Newsletter"}}, *known))
    with opened_club(tmp_path) as club:
        club.write(accounts=V1_ACCOUNTS, members="E-mail,First Name,Last Name\n" + rows)
        yield club


EXPORT = "POST /ws/customers/sandbox/activities"


def test_a_dry_run_or_plan_exports_only_where_that_is_allowed_and_plans_the_same(crowd: Club) -> None:
    before, actions = crowd.contacts(), []
    for number, words in enumerate(((), ("--allow-export",))):
        directory, state = crowd.folder / f"plan{number}", crowd.folder / f"state{number}"
        assert run_here("plan", crowd.pipeline, "--out", directory, *words, "--state-dir", state,
                        environment=crowd.environment).code == 0  # fmt: skip
        assert sent(crowd) == [EXPORT] * number
        actions.append((directory / "actions.jsonl").read_bytes())
    assert actions[0] == actions[1] != b""
    assert ran(crowd, "run", crowd.pipeline, "--dry-run", "--allow-export").code == 0
    assert sent(crowd) == [EXPORT] * 2
    assert crowd.contacts() == before


def test_a_run_exports_rather_than_read_everybody_and_puts_no_export_back(crowd: Club) -> None:
    said = ran(crowd, "run", crowd.pipeline)
    assert "1 changed" in said.out, said.err
    assert sent(crowd) == [EXPORT, CHANGED]
    one = {f"GET /ws/customers/sandbox/contacts/{number}" for number in range(1, 100)}
    read = [each["path"] for each in crowd.ask("requests") if f"{each['method']} {each['path']}" in one]
    assert len(set(read)) == 1, "only who is changed is read"
    assert "Nothing to do" in ran(crowd, "run", crowd.pipeline).out


def test_who_opted_out_is_left_alone_and_who_is_on_no_list_is_what_the_rule_says(club: Club) -> None:
    club.write(pipeline=PIPELINE + "existing: {update: if_in_no_list}\n")
    club.act("person", "unsubscribe", "ann@example.com")
    club.act("person", "leave_list", "bob@example.com", list="Newsletter")
    said = ran(club, "run", club.pipeline, "--format", "json")
    assert said.code == 0, said.err
    assert club.contacts()["ann@example.com"]["email_address"]["permission_to_send"] == "unsubscribed"
    assert names(club)["bob@example.com"] == ("Bob", "Stone", ["Newsletter"])


def test_a_new_person_without_any_list_is_rejected_before_anything_is_sent(club: Club) -> None:
    club.write(mapping=MAPPING.replace("lists: [Newsletter]\n", ""))
    said = ran(club, "run", club.pipeline, "--accept", "max_rejected=5")
    assert "a new contact of this account has to be put on a list" in said.out
    assert sent(club) == [CHANGED]


def test_a_plan_that_is_kept_is_applied_to_the_account_as_it_is_then(club: Club) -> None:
    directory = club.folder / "plan"
    assert ran(club, "plan", club.pipeline, "--out", directory).code == 0
    club.act("owner", "edit", "bob@example.com", fields={"last_name": "Moved"})
    said = ran(club, "apply", directory)
    assert said.code == 4, said.err
    assert {address: each[1] for address, each in names(club).items()} == {
        "ann@example.com": "Lee", "bob@example.com": "Moved", "cy@example.com": "Park",
    }  # fmt: skip


def test_a_run_is_reverted_and_nobody_is_deleted(club: Club) -> None:
    ran(club, "run", club.pipeline)
    (done,) = club.runs()
    refused = ran(club, "revert", done.name, "--delete-created")
    assert refused.code == 2
    assert "v1 deletes nobody" in refused.err
    reverted = ran(club, "revert", done.name, "--out", club.folder / "back")
    assert reverted.code == 0, reverted.err
    assert "1 contact created by the run, not deleted: this dialect deletes nobody" in reverted.out
    assert ran(club, "apply", club.folder / "back").code == 0
    assert names(club)["bob@example.com"] == ("Bob", "Old", ["Newsletter"])
    assert names(club)["cy@example.com"] == ("Cy", "Park", [])


def test_the_accounts_side_is_shown_by_the_same_commands(club: Club) -> None:
    accounts = ("--accounts", club.accounts)
    lists = json.loads(ran(club, "account", "lists", "club", *accounts, "--format", "json").out)
    assert lists == [{"list": "Newsletter", "contacts": 2, "id": "1"}]
    fields = json.loads(ran(club, "account", "fields", "club", *accounts, "--format", "json").out)
    assert {"middle_name", "note", "custom.Level"} <= {each["field"] for each in fields}
    out = club.folder / "people.csv"
    assert ran(club, "account", "pull", "club", *accounts, "--out", out).code == 0
    assert len(out.read_text("utf-8").splitlines()) == 3
    (quota,) = json.loads(ran(club, "account", "quota", "club", *accounts, "--format", "json").out)
    assert quota["used"] > 0


def test_an_online_check_tells_a_list_that_the_account_does_not_have(club: Club) -> None:
    assert ran(club, "check", club.pipeline, "--online").code == 0
    club.write(mapping=MAPPING.replace("Newsletter", "Newsleter"))
    said = ran(club, "check", club.pipeline, "--online")
    assert said.code == 2
    assert 'the account has no list "Newsleter" — did you mean "Newsletter"?' in said.out


def test_a_wrong_password_stops_the_run_and_is_not_told(club: Club) -> None:
    club.write(accounts=V1_ACCOUNTS.replace("password: sandbox", "password: t0ps3cret"))
    said = ran(club, "run", club.pipeline)
    assert said.code == 1
    assert "look at username, api_key and password in accounts.yaml" in said.err
    assert "t0ps3cret" not in said.out + said.err


def test_a_plan_is_rehearsed_on_a_copy_and_the_account_gets_reads_alone(club: Club) -> None:
    directory = club.folder / "plan"
    ran(club, "plan", club.pipeline, "--out", directory)
    said = ran(club, "rehearse", directory)
    told = json.loads((directory / "rehearsal.json").read_text("utf-8"))
    assert said.code == 0, said.out
    assert (told["as_promised"], told["copied"]) == (True, {"contacts": 2, "differences": 0})
    assert told["results"]["update"]["done"] == told["results"]["create"]["done"] == 1
    assert club.writes() == []


RICH_MEMBERS = """\
E-mail,First Name,Last Name,Role,Phone,Street,City,State,ZIP,Country,Tier,Board
ann@example.com,Ann,Lee,Chair,(508) 555-0100,1 Main St,Salem,MA,01970,US,Gold,yes
bob@example.com,Bob,Stone,,508.555.0101,,Lynn,,01901-1234,,,
cy@example.com,Cy,Park,Cook,+44 20 7946 0958,2 High St,London,Greater London,SW1A 1AA,United Kingdom,Basic,yes
dee+club@example.com,Dée,"O'Hara, Jr.",,,,,,,,Basic,
"""
RICH_MAPPING = """\
fields:
  email: E-mail
  first_name: First Name
  last_name: Last Name
  job_title: {column: Role, blank: clear}
  phone.home: {column: Phone, type: phone}
  address.home.street: Street
  address.home.city: City
  address.home.state: State
  address.home.postal_code: ZIP
  address.home.country: Country
  custom.Rank: Tier
lists:
  - Newsletter
  - {list: Board, when: {column: Board, equals: "yes"}}
"""


def define_rank(club: Club) -> None:
    """A custom field of text, by that API which has calls for it; the first of them is number 1 to the other."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    field = {"label": "Rank", "type": "string"}
    requests.post(f"{club.url}/v3/contact_custom_fields", json=field, headers=headers, timeout=10).raise_for_status()


def end_state(club: Club) -> dict[str, dict[str, object]]:
    """What both dialects can say of each contact: common fields, list names, whether it may be mailed."""
    core = ("first_name", "last_name", "job_title")
    parts = ("street", "city", "state", "postal_code", "country")
    return {
        address: {
            **{name: each.get(name) or "" for name in core},
            "phones": {one["kind"]: one["phone_number"] for one in each["phone_numbers"]},
            "home": [{part: one.get(part, "") for part in parts} for one in each["street_addresses"]],
            "fields": each["by_name"]["custom_fields"],
            "lists": each["by_name"]["lists"],
            "mailed": each["email_address"]["permission_to_send"] in ("implicit", "explicit"),
        }
        for address, each in club.contacts().items()
    }


def test_both_dialects_give_the_same_end_state(tmp_path: Path) -> None:
    ends = []
    for dialect in ("v3", "v1"):
        (tmp_path / dialect).mkdir()
        with opened_club(tmp_path / dialect) as club:
            define_rank(club)
            club.act("person", "unsubscribe", "bob@example.com")
            club.write(members=RICH_MEMBERS, mapping=RICH_MAPPING,
                       pipeline=PIPELINE + "create_missing: [lists]\n")  # fmt: skip
            if dialect == "v1":
                club.write(accounts=V1_ACCOUNTS.replace("Level", "Rank"))
            for night in range(2):
                said = ran(club, "run", club.pipeline, "--accept", "max_creates=9", "--accept", "max_field_change=9")
                assert said.code == 0, said.out + said.err
                assert ("Nothing to do" in said.out) == bool(night), said.out
            ends.append(end_state(club))
    assert ends[0] == ends[1]
    assert ends[0]["ann@example.com"]["lists"] == ["Board", "Newsletter"]
    assert ends[0]["bob@example.com"]["mailed"] is False


def test_who_is_no_more_in_the_source_is_taken_off_managed_lists_and_off_no_other(club: Club) -> None:
    club.write(pipeline=PIPELINE + "absent: {action: remove_from_lists}\nmanaged_lists: [Newsletter]\n",
               members="E-mail,First Name,Last Name\nann@example.com,Ann,Lee\n")  # fmt: skip
    said = ran(club, "run", club.pipeline, "--accept", "max_removals=1")
    assert said.code == 0, said.out + said.err
    assert {address: each[2] for address, each in names(club).items()} == {
        "ann@example.com": ["Newsletter"], "bob@example.com": [],
    }  # fmt: skip
    assert "Nothing to do" in ran(club, "run", club.pipeline).out


def test_who_left_a_list_between_two_nights_is_not_put_back(club: Club) -> None:
    ran(club, "run", club.pipeline)
    club.act("person", "leave_list", "ann@example.com", list="Newsletter")
    said = ran(club, "run", club.pipeline)
    assert "1 left the list Newsletter and is not put back" in said.out
    assert names(club)["ann@example.com"][2] == []


def test_a_guard_tells_that_the_account_may_be_larger_than_it_knows(club: Club) -> None:
    said = ran(club, "plan", club.pipeline, "--out", club.folder / "plan")
    assert "1 of at least 2 contacts of the account would be updated" in " ".join(said.out.split())
