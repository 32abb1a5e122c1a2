"""`--redact`, over all that tells of people, and the forms of `show`: what is printed, and what lies in a directory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from ctct_etl.cli.nightly import _terminal
from tests.cli.club import PIPELINE, Club, opened_club
from tests.cli.program import Said, run_here

SECRETS = ("zqann", "zqbob", "zqcy", "zqnobody", "zqfirst", "zqlast", "zqstone", "zqold")
MEMBERS = """\
E-mail,First Name,Last Name
zqbob@example.com,Zqfirst,Zqstone
zqcy@example.com,"Zqfirst ""&"" Zqann",Zqlast
"Zqnobody, of ""Zqann"" ",No,Zqlast
"""
LOOSE = PIPELINE + "guards: {max_rejected: 100%, max_updates: 100%, max_creates: 900%}\n"


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    """The club, its account and sheet with names that stand nowhere by chance; one night that went through in part."""
    with opened_club(tmp_path_factory.mktemp("club")) as club:
        club.write(members="E-mail,First Name,Last Name\nzqbob@example.com,Zqfirst,Zqold\n", pipeline=LOOSE)
        assert run_here("run", club.pipeline, "--state-dir", club.state, environment=club.environment).code == 0
        club.write(members=MEMBERS)
        yield club


def ran(club: Club, *words: object) -> Said:
    return run_here(*words, "--state-dir", club.state, environment=club.environment)


def leaks(text: str) -> list[str]:
    bare = unescape(text).lower()
    return [secret for secret in SECRETS if secret in bare]


def test_without_it_names_are_told(club: Club, tmp_path: Path) -> None:
    said = ran(club, "plan", club.pipeline, "--out", tmp_path / "plan")
    assert set(leaks(said.out)) >= {"zqbob", "zqcy", "zqnobody", "zqstone"}


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_plan_tells_nobodys_address_or_value_and_its_page_neither(club: Club, tmp_path: Path, format_: str) -> None:
    said = ran(club, "plan", club.pipeline, "--out", tmp_path / "plan", "--redact", "--format", format_)
    assert (said.code, leaks(said.out), leaks(said.err)) == (0, [], [])
    assert leaks((tmp_path / "plan" / "report.html").read_text("utf-8")) == []
    assert not (tmp_path / "plan" / "rejects.xlsx").exists()
    assert "with --redact: masked it could not be mended" in said.out
    assert leaks((tmp_path / "plan" / "actions.jsonl").read_text("utf-8"))  # the plan itself has to be carried out


def test_a_plan_made_without_it_is_shown_with_it_and_its_page_may_be_forwarded(club: Club, tmp_path: Path) -> None:
    plan, page = tmp_path / "plan", tmp_path / "page.html"
    ran(club, "plan", club.pipeline, "--out", plan)
    said = run_here("show", plan, "--all", "--redact", "--page", page)
    assert leaks(said.out) == [] and said.last_line == str(page)
    assert str(plan) not in said.out  # what lies there is not masked
    assert leaks(page.read_text("utf-8")) == []
    bare = run_here("show", plan, "--redact")
    assert "report.html" not in bare.out and "rejects.xlsx" not in bare.out


def test_one_person_is_the_same_all_over_a_report(club: Club, tmp_path: Path) -> None:
    told = json.loads(ran(club, "plan", club.pipeline, "--out", tmp_path / "p", "--redact", "--format", "json").out)
    page = (tmp_path / "p" / "report.html").read_text("utf-8")
    (reject,) = told["rejects"]
    tag = reject["value"].split("#")[1]
    assert f"#{tag}" in reject["@reason"] and f"#{tag}" in page


@pytest.mark.parametrize("format_", ["text", "json"])
def test_an_address_explained_is_masked_too(club: Club, format_: str) -> None:
    said = ran(club, "explain", club.pipeline, "zqbob@example.com", "--redact", "--format", format_)
    assert (said.code, leaks(said.out)) == (0, [])
    assert "would be changed" in said.out or '"action": "update"' in said.out


def test_so_are_a_preview_and_a_rehearsal(club: Club, tmp_path: Path) -> None:
    for format_ in ("text", "json"):
        said = ran(club, "preview", club.pipeline, "--redact", "--format", format_)
        assert (said.code, leaks(said.out)) == (0, [])
    ran(club, "plan", club.pipeline, "--out", tmp_path / "plan")
    said = ran(club, "rehearse", tmp_path / "plan", "--redact", "--format", "json")
    assert (said.code, leaks(said.out)) == (0, [])


def test_so_is_what_stops_a_run_because_of_its_source(club: Club, tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text("fields: {email: E-mail, phone.home: {column: Last Name, invalid: stop}}\n")
    pipeline = tmp_path / "pipeline.yaml"
    pipeline.write_text(f"name: n\naccount: club\nsource: {{path: {club.folder}/members.csv}}\nmapping: mapping.yaml\n")
    said = ran(club, "plan", pipeline, "--accounts", club.accounts, "--redact")
    assert (said.code, leaks(said.err)) == (1, []) and "is not a telephone number" in said.err


def test_a_conflict_and_their_history_tell_nobody(club: Club, tmp_path: Path) -> None:
    ran(club, "plan", club.pipeline, "--out", tmp_path / "plan")
    club.act("owner", "edit", "zqbob@example.com", fields={"last_name": "Zqann"})
    said = ran(club, "apply", tmp_path / "plan", "--redact")
    assert said.code == 4 and leaks(said.out + said.err) == []
    assert 'last_name was "••• #' in said.out
    assert leaks((tmp_path / "plan" / "report.html").read_text("utf-8")) == []
    for words in ((), ("last",)):
        said = ran(club, "history", *words, "--redact")
        assert (said.code, leaks(said.out)) == (0, [])
    said = ran(club, "revert", club.runs()[-1].name, "--redact", "--out", tmp_path / "back")
    assert (said.code, leaks(said.out)) == (0, [])
    assert leaks((tmp_path / "back" / "report.html").read_text("utf-8")) == []


# -- the forms of show ----------------------------------------------------------------------------------------


def test_show_lists_everything_when_asked_and_speaks_markdown(club: Club, tmp_path: Path) -> None:
    rows = "".join(f"new{at}@example.com,New,Person\n" for at in range(9))
    club.write(members=f"E-mail,First Name,Last Name\n{rows}")
    ran(club, "plan", club.pipeline, "--out", tmp_path / "plan")
    few, every = run_here("show", tmp_path / "plan"), run_here("show", tmp_path / "plan", "--all")
    assert "new8@" not in few.out and "…  and 4 more: show PLAN --all" in few.out
    assert "new8@" in every.out and "more: show" not in every.out
    markdown = run_here("show", tmp_path / "plan", "--format", "markdown").out
    assert markdown.startswith("## members → Riverside Club\n") and "| `+` | `new0@example.com` |" in markdown
    assert not re.search("\x1b|report.html", markdown)


@pytest.mark.parametrize(
    ("environment", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_has_colours_unless_it_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colour: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert _terminal(True)[1] is colour and _terminal(False) == (100, False)
