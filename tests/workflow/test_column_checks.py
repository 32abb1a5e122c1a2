from __future__ import annotations

from pathlib import Path

import pytest

from ctct_etl.workflow.column_checks import find_missing_columns
from tests.config.given import MAPPING, PIPELINE, load

COLUMNS = ("E-mail", "First Name", "Date  Joined")


def found(folder: Path, mapping: str = "", pipeline: str = "") -> list[str]:
    config = load(folder, mapping=MAPPING + mapping, pipeline=PIPELINE + pipeline)
    return [str(problem).replace(f"{folder}/", "") for problem in find_missing_columns(config, COLUMNS)]


def test_a_mapping_whose_columns_are_all_there_has_no_problem(tmp_path: Path) -> None:
    assert found(tmp_path, '  custom.Full: {template: "{First Name} ({E-mail})"}\nlists: [News]\ntags: [a]\n') == []


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("  last_name: Gone\n", "3:14"),
        ("  last_name: {column: Gone}\n", "3:23"),
        ('  custom.Full: {template: "{First Name} {Gone}"}\n', "3:27"),
        ("rows: {where: {column: Gone, blank: true}}\n", "3:24"),
        ("opted_out: {column: Gone, blank: true}\n", "3:21"),
        ("lists: [A, {column: Gone}]\n", "3:21"),
        ("lists: [{list: A, when: {column: Gone, blank: true}}]\n", "3:34"),
        ("tags: [{tag: a, when: {column: Gone, blank: true}}]\n", "3:32"),
        ("tags: [{column: Gone}]\n", "3:17"),
        ("dedupe: {prefer: {newest: Gone}}\n", "3:27"),
        ("dedupe: {prefer: {oldest: Gone}}\n", "3:27"),
    ],
)
def test_every_place_of_the_mapping_that_names_a_column_is_looked_at(written: str, place: str, tmp_path: Path) -> None:
    assert found(tmp_path, written) == [
        f'mapping.yaml:{place}: the source has no column "Gone" — it has: E-mail, First Name, Date  Joined'
    ]


def test_the_columns_of_the_evidence_are_looked_at_in_the_pipeline(tmp_path: Path) -> None:
    problems = found(tmp_path, pipeline="consent: {evidence: {date: Signed, source: First Name}}\n")
    assert [line.partition(" — ")[0] for line in problems] == ['pipeline.yaml:5:28: the source has no column "Signed"']
    assert len(found(tmp_path, pipeline="consent: {evidence: {date: E-mail, source: Form}}\n")) == 1


@pytest.mark.parametrize("written", ["First Nmae", "first name", "FIRST  NAME"])
def test_a_name_that_is_nearly_right_is_put_right(written: str, tmp_path: Path) -> None:
    (problem,) = found(tmp_path, f"  first_name: {written}\n")
    assert 'did you mean "First Name"? it has: ' in problem


def test_a_column_is_named_exactly_as_the_source_has_it(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, "  anniversary: Date Joined\n")
    assert 'did you mean "Date  Joined"?' in problem


def test_the_columns_of_a_wide_source_are_not_all_told(tmp_path: Path) -> None:
    config = load(tmp_path)
    (problem,) = find_missing_columns(config, [f"Column {n}" for n in range(25)])
    assert problem.cure.endswith("Column 19 and 5 more")


def test_a_source_without_columns_is_told_so(tmp_path: Path) -> None:
    (problem,) = find_missing_columns(load(tmp_path), [])
    assert problem.cure == "it has: none"
