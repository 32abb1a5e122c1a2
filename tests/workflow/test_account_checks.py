from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ctct_etl.account.dialect import Prerequisites
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.plan.snapshot import CustomField, Snapshot
from ctct_etl.workflow.account_checks import Missing, find_missing_names, find_unknown_names, name_cells
from ctct_etl.workflow.deriving import desire_contacts
from tests.config.given import ACCOUNTS, MAPPING, PIPELINE, load
from tests.sheets import CAPABILITIES, sheet
from tests.tables import snapshot

ACCOUNT = snapshot(
    [], lists=("Newsletter", "Travel Club"), tags=("spring",), custom_fields=(CustomField("f1", "Level", "string"),)
)
ROWS = sheet("""
    E-mail  | Interests
    a@x.org | Travel Club
    b@x.org | Chess;Travel Club
    c@x.org | Chess
""")
EVERYTHING = "create_missing: [lists, tags, custom_fields]\n"


def config(folder: Path, mapping: str = "", pipeline: str = "", accounts: str = ACCOUNTS) -> LoadedConfig:
    return load(folder, mapping=MAPPING + mapping, pipeline=PIPELINE + pipeline, accounts=accounts)


def unknown(loaded: LoadedConfig, account: Snapshot = ACCOUNT) -> list[str]:
    return [f"{p.line}:{p.column}: {p.what} — {p.cure}" for p in find_unknown_names(loaded, account)]


def missing(loaded: LoadedConfig, rows: pd.DataFrame = ROWS) -> Missing:
    desire = desire_contacts(rows, loaded.mapping, None, CAPABILITIES, ACCOUNT.custom_fields)
    return find_missing_names(loaded, name_cells(desire, loaded.mapping), ACCOUNT)


def test_names_that_the_account_has_are_no_problem(tmp_path: Path) -> None:
    written = "  custom.Level: Interests\nlists: [Newsletter, {list: Travel Club}]\ntags: [spring]\n"
    loaded = config(tmp_path, written, "existing: {update: {if_in: [Newsletter]}}\n")
    assert unknown(loaded) == []
    assert missing(loaded) == Missing((), Prerequisites())


@pytest.mark.parametrize(
    ("written", "place", "what"),
    [
        ("  custom.Rank: Interests\n", "3:16", 'custom field "Rank"'),
        ("lists: [Newsletter, Chess]\n", "3:21", 'list "Chess"'),
        ("lists: [{list: Chess}]\n", "3:9", 'list "Chess"'),
        ("tags: [autumn]\n", "3:8", 'tag "autumn"'),
        ("tags: [{tag: autumn}]\n", "3:8", 'tag "autumn"'),
    ],
)
def test_a_name_that_it_does_not_have_is_told_with_its_place(
    written: str, place: str, what: str, tmp_path: Path
) -> None:
    (problem,) = unknown(config(tmp_path, written))
    assert problem.startswith(f"{place}: the account has no {what} — ")
    assert "or allow it by create_missing" in problem


@pytest.mark.parametrize(("key", "rule"), [("if_in", "{if_in: [Chess]}"), ("if_not_in", "{if_not_in: [Chess]}")])
def test_a_list_that_a_rule_names_must_be_there_whatever_may_be_made(key: str, rule: str, tmp_path: Path) -> None:
    loaded = config(tmp_path, pipeline=f"existing: {{update: {rule}}}\n{EVERYTHING}")
    (problem,) = unknown(loaded)
    assert 'the account has no list "Chess"' in problem and "create_missing" not in problem
    assert len(missing(loaded).problems) == 1


def test_the_import_list_must_be_there_too(tmp_path: Path) -> None:
    accounts = ACCOUNTS.replace("seed.jsonl", "seed.jsonl, import_list: Loads")
    (problem,) = unknown(config(tmp_path, pipeline=EVERYTHING, accounts=accounts))
    assert 'the account has no list "Loads"' in problem


@pytest.mark.parametrize(
    ("allowed", "made"),
    [
        ("lists", Prerequisites(lists=("Chess", "Walks"))),
        ("tags", Prerequisites(tags=("autumn",))),
        ("custom_fields", Prerequisites(custom_fields=("Rank",))),
    ],
)
def test_what_create_missing_allows_becomes_a_prerequisite_and_nothing_else_does(
    allowed: str, made: Prerequisites, tmp_path: Path
) -> None:
    written = "  custom.Rank: Interests\nlists: [Walks, Chess]\ntags: [autumn]\n"
    found = missing(config(tmp_path, written, f"create_missing: [{allowed}]\n"))
    assert found.prerequisites == made
    assert len(found.problems) == 4 - len([*made.lists, *made.tags, *made.custom_fields])


@pytest.mark.parametrize(
    ("twin", "meant"),
    [("newsletter", "Newsletter"), ("NEWSLETTER", "Newsletter"), ("travel  club", "Travel Club")],
)
def test_a_name_that_differs_in_case_or_spaces_alone_is_never_made_a_second_time(
    twin: str, meant: str, tmp_path: Path
) -> None:
    found = missing(config(tmp_path, f"lists: [{twin}]\n", EVERYTHING))
    assert found.prerequisites == Prerequisites()
    (problem,) = found.problems
    assert f'did you mean "{meant}"?' in problem.cure


def test_a_name_with_a_space_more_is_another_one(tmp_path: Path) -> None:
    assert missing(config(tmp_path, "lists: [News letter]\n", EVERYTHING)).prerequisites.lists == ("News letter",)


def test_a_list_that_a_cell_names_is_told_with_the_first_row_that_names_it(tmp_path: Path) -> None:
    (problem,) = missing(config(tmp_path, 'lists: [{column: Interests, split: ";"}]\n')).problems
    assert problem.what == (
        'the account has no list "Chess" (named by column "Interests", members.xlsx, Members, row 3)'
    )
    assert problem.line == 3


def test_a_list_that_one_of_several_columns_names_blames_none_of_them_alone(tmp_path: Path) -> None:
    written = 'lists: [{column: E-mail, values: {"-": Walks}}, {column: Interests, split: ";"}]\n'
    problems = missing(config(tmp_path, written)).problems
    assert any('"Chess" (named by column "E-mail" or "Interests", members.xlsx' in each.what for each in problems)


def test_a_list_that_a_cell_names_is_made_where_that_is_allowed(tmp_path: Path) -> None:
    found = missing(config(tmp_path, 'lists: [{column: Interests, split: ";"}]\n', "create_missing: [lists]\n"))
    assert found == Missing((), Prerequisites(lists=("Chess",)))


def test_a_tag_that_a_cell_names_is_told_as_a_tag(tmp_path: Path) -> None:
    problems = missing(config(tmp_path, 'tags: [{column: Interests, split: ";"}]\n')).problems
    assert {problem.what.partition(" (")[0] for problem in problems} == {
        'the account has no tag "Chess"', 'the account has no tag "Travel Club"',
    }  # fmt: skip


def test_cells_of_rows_that_do_not_count_ask_for_nothing(tmp_path: Path) -> None:
    written = 'lists: [{column: Interests, split: ";"}]\nrows: {where: {column: Interests, equals: Travel Club}}\n'
    assert missing(config(tmp_path, written)) == Missing((), Prerequisites())


def test_the_lists_of_an_empty_account_are_told_as_none(tmp_path: Path) -> None:
    (problem,) = unknown(config(tmp_path, "lists: [A]\n"), snapshot([]))
    assert problem.endswith("or allow it by create_missing: [lists]; it has no lists")
