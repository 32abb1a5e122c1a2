"""What a journal tells: an operation or a window of addresses at a time, since a plan may hold a million actions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ctct_etl.account.dialect import Operation
from ctct_etl.columns import CONFLICT, DONE, EMAIL, FAILED, RESULT, WORDS
from ctct_etl.plan.tables import (
    ADD_CONTACTS,
    ADD_LISTS,
    JSON_IMPORT,
    POST_CONTACT,
    PUT_WHOLE,
    REVIVE_CONTACT,
    ROUTE,
)
from ctct_etl.run.journal_store import JournalStore

INTENDED, SENT, ANSWERED = "intended", "sent", "answered"

# Columns of `standing`.
WAITING, TOUCHED = "waiting", "touched"
_LISTING = (JSON_IMPORT, ADD_CONTACTS, POST_CONTACT, PUT_WHOLE, REVIVE_CONTACT, ADD_LISTS)
_GRAVITY = {DONE: 0, FAILED: 1, CONFLICT: 2}


@dataclass(frozen=True)
class Entry:
    """An operation in the journal.

    detail: its last checkpoint, {} for none. generation: 0 for one of the plan, n + 1 for a follower of generation n.
    sendings: how often it was sent. number: its place among all, in the order in which they were intended.
    """

    operation: Operation
    state: str
    detail: Mapping[str, Any]
    generation: int
    sendings: int
    number: int


class JournalReader(JournalStore):
    """The questions; `Journal` adds what writes."""

    # -- the run -----------------------------------------------------------------------------------------

    def is_begun(self) -> bool:
        """Have operations of the plan been recorded? Before that, nothing of them was sent."""
        return self._value("SELECT built FROM run") is not None

    def parts(self) -> set[str]:
        """The parts of the plan that have been recorded as operations, whole."""
        return {part for (part,) in self._rows("SELECT name FROM parts")}

    def how_it_ended(self) -> str | None:
        how = self._value("SELECT how FROM run")
        return None if how is None else str(how)

    def requests(self) -> int:
        return int(self._value("SELECT requests FROM run"))

    # -- operations ----------------------------------------------------------------------------------------

    def lowest_phase(self) -> int | None:
        """The lowest phase that has an unfinished operation."""
        phase = self._value("SELECT min(phase) FROM operations WHERE state != 'answered'")
        return None if phase is None else int(phase)

    def entries(self, phase: int | None = None, route: str | None = None) -> Iterator[Entry]:
        """Yield unfinished operations (of a phase, of a route), by phase, then as they were intended.

        One at a time: what is answered meanwhile comes no more. What is intended meanwhile does not come either, since
        it may carry somebody who has moved: see `overtaken`.
        """
        at, last = (-1, 0), self._value("SELECT max(number) FROM operations")
        query = f"""
            SELECT {_ENTRY} FROM operations
            WHERE state != 'answered' AND (phase, number) > (?, ?) AND (? IS NULL OR phase = ?)
                AND (? IS NULL OR route = ?) AND number <= ?
            ORDER BY phase, number LIMIT 1"""
        while rows := self._rows(query, *at, phase, phase, route, route, last):
            entry = _entry(*rows[0])
            at = (entry.operation.phase, entry.number)
            yield entry

    def overtaken(self, phase: int) -> Iterator[tuple[Entry, set[str]]]:
        """Yield intended operations of a phase with those of their addresses that failed or moved before."""
        query = """
            SELECT carried.operation, json_group_array(DISTINCT carried.address) FROM results
            JOIN carried ON carried.address = results.address
            JOIN operations ON operations.number = carried.operation
            WHERE results.result != 'done' AND operations.phase = ? AND operations.state = 'intended'
            GROUP BY carried.operation"""
        for number, addresses in self._rows(query, phase):
            ((*row,),) = self._rows(f"SELECT {_ENTRY} FROM operations WHERE number = ?", number)
            yield _entry(*row), set(json.loads(addresses))

    def count(self) -> tuple[int, int]:
        """Answered operations, and all."""
        unfinished = int(self._value("SELECT count(*) FROM operations WHERE state != 'answered'"))
        total = int(self._value("SELECT coalesce(max(number), 0) FROM operations"))  # none is ever taken away
        return total - unfinished, total

    # -- addresses -----------------------------------------------------------------------------------------

    def standing(self, first: str, last: str) -> pd.DataFrame:
        """How the addresses from `first` to `last` stand, of those that are known: indexed by EMAIL, in their order.

        WAITING, TOUCHED bool: an unfinished operation carries it; one that was sent at least once does · RESULT, WORDS
        str: the gravest result so far, missing for none.
        """
        carried = self._rows(
            "SELECT address, max(state != 'answered'), max(sendings > 0) FROM carried"
            " JOIN operations ON number = operation WHERE address BETWEEN ? AND ? GROUP BY address",
            first,
            last,
        )
        flags = pd.DataFrame(carried, columns=[EMAIL, WAITING, TOUCHED]).astype({EMAIL: "str"}).set_index(EMAIL)
        told = self._rows(
            "SELECT address, result, words FROM results WHERE address BETWEEN ? AND ? ORDER BY address, operation",
            first,
            last,
        )
        results = pd.DataFrame(told, columns=[EMAIL, RESULT, WORDS], dtype="str")
        gravity = results[RESULT].map(_GRAVITY).astype("int64")
        gravest = (
            results.assign(gravity=gravity).sort_values("gravity", kind="stable").drop_duplicates(EMAIL, keep="last")
        )
        both = flags.join(gravest.set_index(EMAIL)[[RESULT, WORDS]], how="outer").sort_index()
        return both.fillna({WAITING: 0, TOUCHED: 0}).astype({WAITING: "bool", TOUCHED: "bool"})

    def done_routes(self, first: str = "", last: str = "\U0010ffff") -> pd.DataFrame:
        """EMAIL, ROUTE str of the addresses from `first` to `last`: routes that were done for them, whole."""
        query = (
            "SELECT address, route FROM results JOIN operations ON id = operation"
            " WHERE address BETWEEN ? AND ? GROUP BY address, route HAVING min(result = 'done') ORDER BY address, route"
        )
        return pd.DataFrame(self._rows(query, first, last), columns=[EMAIL, ROUTE], dtype="str")

    def listed(self, first: str = "", last: str = "\U0010ffff") -> pd.Series:
        """The addresses from `first` to `last` for whom all was done that puts them on lists, whatever else was not."""
        query = f"""
            SELECT carried.address FROM carried JOIN operations ON number = carried.operation
            LEFT JOIN results ON results.operation = id AND results.address = carried.address
            WHERE carried.address BETWEEN ? AND ? AND route IN ({", ".join("?" * len(_LISTING))})
            GROUP BY carried.address HAVING min(coalesce(result, '') = 'done') ORDER BY carried.address"""
        return pd.Series([address for (address,) in self._rows(query, first, last, *_LISTING)], dtype="str")

    def images(self, first: str = "", last: str = "\U0010ffff") -> dict[str, Any]:
        """Address → the contact as it was before this run changed it, of the addresses from `first` to `last`."""
        query = (
            "SELECT address, contact FROM images JOIN operations ON id = operation"
            " WHERE address BETWEEN ? AND ? ORDER BY number DESC"
        )
        return {
            address: json.loads(contact) for address, contact in self._rows(query, first, last)
        }  # the earliest stays


_ENTRY = "id, route, phase, addresses, payload, state, checkpoint, generation, sendings, number"


def _entry(
    id_: str, route: str, phase: int, addresses: str, payload: str, state: str, detail: str | None, generation: int,
    sendings: int, number: int,
) -> Entry:  # fmt: skip
    operation = Operation(id_, route, phase, tuple(json.loads(addresses)), json.loads(payload))
    return Entry(operation, state, json.loads(detail) if detail else {}, generation, sendings, number)
