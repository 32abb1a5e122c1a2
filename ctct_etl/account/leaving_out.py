"""Who was left out of a job, kept in its checkpoint: who settles it must not take them for carried by it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ctct_etl.account.dialect import Result
from ctct_etl.account.entries import Load

_OUT = "out"  # address → (result, words)


def note_left_out(results: Iterable[Result]) -> dict[str, Any]:
    """A checkpoint's part: what had become of those whom the job does not carry."""
    return {_OUT: {one.address: (one.result, one.words) for one in results}}


def take_left_out(load: Load, detail: Mapping[str, Any]) -> tuple[Load, tuple[Result, ...]]:
    """The load as the job carried it, and what had become of the others. A checkpoint may say nothing of it."""
    out = detail.get(_OUT, {})
    carried = replace(load, entries=tuple(entry for entry in load.entries if entry.address not in out))
    return carried, tuple(Result(address, *told) for address, told in out.items())
