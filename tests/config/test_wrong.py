"""Wrong configs: each file of tests/config/wrong says in its last lines, as comments, all that must be told of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.config.given import problems, told

WRONG = Path(__file__).parent / "wrong"
CASES = sorted(WRONG.glob("*/*.yaml"))
_EXPECTED = re.compile(r"^# (\d+:\d+: .+)$", re.MULTILINE)


def read_case(path: Path) -> tuple[str, list[str]]:
    """Return the wrong text without its last comments, and what they say, as `line:column: what — cure`."""
    text = path.read_text("utf-8")
    return _EXPECTED.sub("", text).rstrip("\n") + "\n", _EXPECTED.findall(text)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_fault_is_told_at_once_with_place_and_cure(path: Path, tmp_path: Path) -> None:
    name = path.parent.name
    text, expected = read_case(path)
    assert expected
    assert told(tmp_path, **{name: text}) == [f"{name}.yaml:{line}" for line in expected]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_message_repeats_a_secret_or_leaves_a_part_out(path: Path, tmp_path: Path) -> None:
    text, _ = read_case(path)
    for problem in problems(tmp_path, **{path.parent.name: text}):
        assert "t0ps3cret" not in str(problem)
        assert problem.what and problem.cure and problem.line >= 1 and problem.column >= 1


def test_there_are_many_cases_of_each_file() -> None:
    assert len(CASES) >= 60
    assert {path.parent.name for path in CASES} == {"pipeline", "mapping", "suite", "accounts"}


def test_the_problems_of_all_three_files_come_together_in_the_order_of_file_and_place(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        pipeline="name: a b\naccount: sandbox\nsource: {path: x, pik: all}\nmapping: mapping.yaml\n",
        mapping="lists: [A]\nfields:\n  emial: E-mail\n",
        accounts="accounts:\n  sandbox: {dialect: v3, sandbox: gone.jsonl}\n",
    )
    assert found == [
        "accounts.yaml:2:35: there is no file gone.jsonl — mend the path of the seed: it is relative to this file",
        'mapping.yaml:3:3: unknown contact field "emial" — did you mean "email"?',
        'pipeline.yaml:1:7: "name" has characters that it can\'t have — use letters, digits, - _ and .',
        'pipeline.yaml:3:19: unknown key "pik" — did you mean "pick"?',
    ]
