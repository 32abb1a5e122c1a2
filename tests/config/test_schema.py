"""The JSON Schemas agree with the checker, both ways, on generated documents."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ctct_etl.config.schema import json_schemas
from tests.config.given import ACCOUNTS, FILES, MAPPING, PIPELINE, SUITE, problems

ROOT = Path(__file__).parents[2]
SCHEMAS = json_schemas()
VALIDATORS = {name: Draft202012Validator(schema) for name, schema in SCHEMAS.items()}

# What no schema can say; the docs list the same. The schema accepts it, the checker refuses it.
ONLY_THE_CHECKER_KNOWS = {
    "files": r"there is no file|can't be read|is named twice",
    "environment": r"the environment variable \w+ is not set|a \$\{ that begins no variable|a key holds \$\{",
    "accounts": r"has no account|neither access_token nor auth_url|the (?:access_token|client_secret) of|"
    r"neither password nor access_token|has both password|is that of .* already|the username of",
    "dialects": r"the account's dialect has no field|dialect v1 |has no number for",
    "regular expressions": r"RE2",
    "encodings": r"expected the name of an encoding",
    "countries": r"ISO 3166",
    "parts of a date": r"the date format has no",
    "notices": r"this is no address|told in the clear",
    "bounds": r"a day that exists|one bound is a number|is less than|a range for each quantile",
}
_ONLY_THE_CHECKER = re.compile("|".join(ONLY_THE_CHECKER_KNOWS.values()))

EXPECTATIONS: list[dict[str, Any]] = [
    {"expect": "expect_column_values_to_match_regex", "column": "Z", "regex": "^a", "mostly": 0.9, "on_fail": "warn",
     "when": {"column": "C", "in": ["US"]}},
    {"expect": "expect_column_values_to_be_between", "column": "A", "min_value": 18, "max_value": "99.5",
     "strict_min": True},
    {"expect": "expect_column_values_to_be_between", "column": "D", "max_value": "2026-01-31"},
    {"expect": "expect_column_value_lengths_to_be_between", "column": "A", "min_value": 1},
    {"expect": "expect_column_values_to_be_in_set", "column": "A", "value_set": ["a", 1]},
    {"expect": "expect_column_values_to_match_strftime_format", "column": "A", "strftime_format": "%Y"},
    {"expect": "expect_column_pair_values_to_be_in_set", "column_A": "A", "column_B": "B",
     "value_pairs_set": [["a", "b"]], "ignore_row_if": "neither"},
    {"expect": "expect_multicolumn_sum_to_equal", "column_list": ["A", "B"], "sum_total": 3},
    {"expect": "expect_column_quantile_values_to_be_between", "column": "A",
     "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, 2]]}, "on_fail": "stop"},
    {"expect": "expect_table_row_count_to_be_between", "min_value": 5, "on_fail": "stop"},
    {"expect": "expect_table_columns_to_match_set", "column_set": ["A"], "exact_match": False},
]  # fmt: skip
RICH: dict[str, dict[str, Any]] = {
    "pipeline": {
        "name": "members", "account": "sandbox",
        "source": {"path": "in/*.csv", "sheet": ["A", 2], "header_row": 3, "encoding": "cp1252", "delimiter": ";",
                   "pick": "newest", "fresh_within": "26h"},
        "mapping": "mapping.yaml",
        "existing": {"update": {"if_in": ["A"]}, "deleted": "revive_with_evidence"},
        "new": {"create": True}, "absent": {"action": "remove_from_lists"}, "managed_lists": ["B"],
        "notify": [{"to": "json://127.0.0.1/hook", "when": ["failure", "always"]}, {"to": "", "when": "guard"}],
        "keep": "90d",
        "create_missing": ["lists", "tags"],
        "consent": {"opt_in_source": "contact", "permission": "explicit",
                    "evidence": {"date": "D", "source": "S", "format": ["%d/%m/%Y"]}},
        "suppress": ["never.csv"],
        "guards": {"max_updates": "30%", "max_creates": 500, "min_rows": 2, "budget": "50%"},
    },
    "mapping": {
        "rows": {"where": {"column": "S", "in": ["a", "b"]}},
        "opted_out": {"column": "N", "not_blank": True},
        "fields": {
            "email": {"column": "E", "many": "first"},
            "first_name": {"column": "F", "transform": ["trim", {"zfill": 5}, {"remove_prefix": "x"}], "default": "d"},
            "phone.mobile": {"column": "P", "type": "phone", "region": "US", "invalid": "stop"},
            "anniversary": {"column": "A", "type": "date", "format": "%d/%m/%Y", "on_update": "fill"},
            "address.home.city": "City",
            "custom.Level": {"column": "L", "values": {"G": "Gold"}, "blank": "clear"},
            "custom.Full": {"template": "{F} {L}"},
        },
        "lists": ["A", {"column": "I", "split": ";", "values": {"T": "Trips"}},
                  {"list": "V", "when": {"column": "V", "equals": "1"}}],
        "tags": ["t", {"tag": "u", "when": {"column": "U", "matches": "^a"}}],
        "dedupe": {"prefer": {"newest": "U", "format": "%Y"}, "merge": "fill_blanks"},
        "expectations": [{"suite": "suite.yaml"}, *EXPECTATIONS],
    },
    "suite": {"expectations": EXPECTATIONS},
    "accounts": {
        "accounts": {
            "sandbox": {"dialect": "v3", "sandbox": "seed.jsonl", "limits": "off", "import_list": "Loads"},
            "main": {"dialect": "v3", "client_id": "a", "client_secret": "b", "auth_url": "https://a.example/oauth2",
                     "base_url": "http://127.0.0.1:8080/v3", "requests_per_second": 0.5, "requests_per_day": "100"},
            "old": {"dialect": "v1", "username": "u", "api_key": "k", "password": "p", "requests_per_day": 100,
                    "custom_fields": {"A": 1, "B": "15"}},
            "older": {"dialect": "v1", "sandbox": "seed.jsonl", "limits": "off", "custom_fields": {"A": "02"}},
        }
    },
}  # fmt: skip


def _words_of(schema: Any) -> set[str]:
    """Every key, enumerated word and description-free constant that a schema knows."""
    found: set[str] = set()
    if isinstance(schema, dict):
        found |= set(schema.get("properties", ()))
        found |= {str(word) for word in schema.get("enum", ())} | (
            {str(schema["const"])} if "const" in schema else set()
        )
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        found |= _words_of(value)
    return found


WORDS = {name: sorted(_words_of(schema)) for name, schema in SCHEMAS.items()}
ODD = [
    "", "x", "US", "ZZ", "30%", "30 %", "1", "0", "-1", "26h", "yes", "true", "%d/%m/%Y", "%Q", "{A}", "{A", "(?=a)",
    "utf-9", "s3://a/b", "http://example.com", "https://example.com", "http://127.0.0.1:1/v3", "${NOT_SET}", "custom.",
    "custom.A", "middle_name", "v1", "row_condition", "expect_column_values_to_be_unique", "sql",
    "revive_with_evidence", ";;", 0, 1, 7, -3, 0.25, 10**17, True, False, None, [], {}, [[]], ["x"], [None],
    {"x": "y"}, {"column": "x"}, {"newest": "x"},
]  # fmt: skip


def _nodes(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(inner for key, value in items for inner in _nodes(value, (*path, key)))]


@st.composite
def changed_documents(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A sound document with up to three things put in, taken out or put in another's place."""
    name = draw(st.sampled_from(sorted(RICH)))
    data = copy.deepcopy(RICH[name])
    word = st.sampled_from(WORDS[name]) | st.sampled_from([odd for odd in ODD if isinstance(odd, str)])
    value = (st.sampled_from(ODD) | word).map(copy.deepcopy)
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(_nodes(data)[1:] or [()]))
        if not path:
            break
        parent: Any = data
        for step in path[:-1]:
            parent = parent[step]
        act = draw(st.sampled_from(["put", "take", "add", "rename"]))
        if act == "put":
            parent[path[-1]] = draw(value)
        elif act == "take":
            del parent[path[-1]]
        elif act == "rename" and isinstance(parent, dict):
            parent[draw(word)] = parent.pop(path[-1])
        elif isinstance(parent[path[-1]], dict):
            parent[path[-1]][draw(word)] = draw(value)
        elif isinstance(parent[path[-1]], list):
            parent[path[-1]].append(draw(value))
    return name, data


