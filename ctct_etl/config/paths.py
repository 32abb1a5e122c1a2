"""Paths in configs: relative to the config's own file, absolute once loaded, and shown as the person wrote them."""

from __future__ import annotations

import glob
import os
from pathlib import Path

_ACCOUNTS = (Path("accounts.yaml"), Path("configs") / "accounts.yaml")


def beside(config: Path, path: str | Path) -> Path:
    """Return the absolute path that `path`, written in the file `config`, means."""
    return Path(os.path.normpath(Path(os.path.abspath(config)).parent / path))


def beside_as_source(config: Path, path: str) -> str:
    """The same for a source: an address stays as it is, a glob stays a glob."""
    if "://" in path:
        return path
    if not glob.has_magic(path) or os.path.isabs(path):
        return str(beside(config, path))
    # The folder is no part of the glob: a folder named "[old]" must stay one.
    folder = glob.escape(str(Path(os.path.abspath(config)).parent))
    return os.path.normpath(os.path.join(folder, path))


def find_accounts(pipeline: Path) -> Path | None:
    """Walk up from the pipeline's folder to the first accounts.yaml or configs/accounts.yaml; None without one."""
    folder = Path(os.path.abspath(pipeline)).parent
    for level in (folder, *folder.parents):
        for name in _ACCOUNTS:
            if (level / name).is_file():
                return level / name
    return None


def shown(path: Path, beside_given: Path) -> str:
    """Return `path` as messages show it: relative to the working directory if the person's own path was."""
    return str(path) if beside_given.is_absolute() else os.path.relpath(path)
