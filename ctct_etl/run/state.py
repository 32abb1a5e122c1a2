"""The state directory: what outlives a run, for one user alone.

runs/RUN/           plan, journal and report of one run
accounts/NAME/      cached snapshot, budget, and the memory of earlier runs
known/              which accounts have a memory
sandbox/            accounts of the bundled emulator
locks/              one file a lock
tokens/             what a login gave, one file an account
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from ctct_etl.run.durable_files import make_private_directory


class StateDirectory:
    """Places inside one state directory. Asking for a place makes it, 0700; raises StateError if that can't be.

    makes: False for who only looks, perhaps at a copy that can't be written; then a place may not be there.
    """

    def __init__(self, path: Path, *, makes: bool = True) -> None:
        self.path = path
        self._makes = makes

    def runs(self) -> Path:
        return self._place("runs")

    def account(self, name: str) -> Path:
        return self._place("accounts", _file_name(name))

    def known(self) -> Path:
        return self._place("known")

    def sandbox(self, name: str) -> Path:
        return self._place("sandbox", _file_name(name))

    def new_run(self, now: datetime, token: str) -> str:
        """An id that sorts by time, made unique by `token`: 20261123T224501Z-3f2a."""
        return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{token}"

    def run(self, run_id: str) -> Path:
        """Where the run's plan goes. Not made here: `write_plan` makes it, whole or not at all."""
        return self.runs() / run_id

    def lock(self, account: str) -> Path:
        return self._place("locks") / f"{_file_name(account)}.lock"

    def tokens(self, account: str) -> Path:
        return self._place("tokens") / f"{_file_name(account)}.json"

    def _place(self, *parts: str) -> Path:
        place = self.path.joinpath(*parts)
        if self._makes:
            make_private_directory(place)
        return place


def _file_name(name: str) -> str:
    """An account's name as one file name, whatever an engineer has called it; different names stay different."""
    return quote(name, safe=" ").replace(".", "%2E")
