"""The v3 dialect, as `account/dialect.py` asks for it. What each part does stands in the module that it names."""

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
    Wanted,
)
from ctct_etl.account.entries import take_out
from ctct_etl.account.repeating import from_its_read
from ctct_etl.account.v3.building import build_operations
from ctct_etl.account.v3.deleting import send_delete, settle_delete
from ctct_etl.account.v3.fetching import fetch_account, fetch_names
from ctct_etl.account.v3.forecasting import forecast_plan
from ctct_etl.account.v3.importing import outline_import, send_import, settle_import
from ctct_etl.account.v3.memberships import outline_memberships, send_memberships, settle_memberships
from ctct_etl.account.v3.memory import Memory
from ctct_etl.account.v3.preparing import prepare_account
from ctct_etl.account.v3.refreshing import refresh_account
from ctct_etl.account.v3.reviving import send_revival, settle_revival
from ctct_etl.account.v3.routing import choose_routes
from ctct_etl.account.v3.seeding import write_seed_lines
from ctct_etl.account.v3.singles import lists_in, send_post, send_put, settle_post, settle_put
from ctct_etl.account.v3.wire import describe_v3
from ctct_etl.plan.changed import Changed, Stale
from ctct_etl.plan.snapshot import Capabilities, Snapshot
from ctct_etl.plan.tables import (
    DELETE_CONTACT,
    JSON_IMPORT,
    POST_CONTACT,
    PUT_CONTACT,
    REVIVE_CONTACT,
    PlanTables,
    RestsOn,
)

_OF_ONE_CONTACT = frozenset({POST_CONTACT, PUT_CONTACT, REVIVE_CONTACT, DELETE_CONTACT})


def _now() -> datetime:
    return datetime.now(UTC)


class V3:
    """One account over the v3 API.

    import_list: the name of a list that nobody mails, by which updates may ride the bulk import.
    per_second: requests a second of the account's pace; None for none. `now` tells the time.
    """

    def __init__(
        self,
        import_list: str | None = None,
        per_second: float | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._import_list = import_list
        self._per_second = per_second
        self._now = now
        self._memory = Memory()

    def describe(self) -> Capabilities:
        return describe_v3()

    def fetch(self, wanted: Wanted = EVERYBODY) -> Conversation[Snapshot]:
        return fetch_account(self._now)

    def refresh(
        self, known: Snapshot, wanted: Wanted = EVERYBODY, *, sparing: bool = True
    ) -> Conversation[Changed | Stale]:
        return refresh_account(known, self._now, sparing=sparing)

    def fetch_names(self) -> Conversation[Snapshot]:
        return fetch_names(self._now)

    def route(self, tables: PlanTables, snapshot: Snapshot, *, single: bool = False) -> pd.DataFrame:
        return choose_routes(tables, snapshot, self._import_list, single=single)

    def prepare(self, wanted: Prerequisites, snapshot: Snapshot) -> Conversation[Snapshot]:
        return prepare_account(wanted, snapshot)

    def build(
        self, tables: PlanTables, snapshot: Snapshot, rests_on: RestsOn | None = None, *, window: int = 0
    ) -> list[Operation]:
        return build_operations(tables, snapshot, self._import_list, rests_on, window)

    def without(self, operation: Operation, addresses: Collection[str]) -> Operation | None:
        return take_out(operation, addresses)

    def outline(self, operation: Operation) -> Request | None:
        if operation.route == JSON_IMPORT:
            return outline_import(operation)
        return None if operation.route in _OF_ONE_CONTACT else outline_memberships(operation)

    def send(self, operation: Operation) -> Conversation[Answer]:
        return from_its_read(lambda: self._send(operation))

    def _send(self, operation: Operation) -> Conversation[Answer]:
        if operation.route == JSON_IMPORT:
            return (yield from send_import(operation, self._memory))
        if operation.route not in _OF_ONE_CONTACT:
            return (yield from send_memberships(operation, self._memory))
        if operation.route == REVIVE_CONTACT:
            return (yield from send_revival(operation))
        if operation.route == DELETE_CONTACT:
            return (yield from send_delete(operation))
        if operation.route == POST_CONTACT:
            return (yield from send_post(operation, self._memory))
        return (yield from send_put(operation, self._memory.kept))

    def settle(self, operation: Operation, detail: Mapping[str, Any]) -> Conversation[Answer]:
        if operation.route == JSON_IMPORT:
            return settle_import(operation, detail, self._memory)
        if operation.route == POST_CONTACT:
            return settle_post(operation)
        if operation.route == PUT_CONTACT:
            return settle_put(operation, detail)
        if operation.route == REVIVE_CONTACT:
            return settle_revival(operation, detail)
        if operation.route == DELETE_CONTACT:
            return settle_delete(operation)
        return settle_memberships(operation, detail, self._memory)

    def forecast(
        self, windows: Iterable[PlanTables], snapshot: Snapshot, wanted: Prerequisites = NOTHING_WANTED
    ) -> Forecast:
        return forecast_plan(windows, snapshot, wanted, self._per_second, self._import_list)

    def lists_in(self, image: Any) -> Collection[str]:
        return lists_in(image)

    def seed(self, snapshot: Snapshot) -> Iterator[str]:
        return write_seed_lines(snapshot)
