"""The kinds of faults and their keys, as the documentation has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ctct_etl.sandbox.fault_wishes import ANSWERS, KINDS, TRANSIENT, list_own_keys, read_fault

TABLE = (Path(__file__).parents[2] / "docs/sandbox.md").read_text(encoding="utf-8").partition("## Faults")[2]
DEED = {"who": "person", "do": "unsubscribe", "address": "a@example.com"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_documentation_has_every_kind_with_its_keys(kind: str) -> None:
    rows = [line.split(" | ") for line in TABLE.splitlines() if line.startswith("| `")]
    (row,) = (row for row in rows if f"`{kind}`" in row[0])
    assert all(f"`{key}`" in row[2] for key in list_own_keys(kind)), row


def test_the_documentation_names_no_kind_that_does_not_exist() -> None:
    kinds = TABLE.partition("| kind |")[2].partition("\n\n")[0]
    named = {name for line in kinds.splitlines()[2:] for name in re.findall(r"`(\w+)`", line.split(" | ")[0])}
    assert named == set(KINDS)


def test_chaos_draws_from_what_is_over_at_once_unless_told_otherwise() -> None:
    assert set(ANSWERS) - set(TRANSIENT) == {"quota_exceeded", "hang_before", "hang_after"}
    assert read_fault({"kind": "chaos", "seed": 1}).own["kinds"] == list(TRANSIENT)


def test_chance_is_certain_unless_there_is_a_seed_for_a_fault_of_the_answer() -> None:
    assert read_fault({"kind": "500"}).share == 1
    assert read_fault({"kind": "500", "seed": 1}).share == 0.5
    assert read_fault({"kind": "act", "act": DEED, "seed": 1}).share == 1


def test_chaos_goes_on_until_it_is_taken_back_and_others_strike_once() -> None:
    assert read_fault({"kind": "chaos", "seed": 1}).times is None
    assert read_fault({"kind": "chaos", "seed": 1, "times": 3}).times == 3
    assert read_fault({"kind": "503"}).times == 1
