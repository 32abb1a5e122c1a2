"""Add up what a plan will cost, route by route: the same sums for every dialect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from ctct_etl.account.dialect import Forecast, Readings

PREREQUISITES: Final = "prerequisites"  # a route of its own in the sums


class Costs:
    """Requests by route, and by what they are, as `Forecast` tells them."""

    def __init__(self) -> None:
        self._by_route: Counter[str] = Counter()
        self._writes: Counter[str] = Counter()
        self._reads: Counter[str] = Counter()
        self._at_most: Counter[str] = Counter()

    def add(
        self,
        route: str,
        writes: Mapping[str, int] = {},
        reads: Mapping[str, int] = {},
        at_most: Mapping[str, int] = {},
    ) -> None:
        for counter, more in ((self._writes, writes), (self._reads, reads), (self._at_most, at_most)):
            counter.update(more)
            self._by_route[route] += sum(more.values())

    def forecast(
        self,
        per_second: float | None,
        mails: Mapping[str, int],
        welcome_by_list: Mapping[str, int],
        readings: Readings,
    ) -> Forecast:
        """per_second: the account's pace; None for none."""
        total = sum(self._by_route.values())
        return Forecast(
            requests={**_filled(self._by_route), "total": total},
            writes=_filled(self._writes),
            reads=_filled(self._reads),
            at_most=_filled(self._at_most),
            minutes=round(total / per_second / 60, 1) if per_second else 0.0,
            mails=mails,
            welcome_by_list=welcome_by_list,
            readings=readings,
        )


def _filled(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
