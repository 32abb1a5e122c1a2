"""`history prune` and `keep:`, as people use them: old runs go, and what anything may still need stays."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from ctct_etl.run.run_files import RUN_FILES
from tests.cli.club import PIPELINE, Club
from tests.cli.program import Said, run, run_here
from tests.cli.story import Story, change_plan, make_older

KEEPING = PIPELINE + "guards: {max_rejected: 50%}\nkeep: 90d\n"


@pytest.fixture
def old(story: Story) -> Story:
    """The story, a hundred days later."""
    for kind in story.runs:
        make_older(story.directory(kind), 100)
    return story


def prune(story: Story, *words: object) -> Said:
    return story.ask("prune", *words)


def stays(said: Said) -> dict[str, str]:
    return {name: why for line in said.out.splitlines() if line.startswith("stays: ")
            for name, _, why in [line.removeprefix("stays: ").partition(" ")]}  # fmt: skip


def left(story: Story) -> list[str]:
    """What still is listed, by its kind, the oldest first."""
    kinds = {run: kind for kind, run in story.runs.items()}
    return [kinds[each["run"]] for each in reversed(story.tell()["runs"])]


def test_old_runs_go_but_for_those_that_are_needed_or_unfinished(old: Story) -> None:
    said = prune(old)
    assert (said.code, said.err) == (0, "")
    assert stays(said) == {
        old.runs["quota"]: "is not finished: resume it, or let the next run of the account close it",
        old.runs["revert"]: "is the last run of members that changed the account: revert needs it",
        old.runs["idle"]: "is the last good run of members",
    }
    assert said.last_line.startswith("5 runs older than 90d removed, ")
    assert left(old) == ["idle", "revert", "quota"]
    assert sorted(path.name for path in (old.state / "runs").iterdir()) == sorted(
        old.runs[kind] for kind in ("idle", "revert", "quota")
    )


def test_a_dry_run_says_the_same_and_removes_nothing(old: Story) -> None:
    before = sorted((old.state / "runs").rglob("*"))
    said = prune(old, "--dry-run")
    assert sorted((old.state / "runs").rglob("*")) == before
    assert said.out.replace("would be removed", "removed") == prune(old).out


def test_younger_runs_stay_and_how_old_is_for_the_person_to_say(story: Story) -> None:
    make_older(story.directory("dry"), 100)
    make_older(story.directory("guarded"), 80)
    assert prune(story, "--keep", "101d").out == "0 runs older than 101d removed, 0.0 kB\n"
    prune(story)
    assert left(story)[0] == "guarded"
    prune(story, "--keep", "7d")
    assert left(story)[0] == "closed"


def test_only_the_runs_of_one_pipeline_go_where_one_is_named(old: Story) -> None:
    assert prune(old, "--pipeline", "others").last_line.startswith("1 run older than 90d removed")
    assert left(old) == [kind for kind in old.runs if kind != "plan"]
    assert prune(old, "--account", "elsewhere").last_line.startswith("0 runs")


def test_for_machines_it_is_one_document(old: Story) -> None:
    told: dict[str, Any] = json.loads(prune(old, "--format", "json").out)
    assert [each["run"] for each in told["removed"]] == [
        old.runs[kind] for kind in ("plan", "good", "closed", "guarded", "dry")
    ]
    assert {each["name"] for each in told["staying"]} == {old.runs[kind] for kind in ("quota", "revert", "idle")}
    assert not told["dry_run"]


def test_what_is_not_of_this_program_is_left(old: Story, tmp_path: Path) -> None:
    runs, elsewhere = old.state / "runs", tmp_path / "elsewhere"
    shutil.copytree(old.directory("good"), elsewhere / old.runs["good"])
    (runs / "notes.txt").write_text("call Ann", "utf-8")
    (runs / ".secret").mkdir()
    (runs / "linked").symlink_to(elsewhere)
    shutil.rmtree(old.directory("good"))
    old.directory("good").symlink_to(elsewhere / old.runs["good"])
    (old.directory("dry") / "letter.docx").write_bytes(b"dear Ann")
    (old.directory("guarded") / "linked").symlink_to(elsewhere)
    (old.directory("plan") / "plan.json").write_bytes(b"{")
    said = prune(old)
    told = stays(said)
    assert told[old.runs["dry"]] == 'has "letter.docx", which is not of this program: move it elsewhere'
    assert told[old.runs["guarded"]] == 'has "linked", which is not of this program: move it elsewhere'
    assert told[old.runs["good"]] == "is a link, which is not followed"
    assert told[old.runs["plan"]] == "plan.json is torn, or was changed after it was written"
    assert {"notes.txt", "linked"} <= told.keys()
    assert said.last_line.startswith("1 run ")
    assert (elsewhere / old.runs["good"] / "plan.json").exists() and (runs / ".secret").is_dir()
    assert (old.directory("dry") / "letter.docx").read_bytes() == b"dear Ann"


def test_a_removal_that_was_killed_leaves_no_half_run_and_the_next_one_ends_it(old: Story) -> None:
    runs = old.state / "runs"
    half = runs / f".{old.runs['dry']}.removed"
    old.directory("dry").rename(half)
    (half / "plan.json").unlink()
    assert "dry" not in left(old) and "unreadable" not in old.ask("--format", "json").out
    prune(old)
    assert not half.exists()


def test_what_a_killed_write_left_in_a_run_goes_with_it(old: Story) -> None:
    (old.directory("dry") / ".report.html.k3j2.part").write_bytes(b"<!doc")
    prune(old)
    assert "dry" not in left(old)


def test_runs_of_an_account_that_another_run_holds_stay(old: Story) -> None:
    with FileLock(old.state / "locks" / "club.lock"):
        said = prune(old)
    assert said.code == 0 and said.last_line.startswith("0 runs")
    assert stays(said)[old.runs["dry"]].startswith("another run holds the account")
    assert left(old) == list(old.runs)


def test_a_torn_memory_of_good_runs_lets_nothing_go(old: Story) -> None:
    (memory,) = (old.state / "accounts" / "club").glob("pipelines-*.json")
    memory.write_text("{", "utf-8")
    said = prune(old)
    assert said.code == 1 and str(memory) in said.err
    assert left(old) == list(old.runs)


@pytest.mark.parametrize("keep", ["90", "3m", "0d", "-1d", "a week"])
def test_a_time_that_is_not_in_days_is_wrong_usage(old: Story, keep: str) -> None:
    said = prune(old, f"--keep={keep}")
    assert said.code == 2 and "expected days, one or more, such as 90d" in said.err
    assert left(old) == list(old.runs)


def test_a_state_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    said = run("history", "prune", "--state-dir", tmp_path / "none")
    assert (said.code, said.out, said.err) == (0, "0 runs older than 90d removed, 0.0 kB\n", "")
    assert list(tmp_path.iterdir()) == []


def test_a_run_holds_only_files_that_are_known_as_ours(told: Story) -> None:
    assert {path.name for kind in told.runs for path in told.directory(kind).iterdir()} <= RUN_FILES


# -- keep: in a pipeline ---------------------------------------------------------------------------------------


def night(club: Club, *words: object) -> Said:
    return run_here("run", club.pipeline, *words, "--state-dir", club.state, environment=club.environment)


def aged(club: Club) -> list[str]:
    """Three nights of a hundred days ago: a dry run, a good one, one with nothing to do."""
    club.write(pipeline=KEEPING)
    night(club, "--dry-run")
    night(club)
    night(club)
    for directory in club.runs():
        make_older(directory, 100)
    return [directory.name for directory in club.runs()]


def test_keep_removes_old_runs_of_its_pipeline_as_a_run_ends(club: Club) -> None:
    aged(club)
    other = club.folder / "state" / "runs" / "20250101T000000Z-0000"
    shutil.copytree(club.runs()[0], other)
    change_plan(other, run=other.name, pipeline={"name": "other", "path": "p", "sha256": "0"})
    said = night(club)
    assert said.code == 0 and "2 runs older than 90d removed, as `keep` says" in said.out
    kept = json.loads(run_here("history", "--state-dir", club.state, "--format", "json").out)["runs"]
    assert [each["pipeline"] for each in kept] == ["members", "members", "other"]
    assert [each["ended"] for each in kept[:2]] == ["nothing_to_do", "done"]


def test_without_keep_and_in_a_dry_run_old_runs_stay(club: Club) -> None:
    before = aged(club)
    night(club, "--dry-run")
    club.write(pipeline=KEEPING.replace("keep: 90d\n", ""))
    night(club)
    assert {each.name for each in club.runs()} > set(before)


def test_that_old_runs_can_t_be_removed_is_told_and_is_no_failure(club: Club) -> None:
    aged(club)
    runs = club.state / "runs"
    aside = runs / ".20250101T000000Z-0000.removed"
    aside.mkdir()
    (aside / "inner").mkdir()
    (aside / "inner" / "file").touch()
    said = refuse_unlinking(club, aside / "inner")
    assert said.code == 0, said.err
    assert "old runs could not be removed: " in said.out


def refuse_unlinking(club: Club, path: Path) -> Said:
    with pytest.MonkeyPatch.context() as patched:
        unlink = os.unlink

        def refuse(name: Any, *words: Any, **more: Any) -> None:
            if str(name) == "file":
                raise PermissionError(13, "Permission denied")
            unlink(name, *words, **more)

        patched.setattr(os, "unlink", refuse)
        return night(club)
