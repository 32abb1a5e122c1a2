"""Everything that one running sandbox consists of, for the HTTP layers to share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from flask import current_app

from .clock import Clock
from .consent import Change
from .faults import Faults
from .jobs import Jobs
from .limits import Limits
from .recording import Recording
from .store import Store
from .switches import Switches


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


def this_service() -> Service:
    """The service whose request is being answered."""
    return cast(Service, current_app.extensions["sandbox"])
