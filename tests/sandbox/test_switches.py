"""Switches: all documented, all shown to matter by some test, wrong ones refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ctct_etl.sandbox.switches import Switches, list_switches, read_switches

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"import_blnk": "clear"}, "no switch 'import_blnk', did you mean 'import_blank'?"),
        ({"import_blank": "erase"}, "switch 'import_blank' can't be 'erase'"),
        ({"revival_needs_list": "yes"}, "switch 'revival_needs_list' can't be 'yes'"),
        ({"unsubscribed_put_status": True}, "switch 'unsubscribed_put_status' can't be True"),
        ({"activity_seconds": -1}, "only a number from 0 up"),
        ({"welcome_lists": "News"}, "only a list of names"),
    ],
)
def test_a_wrong_switch_is_refused(given: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        read_switches(given)


def test_no_switch_means_the_defaults() -> None:
    assert read_switches(None) == Switches() == read_switches({})


def test_the_first_value_named_is_the_default() -> None:
    for name, (default, allowed) in list_switches().items():
        if allowed and not isinstance(default, bool):
            assert allowed[0] == default, name


def test_the_documentation_has_every_switch_with_its_default() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)`", text, re.MULTILINE))
    expected = {name: _say(default) for name, (default, _) in list_switches().items()}
    assert documented == expected


@pytest.mark.parametrize("name", list_switches())
def test_every_switch_is_turned_in_some_test(name: str) -> None:
    tests = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py")]
    assert any(f"{name}=" in text or f'"{name}")' in text for text in tests)


def _say(default: object) -> str:
    return {"True": "true", "False": "false", "()": "[]"}.get(str(default), str(default))
