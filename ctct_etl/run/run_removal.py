"""Remove a run's directory so that it is listed whole or not at all: renamed aside at once, deleted after.

runs/.RUN.removed      what is on its way out; a removal that was killed leaves it there, and the next one ends it
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from ctct_etl.run.durable_files import explain_disk_faults, sync_directory
from ctct_etl.run.run_files import RUN_FILES

_RUN = r"[0-9]{8}T[0-9]{6}Z-[0-9a-z]+"
_ASIDE = re.compile(rf"\.{_RUN}\.removed")
_HALF_WRITTEN = re.compile(r"\.(?P<name>.+)\.[^.]+\.part")  # what a killed write leaves: durable_files.py


def find_stranger(directory: Path) -> str:
    """Return what is not ours about the run in `directory`: its name, or that of a file in it; "" for nothing."""
    if not re.fullmatch(_RUN, directory.name) or directory.is_symlink():
        return directory.name
    for path in sorted(directory.iterdir()):
        half = _HALF_WRITTEN.fullmatch(path.name)
        if (half["name"] if half else path.name) not in RUN_FILES or path.is_symlink() or not path.is_file():
            return path.name
    return ""


def measure_run(directory: Path) -> int:
    """Return how many bytes its files have."""
    return sum(path.lstat().st_size for path in directory.iterdir())


def set_aside(directory: Path) -> None:
    """Take a run out of the list, in one step that survives a power cut. Raises StateError."""
    with explain_disk_faults(directory):
        directory.rename(directory.parent / f".{directory.name}.removed")
        sync_directory(directory.parent)


def delete_set_aside(runs: Path) -> None:
    """Delete what was set aside among `runs`, now or by a removal that was killed. Raises StateError."""
    with explain_disk_faults(runs):
        for path in sorted(runs.iterdir()):
            if _ASIDE.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
                try:
                    shutil.rmtree(path)  # follows no link
                except FileNotFoundError:  # another removal is at it too
                    continue