def _spell(data: Any) -> str:
    """Write data as YAML in which a number has no quotes, a text has them, and None is a key without a value."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_spell(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(_spell_item, data)) + "]"
    return "" if data is None else json.dumps(data)


def _spell_item(item: Any) -> str:
    return '{"x": }' if item is None else _spell(item)


def _as_spelt(data: Any) -> Any:
    """The document an editor sees: an item can't be nothing at all, so the spelling gave it a key."""
    if isinstance(data, dict):
        return {key: _as_spelt(value) for key, value in data.items()}
    return [{"x": None} if item is None else _as_spelt(item) for item in data] if isinstance(data, list) else data


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2, as editors read it: only true and false are booleans."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, rx) for tag, rx in found if not tag.endswith(":bool")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


EditorLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"])


@settings(max_examples=60 if settings.get_current_profile_name() == "sampled" else 3000)
@given(changed_documents())
def test_checker_and_schema_accept_the_same_documents(case: tuple[str, dict[str, Any]]) -> None:
    name, data = case
    with tempfile.TemporaryDirectory() as folder:
        told = [each for each in problems(Path(folder), **{name: _spell(data)}) if each.file.endswith(f"{name}.yaml")]
    sure = [str(each) for each in told if not _ONLY_THE_CHECKER.search(f"{each.what} {each.cure}")]
    refused = [error.message for error in VALIDATORS[name].iter_errors(_as_spelt(data))]
    assert refused or not sure, f"the checker alone refuses {data}: {sure}"
    assert told or not refused, f"the schema alone refuses {data}: {refused}"


