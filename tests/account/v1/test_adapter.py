"""Dialect v1 does what every adapter does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.account.conformance import PEOPLE, AdapterTests
from tests.account.conftest import Served


class TestV1(AdapterTests):
    @pytest.fixture(autouse=True)
    def _serve(self, serve: Callable[..., Served]) -> None:
        self._served = serve

    def start(self, lines: Any = PEOPLE, **switches: Any) -> Served:
        return self._served(lines, numbers={"Level": 1}, **switches)
