"""Files and directories that are whole or not there at all, whatever happens, and that only their owner can read."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ctct_etl.errors import StateError

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700

_CURES = {
    errno.ENOSPC: "free space on its disk, then run again",
    errno.EDQUOT: "free space in this user's quota, then run again",
    errno.EFBIG: "raise the limit on the size of files, then run again",
    errno.EROFS: "its disk is mounted read-only: mount it writable, or choose another directory",
    errno.EACCES: "give this user the right to write there, or choose another directory",
    errno.EPERM: "give this user the right to write there, or choose another directory",
    errno.ENOTDIR: "a file stands where a directory is needed: move it, or choose another directory",
    errno.EEXIST: "a file stands where a directory is needed: move it, or choose another directory",
    errno.ENOENT: "it is gone or can't be made there: choose another directory",
}


@contextmanager
def explain_disk_faults(path: Path) -> Iterator[None]:
    """Turn any OSError into a StateError that names `path` and the cure."""
    try:
        yield
    except OSError as fault:
        cure = _CURES.get(fault.errno or 0, "look at the disk, then run again")
        raise StateError(f"{path}: can't be used ({fault.strerror or fault}) — {cure}") from fault


def make_private_directory(path: Path) -> None:
    """Make `path` and its missing parents, each 0700. One that exists keeps its mode.

    Raises StateError.
    """
    with explain_disk_faults(path):
        missing = [path] if not path.is_dir() else []
        while missing and not missing[-1].parent.is_dir():
            missing.append(missing[-1].parent)
        for directory in reversed(missing):
            directory.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
            sync_directory(directory.parent)


def write_durably(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write `path` (0600), in one piece or in chunks, so that after a crash it is either what it was before, or whole.

    Raises StateError; nothing half-written stays behind.
    """
    with explain_disk_faults(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")  # 0600 by contract
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.writelines((content,) if isinstance(content, bytes) else content)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
            sync_directory(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


@contextmanager
def new_directory(path: Path) -> Iterator[Path]:
    """Yield a private directory to fill, which takes the name `path` when the block ends without an exception.

    `path` may exist only as an empty directory. Raises StateError; a block that fails leaves nothing behind.
    """
    make_private_directory(path.parent)
    with explain_disk_faults(path):
        part = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))  # 0700 by contract
        try:
            yield part
            sync_directory(part)
            part.rename(path)
            sync_directory(path.parent)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


def sync_directory(path: Path) -> None:
    """Make the names in `path` survive a power cut; a rename alone does not."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
