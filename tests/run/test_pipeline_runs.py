from __future__ import annotations

import json
from pathlib import Path

import pytest

from ctct_etl.errors import StateError
from ctct_etl.plan.field_figures import FieldFigures
from ctct_etl.run.pipeline_runs import PipelineRuns, read_pipeline, remember_good_run, remember_reverted
from ctct_etl.run.state import StateDirectory

CLUB = {"encoded_account_id": "a1"}


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path)


def read(state: StateDirectory, pipeline: str = "members") -> PipelineRuns:
    return read_pipeline(state, "club", CLUB, pipeline)


def good(state: StateDirectory, run: str, rows: int, *sha256: str, pipeline: str = "members") -> None:
    remember_good_run(state, "club", CLUB, pipeline, run, rows, sha256)


def test_each_pipeline_has_a_last_good_run_of_its_own(state: StateDirectory) -> None:
    assert read(state) == PipelineRuns()
    good(state, "run-1", 100)
    good(state, "run-2", 5, pipeline="donors")
    good(state, "run-3", 90)
    assert (read(state).run, read(state).rows) == ("run-3", 90)
    assert (read(state, "donors").run, read(state, "donors").rows) == ("run-2", 5)


def test_what_a_good_run_counted_of_fields_is_remembered_and_outlives_a_revert(state: StateDirectory) -> None:
    counted = FieldFigures(9, 8, {"first_name": 2}, {"first_name": 1})
    remember_good_run(state, "club", CLUB, "members", "run-1", 9, [], counted)
    remember_reverted(state, "club", CLUB, "members", "run-1", ["aa"])
    assert read(state).fields == counted


def test_a_memory_of_an_earlier_version_counted_no_fields(state: StateDirectory) -> None:
    good(state, "run-1", 9)
    (path,) = state.account("club").glob("pipelines-*.json")
    told = json.loads(path.read_text("utf-8"))
    del told["members"]["fields"]
    path.write_text(json.dumps(told), "utf-8")
    assert (read(state).rows, read(state).fields) == (9, None)


def test_a_source_is_known_as_reverted_while_all_of_its_files_are_there(state: StateDirectory) -> None:
    remember_reverted(state, "club", CLUB, "members", "run-1", ["aa", "bb"])
    runs = read(state)
    assert runs.find_reverted(["aa", "bb"]) == runs.find_reverted(["bb", "cc", "aa"]) == "run-1"
    assert runs.find_reverted(["aa"]) == runs.find_reverted([]) == ""


def test_a_reverted_source_that_went_through_again_is_not_held_against_it(state: StateDirectory) -> None:
    remember_reverted(state, "club", CLUB, "members", "run-1", ["aa"])
    good(state, "run-2", 5, "bb")
    assert read(state).find_reverted(["aa"]) == "run-1"
    good(state, "run-3", 5, "aa")
    assert read(state).find_reverted(["aa"]) == ""


def test_a_revert_leaves_the_last_good_run_as_it_was(state: StateDirectory) -> None:
    good(state, "run-1", 100, "aa")
    remember_reverted(state, "club", CLUB, "members", "run-1", ["aa"])
    assert read(state).rows == 100
    (file,) = state.path.rglob("pipelines-*")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"[]", b'{"members": {}}', b'{"members": {"run": "r", "rows": "x"}}'])
def test_a_file_that_can_not_be_read_is_an_error_with_a_cure(state: StateDirectory, content: bytes) -> None:
    (state.account("club") / "pipelines-a1.json").write_bytes(content)
    with pytest.raises(StateError, match="put back a copy of it, or remove it"):
        read(state)
