"""What each way costs in requests: the figures by which routes are chosen and plans are forecast."""

from __future__ import annotations

from math import ceil
from typing import Final

from ctct_etl.account.v3.wire import IMPORT_MOST_CONTACTS, PAGE_SIZE

POST_COST: Final = 1
PUT_COST: Final = 2  # the one contact is read just before
REVIVAL_COST: Final = 3  # the one contact is read just before, and read back
POLLS: Final = 4  # a guess: the service says nowhere how long its jobs take
DEPARTURE_READS: Final = 3  # who left since the snapshot: by update, by opt-out, by the number of deleted ones
# Beside the departures: counts of the lists, contacts that came since.
IMPORT_READS: Final = DEPARTURE_READS + 2
MOST_LISTS_A_JOB: Final = 50


def import_cost(contacts: int) -> int:
    """Requests of importing `contacts` to the same lists: reads before, the job, its polls, reading them back."""
    jobs = ceil(contacts / IMPORT_MOST_CONTACTS)
    return jobs * (IMPORT_READS + 1 + POLLS) + ceil(contacts / PAGE_SIZE)


def activity_cost(contacts: int, brings_back: bool) -> int:
    """Requests of one change of lists or tags of `contacts`; `brings_back`: who left is looked for before."""
    return ceil(contacts / PAGE_SIZE) * ((DEPARTURE_READS if brings_back else 0) + 1 + POLLS)
