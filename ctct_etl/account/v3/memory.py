"""What one process has learnt while sending: never needed to be right, only to spare requests."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final

from ctct_etl.account.moments import shortly_before

# Ids are looked up soon after they were learnt; a plan may create millions.
_MOST_IDS: Final = 200_000


@dataclass
class Memory:
    ids: dict[str, str] = field(default_factory=dict)  # address → contact id, of contacts that this run created
    swept: bool = False  # the contacts created since the snapshot have been read
    kept: set[str] = field(default_factory=set)  # what a PUT, read back whole, was seen to leave as it was
    created: int = 0  # contacts of which it is known that they were created since the snapshot
    looked_at: str = ""  # since when newcomers have to be read; "" for since the snapshot
    newcomers: set[str] = field(default_factory=set)  # addresses that others may have created since the snapshot
    fruitless: int = 0  # jobs in a row that changed lists or tags of nobody
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def learn(self, address: str, contact_id: str) -> None:
        """Keep an id; of very many the oldest are forgotten."""
        with self._lock:
            self.ids[address] = contact_id
            if len(self.ids) > _MOST_IDS:
                del self.ids[next(iter(self.ids))]

    def look(self, date: str) -> None:
        """Note that newcomers were read at `date`, a header of the service; one that tells no time is passed over."""
        with contextlib.suppress(ValueError, TypeError):
            self.looked_at = shortly_before(parsedate_to_datetime(date).isoformat())

    def count_created(self, contacts: int) -> None:
        with self._lock:
            self.created += contacts

    def count_job(self, *, fruitful: bool) -> None:
        with self._lock:
            self.fruitless = 0 if fruitful else self.fruitless + 1
