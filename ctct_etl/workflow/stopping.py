"""Cells and expectations that stop a run before anything is planned: named by their places, the first few of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from ctct_etl.columns import COLUMN, ORIGIN_COLUMNS, PROBLEM, ROW, SEVERITY, STOP, VALUE
from ctct_etl.config.loading import LoadedConfig
from ctct_etl.errors import SourceError
from ctct_etl.workflow.deriving import Desire
from ctct_etl.workflow.expecting import Gates, refuse_broken, say_stops

SHOWN = 5  # how many of the cells that stop a run are named


class Stops(NamedTuple):
    """total: of cells. shown: the first of them, each in words, after the position of its row."""

    total: int
    shown: tuple[tuple[int, str], ...]


def find_stops(desire: Desire, positions: pd.Series | None = None) -> Stops:
    """Find the cells whose rule says `invalid: stop`. positions: of the rows in the source; None: these are all."""
    stops = desire.problems[(desire.problems[SEVERITY] == STOP).to_numpy()]
    shown = []
    for _, stop in stops.head(SHOWN).iterrows():
        file, sheet, row = (desire.rows[column].iloc[stop[ROW]] for column in ORIGIN_COLUMNS)
        place = ", ".join(filter(None, (str(file), f"sheet {sheet}" if sheet else "", f"row {row}")))
        words = f'{place}, column "{stop[COLUMN]}": "{str(stop[VALUE])[:40]}": {stop[PROBLEM]}'
        shown.append((int(stop[ROW] if positions is None else positions.iloc[stop[ROW]]), words))
    return Stops(len(stops), tuple(shown))


def join_stops(parts: Iterable[Stops]) -> Stops:
    """The stops of a source from those of its parts."""
    every = list(parts)
    shown = sorted((each for part in every for each in part.shown), key=lambda each: each[0])
    return Stops(sum(part.total for part in every), tuple(shown[:SHOWN]))


def refuse_stops(config: LoadedConfig, gates: Gates, stops: Stops) -> None:
    """Raise SourceError if a cell stops the run, or an expectation fails that does; ConfigError for a broken one."""
    refuse_broken(config, gates)
    lines = say_stops(config, gates)
    if not stops.total:
        if lines:
            raise SourceError("\n".join(lines))
        return
    lines += [words for _, words in stops.shown]
    more = stops.total - SHOWN
    if more > 0:
        lines.append(f"and {more:,} more")
    cure = f"the mapping says {_say_stop(config)} — correct the cells, or choose reject"
    raise SourceError("\n".join([*lines, cure]))


def _say_stop(config: LoadedConfig) -> str:
    by_rule = any(rule.invalid == STOP for rule in config.mapping.fields.values())
    by_gate = any(expected.on_fail == STOP for expected in config.expectations)
    return " and ".join(["invalid: stop"] * by_rule + ["on_fail: stop"] * by_gate)
