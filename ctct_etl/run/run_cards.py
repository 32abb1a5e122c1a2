"""One run as its directory tells it, read from plan.json and outcome.json alone: a thousand of them cost a second.

The tables of a run are never opened here, and nothing heavy is imported.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ctct_etl.columns import COMMAND as COMMAND_KEY
from ctct_etl.columns import CONFLICT, DONE, FAILED, PENDING_RESULT, REVERTS, ROW_OUTCOMES, WRITING_ACTIONS
from ctct_etl.run.run_files import JOURNAL, MANIFEST, OUTCOME_FILE, REPORT

Json = Mapping[str, Any]
_DIGEST = re.compile(rb'^  "digest": "([0-9a-f]{64})",\n', re.MULTILINE)
_STRANGE = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True)
class Applied:
    """What an apply said as it ended, or as it began where it was killed: then `ended_at` is "".

    results: action → result → count. verification: checked, as_promised and the number of differences, or None.
    """

    started_at: str
    ended_at: str
    ended: str
    stopped: str
    results: Mapping[str, Mapping[str, int]]
    requests: int
    accepted: Mapping[str, str]
    verification: Mapping[str, int] | None

    def count(self, *results: str) -> int:
        return sum(by_result.get(result, 0) for by_result in self.results.values() for result in results)


@dataclass(frozen=True)
class RunCard:
    """rows: `rows` and each of their outcomes. contacts: by action, as planned. guards: those that stop the plan.

    requests: `foreseen` for the apply, `reading` the account took so many. seconds: at work, planning and applying.
    applied: None for a plan of which nothing was sent.
    """

    run: str
    directory: Path
    command: str
    pipeline: str
    account: str
    account_id: str
    organization: str
    dialect: str
    made_at: str
    reverts: str
    rows: Mapping[str, int]
    contacts: Mapping[str, int]
    guards: tuple[Mapping[str, str], ...]
    accepted: Mapping[str, str]
    requests: Mapping[str, int]
    files: tuple[Json, ...]
    configs: Mapping[str, Json]
    digest: str
    seconds: int
    applied: Applied | None

    @property
    def report(self) -> str:
        return str(self.directory / REPORT)

    @property
    def writes(self) -> int:
        """How many contacts the plan would change."""
        return sum(self.contacts[action] for action in WRITING_ACTIONS)

    @property
    def pending(self) -> int:
        return self.applied.count(PENDING_RESULT) if self.applied else 0

    @property
    def done(self) -> int:
        return self.applied.count(DONE) if self.applied else 0

    @property
    def not_done(self) -> int:
        return self.applied.count(CONFLICT, FAILED) if self.applied else 0

    @property
    def last_moment(self) -> datetime:
        """When it was last at work."""
        applied = self.applied
        return _moment((applied and (applied.ended_at or applied.started_at)) or self.made_at)


@dataclass(frozen=True)
class Unreadable:
    """What lies among the runs and can't be told as one; `why` in words."""

    directory: Path
    why: str


def read_run(directory: Path) -> RunCard | Unreadable:
    """Read what `directory` says of its run. Nothing is raised: what is torn or foreign is told as such."""
    if directory.is_symlink():
        return Unreadable(directory, "is a link, which is not followed")
    if not directory.is_dir():
        return Unreadable(directory, "is no run of this program, but a file")
    try:
        manifest, digest = _read_manifest(directory)
        return _make_card(directory, manifest, digest, _read_applied(directory))
    except FileNotFoundError:
        return Unreadable(directory, f"is no run of this program: it has no {MANIFEST}")
    except OSError as fault:
        return Unreadable(directory, f"can't be read ({fault.strerror or fault})")
    except _Torn as fault:
        return Unreadable(directory, str(fault))
    except (*_STRANGE, RecursionError) as fault:
        return Unreadable(directory, f"can't be understood ({type(fault).__name__})")


class _Torn(Exception):
    """A file of the run is not as it was written."""


def _read_manifest(directory: Path) -> tuple[dict[str, Any], str]:
    """The manifest has its own digest on one line, and is else the very bytes that the digest is of."""
    raw = (directory / MANIFEST).read_bytes()
    told = _DIGEST.search(raw)
    if told is None or hashlib.sha256(raw[: told.start()] + raw[told.end() :]).hexdigest() != told[1].decode():
        raise _Torn(f"{MANIFEST} is torn, or was changed after it was written")
    manifest: dict[str, Any] = json.loads(raw)
    return manifest, told[1].decode()


def _read_applied(directory: Path) -> Applied | None:
    try:
        told: Any = json.loads((directory / OUTCOME_FILE).read_bytes())
        verified = told["verification"]
        return Applied(
            **{key: str(told[key]) for key in ("started_at", "ended_at", "ended", "stopped")},
            results={action: {key: int(n) for key, n in told["results"][action].items()} for action in WRITING_ACTIONS},
            requests=int(told["requests"]),
            accepted={str(guard): str(limit) for guard, limit in told["accepted"].items()},
            verification=verified and {
                "checked": int(verified["checked"]),
                "as_promised": int(verified["as_promised"]),
                "differences": len(verified["differences"]),
            },
        )  # fmt: skip
    except FileNotFoundError:
        if (directory / JOURNAL).exists():
            raise _Torn(f"something of it was sent, and {OUTCOME_FILE}, which tells what, is missing") from None
        return None
    except (*_STRANGE, RecursionError) as fault:
        raise _Torn(f"{OUTCOME_FILE} is torn, or of another version of this program") from fault


def _make_card(directory: Path, manifest: Json, digest: str, applied: Applied | None) -> RunCard:
    account, counts = manifest["account"], manifest["counts"]
    return RunCard(
        run=str(manifest["run"]),
        directory=directory,
        command=str(manifest.get(COMMAND_KEY, "")),
        pipeline=str(manifest["pipeline"]["name"]),
        account=str(account["name"]),
        account_id=str(account["encoded_account_id"]),
        organization=str(account.get("organization_name") or account["name"]),
        dialect=str(account["dialect"]),
        made_at=str(manifest["made_at"]),
        reverts=str(manifest.get(REVERTS, "")),
        rows={key: int(counts[key]) for key in ("rows", *ROW_OUTCOMES)},
        contacts={action: int(count) for action, count in counts["contacts"].items()},
        guards=tuple(
            {key: str(guard[key]) for key in ("guard", "figure", "limit", "cure")}
            for guard in manifest["guards"]
            if guard["tripped"]
        ),
        accepted={str(guard): str(limit) for guard, limit in manifest["accepted"].items()}
        | (dict(applied.accepted) if applied else {}),
        requests={
            "foreseen": int(manifest["cost"]["requests"]["total"]),
            "reading": int(manifest["snapshot"].get("requests", 0)),
        },
        files=tuple(dict(file) for file in manifest["source"]["files"]),
        configs={kind: dict(manifest[kind]) for kind in ("pipeline", "mapping")},
        digest=digest,
        seconds=_seconds_at_work(manifest, applied),
        applied=applied,
    )


def _seconds_at_work(manifest: Json, applied: Applied | None) -> int:
    """A plan that is applied a week later was not at work for a week."""
    try:
        begun = datetime.strptime(str(manifest["run"]).partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        begun = _moment(manifest["made_at"])
    spans = [(begun, _moment(manifest["made_at"]))]
    if applied and applied.ended_at and applied.started_at:
        spans.append((_moment(applied.started_at), _moment(applied.ended_at)))
    return sum(max(0, round((end - start).total_seconds())) for start, end in spans)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
