"""Past runs in words: a table of them, and one of them whole; as text, as Markdown, as JSON.

`told` is what the workflow tells of a run as plain data. Nothing heavy is imported: a list of runs is asked for often.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ctct_etl.columns import CONFLICT, CREATE, DONE, FAILED, REMOVE, RESULTS, ROW_OUTCOMES, UPDATE, WRITING_ACTIONS
from ctct_etl.report.plain_text import escape, plain

Json = Mapping[str, Any]
SCHEMA_VERSION = 1
ENDINGS = {
    "running": "running",
    "stopped": "stopped by a guard",
    "planned": "plan",
    "dry_run": "dry run",
    "nothing_to_do": "nothing to do",
    "done": "done",
    "part": "done in part",
    "interrupted": "interrupted",
    "quota": "out of requests",
    "failed": "failed",
    "reverted": "taken back later",
}
_HEADER = (
    "run", "pipeline", "account", "when (UTC)", "took", "how it ended", "rows", "created", "updated", "removed",
    "not done", "requests", "report",
)  # fmt: skip
_NUMBERS = {"took", "rows", "created", "updated", "removed", "not done", "requests"}
_LEGEND = "(n): planned, and not sent"


def render_runs(runs: Sequence[Json], format_: str) -> str:
    """Render a list of runs as `text`, `markdown` or `json`; text of a state without runs is one line."""
    if format_ == "json":
        return _dump({"runs": runs})
    if not runs:
        return "There are no runs.\n"
    rows = [_row(told) for told in runs if "unreadable" not in told]
    torn = [f"{told['directory']}: {told['unreadable']}" for told in runs if "unreadable" in told]
    lines = _markdown_table(_HEADER, rows) if format_ == "markdown" else _text_table(rows)
    notes = ([_LEGEND] if any("(" in cell for row in rows for cell in row[7:10]) else []) + torn
    between = [""] if rows and notes and format_ == "markdown" else []
    bullets = [f"- {escape(note)}" if format_ == "markdown" else plain(note) for note in notes]
    return "\n".join([*(lines if rows else []), *between, *bullets]) + "\n"


def render_run(told: Json, format_: str) -> str:
    """Render one run whole."""
    if format_ == "json":
        return _dump(told)
    facts = list(_facts(told))
    if format_ == "markdown":
        body = [f"- **{name}:** {escape('; '.join(lines))}" for name, lines in facts]
        return "\n".join([f"# Run {told['run']}", "", *body]) + "\n"
    width = max(len(name) for name, _ in facts)
    return "".join(
        f"{name if not at else '':{width}}  {plain(line)}\n" for name, lines in facts for at, line in enumerate(lines)
    )


def render_pruned(told: Json, keep: str, format_: str, *, dry_run: bool) -> str:
    """Render what was removed, or with `dry_run` would be, and what as old stays."""
    removed, staying = told["removed"], told["staying"]
    if format_ == "json":
        dated = [{**run, "last_moment": f"{run['last_moment']:%Y-%m-%dT%H:%M:%SZ}"} for run in removed]
        return _dump({"removed": dated, "staying": staying, "dry_run": dry_run})
    verb = "would be removed" if dry_run else "removed"
    lines = [
        f"{verb}: {run['run']}  {run['pipeline']}  {ENDINGS.get(run['ended'], run['ended'])}, {_size(run['bytes'])}"
        for run in removed
    ]
    lines += [f"stays: {one['name']} {one['why']}" for one in staying]
    runs = "1 run" if len(removed) == 1 else f"{len(removed):,} runs"
    lines.append(f"{runs} older than {keep} {verb}, {_size(sum(run['bytes'] for run in removed))}")
    return "".join(f"{plain(line)}\n" for line in lines)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"


def _row(told: Json) -> tuple[str, ...]:
    used = told["requests"]["used"]
    return (
        told["run"],
        told["pipeline"],
        told["account"],
        _when(told["started_at"] or told["made_at"]),
        _duration(told["seconds"]),
        _end(told),
        f"{told['rows']['rows']:,}",
        *(_deeds(told, action) for action in (CREATE, UPDATE, REMOVE)),
        f"{_sum(told, CONFLICT, FAILED):,}" if told["results"] else "-",
        f"{used:,}" if used is not None else "-",
        told["report"],
    )


def _end(told: Json) -> str:
    words = ENDINGS.get(told["ended"], str(told["ended"]))
    if told["ended"] == "stopped":
        words = f"stopped by {', '.join(guard['guard'] for guard in told['guards'])}"
    more = []
    if told["pending"]:
        more.append(f"{told['pending']:,} pending")
    if told["resumable"]:
        more.append("resumable")
    if told["reverts"]:
        more.append(f"reverts {told['reverts']}")
    if told["reverted"]:
        more.append(f"reverted by {told['reverted_by']}" if told["reverted_by"] else "reverted")
    return "; ".join([words, *more])


def _deeds(told: Json, action: str) -> str:
    """What was done, or in brackets what would be."""
    if told["results"]:
        return f"{told['results'][action][DONE]:,}"
    planned = told["contacts"][action]
    return f"({planned:,})" if planned else "0"


def _sum(told: Json, *results: str) -> int:
    return sum(told["results"][action][result] for action in WRITING_ACTIONS for result in results)


def _facts(told: Json) -> Iterator[tuple[str, list[str]]]:
    yield "run", [f"{told['run']}, made by {told['command'].replace('_', ' ') or 'an earlier version'}"]
    yield "how it ended", [_end(told), *filter(None, [told["stopped"]])]
    started = [f"applied {_when(told['started_at'], seconds=True)} UTC"] if told["started_at"] else []
    took = f"{_duration(told['seconds'])} at work"
    yield "when", [", ".join([f"planned {_when(told['made_at'], seconds=True)} UTC", *started, took])]
    yield "account", [f"{told['account']}: {told['organization']} ({told['dialect']})"]
    yield "rows", [f"{told['rows']['rows']:,}: " + ", ".join(f"{told['rows'][o]:,} {o}" for o in ROW_OUTCOMES)]
    yield "contacts", [_contacts(told, action) for action in WRITING_ACTIONS]
    yield (
        "guards",
        [f"{g['guard']}: {g['figure']}, limit {g['limit']} — {g['cure']}" for g in told["guards"]] or ["fine"],
    )
    yield "accepted", [f"{guard}={limit}" for guard, limit in sorted(told["accepted"].items())] or ["nothing"]
    yield "requests", [_cost(told["requests"])]
    yield "read back", [_verification(told["verification"])]
    yield (
        "source",
        [f"{file['path']}, {file['size']:,} bytes, SHA-256 {file['sha256']}" for file in told["files"]] or ["none"],
    )
    for kind, config in told["configs"].items():
        yield kind, [f"{config['path']}, SHA-256 {config['sha256']}"]
    yield "plan", [f"{told['directory']}, digest {told['digest']}"]
    yield "report", [told["report"]]


def _contacts(told: Json, action: str) -> str:
    planned = f"{told['contacts'][action]:,} to {action}"
    results = told["results"]
    if not results:
        return planned
    return f"{planned}: " + ", ".join(f"{results[action][result]:,} {result}" for result in RESULTS)


def _cost(requests: Json) -> str:
    used = f"{requests['used']:,} used for the apply" if requests["used"] is not None else "none used for the apply"
    return f"{used}, {requests['foreseen']:,} foreseen; {requests['reading']:,} to read the account"


def _verification(verification: Json | None) -> str:
    if verification is None:
        return "no"
    told = f"{verification['checked']:,} contacts, {verification['as_promised']:,} as promised"
    return told + (f", {verification['differences']:,} differences" if verification["differences"] else "")


def _when(moment: str, *, seconds: bool = False) -> str:
    return moment[: 19 if seconds else 16].replace("T", " ")


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {rest:02}s" if minutes else f"{rest}s"


def _text_table(rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [tuple(plain(cell) for cell in row) for row in (_HEADER, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    sides = [">" if name in _NUMBERS else "<" for name in _HEADER]
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in cells
    ]


def _markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---:" if name in _NUMBERS else "---" for name in header]
    return ["| " + " | ".join(line) + " |" for line in (header, rule, *([escape(c) for c in row] for row in rows))]


def _dump(data: Json) -> str:
    told = {**data, "schema_version": SCHEMA_VERSION}
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
