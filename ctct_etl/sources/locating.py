"""Finding the files that a source means: one file or a glob, all or the newest, fresh enough."""

from __future__ import annotations

import glob
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

from ctct_etl.config.pipeline import Source
from ctct_etl.errors import SourceError

# What spreadsheet programs leave beside a workbook that is open; never a workbook itself.
_LOCK_PREFIXES = ("~$", ".~lock.")


@dataclass(frozen=True)
class FoundFile:
    """A file to read: where it is, how it is shown (so that no report depends on the machine), when it was changed."""

    path: Path
    shown: str
    modified: datetime


def find_files(spec: Source, now: datetime) -> tuple[FoundFile, ...]:
    """The files of `spec.path`, in the order of their shown names, after `pick` and `fresh_within`.

    Raises SourceError when there is none, when it is no file, or when one is older than `fresh_within`.
    """
    if glob.has_magic(spec.path) and not os.path.exists(spec.path):
        files = _expand(spec.path)
    else:
        files = [_look_at(Path(spec.path), PurePath(spec.path).name)]
    if spec.pick == "newest":
        files = [max(files, key=lambda file: (file.modified, file.shown))]
    if spec.fresh_within is not None:
        for file in files:
            check_fresh(str(file.path), file.modified, now, spec.fresh_within)
    return tuple(sorted(files, key=lambda file: file.shown))


def check_fresh(name: str, modified: datetime, now: datetime, limit: timedelta) -> None:
    age = now - modified
    if age > limit:
        raise SourceError(
            f"{name}: the file is {_span(age)} old (changed {modified:%Y-%m-%d %H:%M} UTC), "
            f"fresh_within allows {_span(limit)} — see why the new file did not come, or raise fresh_within"
        )


def _expand(pattern: str) -> list[FoundFile]:
    folder = _fixed_folder(pattern)
    if not folder.is_dir():
        raise SourceError(f"{pattern}: there is no folder {folder} — correct the path")
    paths = (Path(name) for name in glob.iglob(pattern, recursive=True))
    wanted = {path for path in paths if not path.name.startswith(_LOCK_PREFIXES) and path.is_file()}
    if not wanted:
        raise SourceError(f"{pattern}: no file matches — correct the pattern, or see why the file did not come")
    return [_look_at(path, path.relative_to(folder).as_posix()) for path in wanted]


def _fixed_folder(pattern: str) -> Path:
    """The folders before the first one that holds a wildcard."""
    fixed = []
    for part in PurePath(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)


def _look_at(path: Path, shown: str) -> FoundFile:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such file — correct the path, or see why it did not come") from None
    except OSError as error:
        raise SourceError(f"{path}: can't be read ({error.strerror}) — see who may read it") from error
    if stat.S_ISDIR(status.st_mode):
        raise SourceError(f"{path}: is a folder — name a file in it, or a pattern such as {path.name}/*.xlsx")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{path}: is no regular file — name a spreadsheet or a delimited text file")
    return FoundFile(path, shown, datetime.fromtimestamp(status.st_mtime, UTC))


def _span(length: timedelta) -> str:
    """'3d 4h', '26h', '45m', '30s': two units at most, as `fresh_within` spells them."""
    if length < timedelta(minutes=1):
        return f"{int(length.total_seconds())}s"
    minutes = int(length.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    days, hours = divmod(hours, 24)
    return f"{days}d {hours}h" if hours else f"{days}d"
