"""`history`, as people ask for it: what became of every run, told from its directory alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.program import run, run_here
from tests.cli.story import Story, make_twin

HEAVY = ("pandas", "numpy", "pyarrow", "pydantic", "requests", "rich", "filelock", "jinja2", "apprise")


def test_runs_are_listed_the_newest_first_each_with_its_report(told: Story) -> None:
    runs = told.tell()["runs"]
    assert [each["run"] for each in runs] == list(reversed(told.runs.values()))
    assert all(Path(each["report"]).is_file() and each["directory"] in each["report"] for each in runs)


@pytest.mark.parametrize(
    ("kind", "ended", "numbers"),
    [
        ("dry", "dry run", "4 (1) (1) 0 - -"),
        ("guarded", "stopped by max_updates", "4 (1) (1) 0 - -"),
        ("closed", "interrupted; 1 pending", "4 1 0 0 0"),
        ("good", "done; reverted by REVERT", "4 0 1 0 0 3"),
        ("idle", "nothing to do", "4 0 0 0 - -"),
        ("revert", "done; reverts GOOD", "0 0 1 0 0 3"),
        ("plan", "plan", "4 0 (1) 0 - -"),
        ("quota", "out of requests; 1 pending; resumable", "4 0 0 0 0"),
    ],
)
def test_each_run_is_told_as_what_it_was(told: Story, kind: str, ended: str, numbers: str) -> None:
    ended = ended.replace("REVERT", told.runs["revert"]).replace("GOOD", told.runs["good"])
    assert f"s {ended} {numbers}" in told.line(kind)


def test_what_is_planned_and_not_sent_stands_in_brackets_and_the_table_says_so(told: Story) -> None:
    assert told.ask().out.splitlines()[-1] == "(n): planned, and not sent"
    assert "planned" not in told.ask("--limit", "1").out


def test_a_run_is_told_whole_by_its_id_the_beginning_of_it_or_as_the_last(told: Story) -> None:
    good, quota = told.runs["good"], told.runs["quota"]
    assert told.ask(good).out == told.ask(good[:-2]).out == told.ask(told.directory("good")).out
    assert told.tell("last")["run"] == quota
    assert told.tell("last", "--pipeline", "members")["run"] == told.runs["revert"]


def test_a_run_that_is_told_whole_says_what_it_rests_on_and_what_came_of_it(told: Story) -> None:
    one = told.tell(told.runs["good"])
    assert (one["command"], one["ended"], one["reverted_by"]) == ("run", "done", told.runs["revert"])
    assert one["rows"] == {
        "rows": 4, "rejected": 1, "merged": 0, "unchanged": 2, "skip": 0, "create": 0, "update": 1,
    }  # fmt: skip
    assert one["results"]["update"] == {"done": 1, "conflict": 0, "failed": 0, "pending": 0}
    assert one["accepted"] == {"max_updates": "7"}
    assert one["verification"] == {"checked": 1, "as_promised": 1, "differences": 0}
    assert one["requests"]["used"] == one["requests"]["foreseen"] == 3 and one["requests"]["reading"] > 0
    (file,) = one["files"]
    assert file["sha256"] == hashlib.sha256((told.state.parent / "members.csv").read_bytes()).hexdigest()
    text = told.ask(told.runs["good"]).out
    for words in (file["sha256"], one["report"], "max_updates=7", "1 contacts, 1 as promised", "3 used for the apply"):
        assert words in text


def test_a_guard_is_told_with_its_figure_and_its_cure(told: Story) -> None:
    text = told.ask(told.runs["guarded"]).out
    assert "max_updates: 1 of " in text and "--accept max_updates=1" in text


def test_why_a_run_ended_early_is_told(told: Story) -> None:
    assert f"closed by the run {told.runs['good']}" in told.ask(told.runs["closed"]).out


def test_a_list_is_filtered_by_pipeline_and_account_and_cut_to_the_newest(told: Story) -> None:
    others = [told.runs["quota"], told.runs["plan"]]
    assert [each["run"] for each in told.tell("--pipeline", "others")["runs"]] == others
    assert [each["run"] for each in told.tell("--limit", "1")["runs"]] == others[:1]
    assert len(told.tell("--account", "club")["runs"]) == len(told.runs)
    assert told.tell("--account", "elsewhere")["runs"] == []


def test_a_list_in_markdown_is_one_table(told: Story) -> None:
    lines = told.ask("--format", "markdown").out.splitlines()
    assert lines[0].startswith("| run | pipeline | account |") and set(lines[1]) <= set("|-: ")
    assert len({line.count("|") for line in lines[: 2 + len(told.runs)]}) == 1
    assert told.ask(told.runs["good"], "--format", "markdown").out.startswith(
        f"# Run {told.runs['good']}\n\n- **run:**"
    )


def test_no_list_and_no_run_names_an_address(told: Story) -> None:
    said = [told.ask(*words).out for words in [(), *((each,) for each in told.runs.values())]]
    assert "@" not in "".join(said)


@pytest.mark.parametrize(
    ("which", "code", "words"),
    [
        ("2", 2, '"2" begins 8 runs: '),
        ("nowhere", 2, 'there is no run "nowhere" — the last runs are '),
        ("foreign", 1, "foreign: is no run of this program: it has no plan.json"),
    ],
)
def test_a_run_that_can_t_be_told_is_refused_in_one_line(story: Story, which: str, code: int, words: str) -> None:
    (story.state / "runs" / "foreign").mkdir()
    said = story.ask(which)
    assert (said.code, said.out, said.err.count("\n")) == (code, "", 1)
    assert words in said.err


def spoil(story: Story) -> dict[str, str]:
    """Torn and foreign things among the runs, and what must be said of each."""
    runs = story.state / "runs"
    (runs / "notes.txt").write_text("call Ann", "utf-8")
    (runs / "empty").mkdir()
    (runs / "link").symlink_to(story.directory("good"))
    shutil.copytree(story.directory("idle"), runs / "a copy")
    (story.directory("dry") / "plan.json").write_bytes(b'{"run": "half of')
    text = (story.directory("plan") / "plan.json").read_text("utf-8")
    (story.directory("plan") / "plan.json").write_text(text.replace('"rows": 4', '"rows": 5'), "utf-8")
    (story.directory("good") / "outcome.json").write_bytes(b"")
    (story.directory("closed") / "outcome.json").unlink()
    return {
        "notes.txt": "is no run of this program, but a file",
        "empty": "is no run of this program: it has no plan.json",
        "link": "is a link, which is not followed",
        "a copy": f"is a copy of the run {story.runs['idle']}, under another name",
        story.runs["dry"]: "plan.json is torn, or was changed after it was written",
        story.runs["plan"]: "plan.json is torn, or was changed after it was written",
        story.runs["good"]: "outcome.json is torn, or of another version of this program",
        story.runs["closed"]: "something of it was sent, and outcome.json, which tells what, is missing",
    }


def test_what_is_torn_or_foreign_is_one_line_that_says_so(story: Story) -> None:
    expected = spoil(story)
    said = story.ask()
    assert (said.code, said.err) == (0, "")
    for name, words in expected.items():
        assert f"{story.state / 'runs' / name}: {words}" in said.out.splitlines()
    assert (
        sum(line.startswith("2026") or line.startswith("20") for line in said.out.splitlines()) == len(story.runs) - 4
    )


def test_a_limit_counts_runs_and_not_what_lies_among_them(story: Story) -> None:
    spoil(story)
    assert sum("unreadable" not in each for each in story.tell("--limit", "2")["runs"]) == 2


def test_a_run_that_is_at_work_is_told_as_running_and_not_as_resumable(story: Story) -> None:
    card = {"pid": os.getpid(), "run": story.runs["quota"], "since": "2026-11-26T00:00:00Z"}
    (story.state / "locks" / "club.lock").with_suffix(".holder.json").write_text(json.dumps(card), "utf-8")
    assert story.tell("last")["ended"] == "running" and not story.tell("last")["resumable"]
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    card["pid"] = gone.pid
    (story.state / "locks" / "club.lock").with_suffix(".holder.json").write_text(json.dumps(card), "utf-8")
    assert story.tell("last")["ended"] == "quota"


def test_a_run_that_was_killed_before_it_sent_anything_is_told_as_interrupted(story: Story) -> None:
    directory = story.directory("quota")
    for path in directory.iterdir():
        if path.name not in ("plan.json", "actions.jsonl", "rows.parquet", "problems.parquet", "report.html"):
            path.unlink()
    (story.state / "accounts" / "club" / "underway" / directory.name).unlink()
    assert (story.tell("last")["ended"], story.tell("last")["resumable"]) == ("interrupted", False)


def test_a_revert_that_lies_elsewhere_is_known_from_the_memory(story: Story) -> None:
    shutil.rmtree(story.directory("revert"))
    one = story.tell(story.runs["good"])
    assert (one["reverted"], one["reverted_by"]) == (True, "")


def test_a_state_that_is_not_there_has_no_runs_and_is_not_made(tmp_path: Path) -> None:
    said = run("history", "--state-dir", tmp_path / "none")
    assert (said.code, said.out, said.err) == (0, "There are no runs.\n", "")
    assert list(tmp_path.iterdir()) == []
    assert run_here("history", "last", "--state-dir", tmp_path / "none").code == 2


def test_looking_at_a_state_changes_nothing_in_it(told: Story) -> None:
    def tree() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in sorted(told.state.rglob("*"))}

    before = tree()
    told.ask()
    told.ask("last")
    assert tree() == before


def test_nothing_heavy_is_loaded_for_it(told: Story) -> None:
    program = f"""
import sys
from ctct_etl.cli import main
main(["history", "--state-dir", sys.argv[1]], standalone_mode=False)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    words = [sys.executable, "-c", program, str(told.state)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()[-1] == "[]"


def test_a_thousand_runs_are_listed_within_seconds(told: Story, tmp_path: Path) -> None:
    """Measured at 0.7 s of one core; the bound is for a machine that is busy."""
    runs = tmp_path / "runs"
    for number in range(1000):
        make_twin(told.directory("good"), runs / f"2026{number % 12 + 1:02}01T0000{number % 60:02}Z-{number:04x}")
    begun = time.process_time()
    said = run_here("history", "--state-dir", tmp_path)
    assert said.code == 0 and len(said.out.splitlines()) == 1001
    assert time.process_time() - begun < 3
