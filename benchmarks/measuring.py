"""What a process costs, and what it ran on.

Nothing heavy is imported here, nor by whoever times processes with it: what the timing process holds itself would count
as the peak of every process that it starts.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
LIBRARIES = ("pandas", "pyarrow", "numpy", "polars", "duckdb", "petl", "dlt")


class Timing(NamedTuple):
    wall: float  # seconds
    cpu: float  # seconds, user and system, of all threads
    peak: int  # bytes of resident memory


class Program(NamedTuple):
    """A module that is run with the task's arguments and `words`. needs: the package that it can't do without."""

    module: str
    words: tuple[str, ...] = ()
    needs: str = ""

    def is_there(self) -> bool:
        return not self.needs or find_version(self.needs) is not None

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", self.module, *map(str, arguments), *self.words]


def time_process(command: Sequence[str], log: Path) -> Timing:
    """The cost of one process from start to end, imports included; what it says goes to `log`."""
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit(f"{' '.join(command[1:4])} failed:\n{log.read_text('utf-8', 'replace')[-4000:]}")
    return Timing(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def run_module(module: str, *arguments: object) -> str:
    """What a module prints, run as a process of its own."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def find_version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def describe_machine() -> dict[str, Any]:
    """Versions, processors, memory, and the load before the first program starts."""
    versions = {name: find_version(name) or "not installed" for name in LIBRARIES}
    return {
        "libraries": versions | {"python": platform.python_version()},
        "processors": os.cpu_count(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load": round(os.getloadavg()[0], 1),
        "date": time.strftime("%Y-%m-%d"),
    }
