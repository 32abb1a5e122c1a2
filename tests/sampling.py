"""What of many alike cases `make test` takes; the others are of `make proof`."""

from __future__ import annotations

from typing import Any

import pytest


def in_proof(*cases: Any) -> list[Any]:
    """Cases of a parametrized test that only the proof tries."""
    return [pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.proof) for case in cases]
