"""One lock an account: two runs at once would each plan without the other's changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from ctct_etl.errors import RunLocked
from ctct_etl.run.durable_files import PRIVATE_FILE, explain_disk_faults
from ctct_etl.run.lock_cards import drop_card, read_card, write_card
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
        write_card(lock, run_id)
        yield
    finally:
        drop_card(lock)
        held.release()


def _holder(lock: Path) -> str:
    card = read_card(lock)
    return f"run {card.run}, process {card.pid}, since {card.since}" if card else f"the process that has {lock} open"
