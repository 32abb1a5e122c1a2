"""Which runs of an account have begun and not come to an end: one small file a run, wherever its plan lies.

    accounts/NAME/underway/RUN      the plan's directory, as text

Made before the first write, taken away when the run is through. What a killed process leaves here, the next `run` of
the account settles and closes.
"""

from __future__ import annotations

from pathlib import Path

from ctct_etl.run.durable_files import explain_disk_faults, make_private_directory, sync_directory, write_durably
from ctct_etl.run.state import StateDirectory

_MARKS = "underway"


def mark_underway(state: StateDirectory, account: str, run: str, directory: Path) -> None:
    """Note that the plan in `directory` is being applied. Raises StateError."""
    place = _place(state, account)
    write_durably(place / run, str(directory.absolute()).encode("utf-8", "surrogateescape"))


def unmark(state: StateDirectory, account: str, run: str) -> None:
    """Note that a run is through. Raises StateError."""
    place = _place(state, account)
    with explain_disk_faults(place / run):
        (place / run).unlink(missing_ok=True)
        sync_directory(place)


def find_underway(state: StateDirectory, account: str) -> dict[str, Path]:
    """Return run → directory of its plan, the oldest first. Raises StateError."""
    place = _place(state, account)
    with explain_disk_faults(place):
        marks = sorted(path for path in place.iterdir() if not path.name.startswith("."))
        return {mark.name: Path(mark.read_bytes().decode("utf-8", "surrogateescape")) for mark in marks}


def is_underway(state: StateDirectory, account: str, run: str) -> bool:
    """Whether that run has begun and not come to its end. Nothing is made, and nothing raised."""
    return (state.account(account) / _MARKS / run).is_file()


def _place(state: StateDirectory, account: str) -> Path:
    place = state.account(account) / _MARKS
    make_private_directory(place)
    return place
