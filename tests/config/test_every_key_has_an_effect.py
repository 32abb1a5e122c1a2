"""Nothing is parsed and ignored: every key and every word of the configs has a test that shows what it changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctct_etl.config.key_table import Key, list_keys
from tests.config.effects import EFFECTS, MOST_WITHOUT_TEST, STILL_WITHOUT_TEST

ROOT = Path(__file__).parents[2]
# Keys that only hold other keys: each of those has an effect of its own.
CONTAINERS = {
    "pipeline source", "pipeline existing", "pipeline new", "pipeline absent", "pipeline consent", "pipeline guards",
    "mapping rows", "mapping fields", "mapping dedupe", "accounts accounts",
}  # fmt: skip
KEYS = {f"{key.file} {key.path}": key for key in list_keys()}


def needed(name: str, key: Key) -> Iterator[str]:
    """What must have a test: each word of an enumeration, else the key itself."""
    yield from (f"{name}: {word}" for word in key.words) if key.words else (name,)


def shown() -> dict[str, str]:
    """What has one, and which."""
    found: dict[str, str] = {}
    for name, effect in EFFECTS.items():
        found |= (
            {f"{name}: {word}": test for word, test in effect.items()} if isinstance(effect, dict) else {name: effect}
        )
    return found


NEEDED = {each for name, key in KEYS.items() if name not in CONTAINERS for each in needed(name, key)}


def test_every_key_and_word_has_a_test_or_is_known_to_lack_it() -> None:
    missing = sorted(NEEDED - shown().keys() - STILL_WITHOUT_TEST)
    assert not missing, f"name the test in tests/config/effects.py that shows what each of these changes: {missing}"


def test_what_lacks_a_test_gets_less() -> None:
    for name in sorted(STILL_WITHOUT_TEST):
        print(f"still without a test: {name}")
    assert len(STILL_WITHOUT_TEST) <= MOST_WITHOUT_TEST, "a new key needs a test that shows its effect"
    assert len(STILL_WITHOUT_TEST) == MOST_WITHOUT_TEST, (
        f"it is less now: MOST_WITHOUT_TEST = {len(STILL_WITHOUT_TEST)}"
    )


def test_the_table_names_only_keys_that_exist_and_none_twice() -> None:
    assert not shown().keys() - NEEDED, "these are no keys, or no words, any more"
    assert not STILL_WITHOUT_TEST - NEEDED, "these are no keys, or no words, any more"
    assert not STILL_WITHOUT_TEST & shown().keys(), "these have a test now: take them out of STILL_WITHOUT_TEST"


def test_a_container_holds_keys() -> None:
    for name in CONTAINERS:
        assert any(other.startswith(f"{name}.") for other in KEYS)
        assert not KEYS[name].words


@pytest.mark.parametrize("test", sorted(set(shown().values())))
def test_each_named_test_exists(test: str) -> None:
    path, *names = test.split("::")
    body: list[ast.stmt] = ast.parse((ROOT / path).read_text("utf-8")).body
    for name in names:
        found = [node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name]
        assert found, f"{path} has no {name}: mend tests/config/effects.py"
        body = found[0].body
    assert names[-1].startswith("test_")


def test_a_key_without_effect_would_be_found() -> None:
    key = Key("pipeline", "idle", "a | b", "a", "nothing", ("a", "b"))
    assert set(needed("pipeline idle", key)) == {"pipeline idle: a", "pipeline idle: b"}
    assert not set(needed("pipeline idle", key)) & (shown().keys() | STILL_WITHOUT_TEST)
