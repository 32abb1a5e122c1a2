"""Dialect v1 does what every adapter does, under whatever its documents leave open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ctct_etl.sandbox.switches import list_switches
from tests.account.conformance import PEOPLE, AdapterTests
from tests.account.conftest import Served

# Of each switch the milder reading; downtime is no reading.
MILD = {
    name: values[1] if values[0] == default else values[0]
    for name, (default, values) in list_switches().items()
    if name.startswith("v1_") and values and name != "v1_downtime"
}
READINGS = {
    "harsh": {},
    "mild": MILD,
    "unknown addresses are a 500, links are relative": {"v1_unknown_email": 500, "v1_next_href": "relative"},
    "links are absolute": {"v1_next_href": "absolute", "v1_next_place": "last"},
}  # fmt: skip


@pytest.mark.parametrize("reading", READINGS)
class TestV1(AdapterTests):
    @pytest.fixture(autouse=True)
    def _serve(self, serve: Callable[..., Served], reading: str) -> None:
        self._served, self._switches = serve, READINGS[reading]

    def start(self, lines: Any = PEOPLE, **switches: Any) -> Served:
        return self._served(lines, numbers={"Level": 1}, **self._switches, **switches)
