"""A night without a network: sheets as tables, an account as a snapshot, and what the program makes of both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ctct_etl import columns as c
from ctct_etl.account.dialect import EVERYBODY, Wanted
from ctct_etl.account.opening import OpenAccount
from ctct_etl.account.v3.adapter import V3
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.pipeline import Pipeline
from ctct_etl.config.suites import lay_out_expectations
from ctct_etl.config.values import Limit
from ctct_etl.plan.changed import Stale
from ctct_etl.plan.remembered import NOTHING, Remembered
from ctct_etl.plan.snapshot import Snapshot
from ctct_etl.plan.tables import Plan
from ctct_etl.workflow.context import Context
from ctct_etl.workflow.deriving import Derived, Desire, derive_plan, desire_contacts, take_off_absent
from ctct_etl.workflow.planning import make_plan
from tests.config.given import load
from tests.sheets import CAPABILITIES, mapping

NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


def pipeline(**keys: Any) -> Pipeline:
    """A pipeline with these keys, and what every pipeline needs."""
    needed = {"name": "p", "account": "a", "source": {"path": "x.csv"}, "mapping": "m.yaml"}
    return Pipeline.model_validate({**needed, **keys})


def desire(cells: pd.DataFrame, account: Snapshot, fields: Mapping[str, Any], keys: Mapping[str, Any]) -> Desire:
    """What the sheet says. `keys` holds parts of mapping and pipeline alike; each takes its own."""
    rules = pipeline(**_of(Pipeline.model_fields, keys))
    return desire_contacts(
        cells,
        _mapping(fields, keys),
        rules.consent.evidence,
        CAPABILITIES,
        account.custom_fields,
        with_presence=bool(rules.managed_lists),
        expectations=lay_out_expectations(_mapping(fields, keys), {}),
    )


def derive(
    cells: pd.DataFrame,
    account: Snapshot,
    fields: Mapping[str, Any] | None = None,
    suppressed: Mapping[str, str] | None = None,
    remembered: Remembered = NOTHING,
    /,
    **keys: Any,
) -> Derived:
    """The plan of a sheet against an account, by these fields and these keys of mapping and pipeline."""
    wanted = desire(cells, account, fields or {}, keys)
    rules = pipeline(**_of(Pipeline.model_fields, keys))
    own = _mapping(fields or {}, keys)
    derived = derive_plan(wanted, account, CAPABILITIES, rules, own, suppressed or {}, "2026-11-23", remembered)
    return take_off_absent(derived, wanted, account, rules, suppressed or {}, remembered)


def outcomes(derived: Derived) -> dict[int, str]:
    """Row number → outcome."""
    return dict(zip(derived.rows[c.ORIGIN_ROW].tolist(), derived.rows[c.OUTCOME].tolist(), strict=True))


def reasons(derived: Derived) -> dict[int, str]:
    """Row number → reason."""
    return dict(zip(derived.rows[c.ORIGIN_ROW].tolist(), derived.rows[c.REASON].tolist(), strict=True))


def changes(derived: Derived) -> list[tuple[str, str, str, str]]:
    """(address, field, before, after) of every change that is planned."""
    tables = derived.tables
    address = tables.actions[c.EMAIL].to_numpy()[tables.changes[c.CONTACT].to_numpy()]
    rest = tables.changes[[c.FIELD, c.BEFORE, c.AFTER]].astype(object).itertuples(index=False)
    return [(str(who), *line) for who, line in zip(address, rest, strict=True)]


def joined(derived: Derived) -> list[tuple[str, str, str]]:
    """(address, kind, name) of every list and tag that is put on."""
    tables = derived.tables
    address = tables.actions[c.EMAIL].to_numpy()[tables.memberships[c.CONTACT].to_numpy()]
    rest = tables.memberships[[c.KIND, c.NAME]].astype(object).itertuples(index=False)
    return [(str(who), *line) for who, line in zip(address, rest, strict=True)]


class Known(V3):
    """A v3 account whose contacts are known: fetching them is no conversation."""

    def __init__(self, contacts: Snapshot) -> None:
        super().__init__()
        self._contacts = contacts

    def fetch(self, wanted: Wanted = EVERYBODY) -> Any:
        return self._contacts

    def refresh(self, known: Snapshot, wanted: Wanted = EVERYBODY, *, sparing: bool = True) -> Any:
        return Stale("it is known")


class Silent:
    """A session that sends nothing: what it is given is the answer. And a budget that spends nothing."""

    requests_sent = 0

    def __init__(self, left: int | None) -> None:
        self._left = left

    def converse(self, answer: Any) -> Any:
        return answer

    def left(self) -> int | None:
        return self._left


def plan_night(
    folder: Path,
    members: str,
    account: Snapshot,
    left: int | None = None,
    accepted: Mapping[str, Limit] | None = None,
    **configs: Any,
) -> Plan:
    """Make the plan of `members` (a CSV) by three config files in `folder`, with those named changed."""
    context, config, opened = night_world(folder, members, account, left, **configs)
    return make_plan(context, config, opened, "run-1", accepted or {}).plan  # type: ignore[return-value]


def night_world(
    folder: Path, members: str, account: Snapshot, left: int | None = None, **configs: Any
) -> tuple[Context, LoadedConfig, OpenAccount]:
    """What a plan is made of, as `plan_night` has it."""
    (folder / "members.csv").write_text(members, encoding="utf-8")
    config = load(folder, **configs)
    context = Context(environment={}, state=folder / "state", now=lambda: NOW, token=lambda: "0001")
    silent: Any = Silent(left)
    opened = OpenAccount("sandbox", Known(account), silent, silent)
    return context, config, opened


def _mapping(fields: Mapping[str, Any], keys: Mapping[str, Any]) -> Any:
    return mapping(fields, **_of(("rows", "opted_out", "lists", "tags", "dedupe", "expectations", "checks"), keys))


def _of(names: Any, keys: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in keys.items() if name in names}
