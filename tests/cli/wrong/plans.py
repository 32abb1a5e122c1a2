"""Wrong plans and wrong state directories: refused with 1, by the name of what is wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.cli.club import ACCOUNTS, Club
from tests.cli.wrong.case import Case

APPLY, SHOW, RUN = "apply F/plan", "show F/plan", "run F/pipeline.yaml"


def edited(name: str, old: bytes, new: bytes) -> Callable[[Club], None]:
    def edit(club: Club) -> None:
        path = club.folder / "plan" / name
        assert old in path.read_bytes()
        path.write_bytes(path.read_bytes().replace(old, new))

    return edit


def replaced(name: str, content: bytes | None) -> Callable[[Club], None]:
    def replace(club: Club) -> None:
        path: Path = club.folder / "plan" / name
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)

    return replace


def placed(name: str, content: bytes | None) -> Callable[[Club], None]:
    """Put a file, or None for a directory, where the state has something else."""

    def place(club: Club) -> None:
        path = club.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if content is None else path.write_bytes(content)

    return place


def raise_version(club: Club) -> None:
    path = club.folder / "plan" / "plan.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "schema_version": 99}), "utf-8")


def put_directory(club: Club) -> None:
    replaced("rows.parquet", None)(club)
    placed("plan/rows.parquet", None)(club)


def lose_plan(club: Club) -> None:
    shutil.rmtree(club.folder / "plan")


CASES = (
    Case(
        "no plan",
        APPLY,
        1,
        "ctct-etl: F/plan: is no plan (it has no plan.json) — name a directory that `plan` wrote",
        prepare=lose_plan,
        started=True,
    ),
    Case(
        "a file for a plan",
        "show F/members.csv",
        2,
        "Error: Invalid value for 'PLAN': Directory 'F/members.csv' is a file.",
    ),
    Case(
        "a directory that is no plan",
        "show F",
        1,
        "ctct-etl: F: is no plan (it has no plan.json) — name a directory that `plan` wrote",
    ),
    Case(
        "a manifest that is no JSON",
        SHOW,
        1,
        "ctct-etl: F/plan/plan.json: was changed after the plan was made (Expecting property name enclosed in double "
        "quotes: line 1 column 2 (char 1)) — plan again",
        prepare=replaced("plan.json", b"{"),
    ),
    Case(
        "a manifest that is no manifest",
        SHOW,
        1,
        "ctct-etl: F/plan/plan.json: is not a plan of this program — name a directory that `plan` wrote",
        prepare=replaced("plan.json", b"[]"),
    ),
    Case(
        "a plan of a later program",
        APPLY,
        1,
        "ctct-etl: F/plan/plan.json: has schema version 99, and this program knows 1 — plan again with the program "
        "that shall apply it",
        prepare=raise_version,
    ),
    Case(
        "an edited manifest",
        APPLY,
        1,
        "ctct-etl: F/plan/plan.json: was changed after the plan was made — plan again",
        prepare=edited("plan.json", b'"update": 1', b'"update": 0'),
    ),
    Case(
        "edited actions",
        APPLY,
        1,
        "ctct-etl: F/plan/actions.jsonl: was changed after the plan was made — plan again",
        prepare=edited("actions.jsonl", b"Stone", b"Stome"),
        started=True,
    ),
    Case(
        "a part that is missing",
        APPLY,
        1,
        "ctct-etl: F/plan/rows.parquet: is missing — plan again",
        prepare=replaced("rows.parquet", None),
    ),
    Case(
        "a part that is a directory",
        SHOW,
        1,
        "ctct-etl: F/plan/rows.parquet: can't be read (Is a directory) — plan again",
        prepare=put_directory,
    ),
    Case(
        "a journal that is none",
        APPLY,
        1,
        "ctct-etl: F/plan/journal.sqlite: is torn (file is not a database) — restore it, or move it away, look at "
        "the account and plan again",
        prepare=replaced("journal.sqlite", b"x" * 5000),
        started=True,
    ),
    Case(
        "an outcome that is torn",
        SHOW,
        1,
        "ctct-etl: F/plan/outcome.json: can't be read (Expecting property name enclosed in double quotes: line 1 "
        "column 2 (char 1)) — look at report.html, or apply the plan with --resume",
        prepare=replaced("outcome.json", b"{"),
    ),
    Case(
        "an outcome that is none",
        SHOW,
        1,
        "ctct-etl: F/plan/outcome.json: can't be read (parts of it are missing) — look at report.html, or apply the "
        "plan with --resume",
        prepare=replaced("outcome.json", b"[]"),
    ),
    Case(
        "a plan whose account is gone",
        APPLY + " --accounts F/accounts.yaml",
        2,
        'F/accounts.yaml has no account "club" — did you mean "clubb"?',
        {"accounts.yaml": ACCOUNTS.replace("club:", "clubb:")},
    ),
    Case(
        "a plan over another",
        "plan F/pipeline.yaml --out F/plan",
        2,
        "F/plan: is not empty — choose a new directory for the plan, or empty this one",
    ),
    Case(
        "a plan where a file is",
        "plan F/pipeline.yaml --out F/members.csv",
        1,
        "ctct-etl: F/members.csv: can't be used (Not a directory) — a file stands where a directory is needed: move "
        "it, or choose another directory",
    ),
    Case(
        "a plan under a file",
        "plan F/pipeline.yaml --out F/members.csv/plan",
        1,
        "ctct-etl: F/members.csv: can't be used (File exists) — a file stands where a directory is needed: move it, "
        "or choose another directory",
    ),
    Case(
        "a state that is a file",
        RUN,
        1,
        "ctct-etl: F/state/locks: can't be used (File exists) — a file stands where a directory is needed: move it, "
        "or choose another directory",
        prepare=placed("state", b""),
    ),
    Case(
        "runs that are a file",
        RUN,
        1,
        "ctct-etl: F/state/runs: can't be used (File exists) — a file stands where a directory is needed: move it, "
        "or choose another directory",
        prepare=placed("state/runs", b""),
    ),
    Case(
        "locks that are a file",
        RUN,
        1,
        "ctct-etl: F/state/locks: can't be used (File exists) — a file stands where a directory is needed: move it, "
        "or choose another directory",
        prepare=placed("state/locks", b""),
    ),
    Case(
        "a lock that is a directory",
        RUN,
        1,
        "ctct-etl: F/state/locks/club.lock: can't be used (Is a directory) — look at the disk, then run again",
        prepare=placed("state/locks/club.lock", None),
    ),
    Case(
        "a count of requests that is a directory",
        RUN,
        1,
        "ctct-etl: F/state/requests.sqlite: the requests can't be counted (unable to open database file) — free space "
        "on its disk, look at its rights, or choose another state directory",
        prepare=placed("state/requests.sqlite", None),
    ),
    Case(
        "a count of requests that is torn",
        RUN,
        1,
        "ctct-etl: F/state/requests.sqlite: the count of requests is torn (file is not a database) — move it and its "
        "-wal and -shm away; it is begun anew then, and the service still stops what goes beyond the day's requests",
        prepare=placed("state/requests.sqlite", b"x" * 5000),
    ),
)
