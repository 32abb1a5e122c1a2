"""Who holds an account's lock: a card beside the lock, for people, and for a list of runs.

It counts only while the lock is held: one that a killed process left behind says nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ctct_etl.run.durable_files import write_durably


@dataclass(frozen=True)
class Holder:
    """The run that has the lock, or had it when its process was killed; its process; since when, ISO 8601, UTC."""

    run: str
    pid: int
    since: str

    @property
    def is_alive(self) -> bool:
        """Whether a process of that number is there. Asking the lock itself would take it from a run that begins."""
        try:
            os.kill(self.pid, 0)
        except PermissionError:  # another user's
            return True
        except (OSError, OverflowError):
            return False
        return True


def write_card(lock: Path, run: str) -> None:
    """Note beside `lock` that this process holds it for `run`. Raises StateError."""
    card = {"pid": os.getpid(), "run": run, "since": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    write_durably(_card(lock), json.dumps(card, sort_keys=True).encode())


def read_card(lock: Path) -> Holder | None:
    """Return what the card beside `lock` says; None where there is none, or none that can be read."""
    try:
        card: Mapping[str, Any] = json.loads(_card(lock).read_bytes())
        return Holder(str(card["run"]), int(card["pid"]), str(card["since"]))
    except (OSError, ValueError, KeyError, TypeError):  # it has the lock and has not written its card yet
        return None


def drop_card(lock: Path) -> None:
    """Take the card away, before the lock is free. Nothing hangs on it."""
    with suppress(OSError):
        _card(lock).unlink()


def _card(lock: Path) -> Path:
    return lock.with_suffix(".holder.json")
