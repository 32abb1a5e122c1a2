"""Tell a plan as its manifest: plan.json, whoever worked it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from ctct_etl.account.dialect import Forecast, Prerequisites
from ctct_etl.account.opening import OpenAccount
from ctct_etl.columns import COMMAND, REVERTS, STATUS, UNREADABLE
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.values import Limit
from ctct_etl.plan.field_figures import FieldFigures
from ctct_etl.plan.remembered import Remembered
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import SCHEMA_VERSION, Verdict
from ctct_etl.report.wording import say_count
from ctct_etl.sources.reading import SourceFile
from ctct_etl.stages.jumping import find_jumps
from ctct_etl.stages.respecting import respected_fields
from ctct_etl.workflow.context import Context, moment
from ctct_etl.workflow.expecting import Gates, say_warnings
from ctct_etl.workflow.manifest import describe_forecast, describe_rest, describe_snapshot


@dataclass(frozen=True)
class Told:
    """What a manifest tells of a plan that was worked out.

    files, blank_rows, notes: of the source. counts, changes: see workflow/manifest.py. refused: contacts left alone
    because the service refused the very same. left_alone: why → absent contacts that stay as they are. left: requests
    of today; None for no limit. fields: what the next good run is compared with. odd_columns: what looks odd about
    whole columns, in words.
    """

    files: Sequence[SourceFile]
    blank_rows: int
    notes: Sequence[str]
    snapshot: Snapshot
    remembered: Remembered
    counts: Mapping[str, Any]
    changes: Mapping[str, Any]
    without_address: int
    refused: int
    left_alone: Mapping[str, int]
    gates: Gates
    prerequisites: Prerequisites
    forecast: Forecast
    left: int | None
    verdicts: Sequence[Verdict]
    fields: FieldFigures
    odd_columns: Sequence[str]


def describe_plan(
    context: Context,
    config: LoadedConfig,
    account: OpenAccount,
    run: str,
    accepted: Mapping[str, Limit],
    command: str,
    told: Told,
) -> dict[str, Any]:
    """Everything of plan.json but what writing it adds."""
    return {
        "schema_version": SCHEMA_VERSION,
        "version": version("ctct-etl"),
        "run": run,
        REVERTS: "",
        COMMAND: command,
        "made_at": moment(context.now()),
        **_describe_configs(config),
        "account": {
            "name": config.account_name,
            "dialect": account.dialect.describe().dialect,
            **told.snapshot.account,
        },
        "source": {
            "files": [asdict(file) for file in told.files],
            "blank_rows": told.blank_rows,
            "notes": list(told.notes),
        },
        "snapshot": describe_snapshot(told.snapshot) | {"without_address": told.without_address},
        "counts": told.counts,
        "changes": told.changes,
        "guards": [asdict(verdict) for verdict in told.verdicts],
        "accepted": {guard: str(limit) for guard, limit in sorted(accepted.items())},
        "prerequisites": {kind: list(names) for kind, names in asdict(told.prerequisites).items()},
        "rests_on": describe_rest(config.pipeline.existing.update),
        **describe_forecast(told.forecast, told.left),
        "memory": {"version": told.remembered.version, "respect_edits": respected_fields(config.mapping.fields)},
        "fields": asdict(told.fields),
        "warnings": [*told.odd_columns, *_find_jumps(config, told), *_warnings(told)],
    }


def _describe_configs(config: LoadedConfig) -> dict[str, Any]:
    return {
        "pipeline": {
            "name": config.pipeline.name,
            "path": str(config.pipeline_path),
            "sha256": config.sha256["pipeline"],
        },
        "mapping": {
            "path": str(config.mapping_path),
            "sha256": config.sha256["mapping"],
            "suites": [{"path": str(path), "sha256": config.sha256[name]} for name, path in config.suites.items()],
        },
        "accounts": {"path": str(config.accounts_path)},
    }


def _find_jumps(config: LoadedConfig, told: Told) -> Iterator[str]:
    return find_jumps(told.fields, told.remembered.good_fields, config.mapping)


def _warnings(told: Told) -> list[str]:
    warnings = list(told.snapshot.reading.warnings)
    if told.blank_rows:
        warnings.append(f"{say_count(told.blank_rows, 'wholly blank row')} passed over: a blank row is no row")
    if unread := int((told.snapshot.contacts[STATUS] == UNREADABLE).sum()):
        who = say_count(unread, "contact")
        warnings.append(f"{who} of the account told in documents that can't be understood, and left alone: look there")
    if told.without_address:
        warnings.append(f"{say_count(told.without_address, 'contact')} of the account without an address left out")
    warnings += say_warnings(told.gates)
    if not told.remembered.version and not told.remembered.lost:
        warnings.append("first run with this account: who left a list before today can't be known")
    warnings += [
        f"{count:,} left the list {name} and {'is' if count == 1 else 'are'} not put back"
        for name, count in sorted(told.changes["left"].items())
    ]
    if told.refused:
        who = say_count(told.refused, "contact")
        warnings.append(f"{who} left alone: the service refused the very same in the last 7 days (--retry-refused)")
    warnings += [
        f"{count:,} left the list {name} and {'is' if count == 1 else 'are'} put back, as `readd` says"
        for name, count in sorted(told.changes["readded"].items())
    ]
    warnings += [
        f"{say_count(count, 'contact')} on managed lists, in the source no more, left alone: {why}"
        for why, count in sorted(told.left_alone.items())
    ]
    return warnings
