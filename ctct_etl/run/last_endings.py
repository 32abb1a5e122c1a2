"""How the last run of a pipeline ended, also one that came to no plan: so that the first good one after it is known.

accounts/NAME/endings/PIPELINE.json     {"code": exit code, "at": ISO 8601, UTC}
"""

from __future__ import annotations

import json
from pathlib import Path

from ctct_etl.run.durable_files import make_private_directory, write_durably
from ctct_etl.run.state import StateDirectory


def note_ending(state: StateDirectory, account: str, pipeline: str, code: int, at: str) -> int:
    """Note how a run ended; return the exit code of the one before, 0 where none is known. Raises StateError."""
    path = state.account(account) / "endings" / f"{pipeline}.json"
    before = _read(path)
    make_private_directory(path.parent)
    write_durably(path, (json.dumps({"at": at, "code": code}, sort_keys=True) + "\n").encode())
    return before


def _read(path: Path) -> int:
    try:
        return int(json.loads(path.read_bytes())["code"])
    except (OSError, ValueError, KeyError, TypeError):  # a torn one costs a word of recovery, and is written anew
        return 0
