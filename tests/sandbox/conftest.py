"""Sandboxes for tests; with CTCT_OPENAPI set, all that passes is checked against the provider's document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctct_etl.sandbox import start_sandbox
from tests.contract.checking import Checker
from tests.sandbox.calling import Caller, Json, Start, write_seed


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a sandbox with these seed lines; limits are off unless asked for, switches by name."""
    running: list[Caller] = []
    checkers: list[Checker] = []

    def begin(
        *lines: Json, limits: bool = False, state: Path | None = None, checked: bool = True, **switches: Any
    ) -> Caller:
        checker = Checker.from_environment() if checked else None
        seed = write_seed(tmp_path / f"seed{len(running)}.jsonl", lines)
        wrap = checker.wrap if checker else None
        sandbox = start_sandbox(state, seed=seed, limits=limits, switches=switches, wrap=wrap)
        running.append(Caller(sandbox, checker))
        if checker:
            checkers.append(checker)
        return running[-1]

    yield begin
    for caller in running:
        caller.session.close()
        caller.sandbox.close()
    for checker in checkers:
        checker.assert_clean(refused_may_deviate=True)
