"""The v1 dialect, as `account/dialect.py` asks for it. What each part does stands in the module that it names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from ctct_etl.account.dialect import (
    EVERYBODY,
    NOTHING_WANTED,
    Answer,
    Conversation,
    Forecast,
    Operation,
    Prerequisites,
    Request,
    Result,
    Wanted,
)
from ctct_etl.account.entries import take_out
from ctct_etl.account.repeating import from_its_read
from ctct_etl.account.v1.atom import Malformed
from ctct_etl.account.v1.building import build_operations
from ctct_etl.account.v1.bulk import send_additions, send_removals, settle_additions, settle_removals
from ctct_etl.account.v1.fetching import Side, fetch_names
from ctct_etl.account.v1.forecasting import forecast_plan
from ctct_etl.account.v1.memory import Memory
from ctct_etl.account.v1.preparing import prepare_account
from ctct_etl.account.v1.refreshing import refresh_account
from ctct_etl.account.v1.routing import choose_routes
from ctct_etl.account.v1.seeding import write_seed_lines
from ctct_etl.account.v1.singles import ListGone, lists_in, send_post, send_put, settle_post, settle_put
from ctct_etl.account.v1.wanting import fetch_account
from ctct_etl.account.v1.wire import custom_fields_of, describe_v1
from ctct_etl.columns import CONFLICT
from ctct_etl.plan.changed import Changed, Stale
from ctct_etl.plan.snapshot import Capabilities, Snapshot
from ctct_etl.plan.tables import ADD_CONTACTS, POST_CONTACT, REMOVE_FROM_LISTS, PlanTables, RestsOn


def _now() -> datetime:
    return datetime.now(UTC)


class V1:
    """One account over the v1 API.

    username: the account's, which identifies it · custom_fields: label → number, as accounts.yaml has them
    per_second: requests a second of the account's pace; None for none. `now` tells the time.
    """

    def __init__(
        self,
        username: str,
        custom_fields: Mapping[str, int],
        per_second: float | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._numbers = dict(custom_fields)
        self._per_second = per_second
        self._side = Side(username, custom_fields_of(custom_fields), Memory(), now)

    def describe(self) -> Capabilities:
        return describe_v1(self._numbers)

    def fetch(self, wanted: Wanted = EVERYBODY) -> Conversation[Snapshot]:
        return fetch_account(self._side, wanted)

    def fetch_names(self) -> Conversation[Snapshot]:
        return fetch_names(self._side)

    def refresh(
        self, known: Snapshot, wanted: Wanted = EVERYBODY, *, sparing: bool = True
    ) -> Conversation[Changed | Stale]:
        return refresh_account(self._side, known, wanted)

    def route(self, tables: PlanTables, snapshot: Snapshot, *, single: bool = False) -> pd.DataFrame:
        return choose_routes(tables, single=single)

    def prepare(self, wanted: Prerequisites, snapshot: Snapshot) -> Conversation[Snapshot]:
        return prepare_account(wanted, snapshot, self._side)

    def build(
        self, tables: PlanTables, snapshot: Snapshot, rests_on: RestsOn | None = None, *, window: int = 0
    ) -> list[Operation]:
        return build_operations(tables, snapshot, rests_on)

    def without(self, operation: Operation, addresses: Collection[str]) -> Operation | None:
        return take_out(operation, addresses)

    def outline(self, operation: Operation) -> Request | None:
        return None  # lists are named by ids that are read, and contacts are laid over what was read

    def send(self, operation: Operation) -> Conversation[Answer]:
        return from_its_read(lambda: self._send(operation))

    def _send(self, operation: Operation) -> Conversation[Answer]:
        try:
            if operation.route == ADD_CONTACTS:
                return (yield from send_additions(operation, self._side))
            if operation.route == REMOVE_FROM_LISTS:
                return (yield from send_removals(operation, self._side))
            return (yield from self._send_single(operation))
        except ListGone as gone:
            return _alike(operation, CONFLICT, str(gone))

    def _send_single(self, operation: Operation) -> Conversation[Answer]:
        try:
            if operation.route == POST_CONTACT:
                return (yield from send_post(operation, self._side))
            return (yield from send_put(operation, self._side))
        except Malformed as fault:  # nobody can say what this one contact holds: nothing was written
            return _alike(operation, CONFLICT, str(fault))

    def settle(self, operation: Operation, detail: Mapping[str, Any]) -> Conversation[Answer]:
        if operation.route == ADD_CONTACTS:
            return (yield from settle_additions(operation, detail))
        if operation.route == REMOVE_FROM_LISTS:
            return (yield from settle_removals(operation, detail))
        try:
            if operation.route == POST_CONTACT:
                return (yield from settle_post(operation))
            return (yield from settle_put(operation, detail))
        except Malformed as fault:
            return _alike(operation, CONFLICT, f"its answer was lost, and {fault}")

    def forecast(
        self, windows: Iterable[PlanTables], snapshot: Snapshot, wanted: Prerequisites = NOTHING_WANTED
    ) -> Forecast:
        return forecast_plan(windows, snapshot, wanted, self._per_second)

    def lists_in(self, image: Any) -> Collection[str]:
        return lists_in(image)

    def seed(self, snapshot: Snapshot) -> Iterator[str]:
        return write_seed_lines(snapshot)


def _alike(operation: Operation, result: str, words: str) -> Answer:
    return Answer(tuple(Result(address, result, words) for address in operation.addresses))
