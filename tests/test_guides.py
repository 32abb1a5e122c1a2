"""What the guides say is so: examples load, and tables name what there is, no more and no less."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pyarrow as pa
import pytest

from ctct_etl import columns as c
from ctct_etl import errors
from ctct_etl.cli import main
from ctct_etl.config.checks import Checks
from ctct_etl.config.mapping import Condition, FieldRule
from ctct_etl.config.pipeline import YES_OR_NO, Guards
from ctct_etl.config.values import Limit
from ctct_etl.run.applying import Applied
from ctct_etl.run.plan_directory import read_plan, write_plan
from ctct_etl.stages.transforms import transform_text
from ctct_etl.workflow import endings
from ctct_etl.workflow.outcomes import describe_applied
from ctct_etl.workflow.totals import Totals
from tests.config.given import ACCOUNTS, MAPPING, PIPELINE, SUITE, load
from tests.modules import ROOT
from tests.tables import snapshot
from tests.test_documents import DOCUMENTS, find_code
from tests.workflow.given import plan_night

EXAMPLE = re.compile(r"^```yaml (mapping|pipeline|suite|accounts)\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    (name, number, kind, text)
    for name in DOCUMENTS
    for number, (kind, text) in enumerate(EXAMPLE.findall((ROOT / name).read_text("utf-8")), start=1)
]
# What an example leaves out because every file has it.
COMMON = {"mapping": MAPPING, "pipeline": PIPELINE, "suite": SUITE, "accounts": ACCOUNTS}


@pytest.mark.parametrize(("name", "number", "kind", "text"), EXAMPLES)
def test_every_example_of_a_config_loads(name: str, number: int, kind: str, text: str, tmp_path: Path) -> None:
    whole = text if re.search(r"^(fields|name|accounts|expectations):", text, re.MULTILINE) else COMMON[kind] + text
    load(tmp_path, **{kind: whole})


def test_there_are_examples_to_load() -> None:
    assert {kind for _, _, kind, _ in EXAMPLES} >= {"mapping", "pipeline"}
    assert {name for name, *_ in EXAMPLES} >= {"README.md", "docs/mapping.md", "docs/guards.md"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_option_that_a_document_names_exists(name: str) -> None:
    known = {option for command in _commands(main) for each in command.params for option in each.opts} | {"--help"}
    code = [line for line in find_code(_read(name)) if line.startswith("--") or "ctct-etl " in line]
    asked = {option for line in code for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}
    assert asked - known - {"--version"} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_test_that_a_document_names_exists(name: str) -> None:
    for path, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", _read(name)):
        body = ast.parse((ROOT / path).read_text("utf-8")).body
        assert test in {node.name for node in body if isinstance(node, ast.FunctionDef)}, f"{path} has no {test}"


def test_each_promise_has_its_test_or_says_that_it_is_not_held_yet() -> None:
    rows = re.findall(r"^\| (\d) \| (.+) \| (.+) \|$", _read("docs/promises.md"), re.MULTILINE)
    assert [number for number, *_ in rows] == list("123456789")
    assert all("`tests/" in held or held.startswith("not yet") for _, _, held in rows)


def test_the_guide_to_mappings_names_every_field_transform_and_condition() -> None:
    told = set(re.findall(r"`([^`\n]+)`", _read("docs/mapping.md")))
    fields = {field for field in c.CONTACT_FIELDS if field not in c.ONLY_V1}
    simple = {field for field in fields if not field.startswith(c.ADDRESS_PREFIX)}
    assert simple - told == set()
    assert {field.rpartition(".")[0] for field in fields - simple} - told == set()
    assert {f".{field.rpartition('.')[2]}" for field in fields - simple} - told == set()
    tests = {field.alias or name for name, field in Condition.model_fields.items()} - {"column"}
    assert {test for test in tests if not any(word.split(":")[0] == test for word in told)} == set()


TRANSFORM = re.compile(r"^\| (`.+?`(?: · `\w+`)?) \| (`.+?`(?: · `\w+`)?) \| `(.+?)`", re.MULTILINE)


def test_the_transforms_of_the_guide_make_what_it_says() -> None:
    seen = set()
    for names, results, given in TRANSFORM.findall(_read("docs/mapping.md")):
        for name, result in zip(names.split(" · "), results.split(" · "), strict=True):
            written = name.strip("`")
            rule = FieldRule.model_validate({"column": "X", "transform": [_parse(written)]})
            made = transform_text(pa.array([given], pa.large_string()), rule.transform)
            assert made.to_pylist() == [result.strip("`")], written
            seen.add(written.strip("{").split(":")[0])
    assert seen == {
        "trim", "squeeze", "upper", "lower", "title_case", "digits", "zfill", "remove_prefix", "remove_suffix",
    }  # fmt: skip


def _parse(written: str) -> Any:
    found = re.fullmatch(r'\{(\w+): "?(.*?)"?\}', written)
    return {found[1]: found[2]} if found else written


def test_the_guide_to_guards_has_every_guard_with_its_default() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", _read("docs/guards.md"), re.MULTILINE))
    defaults = {name: str(field.default) for name, field in Guards.model_fields.items()}
    assert told == defaults | dict.fromkeys(YES_OR_NO, "–")


def test_the_guide_to_odd_cells_has_every_check() -> None:
    told = re.findall(r"^\| `(\w+)` \|", _read("docs/checks.md"), re.MULTILINE)
    assert told == list(Checks.model_fields)


def test_the_exit_codes_of_the_guide_are_those_of_the_program() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", _read("docs/exit-codes.md"), re.MULTILINE)}
    of_errors = {
        each.exit_code for each in vars(errors).values() if isinstance(each, type) and hasattr(each, "exit_code")
    }
    of_endings = {endings.GUARD_TRIPPED, endings.FAILURE, endings.QUOTA, endings.PART, endings.CHANGES}
    assert told == of_errors | of_endings | {0, 128 + 2, 128 + 15}
    for name in ("README.md", "docs/nightly.md"):
        rows = re.findall(r"^\| (\d[\d ·,]*) \|", _read(name), re.MULTILINE)
        assert {int(code) for row in rows for code in re.findall(r"\d+", row)} <= told


class TestThePlan:
    """docs/plan.md against a plan that holds one of everything."""

    @pytest.fixture
    def directory(self, tmp_path: Path) -> Path:
        account = snapshot(
            [{"email": f"p{n:02}@example.org", "first_name": "P"} for n in range(20)]
            + [{"email": "gone@example.org", "status": "unsubscribed"}],
            lists=("News",),
        )
        (tmp_path / "night").mkdir()
        plan = plan_night(
            tmp_path / "night",
            "E-mail,First,Cell,Day,Form\nann@example.org,Ann,12,2026-01-01,Web\np01@example.org,Pia,,,\n"
            "gone@example.org,Guy,,,\nnonsense,N,,,\n",
            account,
            accepted={"max_creates": Limit(count=5)},
            mapping=MAPPING + "  first_name: First\n  phone.mobile: Cell\nlists: [News, Chess]\ntags: [new]\n"
            "expectations: [{suite: suite.yaml}]\n",
            pipeline=PIPELINE + "create_missing: [lists, tags]\nconsent: {evidence: {date: Day, source: Form}}\n",
        )
        plan.manifest["changes"]["absorbed"]["phone.mobile"] = 1
        write_plan(tmp_path / "plan", plan, {"report.html": b""})
        return tmp_path / "plan"

    def test_every_key_of_the_manifest_is_told_and_no_other(self, directory: Path) -> None:
        manifest = json.loads((directory / "plan.json").read_text("utf-8"))
        assert _told("plan.json") == set(_keys(manifest))

    def test_every_key_of_an_action_is_told_and_no_other(self, directory: Path) -> None:
        lines = (directory / "actions.jsonl").read_text("utf-8").splitlines()
        found = {key for line in lines for key in _keys(json.loads(line))}
        assert _told("A line of actions.jsonl") == found

    @pytest.mark.parametrize("table", ["rows", "problems", "edits", "collisions"])
    def test_every_column_of_the_tables_is_told_and_no_other(self, directory: Path, table: str) -> None:
        plan = read_plan(directory)
        assert _told(f"{table}.parquet") == set(getattr(plan, table).columns)
        assert len(getattr(plan, table)) or table in ("edits", "collisions")

    def test_every_key_of_the_outcome_is_told_and_no_other(self, directory: Path) -> None:
        plan = read_plan(directory)
        columns = [c.EMAIL, "action", c.RESULT, c.WORDS]
        totals = Totals()
        totals.add(pd.DataFrame([["ann@example.org", "create", c.FAILED, "no"]], columns=columns))
        broken = {"address": "ann@example.org", "field": "email", "promised": "ann@example.org", "found": ""}
        verification = {"checked": 1, "as_promised": 0, "differences": [broken]}
        applied = Applied(1, "done", None)
        assert _told("outcome.json") == set(_keys(describe_applied(plan, applied, totals, verification, "", "")))

    def test_the_files_are_told(self, directory: Path) -> None:
        told = set(re.findall(r"^\| `([\w.]+\.\w+)` \|", _read("docs/plan.md").partition("## ")[0], re.MULTILINE))
        assert told == {path.name for path in directory.iterdir()} | {
            "journal.sqlite",
            "rejects.xlsx",
            "outcome.json",
            "not_done.jsonl",
            "rehearsal.json",
        }


# Their keys are names of people's own: fields, lists, guards, routes, files.
OPEN = (
    "before", "after", "accepted", "files", "snapshot.by_status", "snapshot.lists", "snapshot.tags",
    "changes.collisions", "changes.by_field", "changes.lists", "changes.tags",
    "changes.left", "changes.readded", "changes.kept_edits", "changes.absorbed",
    "fields.blank", "fields.changed", "mails_sent", "mails_forecast", "cost.requests", "cost.writes",
    "cost.reads", "cost.at_most", "welcome_by_list", "rests_on", "results",
)  # fmt: skip


def _keys(data: Any, path: str = "") -> Iterator[str]:
    """Every path to a value. What is empty shows itself too, so that no key hides behind a quiet night."""
    if data == {} and path in OPEN:
        yield f"{path}.*"
    elif data == []:
        yield f"{path}[]"
    elif isinstance(data, Mapping):
        for key, value in data.items():
            step = "*" if path in OPEN else key
            yield from _keys(value, f"{path}.{step}" if path else step)
    elif isinstance(data, list):
        for value in data:
            yield from _keys(value, f"{path}[]")
    else:
        yield path


def _told(heading: str) -> set[str]:
    """The keys in the first column of the table below a heading of docs/plan.md."""
    section = _read("docs/plan.md").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return {key for line in section.splitlines() if line.startswith("| `") for key in
            re.findall(r"`([^`]+)`", line.split(" | ")[0])}  # fmt: skip


def _commands(command: click.Command) -> Iterator[click.Command]:
    yield command
    inner = command.commands.values() if isinstance(command, click.Group) else getattr(command, "beside", ())
    for each in inner:
        yield from _commands(each)


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
