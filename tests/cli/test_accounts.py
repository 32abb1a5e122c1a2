"""`account lists | fields | pull | quota`: what the account's side looks like, and that looking writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.club import Club
from tests.cli.program import Said, run, run_here


def looked(club: Club, what: str, *words: object) -> Said:
    options = ("--accounts", club.accounts, "--state-dir", club.state)
    return run_here("account", what, "club", *words, *options, environment=club.environment)


def test_lists_are_shown_with_their_contacts(club: Club) -> None:
    options = ("--accounts", club.accounts, "--state-dir", club.state)
    said = run("account", "lists", "club", *options, environment=club.environment)
    assert (said.code, said.err) == (0, "")
    head, line = said.out.splitlines()
    assert head.split() == ["list", "contacts", "id"]
    assert line.split()[:2] == ["Newsletter", "2"]


def test_lists_for_machines_are_a_json_array(club: Club) -> None:
    (only,) = json.loads(looked(club, "lists", "--format", "json").out)
    assert (only["list"], only["contacts"]) == ("Newsletter", 2)


def test_fields_are_what_a_mapping_can_name_with_type_and_choices(club: Club) -> None:
    fields = {each["field"]: each for each in json.loads(looked(club, "fields", "--format", "json").out)}
    assert {"email", "first_name", "phone.mobile", "address.home.postal_code"} <= fields.keys()
    assert fields["first_name"] == {"field": "first_name", "type": "text", "longest": 50, "choices": ""}
    assert fields["custom.Level"]["type"] == "single_select"
    assert fields["custom.Level"]["choices"] == "Basic; Gold"


def test_fields_are_a_table_for_people(club: Club) -> None:
    said = looked(club, "fields")
    assert said.out.splitlines()[0].split() == ["field", "type", "longest", "choices"]
    assert "custom.Level" in said.last_line and "Basic; Gold" in said.last_line


@pytest.mark.parametrize("name", ["all.csv", "all.parquet"])
def test_pull_writes_every_contact_to_a_private_file(club: Club, name: str) -> None:
    out = club.folder / name
    said = looked(club, "pull", "--out", out)
    assert (said.code, said.out) == (0, f"{out}: 2 contacts\n")
    assert out.stat().st_mode & 0o777 == 0o600
    table = read(out)
    assert sorted(table["email"]) == ["ann@example.com", "bob@example.com"]
    assert set(table["lists"]) == {"Newsletter"}


def read(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype="str", keep_default_na=False)


def test_a_name_that_a_spreadsheet_would_run_is_pulled_as_text(club: Club) -> None:
    club.act("owner", "edit", "bob@example.com", fields={"last_name": "=1+1"})
    looked(club, "pull", "--out", club.folder / "all.csv")
    assert "'=1+1" in (club.folder / "all.csv").read_text("utf-8")


def test_quota_tells_what_this_machine_has_used_today(club: Club) -> None:
    looked(club, "lists")
    (quota,) = json.loads(looked(club, "quota", "--format", "json").out)
    assert (quota["account"], quota["resets"]) == ("club", "00:00 UTC")
    assert quota["used"] == len(club.ask("requests"))
    assert quota["left"] == 10_000 - quota["used"]


def test_asking_for_the_quota_costs_no_request(club: Club) -> None:
    assert looked(club, "quota").code == 0
    assert club.ask("requests") == []


def test_looking_sends_nothing_but_gets_and_makes_no_run(club: Club) -> None:
    for what in ("lists", "fields", "quota"):
        looked(club, what)
    looked(club, "pull", "--out", club.folder / "all.csv")
    assert club.ask("requests") and club.writes() == []
    assert club.runs() == []


def test_the_bundled_sandbox_is_an_account_like_any_other(club: Club) -> None:
    club.write(accounts="accounts:\n  club: {dialect: v3, sandbox: seed.jsonl, limits: off}\n")
    assert "Newsletter" in looked(club, "lists").out
    assert (club.state / "sandbox" / "club" / "account.sqlite").is_file()