@pytest.mark.parametrize("name", sorted(RICH))
def test_the_rich_documents_are_sound_so_that_every_change_counts(name: str, tmp_path: Path) -> None:
    assert not list(VALIDATORS[name].iter_errors(RICH[name]))
    assert not problems(tmp_path, **{name: RICH[name]})


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schema_files_are_what_the_models_say(name: str) -> None:
    text = json.dumps(SCHEMAS[name], indent=2, ensure_ascii=False) + "\n"
    written = (ROOT / "docs" / "schemas" / f"{name}.json").read_text("utf-8")
    assert written == text, "run: ctct-etl schema --out docs/schemas"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("pipeline", "pipelines/nightly_members.yaml"),
        ("mapping", "configs/mappings/members.yaml"),
        ("accounts", "configs/accounts.yaml"),
    ],
)
def test_the_examples_pass_their_schema_and_carry_its_place_for_editors(name: str, path: str) -> None:
    file = ROOT / path
    text = file.read_text("utf-8")
    assert not list(VALIDATORS[name].iter_errors(yaml.load(text, EditorLoader)))
    modeline = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert modeline is not None
    assert (file.parent / modeline[1]).resolve() == ROOT / "docs" / "schemas" / f"{name}.json"


def test_the_short_files_pass_their_schemas_too() -> None:
    assert FILES == {"pipeline": PIPELINE, "mapping": MAPPING, "suite": SUITE, "accounts": ACCOUNTS}
    for name, text in FILES.items():
        assert not list(VALIDATORS[name].iter_errors(yaml.load(text, EditorLoader))), name


def test_the_docs_list_what_only_the_checker_knows() -> None:
    docs = (ROOT / "docs" / "config.md").read_text("utf-8")
    listed = re.findall(
        r"^- \*\*(.+?)\*\*", docs.split("## What an editor can't see")[1].split("\n## ")[0], re.MULTILINE
    )
    assert listed == list(ONLY_THE_CHECKER_KNOWS)
