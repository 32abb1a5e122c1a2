"""The v1 side of a sandbox, for tests: calls as XML, answers as elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.calling import Json, Start
from tests.sandbox.v1.atom_calling import AtomCaller

Open = Callable[..., AtomCaller]


@pytest.fixture
def open_v1(start: Start) -> Open:
    """Start a sandbox with these seed lines and switches, and speak v1 to it as its owner."""

    def begin(*lines: Json, **more: Any) -> AtomCaller:
        return AtomCaller(start(*lines, **more))

    return begin
