from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from ctct_etl.errors import PlanRefused, StateError, UsageError
from ctct_etl.plan.tables import Plan
from ctct_etl.run.plan_directory import read_plan, write_page, write_plan
from tests.run.fakes import make_plan

PAGES = {"report.html": b"<html>"}


def plan() -> Plan:
    return make_plan(
        creates={"n@x.org": "Zoë"},
        updates={"u@x.org": ("Old", "Neu")},
        added={"u@x.org": ["News"]},
        skipped=["s@x.org"],
    )


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_plan_comes_back_as_it_was_written(tmp_path: Path) -> None:
    written = plan()
    digest = write_plan(tmp_path / "plan", written, PAGES)
    back = read_plan(tmp_path / "plan")
    for name in ("actions", "changes", "memberships", "origins", "wanted"):
        ours, theirs = getattr(written.tables, name), getattr(back.tables, name)
        pd.testing.assert_frame_equal(theirs[list(ours)], ours, check_categorical=False, check_dtype=False)
    pd.testing.assert_frame_equal(back.rows, written.rows)
    pd.testing.assert_frame_equal(back.problems, written.problems)
    assert back.manifest["pipeline"] == "nightly" and back.manifest["digest"] == digest


def test_the_directory_holds_the_files_of_the_design_and_is_private(tmp_path: Path) -> None:
    write_plan(tmp_path / "runs" / "plan", plan(), PAGES)
    files = list((tmp_path / "runs" / "plan").iterdir())
    expected = {
        "plan.json", "actions.jsonl", "rows.parquet", "problems.parquet", "edits.parquet", "collisions.parquet",
        "report.html",
    }  # fmt: skip
    assert {path.name for path in files} == expected
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "runs" / "plan").stat().st_mode & 0o777 == 0o700


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    write_plan(tmp_path / "a", plan(), PAGES)
    write_plan(tmp_path / "b", plan(), PAGES)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_the_manifest_has_sorted_keys_and_an_indent(tmp_path: Path) -> None:
    write_plan(tmp_path / "plan", plan(), PAGES)
    text = (tmp_path / "plan" / "plan.json").read_text()
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2) + "\n"


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize("name", ["actions.jsonl", "rows.parquet", "problems.parquet"])
@pytest.mark.parametrize(("harm", "words"), [(append, "was changed"), (Path.unlink, "is missing")])
def test_a_plan_with_an_edited_or_missing_file_is_refused(
    tmp_path: Path, name: str, harm: Callable[[Path], None], words: str
) -> None:
    write_plan(tmp_path / "plan", plan(), PAGES)
    harm(tmp_path / "plan" / name)
    with pytest.raises(PlanRefused, match=rf"{name}: {words}.* — plan again"):
        read_plan(tmp_path / "plan")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"pipeline": "nightly"', '"pipeline": "other"', "was changed"),
        ('"schema_version": 1', '"schema_version": 9', "schema version 9, and this program knows 1"),
        ('"schema_version": 1', '"version": 1', "is not a plan of this program"),
        ("{", "", "was changed"),
    ],
)
def test_an_edited_or_unknown_manifest_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    write_plan(tmp_path / "plan", plan(), PAGES)
    manifest = tmp_path / "plan" / "plan.json"
    manifest.write_text(manifest.read_text().replace(old, new, 1))
    with pytest.raises(PlanRefused, match=words):
        read_plan(tmp_path / "plan")


def test_a_manifest_that_is_no_object_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("[1]")
    with pytest.raises(PlanRefused, match="is not a plan of this program"):
        read_plan(tmp_path)


@pytest.mark.parametrize("place", ["empty", "nowhere", "file"])
def test_a_place_that_is_no_plan_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(PlanRefused, match="name a directory that `plan` wrote"):
        read_plan(tmp_path / place)


def test_a_page_for_people_may_be_replaced(tmp_path: Path) -> None:
    write_plan(tmp_path / "plan", plan(), PAGES)
    write_page(tmp_path / "plan", b"<html>after")
    assert read_plan(tmp_path / "plan") and (tmp_path / "plan" / "report.html").read_bytes() == b"<html>after"


def test_a_directory_that_holds_anything_is_not_written_over(tmp_path: Path) -> None:
    write_plan(tmp_path / "plan", plan(), PAGES)
    before = contents(tmp_path / "plan")
    with pytest.raises(UsageError, match="is not empty — choose a new directory"):
        write_plan(tmp_path / "plan", make_plan(), PAGES)
    assert contents(tmp_path / "plan") == before


def test_an_empty_directory_is_taken(tmp_path: Path) -> None:
    (tmp_path / "plan").mkdir()
    write_plan(tmp_path / "plan", plan(), PAGES)
    assert read_plan(tmp_path / "plan")


def test_a_plan_that_can_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    broken = plan()
    broken.tables.changes["after"] = pd.Series([None, None], dtype="str")
    with pytest.raises(ValueError, match="missing"):
        write_plan(tmp_path / "plan", broken, PAGES)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_can_not_be_written_names_itself_and_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=r"file.* — a file stands where a directory is needed"):
        write_plan(tmp_path / "file" / "plan", plan(), PAGES)
