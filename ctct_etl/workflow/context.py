"""What a command needs from the outside world, passed in by the command line and by tests."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctct_etl.report.masking import Mask

from ctct_etl.engine.pool import Engine

Progress = Callable[[str, int, int | None], None]  # step in words, done, total (None: not known)


def _silent(step: str, done: int, total: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Context:
    """environment: for `${VAR}` in configs. state: the state directory. accounts: `--accounts FILE`.

    full: True reads the account whole; None refreshes the cached snapshot where that is due and saves requests; False
        refreshes even where it saves none, as tests do.
    allow_export: a plan or dry run may let the account write its contacts into a file, which takes a POST.
    mask: makes addresses and values unreadable wherever they are told to people; None tells them.
    engine: who makes plans; None: this process alone.
    wait: how long to wait for another run of the account. stop: set when the person asks the run to end. sending: set
        while something may be on its way to the account, which is then finished and recorded first.
    sleep: between polls and repeats. token: makes the ids of runs unique.
    """

    environment: Mapping[str, str]
    state: Path
    accounts: Path | None = None
    wait: timedelta | None = None
    full: bool | None = None
    allow_export: bool = False
    mask: Mask | None = None
    engine: Engine | None = None
    progress: Progress = _silent
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    token: Callable[[], str] = lambda: secrets.token_hex(2)
    stop: threading.Event = field(default_factory=threading.Event)
    sending: threading.Event = field(default_factory=threading.Event)


def moment(time: datetime) -> str:
    """ISO 8601, UTC, seconds: how every time of ours is written down."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
