"""What the documents name exists: files, make targets and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from ctct_etl.cli import main
from tests.modules import ROOT

DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SUFFIXES = "py|md|toml|yaml|yml|txt|xlsx|csv|gz|jsonl|svg|png"
FILE = re.compile(rf"(?:\.?[\w-]+/)+(?:[\w.-]+\.(?:{SUFFIXES}))?|[\w-]+\.(?:md|toml|txt)")
TARGETS = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
# What a user has and we don't, or what a run makes.
NOT_OURS = re.compile(r"\.venv/|\.demo/|\.bench/|ctct-etl/|runs/")
DECISION = re.compile(r"^## (\d+)\. .+ \((\d{4}-\d\d-\d\d)\)$", re.MULTILINE)


def find_code(text: str) -> Iterator[str]:
    """Everything in the document that is set as code: fences, line by line, and what stands between back ticks."""
    fences = re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    yield from (line.strip() for fence in fences for line in fence.splitlines())
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def find_missing_targets(text: str) -> set[str]:
    asked = {target for code in find_code(text) for target in re.findall(r"(?:^|&& )make (\w+)", code)}
    return asked - TARGETS


def find_missing_commands(text: str) -> set[str]:
    """Commands of ctct-etl, and of their groups, that the program does not have."""
    asked = {tuple(words.split()) for code in find_code(text) for words in _COMMAND.findall(code)}
    return {" ".join(words) for words in asked if not _has_command(words)}


def find_missing_files(text: str) -> set[str]:
    named = {code for code in find_code(text) if FILE.fullmatch(code) and not NOT_OURS.match(code)}
    return {name for name in named if not (ROOT / name).exists()}


def find_broken_links(text: str, folder: str = ".") -> set[str]:
    links = set(re.findall(r"\]\(([^)#\s]+)", text))
    return {link for link in links if "://" not in link and not (ROOT / folder / link).exists()}


_COMMAND = re.compile(r"(?:^|[ /])ctct-etl ([a-z]+(?: [a-z]+)?)")


def _has_command(words: tuple[str, ...]) -> bool:
    command = main.commands.get(words[0])
    if command is None:
        return False
    return len(words) == 1 or not hasattr(command, "commands") or words[1] in command.commands


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_that_a_document_names_exists(name: str) -> None:
    assert find_missing_targets(_read(name)) == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_that_a_document_names_exists(name: str) -> None:
    assert find_missing_commands(_read(name)) == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(name: str) -> None:
    folder = name.rpartition("/")[0] or "."
    assert find_broken_links(_read(name), folder) == set()


@pytest.mark.parametrize("name", ["AGENTS.md", "README.md", "data/README.md"])
def test_every_file_that_the_guides_name_exists(name: str) -> None:
    folder = name.rpartition("/")[0]
    missing = find_missing_files(_read(name))
    assert {file for file in missing if not (ROOT / folder / file).exists()} == set()


def test_the_map_names_every_part_of_the_package() -> None:
    parts = {f"ctct_etl/{path.name}/" for path in (ROOT / "ctct_etl").iterdir() if (path / "__init__.py").exists()}
    assert parts - set(find_code(_read("AGENTS.md"))) == set()


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (find_missing_targets, "say `make demmo`"),
        (find_missing_targets, "```sh\nmake demmo\n```"),
        (find_missing_commands, "say `ctct-etl plann x.yaml`"),
        (find_missing_commands, "```\n.venv/bin/ctct-etl account shout main\n```"),
        (find_missing_files, "see `ctct_etl/nowhere.py` and `tests/`"),
        (find_broken_links, "[this](docs/nowhere.md#part) and [that](https://example.com/nowhere)"),
    ],
)
def test_what_is_not_there_is_found(find: object, text: str) -> None:
    assert callable(find)
    assert len(find(text)) == 1


def test_decisions_are_numbered_in_order_and_dated() -> None:
    found = DECISION.findall(_read("DECISIONS.md"))
    dates = [date.fromisoformat(day) for _, day in found]
    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1))
    assert dates == sorted(dates)
    assert len(found) == _read("DECISIONS.md").count("\n## ")


def test_every_decision_says_what_was_refused_and_what_follows() -> None:
    for body in re.split(r"^## ", _read("DECISIONS.md"), flags=re.MULTILINE)[1:]:
        missing = [word for word in ("Situation", "Choice", "Refused", "Consequence") if f"\n{word}: " not in body]
        assert not missing, f"{body.splitlines()[0]}: {missing}"


def test_the_changelog_begins_with_what_is_not_released_yet() -> None:
    assert re.findall(r"^## (.+)$", _read("CHANGELOG.md"), re.MULTILINE)[0] == "Unreleased"


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
