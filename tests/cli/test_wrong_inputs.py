"""Wrong inputs, one by one: each is told by its place and its cure, in one line, and leaves nothing behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.club import Club, opened_club, write_club
from tests.cli.program import Said, run, run_here
from tests.cli.wrong import configs, dialects, gates, plans, sources, usage
from tests.cli.wrong.case import Case

CASES = (*configs.CASES, *dialects.CASES, *gates.CASES, *sources.CASES, *plans.CASES, *usage.CASES)
HAS_A_STATE = {"run", "plan", "apply", "check", "preview", "account"}
SECRETS = (b"t0ps3cret", b"sandbox-token")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    """A served account for all cases, since none of them writes to it, and a plan for it."""
    with opened_club(tmp_path_factory.mktemp("template")) as club:
        words = ("plan", club.pipeline, "--out", club.folder / "plan", "--state-dir", club.state)
        assert run_here(*words, environment=club.environment).code == 0
        yield club


@pytest.fixture
def club(template: Club, tmp_path: Path) -> Club:
    """The club's files and its plan in a folder of its own."""
    shutil.copytree(template.folder / "plan", tmp_path / "plan")
    return write_club(tmp_path, template.url)


def go_wrong(case: Case, club: Club) -> Said:
    for name, content in case.files.items():
        path = club.folder / name
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if case.prepare is not None:
        case.prepare(club)
    words = [
        str(club.folder) + word[1:] if word == "F" or word.startswith("F/") else word for word in case.words.split()
    ]
    if words[0] in HAS_A_STATE:
        words += ["--state-dir", str(club.state)]
    go = run if case.started else run_here
    return go(*words, environment={**club.environment, **case.environment})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_wrong_is_told_by_place_and_cure_and_nothing_is_left_behind(case: Case, club: Club) -> None:
    said = go_wrong(case, club)
    lines = f"{said.out}{said.err}".replace(str(club.folder), "F").splitlines()
    assert case.told in lines, "\n".join(lines)
    assert said.code == case.code
    assert (said.err == "") if case.words.startswith("check") and case.code == 2 else (said.out == "")
    assert not any("Traceback" in line or "fault of the program" in line for line in lines)
    assert club.writes() == []
    assert find_leftovers(club) == []
    assert find_secrets(club, said) == []


def find_leftovers(club: Club) -> list[str]:
    """Runs without a plan, and files that were begun and not ended."""
    halves = [path for path in club.folder.rglob("*") if path.name.startswith(".") or path.suffix in (".part", ".tmp")]
    return [str(path) for path in (*halves, *(each for each in club.runs() if not (each / "plan.json").is_file()))]


def find_secrets(club: Club, said: Said) -> list[str]:
    """Where a secret stands that is no file of the person's own."""
    written = [path for place in ("state", "plan") for path in (club.folder / place).rglob("*") if path.is_file()]
    texts = {"the output": f"{said.out}{said.err}".encode()} | {str(path): path.read_bytes() for path in written}
    return [where for where, text in texts.items() if any(secret in text for secret in SECRETS)]


def test_the_list_is_long_and_names_each_case_once() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 120
    assert 8 <= sum(case.started for case in CASES) <= 16


def test_every_line_has_a_cure_beside_what_is_wrong() -> None:
    """A dash and the cure; wrong usage, which click words, says what would be right or names the path."""
    assert [case.name for case in CASES if " — " not in case.told and not case.told.startswith("Error: ")] == []
