"""The program as people start it, and the same within this process, where starting it anew would take minutes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from ctct_etl.cli import main

PROGRAM = Path(sys.executable).with_name("ctct-etl")
TOO_LONG_S = 60  # only a hang takes so long


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        return self.out.splitlines()[-1]


def start(*words: object, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start the installed program and leave it running."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what runs in its background deaf to SIGINT, and the program would inherit that from us.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [str(PROGRAM), *map(str, words)],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> Said:
    """Wait for a started program. Its code is -15 where the signal itself ended it, and not the program's own word."""
    out, err = process.communicate(timeout=TOO_LONG_S)
    return Said(process.returncode, out, err)


def run(*words: object, environment: Mapping[str, str] | None = None) -> Said:
    """Run the installed program, its streams no terminal."""
    return end(start(*words, environment=environment))


def run_here(*words: object, environment: Mapping[str, str] | None = None) -> Said:
    """Run a command within this process. What the program did not foresee is raised as it is."""
    with _signals_kept():
        result = CliRunner(env=dict(environment or {})).invoke(main, list(map(str, words)), prog_name="ctct-etl")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """A command takes over SIGINT and SIGTERM for good: its process ends with it, and this one does not."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
