"""What the state remembers of each pipeline's runs with an account: the last good one, and which sources were reverted.

    accounts/NAME/pipelines-ACCOUNT.json
        {"PIPELINE": {"run": of the last good run, "rows": of its source, "fields": FieldFigures,
                      "reverted": {RUN: [SHA-256 of each file]}}}

A good run is one that went through, though some contacts may have been refused. ACCOUNT is the service's own id.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ctct_etl.errors import StateError
from ctct_etl.plan.field_figures import FieldFigures
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.state import StateDirectory


@dataclass(frozen=True)
class PipelineRuns:
    """rows: of the last good run's source, None before one; fields: what it counted of them, None if an earlier version
    did not. reverted: run → hashes of its source's files.
    """

    run: str = ""
    rows: int | None = None
    reverted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: FieldFigures | None = None

    def find_reverted(self, sha256: Collection[str]) -> str:
        """Return the last reverted run whose files are all among these, "" for none."""
        held = frozenset(sha256)
        return max((run for run, files in self.reverted.items() if files and files <= held), default="")


def read_pipeline(state: StateDirectory, name: str, account: Mapping[str, str], pipeline: str) -> PipelineRuns:
    """Return what is remembered of `pipeline`. Raises StateError for a file that can't be read."""
    return _read(_place(state, name, account)).get(pipeline, PipelineRuns())


def remember_good_run(
    state: StateDirectory,
    name: str,
    account: Mapping[str, str],
    pipeline: str,
    run: str,
    rows: int,
    sha256: Collection[str],
    fields: FieldFigures | None = None,
) -> None:
    """Remember that `run` went through with `rows` rows of files with these hashes.

    A reverted source that went through again was accepted by a person, and is no longer held against it.
    Raises StateError.
    """
    held = frozenset(sha256)
    before = read_pipeline(state, name, account, pipeline)
    reverted = {each: files for each, files in before.reverted.items() if not files <= held}
    _write(state, name, account, pipeline, PipelineRuns(run, rows, reverted, fields))


def remember_reverted(
    state: StateDirectory, name: str, account: Mapping[str, str], pipeline: str, run: str, sha256: Collection[str]
) -> None:
    """Remember that `run`, whose source had files with these hashes, is being reverted. Raises StateError."""
    before = read_pipeline(state, name, account, pipeline)
    after = PipelineRuns(before.run, before.rows, {**before.reverted, run: frozenset(sha256)}, before.fields)
    _write(state, name, account, pipeline, after)


def _write(state: StateDirectory, name: str, account: Mapping[str, str], pipeline: str, runs: PipelineRuns) -> None:
    path = _place(state, name, account)
    told = {**_read(path), pipeline: runs}
    data = {
        each: {
            "run": of.run,
            "rows": of.rows,
            "reverted": {run: sorted(files) for run, files in of.reverted.items()},
            "fields": None if of.fields is None else asdict(of.fields),
        }
        for each, of in told.items()
    }
    write_durably(path, (json.dumps(data, indent=2, sort_keys=True) + "\n").encode())


def _read(path: Path) -> dict[str, PipelineRuns]:
    try:
        data: Any = json.loads(path.read_bytes())
        return {
            str(pipeline): PipelineRuns(
                str(told["run"]),
                None if told["rows"] is None else int(told["rows"]),
                {str(run): frozenset(map(str, files)) for run, files in told["reverted"].items()},
                read_figures(told.get("fields")),
            )
            for pipeline, told in data.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise StateError(
            f"{path}: the memory of earlier runs can't be read ({fault!r}) — put back a copy of it, or remove it: then "
            "max_shrink has nothing to compare with once, and reverted sources are not known"
        ) from fault


def read_figures(told: Mapping[str, Any] | None) -> FieldFigures | None:
    """Read what was counted of fields, as the state and `plan.json` hold it."""
    if told is None:
        return None
    counted = ({str(name): int(count) for name, count in told[key].items()} for key in ("blank", "changed"))
    return FieldFigures(int(told["contacts"]), int(told["matched"]), *counted)


def _place(state: StateDirectory, name: str, account: Mapping[str, str]) -> Path:
    return state.account(name) / f"pipelines-{quote(account['encoded_account_id'], safe='')}.json"
