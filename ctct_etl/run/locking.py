"""One lock an account: two runs at once would each plan without the other's changes."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from ctct_etl.errors import RunLocked
from ctct_etl.run.durable_files import PRIVATE_FILE, explain_disk_faults, write_durably
from ctct_etl.run.state import StateDirectory


@contextmanager
def lock_account(
    state: StateDirectory,
    account: str,
    run_id: str,
    wait: timedelta | None = None,
    stop: threading.Event | None = None,
) -> Iterator[None]:
    """Hold the account for `run_id`. None for `wait` does not wait; setting `stop` ends the wait.

    The lock belongs to the process: when that dies, however it dies, the lock is free. Raises RunLocked, which says who
    holds it, and StateError.
    """
    lock = state.lock(account)
    held = FileLock(lock, timeout=wait.total_seconds() if wait else 0, mode=PRIVATE_FILE, thread_local=False)
    with explain_disk_faults(lock):
        try:
            held.acquire(cancel_check=stop.is_set if stop else None)
        except (Timeout, RuntimeError) as fault:  # RuntimeError: another run within this very process
            raise RunLocked(f"another run holds the account: {_holder(lock)} — let it end, or --wait for it") from fault
    try:
        card = {"pid": os.getpid(), "run": run_id, "since": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        write_durably(_card(lock), json.dumps(card, sort_keys=True).encode())
        yield
    finally:
        held.release()


def _card(lock: Path) -> Path:
    """Who holds it, or held it last: it only counts while the lock is held, so nobody has to take it away."""
    return lock.with_suffix(".holder.json")


def _holder(lock: Path) -> str:
    try:
        card = json.loads(_card(lock).read_bytes())
        return f"run {card['run']}, process {card['pid']}, since {card['since']}"
    except (OSError, ValueError, KeyError, TypeError):  # it has the lock and has not written its card yet
        return f"the process that has {lock} open"
