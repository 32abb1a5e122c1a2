"""docs/the-question.md is run as it stands, from its first line to its last."""

from __future__ import annotations

import doctest
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.program import run_here
from tests.modules import ROOT

PAGE = ROOT / "docs" / "the-question.md"
FILE = re.compile(r"^```\w+ (\w+\.\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SEED = "".join(json.dumps({"list": {"name": name}}) + "\n" for name in ("Newsletter", "Members"))


def say(line: str, environment: Mapping[str, str]) -> None:
    """Run the program's command line, and tell its exit code and what it complains of."""
    said = run_here(*line.split(), environment=dict(environment))
    print(f"exit code {said.code}" + (f"\n{said.err}" if said.code else ""))


def test_every_answer_of_the_page_is_what_the_sandbox_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text("utf-8")
    (tmp_path / "club.jsonl").write_text(SEED, "utf-8")
    for name, content in FILE.findall(text):
        (tmp_path / name).write_text(content, "utf-8")
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    page = doctest.DocTestParser().get_doctest(text, {"ctct_etl": say}, PAGE.name, str(PAGE), 0)
    failed, tried = doctest.DocTestRunner().run(page, out=told.append)
    assert tried > 40
    assert not failed, "".join(told)
