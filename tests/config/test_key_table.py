"""The docs hold one table of all keys, and it is the one that the models make."""

from __future__ import annotations

import re
from pathlib import Path

from ctct_etl import columns
from ctct_etl.config.expectation_table import REFUSED
from ctct_etl.config.key_table import list_keys, render_expectation_table, render_key_table

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "config.md").read_text("utf-8")
_TABLE = re.compile(r"(?<=held equal by a test -->\n).*?(?=<!-- end of keys -->)", re.DOTALL)


def test_the_table_in_the_docs_is_the_table_of_the_models() -> None:
    table = _TABLE.search(DOCS)
    assert table is not None
    assert table[0] == render_key_table(), "put what render_key_table() returns between the two comments"


def test_the_guide_to_quality_gates_has_the_table_of_all_expectations() -> None:
    guide = (ROOT / "docs" / "expectations.md").read_text("utf-8")
    table = re.search(r"(?<=held equal by a test -->\n).*?(?=<!-- end of expectations -->)", guide, re.DOTALL)
    assert table is not None
    assert table[0] == render_expectation_table(), "put what render_expectation_table() returns between the comments"


def test_the_guide_names_whatever_is_refused() -> None:
    guide = (ROOT / "docs" / "expectations.md").read_text("utf-8")
    refused = {name for name in REFUSED if "like_pattern" not in name and "type" not in name}
    assert {*refused, "row_condition", "condition_parser"} - set(re.findall(r"`(\w+)`", guide)) == set()


def test_every_key_has_a_meaning_and_is_listed_once() -> None:
    keys = list_keys()
    assert [key for key in keys if not key.meaning] == []
    assert len({(key.file, key.path) for key in keys}) == len(keys)


def test_keys_say_their_type_default_and_words() -> None:
    keys = {f"{key.file} {key.path}": key for key in list_keys()}
    assert (keys["pipeline guards.max_updates"].type, keys["pipeline guards.max_updates"].default) == (
        "count or N%",
        "30%",
    )
    assert (keys["pipeline name"].default, keys["pipeline source.encoding"].default) == ("needed", "none")
    assert keys["mapping dedupe.prefer"].words == ("last", "first", "most_complete")
    assert keys["accounts accounts.<name>.dialect"].words == ("v3", "v1")


def test_the_docs_name_every_contact_field() -> None:
    section = DOCS.split("## Contact fields")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z0-9_.]+)`", section))
    for field in columns.V1_FIELDS | columns.V3_FIELDS:
        if field.startswith(columns.ADDRESS_PREFIX):
            group, _, part = field.rpartition(".")
            assert {group, part} <= named, field
        else:
            assert field in named, field
