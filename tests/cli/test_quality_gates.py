"""Expectations as people meet them: in the preview, the plan, the report, and in a run that stops."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.cli.club import MAPPING, Club
from tests.cli.program import Said, run, run_here

NAMES = r"expect: expect_column_values_to_match_regex, column: Last Name, regex: '^[A-R]'"
REASON = 'column "Last Name": "Stone" does not match ^[A-R] — correct the cell'


def gates(*lines: str) -> str:
    return MAPPING + "expectations:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


def preview(club: Club) -> dict[str, object]:
    said = run_here("preview", club.pipeline, "--format", "json", environment=club.environment)
    assert said.err == ""
    found: dict[str, object] = json.loads(said.out)
    return found


def load(club: Club, *words: object) -> Said:
    return run_here("run", club.pipeline, *words, "--state-dir", club.state, environment=club.environment)


def test_a_rejected_row_is_in_preview_plan_and_report_with_its_value_and_is_not_loaded(club: Club) -> None:
    club.write(mapping=gates(NAMES))
    assert REASON in str(preview(club)["rejects"])
    said = run("run", club.pipeline, "--format", "json", "--state-dir", club.state, environment=club.environment)
    assert (said.code, said.err.count("great_expectations")) == (0, 0)
    outcomes = {each["outcome"]: each["count"] for each in json.loads(said.out)["outcomes"] if each["count"]}
    assert outcomes == {"rejected": 2, "unchanged": 1, "create": 1}
    assert club.contacts()["bob@example.com"]["last_name"] == "Old"
    (directory,) = club.runs()
    assert REASON in (directory / "report.html").read_text("utf-8").replace("&#34;", '"')


def test_a_warned_row_is_loaded_and_its_cell_is_listed(club: Club) -> None:
    club.write(mapping=gates(NAMES + ", on_fail: warn"))
    (problem,) = [each for each in preview(club)["problems"] if each["severity"] == "warn"]  # type: ignore[attr-defined]
    assert (problem["column"], problem["value"]) == ("Last Name", "Stone")
    assert load(club).code == 0
    assert club.contacts()["bob@example.com"]["last_name"] == "Stone"


def test_a_row_that_stops_the_run_is_named_and_nothing_is_sent(club: Club) -> None:
    club.write(mapping=gates(NAMES + ", on_fail: stop"))
    said = load(club)
    assert (said.code, said.out) == (1, "")
    assert 'members.csv, row 3, column "Last Name": "Stone": "Stone" does not match ^[A-R]' in said.err
    assert "the mapping says on_fail: stop" in said.err
    assert club.writes() == [] and club.runs() == []


def test_what_concerns_the_whole_is_a_note_of_the_preview_and_a_warning_of_the_run(club: Club) -> None:
    club.write(mapping=gates(
        "expect: expect_table_row_count_to_be_between, min_value: 100, on_fail: warn",
        "expect: expect_column_values_to_match_regex, column: First Name, regex: '^[AB]', mostly: 0.5",
    ))  # fmt: skip
    few = "expectation: the number of rows should be at least 100, and it is 3"
    spared = 'expectation: expect_column_values_to_match_regex of "First Name": 1 of 3 rows (33.33%) fail it and pass'
    notes = " ".join(preview(club)["notes"])  # type: ignore[arg-type]
    assert few in notes and spared in notes
    assert load(club).code == 0
    (directory,) = club.runs()
    warnings = " ".join(json.loads((directory / "plan.json").read_text("utf-8"))["warnings"])
    assert few in warnings and spared in warnings


def test_a_preview_shows_what_would_stop_the_run_and_ends_well(club: Club) -> None:
    club.write(mapping=gates("expect: expect_table_row_count_to_equal, value: 5"))
    assert f"{club.folder}/mapping.yaml:7:14: the number of rows should be 5, and it is 3" in str(
        preview(club)["notes"]
    )


def test_nothing_of_great_expectations_is_said_or_left_behind(club: Club, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)
    club.write(mapping=gates(NAMES))
    said = run(
        "preview", club.pipeline, environment={**club.environment, "HOME": str(home), "TMPDIR": str(home / "tmp")}
    )
    assert (said.code, said.err) == (0, "")
    assert [path.name for path in home.rglob("*")] == ["tmp"]


def test_a_check_of_expectations_does_not_wait_for_great_expectations(club: Club) -> None:
    club.write(mapping=gates(NAMES))
    began = time.process_time()
    said = run_here("check", club.pipeline, "--state-dir", club.state, environment=club.environment)
    assert said.out == "1 pipeline checked, no problem found\n"
    assert time.process_time() - began < 3
