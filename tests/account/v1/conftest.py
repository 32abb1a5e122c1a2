"""A sandbox account of dialect v1 to talk to, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.account.conftest import Served


@pytest.fixture
def old(serve: Callable[..., Served]) -> Callable[..., Served]:
    """old(contacts, **switches): as `serve`, spoken to by v1; its custom field 1 is called Level."""

    def start(lines: Sequence[Mapping[str, Any]] = (), **switches: Any) -> Served:
        field = {"custom_field": {"label": "Level", "type": "string"}}
        return serve([field, *lines], numbers={"Level": 1}, **switches)

    return start
