"""What each way costs in requests: the figures by which routes are chosen and plans are forecast."""

from __future__ import annotations

from math import ceil
from typing import Final

from ctct_etl.account.v3.wire import IMPORT_MOST_CONTACTS, PAGE_SIZE

POST_COST: Final = 1
PUT_COST: Final = 2  # the one contact is read just before
POLLS: Final = 4  # a guess: the service says nowhere how long its jobs take
NEWCOMER_READS: Final = 1  # who came since the snapshot
MOST_LISTS_A_JOB: Final = 50


def pages_of(items: int) -> int:
    """Requests that read so many: an empty collection is a page too."""
    return max(1, ceil(items / PAGE_SIZE))


def departure_reads(deleted: int = 0) -> int:
    """Who left since the snapshot: by update, by opt-out, and every deleted contact."""
    return 2 + pages_of(deleted)


def import_cost(contacts: int, reads: int = departure_reads() + NEWCOMER_READS) -> int:
    """Requests of importing `contacts` to the same lists: the job, its polls, reading them back.

    reads: what is read before each job; of contacts that are on the list already, the pages of its members.
    """
    jobs = ceil(contacts / IMPORT_MOST_CONTACTS)
    return jobs * (reads + 1 + POLLS) + ceil(contacts / PAGE_SIZE)
