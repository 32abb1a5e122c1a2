"""Everything that one running sandbox consists of, for the HTTP layers to share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from flask import current_app

from .acting import act
from .clock import Clock
from .consent import Change
from .documents import Document
from .faults import Faults
from .jobs import Jobs
from .limits import Limits
from .mails import read_mails
from .people import write_people
from .recording import Recording
from .store import Store
from .switches import Switches

MOST_S = 10 * 366 * 86_400
"""Ten years at once: far beyond every span that the service knows."""


@dataclass(frozen=True)
class Service:
    store: Store
    clock: Clock
    switches: Switches
    jobs: Jobs
    limits: Limits
    faults: Faults
    recording: Recording

    @contextmanager
    def change(self) -> Iterator[Change]:
        """One transaction at one moment; nothing of it stays when the block raises."""
        with self.store.writing() as db:
            yield Change(db, self.switches, self.clock.stamp())

    def act(self, wish: Document) -> None:
        """Let someone act on the account: see `acting.py`. Raises ValueError for a wish that can't be done."""
        self.jobs.complete_due()
        with self.change() as change:
            act(change, wish)

    def set_clock(self, wish: Document) -> None:
        """Let time pass (`advance_s`), or set the service's date off (`skew_s`). Raises ValueError."""
        unknown = wish.keys() - {"advance_s", "skew_s"}
        if unknown or not wish:
            raise ValueError("the clock takes advance_s, skew_s, or both")
        for name, least in (("advance_s", 0), ("skew_s", -MOST_S)):
            seconds = wish.get(name, 0)
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not least <= seconds <= MOST_S:
                raise ValueError(f"{name} is a number of seconds from {least} to {MOST_S}")
        self.clock.advance(float(wish.get("advance_s", 0)))
        self.clock.skew_s = float(wish.get("skew_s", self.clock.skew_s))
        self.store.remember("advanced_s", str(self.clock.advanced_s))
        self.store.remember("skew_s", str(self.clock.skew_s))
        self.jobs.complete_due()

    def read_mails(self) -> list[Document]:
        self.jobs.complete_due()
        with self.store.reading() as db:
            return read_mails(db)

    def write_people(self, address: str | None = None) -> Iterator[str]:
        """All contacts as they are now, or the one with this address, as pieces of JSON."""
        self.jobs.complete_due()
        return write_people(self.store, address)


def this_service() -> Service:
    """The service whose request is being answered."""
    return cast(Service, current_app.extensions["sandbox"])
