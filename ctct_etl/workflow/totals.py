"""Add up what became of a plan, in one pass over its windows: counts, who was not done, what is to be remembered."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ctct_etl.columns import CONFLICT, DONE, EMAIL, FAILED, PENDING_RESULT, RESULT, RESULTS, WORDS, WRITING_ACTIONS
from ctct_etl.plan.tables import ACTION, Planned, PlanTables
from ctct_etl.run.durable_files import write_durably
from ctct_etl.run.journal import Journal
from ctct_etl.run.run_files import NOT_DONE_LINES
from ctct_etl.run.totalling import total_results

MOST_TOLD = 10_000  # of those not done that the outcome itself names; all of them stand in NOT_DONE_LINES

_GRAVEST_FIRST = (CONFLICT, FAILED, PENDING_RESULT)

# Is told each window of the plan, and what became of it: EMAIL · ACTION · RESULT · WORDS.
Listener = Callable[[PlanTables, pd.DataFrame], None]


@dataclass
class Totals:
    """counts: action → result → count, every writing action and every result. not_done: as the outcome names them."""

    _tally: Counter[tuple[str, str]] = field(default_factory=Counter)
    _told: dict[str, list[dict[str, str]]] = field(default_factory=lambda: {result: [] for result in _GRAVEST_FIRST})

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        return {action: {result: self._tally[action, result] for result in RESULTS} for action in WRITING_ACTIONS}

    @property
    def not_done(self) -> list[dict[str, str]]:
        """The gravest first, MOST_TOLD at the most."""
        return [one for told in self._told.values() for one in told][:MOST_TOLD]

    def add(self, results: pd.DataFrame) -> list[dict[str, str]]:
        """Take in a window's results; return who of them was not done."""
        self._tally.update(zip(results[ACTION].tolist(), results[RESULT].tolist(), strict=True))
        rest = results[(results[RESULT] != DONE).to_numpy()]
        undone = [
            {"address": address, "action": action, "result": result, "words": words}
            for address, action, result, words in rest[[EMAIL, ACTION, RESULT, WORDS]].itertuples(index=False)
        ]
        for one in undone:
            if len(told := self._told[one["result"]]) < MOST_TOLD:
                told.append(one)
        return undone


def total_up(plan: Planned, journal: Journal, directory: Path, listeners: Sequence[Listener] = ()) -> Totals:
    """Total what the journal says of `plan`, and write everybody who was not done to NOT_DONE_LINES."""
    totals = Totals()
    write_durably(directory / NOT_DONE_LINES, _lines(plan, journal, totals, listeners))
    return totals


def _lines(plan: Planned, journal: Journal, totals: Totals, listeners: Sequence[Listener]) -> Iterator[bytes]:
    parts = journal.parts()
    for tables in plan.windows():
        results = total_results(tables.actions, journal, parts)
        for listen in listeners:
            listen(tables, results)
        yield "".join(map(_line, totals.add(results))).encode("utf-8")
        del tables, results  # before the next window is read


def _line(undone: dict[str, Any]) -> str:
    return json.dumps(undone, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
