"""Quality gates between cleaning and deduping: which cells an expectation means, and what follows when it fails.

A name means a column of the source, as it was read; where the source has none, a contact field, as it was cleaned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from ctct_etl.checks.expectations import failed_expectations
from ctct_etl.columns import COLUMN, FIELD, OUTCOME, RESERVED_COLUMNS
from ctct_etl.config.expectations import Expected
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.config.mapping import FieldRule
from ctct_etl.errors import ConfigError, ConfigProblem
from ctct_etl.stages.arrow import arrow, series, trim
from ctct_etl.stages.conditions import select
from ctct_etl.stages.mapping import Mapped
from ctct_etl.stages.problems import join_problems, named_origin, reject_rows


class Seen(NamedTuple):
    """What expectations look at in the source. columns: those that they name; header: all."""

    columns: pd.DataFrame
    header: tuple[str, ...]


@dataclass(frozen=True)
class Gates:
    """What expectations say beyond single rows, each with the expectation that says it.

    stops: the run must not go on. warnings: it goes on. broken: could not be judged, and why.
    """

    stops: tuple[tuple[Expected, str], ...] = ()
    warnings: tuple[tuple[Expected, str], ...] = ()
    broken: tuple[tuple[Expected, str], ...] = ()


NO_GATES = Gates()


def see_source(source: pd.DataFrame, expectations: Sequence[Expected]) -> Seen:
    """Keep of the source what expectations look at, so that the rest can go."""
    header = tuple(str(name) for name in source.columns if name not in RESERVED_COLUMNS)
    named = {column for expected in expectations for column in expected.columns}
    named |= {expected.when.column for expected in expectations if expected.when is not None}
    return Seen(source[[name for name in header if name in named]], header)


def judge_rows(
    seen: Seen, cleaned: Mapped, fields: Mapping[str, FieldRule], expectations: Sequence[Expected]
) -> tuple[Mapped, Gates]:
    """Judge every row that is not decided yet; decided ones are not looked at.

    Sets: OUTCOME rejected and REASON where an expectation with `on_fail: reject` or `stop` fails; problems for every
    row that fails.
    """
    if not expectations:
        return cleaned, NO_GATES
    undecided = cleaned.rows[OUTCOME].isna().to_numpy()
    chosen = [
        undecided if expected.when is None else undecided & select(seen.columns, expected.when).to_numpy()
        for expected in expectations
    ]
    names = {column: None for expected in expectations for column in expected.columns}
    cells = pd.DataFrame(
        {name: series(trim(arrow((seen.columns if name in seen.columns else cleaned.rows)[name]))) for name in names},
        index=range(len(undecided)),
    )
    found = failed_expectations(cells, expectations, chosen, seen.header)
    origins = {name: named_origin(fields[name]) for name in names if name not in seen.columns and name in fields}
    failing = found.cells.assign(**{
        FIELD: found.cells[COLUMN].where(found.cells[COLUMN].isin(origins)),
        COLUMN: found.cells[COLUMN].replace(origins),
    })  # fmt: skip
    rows = reject_rows(cleaned.rows, failing)
    problems = join_problems([cleaned.problems, failing[cleaned.problems.columns]])
    whole = [(expectations[position], words) for position, words in found.whole.items()]
    gates = Gates(
        stops=tuple(each for each in whole if each[0].on_fail == "stop"),
        warnings=(
            *(each for each in whole if each[0].on_fail != "stop"),
            *((expectations[position], words) for position, words in found.spared.items()),
        ),
        broken=tuple((expectations[position], words) for position, words in found.broken.items()),
    )
    return Mapped(rows, problems), gates


def refuse_broken(config: LoadedConfig, gates: Gates) -> None:
    """Raise ConfigError for every expectation that could not be judged."""
    if gates.broken:
        cure = "correct its arguments, or remove it"
        raise ConfigError(
            _place(config, expected, f"{expected.name} can't be judged: {why}", cure) for expected, why in gates.broken
        )


def say_stops(config: LoadedConfig, gates: Gates) -> list[str]:
    """Say by its place what stops the run."""
    cure = "correct the source, or choose warn"
    return [str(_place(config, expected, words, cure)) for expected, words in gates.stops]


def say_warnings(gates: Gates) -> list[str]:
    return [f"expectation: {words}" for _, words in gates.warnings]


def _place(config: LoadedConfig, expected: Expected, what: str, cure: str) -> ConfigProblem:
    return config.places.problem((*expected.path, "expect"), what, cure, file=expected.file)
